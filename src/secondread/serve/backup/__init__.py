"""A copy of a room from which it can be made again, while it goes on receiving."""
