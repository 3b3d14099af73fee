"""Whether reads still look like the reads of a reference: inputs, outputs, refusals, overrides, turnaround."""
