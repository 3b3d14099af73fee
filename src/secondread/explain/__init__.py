"""Whether a map tells the truth."""
