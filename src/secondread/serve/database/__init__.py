"""The tables of the reading room, how they are opened, and how they grow from one version to the next."""
