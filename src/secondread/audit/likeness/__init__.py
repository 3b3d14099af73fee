"""Similar cases: which are kept, what may be told of them, and what they are worth."""
