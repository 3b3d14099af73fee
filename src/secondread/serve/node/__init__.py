"""The DICOM node: what other applications may ask over DIMSE."""
