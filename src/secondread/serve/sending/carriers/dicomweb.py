"""Results by STOW-RS; the answer says of each object whether it was stored."""

from secondread.core.errors import FormatError, NetworkError
from secondread.dicom.web.client import AnswerError, store
from secondread.serve.config.room import Destination
from secondread.serve.sending.carriers.web import is_about_all, token_of
from secondread.serve.sending.errors import NotTakenError, UnreachableError, UnsendableError
from secondread.serve.sending.parcel import Parcel, Receipt

_OUT_OF_RESOURCES = "A7"  # Source: DICOM PS3.18 table I.2-2


def deliver(parcel: Parcel, destination: Destination) -> Receipt:
    """Store the objects in one request.

    Raises:
        UnreachableError: If the server does not answer, lets nobody in, or has no room.
        NotTakenError: If it does not understand the request.
        UnsendableError: If a file is damaged.
    """
    try:
        answers = store(destination.url, parcel.files, token_of(destination))
    except AnswerError as error:
        raise (UnreachableError if is_about_all(error.status) else NotTakenError)(str(error)) from error
    except NetworkError as error:
        raise UnreachableError(str(error)) from error
    except FormatError as error:
        raise UnsendableError(str(error)) from error
    answered = list(zip(parcel.files, answers, strict=True))
    taken = {file: answer.uid for file, answer in answered if answer.ok}
    refused = {
        file: f"the server answered with failure reason {answer.reason}H; its log says more."
        for file, answer in answered
        if not answer.ok
    }
    if any(not answer.ok and answer.reason.startswith(_OUT_OF_RESOURCES) for answer in answers):
        raise UnreachableError("it is out of resources. It needs room.", taken)
    return Receipt(taken, refused)
