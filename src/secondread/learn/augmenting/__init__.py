"""The changes that augmentation is made of, one kind a file; each works on pictures and on volumes."""
