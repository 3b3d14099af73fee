"""The reading room: receives studies, has them read, shows them, and sends signed results back."""
