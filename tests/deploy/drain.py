"""How long a replica with these settings may take to stop."""

from collections.abc import Mapping

from dropbox_clone.env import Environment


def seconds_to_stop(variables: Mapping[str, str]) -> float:
    environment = Environment(variables)
    return (environment.delay("DRAIN_DELAY", "0s") + environment.duration("STOP_TIMEOUT", "3s")).total_seconds()
