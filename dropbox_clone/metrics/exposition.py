"""All numbers of one replica, in the format that Prometheus asks for."""

from collections.abc import Iterable

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from dropbox_clone.metrics import directory, flusher


class _Replica(Collector):
    """The processes' own numbers: from their files, or of this one process where there are none."""

    def collect(self) -> Iterable[Metric]:
        from prometheus_client.multiprocess import MultiProcessCollector

        from dropbox_clone.metrics.definitions import OWN

        flusher.flush()
        folder = directory.current()
        if folder is None:
            yield from OWN.collect()
            return
        with directory.shared():
            yield from MultiProcessCollector(None, str(folder)).collect()


def text(accept: str, *, with_state: bool = True) -> tuple[bytes, str]:
    """The body and its media type."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder

    from dropbox_clone.metrics.state import StateCollector

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Replica())
    if with_state:
        registry.register(StateCollector())
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type
