"""What every delivery over HTTP has in common: the token, and which answers mean that nobody is served now."""

from secondread.serve.config.room import Destination
from secondread.serve.sending.errors import UnreachableError

# Not about this delivery: not allowed in, nothing of that name, wait. Source: RFC 9110 section 15, RFC 6585 section 4.
_NOT_NOW = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})


def token_of(destination: Destination) -> str:
    """The bearer token, read anew each time because others renew it; ``""`` where none is needed.

    Raises:
        UnreachableError: If its file cannot be read.
    """
    if destination.token_file is None:
        return ""
    try:
        return destination.token_file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreachableError("token_file cannot be read. Check that it is there and holds the token only.") from error


def is_about_all(status: int) -> bool:
    """Whether an HTTP status would be the answer to any delivery.

    >>> [code for code in (200, 400, 401, 404, 409, 422, 429, 500, 503) if is_about_all(code)]
    [401, 404, 429, 500, 503]
    """
    return status in _NOT_NOW or status >= 500 or 300 <= status < 400
