"""DICOMweb as bytes and texts: what stands in requests and answers, without a database or a web framework."""
