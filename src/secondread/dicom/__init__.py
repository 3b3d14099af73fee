"""The only room that knows DICOM: objects in, objects out."""
