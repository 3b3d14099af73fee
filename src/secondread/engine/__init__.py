"""Bundles and how they run."""
