"""A site calibrates a bundle on a few dozen of its own cases."""
