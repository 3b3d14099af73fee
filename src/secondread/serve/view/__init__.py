"""The study page: pixels of a study as this program understands them, and what the readers drew on them."""
