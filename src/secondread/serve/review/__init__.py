"""What a radiologist makes of a draft, and the signature under it."""
