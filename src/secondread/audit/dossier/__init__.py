"""What a quality or regulatory officer needs of a bundle, as far as software can write it."""
