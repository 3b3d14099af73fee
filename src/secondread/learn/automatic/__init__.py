"""A recipe from the data and the time allowed: what was picked, and why, in plain words."""
