"""Removing a patient for good, and giving out what is kept of one."""
