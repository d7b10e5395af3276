"""Redis: cache and sessions, and the broker of jobs when asked for. It keeps what it has by its append-only file."""

import redis

from deploy.cluster.layout import Layout
from deploy.cluster.part import Part


def part(layout: Layout) -> Part:
    folder = layout.part("redis")
    port = layout.port("redis")
    # Its arguments are visible to everybody on the machine, a file is not.
    configuration = folder / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"bind 127.0.0.1\nport {port}\ndir .\nappendonly yes\nappendfsync everysec\nsave ''\n"
        f"requirepass {layout.secret('redis')}\nmaxmemory 256mb\nmaxmemory-policy volatile-lru\n"
    )
    return Part(
        name="redis",
        kind="redis",
        command=["redis-server", str(configuration)],
        folder=folder,
        log=layout.log("redis"),
        port=port,
        ready=lambda: _answers(layout, port),
    )


def url(layout: Layout, port: int, database: int) -> str:
    return f"redis://:{layout.secret('redis')}@127.0.0.1:{port}/{database}"


def _answers(layout: Layout, port: int) -> bool:
    client = redis.Redis.from_url(url(layout, port, 0), socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
