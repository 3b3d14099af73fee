"""Which images a question accepts: what several readers ask of tags and pixels before they answer."""
