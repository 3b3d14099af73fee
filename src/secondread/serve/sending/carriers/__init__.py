"""How results travel: one way a file."""
