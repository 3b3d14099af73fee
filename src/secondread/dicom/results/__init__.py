"""What a read becomes in DICOM: reports, masks, maps and pictures, one file for each kind of object."""
