"""Every metric that a process counts; what the database knows is in `state`. docs/operations/monitoring.md says what
they are good for, and a test compares.

To be imported only after `directory.create` in a process that has one: prometheus_client decides at its import where
numbers live.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "dropbox_clone"
OWN = CollectorRegistry()  # of this process; `exposition` puts those of all processes together
_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PATIENT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_JOBS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(f"{PREFIX}_{name}", text, labels, registry=OWN)


def _sum_of_living(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"{PREFIX}_{name}", text, labels, registry=OWN, multiprocess_mode="livesum")


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"{PREFIX}_{name}", text, labels, registry=OWN, buckets=buckets)


REQUESTS = _counter("http_requests", "Answered requests.", "endpoint", "method", "status")
REQUEST_SECONDS = _histogram(
    "http_request_duration_seconds",
    "From the head of a request to the last byte of its answer.",
    _PATIENT,
    "endpoint",
    "method",
)
RECEIVED = _counter("http_received_bytes", "Bytes of bodies that clients have sent.", "endpoint")
SENT = _counter("http_sent_bytes", "Bytes of bodies that were sent to clients.", "endpoint")
BUSY = _sum_of_living("web_threads_busy", "Threads with a request in hand: requests under way.")
THREADS = _sum_of_living("web_threads", "Threads that can have a request in hand.")
WAITING = _sum_of_living("web_threads_waiting", "Of the busy ones, those that only wait for a change (long-poll).")
REFUSED = _counter("connections_refused", "Connections that the gate has ended, by the reason.", "reason")
LOG_LINES_DROPPED = _counter("log_lines_dropped", "Lines that nobody read in time from the standard error.")
BUSY_SECONDS = _counter("web_busy_seconds", "The sum over time of busy threads that do not only wait.")
CPU_SECONDS = _counter("process_cpu_seconds", "Processor time of this replica's processes.", "role")
PROCESSES = _sum_of_living("processes", "Processes that serve.", "role")
MEMORY = _sum_of_living("process_resident_bytes", "Resident memory; pages that processes share count in each.", "role")

UPLOADS = _counter("uploads", "Upload sessions (REST, tus) that were started or finished.", "event")

JOBS_STARTED = _counter("jobs_started", "Jobs that began.", "task")
JOBS = _counter("jobs", "Jobs that ended.", "task", "outcome")
JOB_SECONDS = _histogram("job_duration_seconds", "How long a job took.", _JOBS, "task")
JOB_DELAY = _histogram("job_delay_seconds", "From asking for a job to its begin.", _JOBS, "task")
JOBS_RUNNING = _sum_of_living("jobs_running", "Jobs under way.")

STATEMENT_SECONDS = _histogram(
    "database_duration_seconds",
    "Of a statement (PostgreSQL), or of a commit (SQLite, where a statement is no journey).",
    _QUICK,
    "operation",
)
CONNECTIONS = _sum_of_living("database_connections", "Connections of the processes' pools.", "state")
CONNECTION_LIMIT = _sum_of_living("database_connections_maximum", "What the pools may have together.")
CONNECTION_SECONDS = _histogram(
    "database_connection_wait_seconds", "Waiting for a connection from the pool, or for a new one.", _QUICK
)
CONNECTION_REFUSED = _counter("database_unavailable", "Requests for a connection that got none.", "reason")

STORAGE_SECONDS = _histogram(
    "storage_duration_seconds",
    "Of an act on a storage; of reading, until the object is open.",
    _PATIENT,
    "backend",
    "operation",
)
STORAGE_ERRORS = _counter("storage_errors", "Acts on a storage that failed.", "backend", "operation", "code")
CACHE_ERRORS = _counter("cache_errors", "Times that the cache was found to be away.")
