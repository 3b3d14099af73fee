"""Whether the maps of a bundle mark what its network used: pictures, methods, figures and the rule."""
