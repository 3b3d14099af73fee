"""An AI second reader for medical imaging: from a study to a draft report. For research, not for diagnosis."""

__version__ = "0.1.0"
