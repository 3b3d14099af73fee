"""How sure a bundle is, whether that is true, and when it should not answer."""
