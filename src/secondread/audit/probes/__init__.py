"""Test-time probes: pictures changed where nothing of the disease is, to see whether the answer follows."""
