"""What is in Redis is JSON: whoever can write there must not be able to have us run code."""

import json
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from dropbox_clone.backends import cache_settings
from dropbox_clone.redis_cache import RedisCache
from tests.servers import redis as redis_server
from tests.servers.redis import RedisServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server.start(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def cache(server: RedisServer) -> RedisCache:
    from urllib.parse import urlsplit

    settings = cache_settings(urlsplit(server.url()))
    parameters = {name: value for name, value in settings.items() if name not in ("BACKEND", "LOCATION")}
    made = RedisCache(settings["LOCATION"], parameters)
    made.clear()
    return made


class Evil:
    ran: list[int] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return (Evil.ran.append, (1,))


@pytest.mark.parametrize("value", [1, True, False, "text", 1.5, [1, [2, 3]], {"_auth_user_id": "7", "list": [1]}, None])
def test_what_is_kept_is_json_and_comes_back(cache: RedisCache, server: RedisServer, value: Any) -> None:
    cache.set("key", value, 60)
    [name] = redis.Redis.from_url(server.url()).keys("*")
    raw = redis.Redis.from_url(server.url()).get(name)
    assert json.loads(raw) == value
    assert cache.get("key") == value
    assert type(cache.get("key")) is type(value)


def test_a_pickle_is_not_loaded(cache: RedisCache, server: RedisServer) -> None:
    cache.set("key", "value", 60)
    [name] = redis.Redis.from_url(server.url()).keys("*")
    for junk in (pickle.dumps(Evil()), b"\xff\xfe", b"{", b""):
        redis.Redis.from_url(server.url()).set(name, junk)
        assert cache.get("key", "default") == "default"
        assert cache.get_many(["key"]) == {}
        assert not cache.circuit.away
    assert Evil.ran == []


def test_what_earlier_releases_kept_is_not_asked_for(cache: RedisCache, server: RedisServer) -> None:
    redis.Redis.from_url(server.url()).set("dropbox_clone:1:key", pickle.dumps("old"))
    assert cache.get("key") is None
    cache.set("key", "new", 60)
    assert pickle.loads(redis.Redis.from_url(server.url()).get("dropbox_clone:1:key")) == "old", "nor written over"


def test_what_is_no_json_is_not_kept_and_breaks_nothing(cache: RedisCache) -> None:
    cache.set("key", "before", 60)
    cache.set("key", object(), 60)
    assert cache.get("key") is None
    assert not cache.circuit.away
