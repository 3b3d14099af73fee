"""Copies of DICOM files that name nobody: what is taken out, what is put in its place, and what is held back."""
