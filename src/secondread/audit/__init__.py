"""What a bundle's answers can be trusted on: measured on its data, and watched over many reads."""
