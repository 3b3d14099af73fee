"""A bundle on one page that can be printed: what it is for, what was measured, and what was not."""
