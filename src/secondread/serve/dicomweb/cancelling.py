"""Requests to cancel a work item. Source: DICOM PS3.18 section 11.8, PS3.4 section CC.2.2."""

from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import Json, first
from secondread.serve.database.connect import writing
from secondread.serve.dicomweb import events, workitems
from secondread.serve.reading import queue
from secondread.serve.room import Room

_SAID = frozenset({"0074100A", "0074100C", step.REASON, step.REASON_CODE})  # contact and reason, passed on


def request(room: Room, uid: str, content: Json) -> str:
    """Cancel what nobody or the room performs, and pass the wish on to another performer.

    Returns:
        A warning where nothing was to be done, else ``""``.

    Raises:
        HTTPException: 404; 409 when the item is completed, or its performer cannot be told.
    """
    reason = first(content, step.REASON)
    with writing(room.database) as connection:
        row = workitems.found(connection, uid, to_change=True)
        if row.state == step.CANCELED:
            return "The UPS is already in the requested state of CANCELED."
        if row.state == step.COMPLETED:
            raise workitems.refusal(409, "The UPS is already COMPLETED.")
        job_id = row.job_id
        if row.state == step.IN_PROGRESS and job_id is None:
            if not events.followers(connection, uid):
                raise workitems.refusal(409, "The performer cannot be contacted.")
            wish = {tag: found for tag, found in content.items() if tag in _SAID}
            events.tell(connection, room, uid, step.CANCEL_REQUESTED, wish)
            return ""
        workitems.cancel(connection, room, row, reason)
    if job_id is not None:
        queue.cancel(room, job_id)  # after the item: the watcher must not take the end of the job for a failure
    return ""
