"""Every table. A change here needs a migration in ``migrations/versions`` (a test compares the two).

Times are text, UTC, always of one length (:mod:`secondread.serve.moments`), so that they sort as they passed.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

STUDY_STATES = ("arriving", "reading", "draft", "signed", "failed", "refused")
JOB_STATES = ("waiting", "running", "done", "failed", "cancelled")
DELIVERY_STATES = ("waiting", "sent", "confirmed", "failed", "cancelled")
NOTICE_STATES = ("none", "waiting", "sent", "failed")
ROLES = ("viewer", "researcher", "radiologist", "administrator")

EMPTY = text("''")
# Names of constraints are fixed, because a migration must be able to name what it drops.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(repr(value) for value in values)})", name=column)


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _moment(name: str, *, needed: bool = False) -> Column[str]:
    return Column(name, String(27), nullable=not needed)


def _words(name: str, length: int = 64) -> Column[str]:
    """A text that is empty where nothing is known."""
    return Column(name, String(length), nullable=False, server_default=EMPTY)


studies = Table(
    "studies",
    metadata,
    _key(),
    Column("study_uid", String(64), nullable=False, unique=True),
    _words("patient_id", 256),
    _words("issuer_of_patient_id", 256),
    _words("patient_name", 1024),
    _words("patient_birth_date", 8),
    _words("patient_sex", 16),
    _words("patient_age", 4),  # DICOM AS, as the images state it
    _words("patient_key"),  # pseudonym of the patient, keyed by the room's secret; never of the study alone
    _words("study_date", 8),
    _words("study_time", 16),
    _words("accession_number", 64),
    _words("study_id", 64),
    _words("study_description", 256),
    _words("referring_physician", 1024),
    _words("legal_hold", 256),  # why it must not be erased; empty: it may be
    _words("modalities", 256),  # of what was received, sorted, one space between
    _words("body_parts", 256),
    Column("state", String(16), nullable=False, server_default="arriving"),
    Column("priority", Integer, nullable=False, server_default="3"),  # 0 critical, 1 urgent, 2 routine, 3 unread
    _words("said", 256),  # what the readers say in three words, in English
    _words("said_key", 64),  # the same as a key of the page's languages, or empty
    _words("said_also", 64),  # beside it: of "failed refused undecided warned" those that hold, one space between
    Column("instance_count", Integer, nullable=False, server_default="0"),  # of what was received, results left out
    Column("expected_instances", Integer),  # where somebody told how many there are
    Column("asked_instances", Integer, nullable=False, server_default="0"),  # how many the latest job is to read
    Column("read_version", Integer, nullable=False, server_default="0"),  # the latest finished read, 0 for none
    Column("late_images", Boolean, nullable=False, server_default=false()),  # images came after the latest read
    _moment("first_received_at", needed=True),
    _moment("last_received_at", needed=True),
    _moment("drafted_at"),
    _moment("opened_at"),  # first time a person opened it after it was drafted
    _moment("signed_at"),
    _moment("changed_at", needed=True),  # of anything that the worklist shows
    _one_of("state", STUDY_STATES),
    Index("ix_studies_worklist", "state", "priority", "last_received_at"),
    Index("ix_studies_urgency", "priority", "first_received_at", "id"),  # the worklist's order
    Index("ix_studies_first_received_at", "first_received_at", "id"),  # its other one
    Index("ix_studies_patient_id", "patient_id"),
    Index("ix_studies_patient_key", "patient_key"),
    Index("ix_studies_accession_number", "accession_number"),
    Index("ix_studies_study_date", "study_date"),
    Index("ix_studies_changed_at", "changed_at"),
)

series = Table(
    "series",
    metadata,
    _key(),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("series_uid", String(64), nullable=False),
    _words("modality", 16),
    Column("series_number", Integer),
    _words("series_description", 256),
    _words("body_part", 64),
    _words("laterality", 16),
    _words("performed_date", 8),  # PerformedProcedureStepStartDate
    _words("performed_time", 16),
    Column("own", Boolean, nullable=False, server_default=false()),  # made here: a result, never read again
    Column("instance_count", Integer, nullable=False, server_default="0"),
    UniqueConstraint("study_id", "series_uid", name="uq_series_study_id"),
    Index("ix_series_series_uid", "series_uid"),
)

instances = Table(
    "instances",
    metadata,
    _key(),
    Column("series_id", ForeignKey("series.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sop_instance_uid", String(64), nullable=False, unique=True),
    Column("sop_class_uid", String(64), nullable=False),
    Column("transfer_syntax_uid", String(64), nullable=False),
    Column("instance_number", Integer),
    Column("rows", Integer),
    Column("columns", Integer),
    Column("bits_allocated", Integer),
    Column("frames", Integer, nullable=False, server_default="1"),
    Column("path", String(512), nullable=False),  # below the folder of the store
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the data set, without the file's own header
    _words("source", 64),  # AE title, name of the user, or "secondread"
    _moment("received_at", needed=True),
)

jobs = Table(
    "jobs",
    metadata,
    _key(),
    Column("kind", String(16), nullable=False),  # "read"
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), index=True),
    Column("key", String(128), nullable=False, unique=True),  # the same work is queued once
    Column("priority", Integer, nullable=False, server_default="2"),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False, server_default="3"),
    _moment("not_before", needed=True),
    _moment("lease_until"),
    _words("worker", 128),
    _moment("created_at", needed=True),
    _moment("started_at"),
    _moment("finished_at"),
    Column("error", Text, nullable=False, server_default=EMPTY),
    Column("log", Text, nullable=False, server_default=EMPTY),
    _one_of("state", JOB_STATES),
    Index("ix_jobs_next", "state", "priority", "not_before"),
)

reads = Table(
    "reads",
    metadata,
    _key(),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("input_digest", String(64), nullable=False),  # of the images and the readers: the same is not read twice
    Column("job_id", ForeignKey("jobs.id", ondelete="SET NULL")),
    Column("folder", String(512), nullable=False),  # below the folder of the results
    Column("outcome", String(16), nullable=False),  # draft, refused or failed
    Column("priority", Integer, nullable=False),
    Column("instance_count", Integer, nullable=False),
    Column("report", Text, nullable=False),  # report.json
    _moment("created_at", needed=True),
    Column("seconds", Float),
    UniqueConstraint("study_id", "version", name="uq_reads_study_id"),
    UniqueConstraint("study_id", "input_digest", name="uq_reads_input_digest"),
)

users = Table(
    "users",
    metadata,
    _key(),
    Column("name", String(128), nullable=False, unique=True),  # what is typed to log in, lower case
    _words("display_name", 256),
    _words("organisation", 256),
    Column("role", String(16), nullable=False),
    _words("password_hash", 256),  # empty: no password of ours, as with single sign-on
    _words("oidc_issuer", 256),
    _words("oidc_subject", 256),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("failed_attempts", Integer, nullable=False, server_default="0"),
    _moment("locked_until"),
    _words("language", 8),
    Column("hides_names", Boolean, nullable=False, server_default=false()),  # shows pseudonyms instead
    _moment("created_at", needed=True),
    _moment("last_login_at"),
    _one_of("role", ROLES),
)

sessions = Table(
    "sessions",
    metadata,
    _key(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    _moment("created_at", needed=True),
    _moment("last_seen_at", needed=True),
    _moment("expires_at", needed=True),
)

log_in_failures = Table(  # wrong passwords by address, so that one cannot try all accounts in turn
    "log_in_failures",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    _moment("since", needed=True),
)

tokens = Table(
    "tokens",
    metadata,
    _key(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(128), nullable=False),
    Column("scopes", String(256), nullable=False),  # rights, one space between
    _moment("created_at", needed=True),
    _moment("expires_at"),
    _moment("last_used_at"),
    _moment("revoked_at"),
)

reviews = Table(  # what a person is doing with a read; one row a read, kept after signing
    "reviews",
    metadata,
    _key(),
    Column("read_id", ForeignKey("reads.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("revision", Integer, nullable=False, server_default="0"),  # of what was saved: two people, no lost update
    Column("content", Text, nullable=False, server_default="{}"),
    Column("user_id", ForeignKey("users.id")),  # who saved last
    _moment("saved_at"),
)

review_events = Table(  # who, when, what changed, seconds taken; only ever added to
    "review_events",
    metadata,
    _key(),
    Column("read_id", ForeignKey("reads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    _moment("at", needed=True),
    Column("revision", Integer, nullable=False, server_default="0"),  # of the review that it made
    Column("action", String(32), nullable=False),
    _words("reader", 64),
    Column("finding", Integer),
    Column("before", Text, nullable=False, server_default=EMPTY),
    Column("after", Text, nullable=False, server_default=EMPTY),
    Column("seconds", Float),
    Column("ai_shown", Boolean, nullable=False, server_default=false()),
)

signatures = Table(
    "signatures",
    metadata,
    _key(),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("read_id", ForeignKey("reads.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),  # 0 the signed report, 1 and on its addenda
    Column("user_id", ForeignKey("users.id"), nullable=False),
    _moment("at", needed=True),
    Column("folder", String(512), nullable=False),  # below the folder of the results
    _words("sr_sop_instance_uid", 64),
    UniqueConstraint("study_id", "read_id", "number", name="uq_signatures_study_id"),
)

deliveries = Table(  # the outbox
    "deliveries",
    metadata,
    _key(),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("read_id", ForeignKey("reads.id", ondelete="CASCADE")),
    Column("signature_id", ForeignKey("signatures.id", ondelete="CASCADE")),
    Column("destination", String(64), nullable=False),
    Column("key", String(128), nullable=False, unique=True),
    Column("folder", String(512), nullable=False),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("not_before", needed=True),
    _moment("lease_until"),
    _moment("created_at", needed=True),
    _moment("sent_at"),
    _moment("confirmed_at"),
    Column("refusals", Integer, nullable=False, server_default="0"),  # answers that said no; unreachable is none
    Column("taken", Text, nullable=False, server_default="{}"),  # file to UID of what the destination has already
    Column("transaction_uids", Text, nullable=False, server_default=EMPTY),  # of commitments asked for, latest last
    Column("error", Text, nullable=False, server_default=EMPTY),
    _one_of("state", DELIVERY_STATES),
    Index("ix_deliveries_next", "state", "not_before"),
    Index("ix_deliveries_destination", "destination", "state"),
)

destinations = Table(  # how those who receive results are doing; one that is down is left alone for a while
    "destinations",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("failures", Integer, nullable=False, server_default="0"),  # since it was last reached
    _moment("not_before", needed=True),
    _moment("reached_at"),
    Column("error", Text, nullable=False, server_default=EMPTY),
)

commitments = Table(  # storage commitments that others asked of us
    "commitments",
    metadata,
    _key(),
    Column("transaction_uid", String(64), nullable=False, unique=True),
    Column("peer", String(64), nullable=False),
    Column("request", Text, nullable=False),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("not_before", needed=True),
    _moment("created_at", needed=True),
    Column("error", Text, nullable=False, server_default=EMPTY),
)

workitems = Table(  # unified procedure steps
    "workitems",
    metadata,
    _key(),
    Column("uid", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("transaction_uid", String(64)),
    Column("study_uid", String(64), index=True),
    Column("job_id", Integer),  # the read that was queued for it, where the room performs it
    Column("content", Text, nullable=False),  # DICOM JSON without the transaction UID
    _moment("created_at", needed=True),
    _moment("changed_at", needed=True),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _key(),
    Column("workitem_uid", String(64), nullable=False),
    Column("ae_title", String(16), nullable=False),
    Column("deletion_lock", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("workitem_uid", "ae_title", name="uq_subscriptions_workitem_uid"),
)

workitem_events = Table(  # reports for subscribers, until they are sent
    "workitem_events",
    metadata,
    _key(),
    Column("ae_title", String(16), nullable=False, index=True),
    Column("workitem_uid", String(64), nullable=False),
    Column("content", Text, nullable=False),  # DICOM JSON
    _moment("created_at", needed=True),
)

audit_events = Table(  # only ever added to; each row carries the hash of the one before
    "audit_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _moment("at", needed=True),
    Column("entry", Text, nullable=False),  # canonical JSON, what is hashed
    Column("hash", String(64), nullable=False),
    _words("actor", 128),  # these three again from the entry, to search by
    _words("action", 64),
    _words("subject", 64),
    Index("ix_audit_events_at", "at"),
    Index("ix_audit_events_actor", "actor"),
    Index("ix_audit_events_subject", "subject"),
)

audit_subjects = Table(  # who stands behind a name in the audit trail; erased with the patient
    "audit_subjects",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("study_uid", String(64), nullable=False, index=True),
)

erasures = Table(  # proof that something was erased, without saying whom it was about
    "erasures",
    metadata,
    _key(),
    _moment("at", needed=True),
    Column("user_id", ForeignKey("users.id")),
    Column("subject", String(64), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("instance_count", Integer, nullable=False),
    Column("receipt", Text, nullable=False),
    _moment("finished_at"),  # empty while files are still being removed
)

erased_studies = Table(  # what was erased, as keyed hashes of UIDs: enough to answer "gone", too little to tell whose
    "erased_studies",
    metadata,
    Column("study_hash", String(64), primary_key=True),
    Column("erasure_id", ForeignKey("erasures.id"), nullable=False),
)

erasure_files = Table(  # files and folders that an erasure has still to remove, below the room's folder
    "erasure_files",
    metadata,
    _key(),
    Column("erasure_id", ForeignKey("erasures.id"), nullable=False, index=True),
    Column("path", String(512), nullable=False),
)

monitor_points = Table(  # one reader's read of one study as monitors see it; erased with the study
    "monitor_points",
    metadata,
    _key(),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("read_id", ForeignKey("reads.id", ondelete="CASCADE"), nullable=False),
    _moment("at", needed=True),
    Column("reader", String(64), nullable=False),
    Column("weights", String(64), nullable=False),  # of its leading network: references belong to it
    Column("outcome", String(16), nullable=False),
    Column("point", Text, nullable=False),  # JSON, as :class:`secondread.audit.drift.point.Point`
    Column("overridden", Boolean),  # empty until the report is signed
    UniqueConstraint("read_id", "reader", name="uq_monitor_points_read_id"),
    Index("ix_monitor_points_reader", "reader", "weights", "at"),
)

monitor_looks = Table(  # what the monitors of a reader said at the latest look
    "monitor_looks",
    metadata,
    Column("reader", String(64), primary_key=True),
    _moment("at", needed=True),
    Column("said", Text, nullable=False),  # JSON, as :class:`secondread.audit.drift.watch.Watched`
)

monitor_alarms = Table(  # each once; they stay when the patients they were about are erased
    "monitor_alarms",
    metadata,
    _key(),
    Column("key", String(256), nullable=False, unique=True),  # reader, network, beginning of the reference, monitor
    Column("reader", String(64), nullable=False),
    Column("area", String(16), nullable=False),
    Column("monitor", String(128), nullable=False),
    Column("said", Text, nullable=False),  # JSON, as :class:`secondread.audit.drift.judge.Judged`
    _moment("at", needed=True),
    _moment("acknowledged_at"),
    Column("user_id", ForeignKey("users.id")),  # who acknowledged it
    _words("note", 256),
    Column("state", String(16), nullable=False, server_default="waiting"),  # of the message about it
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("not_before", needed=True),
    _words("error", 256),
    _one_of("state", NOTICE_STATES),
)

reader_switches = Table(  # readers that a person switched off, or began a new reference for
    "reader_switches",
    metadata,
    Column("reader", String(64), primary_key=True),
    Column("off", Boolean, nullable=False, server_default=false()),
    _words("reason", 256),
    Column("user_id", ForeignKey("users.id")),
    _moment("at"),  # when it was switched off or on
    _moment("reference_since"),  # earlier reads are in no reference
)
