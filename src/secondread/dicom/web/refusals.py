"""What DICOMweb refuses. Source: DICOM PS3.18 section 8.5."""

from secondread.core.errors import InputError


class WebRequestError(InputError):
    """A DICOMweb request breaks the syntax of the service: HTTP status 400."""


class NotAcceptableError(InputError):
    """None of the media types that a request accepts can be given: HTTP status 406."""


class MediaTypeError(InputError):
    """The body of a request is of a media type that is not taken: HTTP status 415."""
