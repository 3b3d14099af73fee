"""Results as an HL7 v2 message over MLLP; the receiver's acknowledgement ends it."""

from urllib.parse import urlsplit

from secondread.core.errors import OutputError, UsageError
from secondread.report.mllp import MessageRefusedError, send
from secondread.report.named import named_oru
from secondread.serve.config.room import Destination
from secondread.serve.sending.errors import NotTakenError, UnreachableError, UnsendableError
from secondread.serve.sending.parcel import Parcel, Receipt

TIMEOUT_S = 30.0
PORT = 2575  # Source: IANA service name registry, hl7


def deliver(parcel: Parcel, destination: Destination) -> Receipt:
    """Send the message; its control id (MSH-10) is the same at every attempt, so a receiver can tell a second one.

    Raises:
        NotTakenError: If the receiver answers AE or AR.
        UnsendableError: If it is no message.
        UnreachableError: If it does not answer.
    """
    [file] = parcel.files
    place = urlsplit(destination.url)
    message = file.read_bytes().decode("utf-8")
    if parcel.patient is not None:
        message = named_oru(message, parcel.patient)
    try:
        ack = send(message, place.hostname or "", place.port or PORT, timeout_s=TIMEOUT_S)
    except MessageRefusedError as error:
        raise NotTakenError(str(error)) from error
    except UsageError as error:
        raise UnsendableError(str(error)) from error
    except OutputError as error:
        raise UnreachableError(str(error)) from error
    return Receipt({file: ack.message_id})
