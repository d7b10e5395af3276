"""Redis: cache and sessions, and the broker of jobs when asked for. It keeps what it has by its append-only file."""

import redis

from deploy.cluster.part import Part
from deploy.cluster.places import Places


def part(places: Places) -> Part:
    folder = places.part("redis")
    port = places.port("redis")
    # Its arguments are visible to everybody on the machine, a file is not.
    configuration = folder / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"bind 127.0.0.1\nport {port}\ndir .\nappendonly yes\nappendfsync everysec\nsave ''\n"
        f"requirepass {places.secret('redis')}\nmaxmemory 256mb\nmaxmemory-policy volatile-lru\n"
    )
    return Part(
        name="redis",
        kind="redis",
        command=["redis-server", str(configuration)],
        folder=folder,
        log=places.log("redis"),
        port=port,
        ready=lambda: _answers(places, port),
    )


def url(places: Places, port: int, database: int) -> str:
    return f"redis://:{places.secret('redis')}@127.0.0.1:{port}/{database}"


def _answers(places: Places, port: int) -> bool:
    client = redis.Redis.from_url(url(places, port, 0), socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
