"""The signed report in every form: text, page, PDF, JSON, FHIR, HL7 and DICOM."""
