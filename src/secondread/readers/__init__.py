"""One file, one clinical question."""
