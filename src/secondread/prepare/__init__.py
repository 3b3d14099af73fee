"""Pictures to model space and back."""
