"""Inputs that a network should not read as if they were its own: broken ones, and pictures of other sources."""
