"""The numbers of the gate. Each is a setting; the reason for its default stands beside it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from dropbox_clone.env import Environment

KIBIBYTE = 1024


@dataclass(frozen=True)
class AdmissionLimits:
    """Sizes are bytes, rates bytes a second. What is counted is counted in each process of the web server."""

    header_timeout: timedelta
    minimum_rate: int
    minimum_rate_grace: timedelta
    anonymous_body_limit: int
    page_body_limit: int
    waiting_bodies_limit: int
    connections: int
    connections_per_address: int
    threads_per_address: int
    threads_per_account: int
    waits_per_account: int
    heavy_requests_per_account: int

    @classmethod
    def read(cls, environment: Environment, *, threads: int) -> Self:
        return cls(
            # A head is one packet, or three: HAProxy's template has the same 15 s, browsers send it at once.
            header_timeout=environment.duration("HEADER_TIMEOUT", "15s"),
            # A poor mobile line has ten times that.
            minimum_rate=environment.size("MINIMUM_RATE", "1KiB", minimum=1),
            # Tunnels, lifts, and a video that is paused for a moment.
            minimum_rate_grace=environment.duration("MINIMUM_RATE_GRACE", "30s"),
            # The largest form of a visitor (a passkey) has 8 KiB.
            anonymous_body_limit=environment.size("ANONYMOUS_BODY_LIMIT", "64KiB", minimum=KIBIBYTE),
            # A thousand selected files are 25 KB; lists in the console are the longest.
            page_body_limit=environment.size("PAGE_BODY_LIMIT", "256KiB", minimum=KIBIBYTE),
            # All that wait in a process together, beside heads: 250 of the largest forms, thousands of usual ones.
            waiting_bodies_limit=environment.size("WAITING_BODIES_LIMIT", "64MiB", minimum=KIBIBYTE * KIBIBYTE),
            # Beyond threads: connections without a thread cost some KiB each and a file descriptor.
            connections=threads + environment.integer("IDLE_CONNECTIONS", 2000, minimum=16, maximum=1_000_000),
            # An office behind one address: 80 browsers of six connections.
            connections_per_address=environment.integer("CONNECTIONS_PER_ADDRESS", 500, minimum=1, maximum=1_000_000),
            # Half: whatever one address or one person does, the others have the other half.
            threads_per_address=environment.integer(
                "THREADS_PER_ADDRESS", max(1, threads // 2), minimum=1, maximum=4096
            ),
            threads_per_account=environment.integer(
                "THREADS_PER_ACCOUNT", max(1, threads // 2), minimum=1, maximum=4096
            ),
            # One wait for each device and browser window of a person.
            waits_per_account=environment.integer("WAITS_PER_ACCOUNT", 16, minimum=1, maximum=4096),
            # Zips, searches and listings of whole trees: more at once make none of them come sooner.
            heavy_requests_per_account=environment.integer("HEAVY_REQUESTS_PER_ACCOUNT", 8, minimum=1, maximum=4096),
        )
