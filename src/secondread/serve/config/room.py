"""The settings of a reading room as plain values; each table of the TOML file is one class here.

Defaults are those of a laptop: SQLite, loopback only, one worker.
"""

from dataclasses import dataclass, field
from pathlib import Path

DURABILITY = ("power", "process")
DESTINATION_KINDS = ("dicom", "dicomweb", "fhir", "hl7", "folder")
OBJECT_KINDS = ("seg", "pm", "sc", "pr", "ko", "cad", "pdf", "sr")  # in the order in which they are sent
SEND_WHEN = ("draft", "signed", "both")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``[server]``: the web server.

    Attributes:
        host: Address it listens at; ``127.0.0.1`` reaches nobody outside.
        port: Its port; 0 takes a free one.
        public_url: How browsers reach it, e.g. ``https://reading.example``; needed behind a proxy and for sign-on.
        certificate: PEM file with the server's certificate, or None for plain HTTP.
        certificate_key: PEM file with its key.
        trusted_proxies: Addresses whose ``X-Forwarded-For`` is believed.
        upload_limit_mb: Largest upload that is taken.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    certificate: Path | None = None
    certificate_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    upload_limit_mb: int = 4096


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """``[storage]``: where images and results lie.

    Attributes:
        folder: The room's folder; relative names are below the folder of the TOML file.
        durability: ``power``: what was acknowledged outlives a power cut (files and index are synced to disk);
            ``process``: it outlives the end of the program only.
    """

    folder: Path = Path("secondread-room")
    durability: str = "power"

    @property
    def durable(self) -> bool:
        """Whether what is acknowledged must outlive a power cut."""
        return self.durability == "power"


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``[database]``.

    Attributes:
        url: Empty for SQLite in the room's folder, or a PostgreSQL URL.
    """

    url: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """``[[dicom.peer]]``: another DICOM application.

    Attributes:
        ae_title: Its title.
        host: Address it calls from, and where it is called; empty: it may call from anywhere and is never called.
        port: Its port; 0: it is never called.
        may: What it may ask of us: of ``echo``, ``store``, ``find``, ``retrieve``, ``commit``.
        tls: Whether it is called with TLS.
        counts: Whether it is asked, by C-FIND, how many images a study has that it sends; for archives that forward
            whole studies.
    """

    ae_title: str
    host: str = ""
    port: int = 0
    may: tuple[str, ...] = ("echo", "store", "find", "retrieve", "commit")
    tls: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True)
class DicomSettings:
    """``[dicom]``: the DICOM node.

    Attributes:
        enabled: Whether it listens.
        ae_title: Our title.
        host: Address it listens at.
        port: Its port; 0 takes a free one.
        accept_unknown: Whether applications that are no ``peer`` may echo and store (never find or retrieve).
        max_associations: How many at once.
        max_pdu_bytes: Largest PDU we take.
        idle_seconds: An association that is silent for so long is aborted.
        certificate: PEM file for TLS, or None for plain TCP.
        certificate_key: PEM file with its key.
        client_certificates: PEM file of authorities that a caller's certificate must come from, or None.
        peers: ``[[dicom.peer]]``.
    """

    enabled: bool = True
    ae_title: str = "SECONDREAD"
    host: str = "127.0.0.1"
    port: int = 11112
    accept_unknown: bool = True
    max_associations: int = 20
    max_pdu_bytes: int = 131072
    idle_seconds: float = 60.0
    certificate: Path | None = None
    certificate_key: Path | None = None
    client_certificates: Path | None = None
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """``[reading]``: when and how studies are read.

    Attributes:
        quiet_seconds: A study is complete when no image of it came for so long.
        incomplete_seconds: A study of which fewer images came than were announced is read when none came for so long.
        workers: Worker processes that the server starts; 0 where ``secondread worker`` does the work.
        lease_seconds: A job whose worker is silent for so long is taken up by another.
        max_attempts: How often a job is tried.
        timeout_seconds: A read that takes longer is stopped and counts as an attempt.
        retry_seconds: Wait before the second attempt; doubled for each further one.
        language: Of written reports: ``en`` or ``ko``.
        engine: What runs networks.
        threads: Processor threads a network may use.
        bundles: Folders that are searched for bundles before the ones that ship.
        site: Folder with the site's own calibrations and thresholds, or None.
        outside: What is done about an input unlike a network's training: ``refuse``, or ``warn`` and answer.
        maps: How the map of a finding is made: ``in-graph``, ``occlusion`` with about 50 passes more a picture, or
            ``best-rated``: what the bundle's card rates better.
        priors: Whether the last earlier study of the patient with the same modality is compared with.
    """

    quiet_seconds: float = 30.0
    incomplete_seconds: float = 300.0
    workers: int = 1
    lease_seconds: float = 60.0
    max_attempts: int = 3
    timeout_seconds: float = 1800.0
    retry_seconds: float = 10.0
    language: str = "en"
    engine: str = "auto"
    threads: int = 2
    bundles: tuple[Path, ...] = ()
    site: Path | None = None
    outside: str = "refuse"
    maps: str = "best-rated"
    priors: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """``[[route]]``: which readers for which study, and where results go. The first that matches counts.

    Attributes:
        name: In the log and the dry run.
        modality: Any of these, or all when empty; likewise the next three.
        body_part: BodyPartExamined in upper case.
        description: Patterns with ``*`` and ``?`` for the study or series description, case ignored.
        source: AE titles, users, or ``*``-patterns of them.
        readers: Names of readers; empty: all that apply.
        ignore: Whether such studies are kept but never read.
        send_to: Names of destinations.
        priority: ``critical``, ``urgent`` or ``routine``: the place of its read in the queue.
    """

    name: str
    modality: tuple[str, ...] = ()
    body_part: tuple[str, ...] = ()
    description: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    ignore: bool = False
    send_to: tuple[str, ...] = ()
    priority: str = "routine"


@dataclass(frozen=True, slots=True)
class Destination:
    """``[[destination]]``: where results go.

    Attributes:
        name: What routes call it.
        kind: ``dicom`` (C-STORE), ``dicomweb`` (STOW-RS), ``fhir`` (a transaction), ``hl7`` (MLLP) or ``folder``.
        peer: AE title of a ``[[dicom.peer]]``, for ``dicom``.
        url: For ``dicomweb`` and ``fhir``; ``mllp://host:port`` for ``hl7``.
        path: For ``folder``.
        token_file: File with a bearer token for ``dicomweb`` and ``fhir``, or None.
        objects: Kinds of DICOM objects that are sent: of ``sr``, ``seg``, ``sc``, ``pr``, ``ko``, ``pm``, ``cad``,
            ``pdf``.
        when: ``draft``, ``signed`` or ``both``.
        commitment: Whether storage commitment is asked for after C-STORE.
        identified: Whether ``fhir`` and ``hl7`` carry the patient's and the accession number instead of the pseudonym;
            ``hl7`` also name, birth date and sex.
    """

    name: str
    kind: str
    peer: str = ""
    url: str = ""
    path: Path | None = None
    token_file: Path | None = None
    objects: tuple[str, ...] = ("sr", "seg", "sc", "pr", "pdf")
    when: str = "both"
    commitment: bool = False
    identified: bool = False


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """``[access]``: people.

    Attributes:
        session_minutes: A session ends after so long without a request.
        session_hours: And after so long in any case.
        lock_after: Wrong passwords in a row until an account is locked.
        lock_minutes: For how long.
        min_password_length: In characters.
        oidc_issuer: URL of an OpenID Connect provider, or empty for local accounts only.
        oidc_client_id: What it knows us as.
        oidc_client_secret_file: File with the secret.
        oidc_role_claim: Claim with groups or roles of a person.
        oidc_roles: Value of that claim to role, as ``radiology = "radiologist"``; no match: no entry.
        hide_until_looked: Whether AI content is hidden until a radiologist has recorded a look of their own.
    """

    session_minutes: int = 30
    session_hours: int = 12
    lock_after: int = 5
    lock_minutes: int = 15
    min_password_length: int = 12
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_role_claim: str = "groups"
    oidc_roles: dict[str, str] = field(default_factory=dict)
    hide_until_looked: bool = False


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """``[monitor]``: whether reads still look like those of a reference.

    Attributes:
        enabled: Whether the server looks.
        every_minutes: How often.
        reference_reads: So many first reads of a reader with one network are its reference.
        least_reads: With fewer values than so many in the reference a monitor says nothing.
        window_reads: At most so many reads after the reference are looked at, the latest.
        false_alarm_rate: How often there may be a false alarm at all while references hold, over monitors and looks.
        webhook_url: Where a new alarm is posted, or empty.
        webhook_key_file: File with the key that messages are signed with, or None.
    """

    enabled: bool = True
    every_minutes: float = 15.0
    reference_reads: int = 500
    least_reads: int = 100
    window_reads: int = 5000
    false_alarm_rate: float = 0.05
    webhook_url: str = ""
    webhook_key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """The whole file."""

    server: ServerSettings = field(default_factory=ServerSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    dicom: DicomSettings = field(default_factory=DicomSettings)
    reading: ReadingSettings = field(default_factory=ReadingSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    monitor: MonitorSettings = field(default_factory=MonitorSettings)
    routes: tuple[Route, ...] = ()
    destinations: tuple[Destination, ...] = ()
