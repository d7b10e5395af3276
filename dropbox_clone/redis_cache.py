"""django-redis that does without Redis while it is away: nothing is in the cache then, and nobody waits for it.

The first error or silence (TIMEOUT) opens the circuit of the whole process. Until Redis answers again (one thread
asks it every PAUSE), every read returns at once as if the cache were empty, and every write is left out. What was
left out could be old when Redis comes back, so those keys are deleted before anybody reads from it.
"""

import logging
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import redis
from django_redis.cache import RedisCache as DjangoRedisCache
from django_redis.exceptions import ConnectionInterrupted
from django_redis.serializers.json import JSONSerializer as DjangoRedisJSONSerializer
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.batches import in_batches
from common.watched_server import WatchedServer
from dropbox_clone.metrics import events

logger = logging.getLogger(__name__)
TIMEOUT = 0.3  # seconds; an answer of Redis takes less than a thousandth
PAUSE = 0.5
REMEMBERED = 100_000  # keys that were not written; when there are more, all of the cache is emptied

# A connection that Redis closed while it was idle is opened again, once. After a time-out nothing is tried again.
RETRY = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))


class Unreadable(Exception):
    """What is in Redis is no JSON, so we did not write it."""


class Unwritable(Exception):
    """What somebody wants to keep is no JSON."""


class JSONSerializer(DjangoRedisJSONSerializer):
    """JSON only: write access to Redis must not be a way to run code here, as it would be with pickles."""

    def dumps(self, value: Any) -> bytes:
        try:
            return bytes(super().dumps(value))
        except (TypeError, ValueError) as error:
            raise Unwritable(str(error)) from error

    def loads(self, value: bytes) -> Any:
        try:
            return super().loads(value)
        except ValueError as error:
            raise Unreadable from error


class Circuit(WatchedServer):
    """Of one server. `left_out` are the keys that were not written while it was away."""

    pause, moment, watcher = PAUSE, 0.0, "cache-watch"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.left_out: set[str] = set()

    def remember(self, keys: list[str]) -> None:
        with self._state:
            if len(self.left_out) <= REMEMBERED:
                self.left_out.update(keys)

    def _on_away(self, cause: BaseException | None) -> None:
        events.note(("cache_away",))
        logger.warning("the cache does not answer (%s); going on without it", type(cause).__name__)

    def _on_return(self, seconds: float) -> None:
        logger.warning("the cache answers again, after %.1f s", seconds)

    def _may_return(self) -> bool:
        return not self.left_out

    def _answers(self) -> bool:
        """Whether Redis is there, and knows nothing any more of what was changed meanwhile."""
        client = redis.Redis.from_url(self.url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        try:
            client.ping()
            while True:
                with self._state:
                    keys = list(self.left_out)
                if not keys:
                    return True
                if len(keys) > REMEMBERED:
                    client.flushdb()
                else:
                    for some in in_batches(keys, 1000):
                        client.delete(*some)
                with self._state:
                    self.left_out.difference_update(keys)
        except redis.RedisError:
            return False
        finally:
            client.close()


_circuits: dict[str, Circuit] = {}
os.register_at_fork(after_in_child=_circuits.clear)


def _without(answer: Callable[..., Any], *, writes: bool) -> Callable[..., Any]:
    """The method of the same name, or `answer` while Redis is away. Of a write, the keys are remembered."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def guarded(self: "RedisCache", *arguments: Any, **options: Any) -> Any:
            circuit = self.circuit
            if not circuit.away:
                try:
                    return method(self, *arguments, **options)
                except Unreadable:
                    return answer(*arguments, **options)
                except Unwritable as error:
                    # A library's, and only slower so: what is in the cache can always be made again.
                    logger.warning("not kept in the cache: %s", error)
                    self.delete_many(self.keys_named(arguments, options))
                    return answer(*arguments, **options)
                except ConnectionInterrupted as error:
                    circuit.found_away(error.__cause__)
                except (redis.RedisError, OSError) as error:
                    circuit.found_away(error)
            if writes:
                circuit.remember(self.keys_of(arguments, options))
            return answer(*arguments, **options)

        return guarded

    return decorate


def _default(key: str, default: Any = None, *_: Any, **__: Any) -> Any:
    return default


class RedisCache(DjangoRedisCache):
    """The part of Django's interface that the product uses; other methods raise what django-redis raises."""

    @property
    def circuit(self) -> Circuit:
        return _circuits.setdefault(self._server, Circuit(self._server))

    def keys_of(self, arguments: tuple[Any, ...], options: dict[str, Any]) -> list[str]:
        """As they are in Redis."""
        names = self.keys_named(arguments, options)
        return [str(self.client.make_key(name, version=options.get("version"))) for name in names]

    def keys_named(self, arguments: tuple[Any, ...], options: dict[str, Any]) -> list[str]:
        """The first argument of every write is a key, or many."""
        keys = arguments[0] if arguments else options.get("key", options.get("keys", options.get("data")))
        return [keys] if isinstance(keys, str) else list(keys or ())

    get = _without(_default, writes=False)(DjangoRedisCache.get)
    get_many = _without(lambda *_, **__: {}, writes=False)(DjangoRedisCache.get_many)
    has_key = _without(lambda *_, **__: False, writes=False)(DjangoRedisCache.has_key)
    set = _without(lambda *_, **__: False, writes=True)(DjangoRedisCache.set)
    # Who adds a key wants to be the only one. While Redis is away everybody is: a limit that does not hold for a
    # moment is better than an endpoint that nobody gets through.
    add = _without(lambda *_, **__: True, writes=True)(DjangoRedisCache.add)
    set_many = _without(lambda *_, **__: [], writes=True)(DjangoRedisCache.set_many)
    touch = _without(lambda *_, **__: False, writes=False)(DjangoRedisCache.touch)
    delete = _without(lambda *_, **__: False, writes=True)(DjangoRedisCache.delete)
    delete_many = _without(lambda *_, **__: None, writes=True)(DjangoRedisCache.delete_many)

    def __contains__(self, key: str) -> bool:
        return bool(self.has_key(key))
