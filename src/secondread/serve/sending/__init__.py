"""Results to where they are wanted: an outbox, so that nothing is lost."""
