"""Nouns of the domain. Knows nothing of files, networks or the web."""
