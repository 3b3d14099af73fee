"""How a reading room is set up: one TOML file, checked whole before anything starts."""
