"""The rows of a card: each part of an evaluation in short texts that a radiologist reads."""
