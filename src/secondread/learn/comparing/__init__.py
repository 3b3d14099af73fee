"""Two bundles on the same cases: which one is better, and whether that is more than luck."""
