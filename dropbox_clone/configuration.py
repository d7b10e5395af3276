"""Everything an operator can configure, read once from the environment; `.env.example` explains each
variable.

Nothing here needs Django, so the supervisor and gunicorn read the same values as the settings do.
"""

import ipaddress
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from common.file_urls import file_url
from common.redaction import secrets_in, without_password
from dropbox_clone.admission.limits import AdmissionLimits
from dropbox_clone.data_dir import database_of, read_data_dir
from dropbox_clone.env import ConfigurationError, Environment, read_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent

DATABASE_SCHEMES = ("sqlite", "postgresql", "postgres")
CACHE_SCHEMES = ("locmem", "redis", "rediss")
BROKER_SCHEMES = ("filesystem", "redis", "rediss", "amqp", "amqps")
SEARCH_SCHEMES = ("sql", "elasticsearch7", "elasticsearch7+https")
STORAGE_SCHEMES = ("file", "memory", "s3", "gs", "azure")
EMAIL_SCHEMES = ("console", "file", "smtp", "smtps", "smtp+tls", "memory")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
LANGUAGES = ("en",)  # of which there are translations
PATH_SCHEMES = ("sqlite", "file", "filesystem")  # whose path is one of this machine
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
# Names that other programs read, of which ours differ by a letter or two, and whose default loses nothing. In the
# environment they are worth a warning (checks.py); in the file .env, which is ours alone, they are misspelt.
FOREIGN = frozenset({"ACCESSLOG", "BASEURL", "LOGFORMAT", "LOGLEVEL", "LOG_LEVELS", "MAIL_URL"})
LIKELY_OURS = 7  # letters; PORTS or HOSTS may well be another program's
_HOST = re.compile(r"\*|\.?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_SENDER = re.compile(r"[^@<>\x00-\x1f]+@[^@<>\s]+|[^@<>\x00-\x1f]*<[^@<>\s]+@[^@<>\s]+>")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Brake:
    """When a client is held that deletes, overwrites or renames too much (files/tree/brake.py)."""

    is_on: bool
    window: timedelta
    floor: int  # changes that are always free in that time,
    most: int  # and how many never are
    share: int  # percent of what is in the space
    strict: int  # the bound of changes that look like those of ransomware
    accepted: timedelta  # for how long a client goes on that was allowed to

    @classmethod
    def read(cls, environment: Environment) -> "Brake":
        return cls(
            is_on=environment.text("BRAKE", "on", choices=("on", "off")) == "on",
            window=environment.duration("BRAKE_WINDOW", "1h"),
            floor=environment.integer("BRAKE_FLOOR", 300, minimum=20, maximum=10**9),
            most=environment.integer("BRAKE_MOST", 2_000, minimum=20, maximum=10**9),
            share=environment.integer("BRAKE_SHARE", 30, minimum=1, maximum=100),
            strict=environment.integer("BRAKE_STRICT", 40, minimum=20, maximum=10**9),
            accepted=environment.duration("BRAKE_ACCEPTED", "6h"),
        )


@dataclass(frozen=True)
class Webhooks:
    """Where webhooks may be sent (sharing/receivers.py)."""

    private_addresses: tuple[Network, ...]
    http: bool
    ports: tuple[int, ...]

    @classmethod
    def read(cls, environment: Environment) -> "Webhooks":
        words = environment.words("WEBHOOK_PORTS", ("443", "8443"))
        ports = tuple(int(word) if word.isascii() and word.isdigit() and len(word) < 6 else 0 for word in words)
        if not all(0 < port < 65536 for port in ports):
            raise ConfigurationError(f"WEBHOOK_PORTS must be ports such as 443,8443, got {','.join(words)!r}")
        return cls(
            private_addresses=_networks(environment, "WEBHOOK_PRIVATE_ADDRESSES"),
            http=environment.text("WEBHOOK_HTTP", "off", choices=("on", "off")) == "on",
            ports=ports,
        )


@dataclass(frozen=True)
class Configuration:
    """Plain values; sizes are bytes, URLs are as they were given."""

    host: str
    port: int
    data_dir: Path
    secret_key: str  # empty: the embedded shape makes its own, see secret_key.py
    secret_key_fallbacks: tuple[str, ...]
    base_url: str
    base_url_given: bool
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    database: SplitResult
    cache: SplitResult
    broker: SplitResult
    search: SplitResult
    storage: SplitResult
    email: SplitResult
    email_from: str
    signup: str  # "open" or "closed"
    proof_lifetime: timedelta  # for how long a sign-in is enough to make what outlives a session
    account_deletion_grace: timedelta  # from the removal of a member until the account is deleted
    invitation_lifetime: timedelta
    invitation_mails_per_team: int  # in 24 hours
    web_workers: int
    web_threads: int
    web_cpu_pinning: str
    admission: AdmissionLimits
    drain_delay: timedelta
    stop_timeout: timedelta
    log_level: str
    log_format: str  # "text" or "json"
    access_log: bool
    metrics_token: str  # empty: nobody reads /metrics by a token
    metrics_allow: tuple[Network, ...]
    worker_metrics_host: str
    worker_metrics_port: int  # 0: not served
    otlp_endpoint: str  # empty: no traces
    default_account_quota: int | None
    audit_retention: timedelta
    trash_retention: timedelta
    version_retention: timedelta
    receipt_retention: timedelta  # of what was sent to file requests
    webhook_log_retention: timedelta
    upload_expiry: timedelta
    upload_silence: timedelta  # after which only what has arrived of an upload stays reserved
    reserved_share: int  # percent of a team's free bytes that one person may reserve ahead
    free_disk_floor: int  # bytes of the disk of a folder of files that no write takes
    trash_gives_way: bool  # before a write is refused for want of quota
    brake: Brake
    webhooks: Webhooks
    account_nodes: int
    team_nodes: int
    account_properties: int  # characters
    team_properties: int
    account_uploads: int
    account_locks: int
    account_answers: int
    account_answers_size: int  # characters
    erasure_period: timedelta  # within which bytes that were purged are gone from every object
    gc_grace: timedelta  # for how long bytes that nothing refers to are left alone
    move_grace: timedelta  # for how long an object stays in the pool that its blob has left
    move_workers: int
    move_bandwidth: int | None  # bytes a second
    json_body_timeout: timedelta  # from the first look at a body that is read as a whole until all of it is there
    max_upload_size: int
    language: str

    @property
    def embedded(self) -> bool:
        """One machine with SQLite, as opposed to a cluster."""
        return self.database.scheme == "sqlite"

    @property
    def mail_is_sent(self) -> bool:
        return self.email.scheme != "console"

    @property
    def links_known(self) -> bool:
        """Whether people reach the product by base_url: it was given, or nobody but this machine does."""
        return self.base_url_given or _is_loopback(self.host)

    @property
    def backends(self) -> dict[str, SplitResult]:
        """The URLs that may hold secrets, by the names of their variables."""
        return {
            "DATABASE_URL": self.database,
            "CACHE_URL": self.cache,
            "BROKER_URL": self.broker,
            "SEARCH_URL": self.search,
            "STORAGE_URL": self.storage,
            "EMAIL_URL": self.email,
        }

    @property
    def secrets(self) -> set[str]:
        """Every value that no log and no error may tell."""
        keys = {self.secret_key, self.metrics_token, *self.secret_key_fallbacks}
        return keys.union(*(secrets_in(url) for url in (*self.backends.values(), urlsplit(self.otlp_endpoint))))

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def _retentions(environment: Environment) -> dict[str, timedelta]:
    """How long what people and programs have done is kept, by the names of the fields."""
    return {
        "audit_retention": environment.duration("AUDIT_RETENTION", "400d"),
        "trash_retention": environment.duration("TRASH_RETENTION", "30d"),
        "version_retention": environment.duration("VERSION_RETENTION", "180d"),
        "receipt_retention": environment.duration("RECEIPT_RETENTION", "400d"),
        "webhook_log_retention": environment.duration("WEBHOOK_LOG_RETENTION", "30d"),
    }


def read_configuration(variables: Mapping[str, str] | None = None) -> Configuration:
    """By default of the process and, behind it, of the file .env. Raises ConfigurationError for the first wrong one."""
    if variables is None:
        ours = read_dotenv(BASE_DIR / ".env")
        variables = {**ours, **os.environ}
        _refuse_misspelt(variables, foreign=FOREIGN - ours.keys())
        _refuse_unknown(ours)
    environment = Environment(variables)
    host = _host(environment)
    port = environment.integer("PORT", 8000, minimum=1, maximum=65535)
    data_dir = read_data_dir(variables, BASE_DIR)
    base_url = _base_url(environment, host, port)
    web_threads = environment.integer("WEB_THREADS", 256, minimum=1, maximum=4096)
    configuration = Configuration(
        host=host,
        port=port,
        data_dir=data_dir,
        secret_key=environment.secret("SECRET_KEY"),
        secret_key_fallbacks=tuple(environment.secret("SECRET_KEY_FALLBACKS").replace(",", " ").split()),
        base_url=base_url,
        base_url_given=bool(environment.text("BASE_URL")),
        allowed_hosts=_allowed_hosts(environment, _default_hosts(environment, host, base_url)),
        trusted_proxies=_networks(environment, "TRUSTED_PROXIES"),
        database=environment.url("DATABASE_URL", file_url("sqlite", database_of(data_dir)), schemes=DATABASE_SCHEMES),
        cache=environment.url("CACHE_URL", "locmem:", schemes=CACHE_SCHEMES),
        broker=environment.url("BROKER_URL", "filesystem:", schemes=BROKER_SCHEMES),
        search=environment.url("SEARCH_URL", "sql:", schemes=SEARCH_SCHEMES),
        storage=environment.url("STORAGE_URL", file_url("file", data_dir / "blobs"), schemes=STORAGE_SCHEMES),
        email=environment.url("EMAIL_URL", "console:", schemes=EMAIL_SCHEMES),
        email_from=_sender(environment, f"noreply@{urlsplit(base_url).hostname}"),
        signup=environment.text("SIGNUP", "closed", choices=("open", "closed")),
        proof_lifetime=environment.duration("PROOF_LIFETIME", "15m"),
        account_deletion_grace=environment.duration("ACCOUNT_DELETION_GRACE", "30d"),
        invitation_lifetime=environment.duration("INVITATION_LIFETIME", "7d"),
        invitation_mails_per_team=environment.integer("INVITATION_MAILS_PER_TEAM", 100, minimum=1, maximum=100_000),
        web_workers=environment.integer("WEB_WORKERS", 2, minimum=1, maximum=256),
        web_threads=web_threads,
        web_cpu_pinning=environment.text("WEB_CPU_PINNING", "auto", choices=("auto", "on", "off")),
        admission=AdmissionLimits.read(environment, threads=web_threads),
        drain_delay=environment.delay("DRAIN_DELAY", "0s"),
        stop_timeout=environment.duration("STOP_TIMEOUT", "3s"),
        log_level=environment.text("LOG_LEVEL", "INFO", choices=LOG_LEVELS),
        log_format=environment.text("LOG_FORMAT", "text", choices=LOG_FORMATS),
        access_log=environment.text("ACCESS_LOG", "off", choices=("on", "off")) == "on",
        metrics_token=environment.secret("METRICS_TOKEN"),
        metrics_allow=_networks(environment, "METRICS_ALLOW"),
        worker_metrics_host=environment.text("WORKER_METRICS_HOST", "127.0.0.1"),
        worker_metrics_port=environment.integer("WORKER_METRICS_PORT", 0, minimum=0, maximum=65535),
        otlp_endpoint=_endpoint(environment),
        default_account_quota=environment.size_or_none("DEFAULT_ACCOUNT_QUOTA", "10GB"),
        **_retentions(environment),
        upload_expiry=environment.duration("UPLOAD_EXPIRY", "7d"),
        upload_silence=environment.duration("UPLOAD_SILENCE", "10m"),
        reserved_share=environment.integer("RESERVED_SHARE", 50, minimum=1, maximum=100),
        free_disk_floor=environment.size("FREE_DISK_FLOOR", "256MB"),
        account_nodes=environment.integer("ACCOUNT_NODES", 2_000_000, minimum=1, maximum=10**12),
        team_nodes=environment.integer("TEAM_NODES", 20_000_000, minimum=1, maximum=10**12),
        account_properties=environment.size("ACCOUNT_PROPERTIES", "64MB"),
        team_properties=environment.size("TEAM_PROPERTIES", "640MB"),
        account_uploads=environment.integer("ACCOUNT_UPLOADS", 1_000, minimum=1, maximum=10**9),
        account_locks=environment.integer("ACCOUNT_LOCKS", 1_000, minimum=1, maximum=10**6),
        account_answers=environment.integer("ACCOUNT_ANSWERS", 10_000, minimum=1, maximum=10**9),
        account_answers_size=environment.size("ACCOUNT_ANSWERS_SIZE", "16MB", minimum=1),
        trash_gives_way=environment.text("TRASH_GIVES_WAY", "on", choices=("on", "off")) == "on",
        brake=Brake.read(environment),
        webhooks=Webhooks.read(environment),
        erasure_period=environment.duration("ERASURE_PERIOD", "7d"),
        gc_grace=environment.duration("GC_GRACE", "24h"),
        move_grace=environment.duration("MOVE_GRACE", "24h"),
        move_workers=environment.integer("MOVE_WORKERS", 4, minimum=1, maximum=64),
        move_bandwidth=environment.size_or_none("MOVE_BANDWIDTH", "none"),
        json_body_timeout=environment.duration("JSON_BODY_TIMEOUT", "30s"),
        max_upload_size=environment.size("MAX_UPLOAD_SIZE", "5TB", minimum=1),
        language=environment.text("LANGUAGE_CODE", "en", choices=LANGUAGES),
    )
    _check_together(configuration)
    return configuration


def configured_names() -> frozenset[str]:
    """The names of all variables that are read, found by reading an empty environment."""
    recorder = _Recorder()
    read_configuration(recorder)
    return frozenset(recorder.names)


class _Recorder(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def misspelt_variables(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of an unknown variable and the known one that was probably meant."""
    known = configured_names()
    pairs = []
    for name in names:
        if name in known or len(name) < LIKELY_OURS or name.startswith("OTEL_"):
            continue
        close = get_close_matches(name, known, n=1, cutoff=0.88)
        if close:
            pairs.append((name, close[0]))
    return pairs


def foreign_variables() -> list[tuple[str, str]]:
    """Pairs as `misspelt_variables`, of names in the environment that may well be another program's."""
    return misspelt_variables(sorted(name for name in FOREIGN if os.environ.get(name)))


def _refuse_misspelt(variables: Mapping[str, str], *, foreign: Set[str]) -> None:
    """A setting that is not read would silently be its default: files in a folder that nobody meant."""
    present = {name for name, value in variables.items() if value}
    for name, meant in misspelt_variables(sorted(present - foreign)):
        raise ConfigurationError(f"{name} is no setting; did you mean {meant}? Rename it, or unset it")


def _refuse_unknown(ours: Mapping[str, str]) -> None:
    """In .env, which nothing else reads, a name that we do not know has no effect: it was meant for another one."""
    for name in sorted({name for name, value in ours.items() if value} - configured_names()):
        raise ConfigurationError(f"{name} in .env is no setting; .env.example lists all. Rename it, or remove it")


def _check_together(configuration: Configuration) -> None:
    """Rules over more than one variable."""
    _check_urls(configuration)
    database = configuration.database
    if configuration.embedded:
        if database.netloc or not database.path.startswith("/"):
            shown = without_password(database.geturl())
            raise ConfigurationError(f"DATABASE_URL must be sqlite:///path/to/file, got {shown!r}")
    elif not configuration.secret_key:
        raise ConfigurationError(
            "SECRET_KEY (or SECRET_KEY_FILE) must be set when DATABASE_URL is not sqlite: "
            "all replicas must use the same one"
        )
    elif not database.path.strip("/"):
        raise ConfigurationError("DATABASE_URL must name a database: postgresql://user:password@host:5432/name")
    if configuration.metrics_token and len(configuration.metrics_token) < 16:
        raise ConfigurationError("METRICS_TOKEN must have at least 16 characters")
    if configuration.secret_key and len(configuration.secret_key) < 32:
        raise ConfigurationError("SECRET_KEY must have at least 32 characters")
    if any(len(key) < 32 for key in configuration.secret_key_fallbacks):
        raise ConfigurationError("SECRET_KEY_FALLBACKS must be keys of at least 32 characters, separated by commas")


def _check_urls(configuration: Configuration) -> None:
    """What a URL of a folder or a server must have, whatever reads it later."""
    for name, url in configuration.backends.items():
        _check_encoded(name, url)
    folders = (
        ("STORAGE_URL", configuration.storage, "file", "file:///srv/files", True),
        ("BROKER_URL", configuration.broker, "filesystem", "filesystem:///srv/messages", False),
        ("EMAIL_URL", configuration.email, "file", "file:///srv/mail", False),
    )
    for name, url, scheme, example, required in folders:
        absolute = url.path.startswith("/") if url.path or required else not url.netloc
        if url.scheme == scheme and not (absolute and url.netloc in ("", "localhost")):
            raise ConfigurationError(f"{name} must be {scheme}: and an absolute path, as in {example}")
    for name, url in (("CACHE_URL", configuration.cache), ("BROKER_URL", configuration.broker)):
        if url.scheme.startswith("redis") and not (url.hostname and re.fullmatch(r"(/\d{0,9})?", url.path, re.ASCII)):
            raise ConfigurationError(f"{name} must be like redis://:password@host:6379/0 (the number of a database)")
        if url.scheme.startswith("amqp") and not url.hostname:
            raise ConfigurationError(f"{name} must be like amqp://user:password@host:5672/vhost")


def _check_encoded(name: str, url: SplitResult) -> None:
    """A character that ends a part of a URL, where it was meant to be in a path or a password, cuts it off silently:
    another folder, or a password that shows up as the name of a database.
    """
    rest = f"{url.path}{url.query}{url.fragment}"
    if url.scheme in PATH_SCHEMES:
        if url.fragment or (url.query and url.scheme != "file") or (url.query and name != "STORAGE_URL"):
            raise ConfigurationError(
                f"{name} must have special characters of the path percent-encoded: # is %23, ? %3F"
            )
    elif url.fragment or ("@" in rest and "@" not in url.netloc):
        raise ConfigurationError(
            f"{name} must have special characters of user and password percent-encoded: "
            "/ is %2F, ? is %3F, # is %23, @ is %40"
        )


def _host(environment: Environment) -> str:
    """A name or an address; a colon is IPv6's."""
    host = environment.text("HOST", "127.0.0.1")
    try:
        if ":" in host:
            ipaddress.IPv6Address(host)
        elif not _HOST.fullmatch(host):
            raise ValueError
    except ValueError:
        raise ConfigurationError(f"HOST must be an address or a name, such as 127.0.0.1 or ::1, got {host!r}") from None
    return host


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _allowed_hosts(environment: Environment, default: tuple[str, ...]) -> tuple[str, ...]:
    hosts = environment.words("ALLOWED_HOSTS", default)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ConfigurationError(f"ALLOWED_HOSTS must be names such as files.example.com, got {host!r}")
    return hosts


def _sender(environment: Environment, default: str) -> str:
    sender = environment.text("EMAIL_FROM", default)
    if not _SENDER.fullmatch(sender):
        raise ConfigurationError(f"EMAIL_FROM must be like files@example.com, got {sender!r}")
    return sender


def _endpoint(environment: Environment) -> str:
    """Of a collector of traces, without the path that OTLP adds (/v1/traces)."""
    if not environment.text("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return ""
    parts = environment.url("OTEL_EXPORTER_OTLP_ENDPOINT", "", schemes=("http", "https"), secret=False)
    if not parts.hostname:
        shown = without_password(parts.geturl())
        raise ConfigurationError(f"OTEL_EXPORTER_OTLP_ENDPOINT must be like http://collector:4318, got {shown!r}")
    return parts.geturl().rstrip("/")


def _base_url(environment: Environment, host: str, port: int) -> str:
    """The address under which people reach the product, without a slash at the end."""
    shown = "localhost" if host in (*EVERY_ADDRESS, "127.0.0.1") else f"[{host}]" if ":" in host else host
    parts = environment.url("BASE_URL", f"http://{shown}:{port}", schemes=("http", "https"), secret=False)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    is_address = _HOST.fullmatch(name) and not name.startswith(("*", ".")) and parts.username is None
    if not is_address or parts.path.strip("/") or parts.query or parts.fragment:
        shown = without_password(parts.geturl())
        raise ConfigurationError(f"BASE_URL must be like https://files.example.com, got {shown!r}")
    return parts.geturl().rstrip("/")


def _default_hosts(environment: Environment, host: str, base_url: str) -> tuple[str, ...]:
    """The names that the product answers to: loopback, what it listens on, and the host of BASE_URL.

    Whoever listens on every address without a BASE_URL wants to be reached by any of them.
    """
    if host in EVERY_ADDRESS and not environment.text("BASE_URL"):
        return ("*",)
    name = urlsplit(base_url).hostname or ""
    hosts = {"localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host}
    return tuple(sorted(hosts | {f"[{name}]" if ":" in name else name}))


def _networks(environment: Environment, name: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(word, strict=False) for word in environment.words(name))
    except ValueError:
        value = environment.text(name)
        raise ConfigurationError(
            f"{name} must be networks such as 10.0.0.0/8,::1 separated by commas, got {value!r}"
        ) from None
