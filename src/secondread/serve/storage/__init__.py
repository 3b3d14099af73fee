"""Received objects on disk and in the index."""
