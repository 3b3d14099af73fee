"""Measures of how good an answer is, with their intervals."""
