"""Bands about outlines: their levels, chosen on validation, and how often they hold what they promise."""
