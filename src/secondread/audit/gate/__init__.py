"""What the input gate in front of a reader warns of and refuses: good pictures, and pictures altered on purpose."""
