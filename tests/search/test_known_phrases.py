"""Search finds known phrases of real files, typed as a person would: some hundred files here, in the tests' process;
the whole tree and the running product are in test_known_phrases_live.py.
"""

import pytest

from search.indexing import following
from search.queries import search
from tests.search.library import library, put_library
from tests.search.phrases import known_phrases, made_files
from tests.support.people import actor_of, make_user

FILES = 250
PHRASES = 100
SEED = 20261122


@pytest.mark.django_db
def test_finds_known_phrases() -> None:
    files = [*library(most=FILES), *made_files()]
    ada, eve = actor_of(make_user()), actor_of(make_user("eve@example.org"))
    put_library(ada, files)
    assert following.INDEX.follow_all(seconds=100).finished
    phrases = known_phrases(files, PHRASES, seed=SEED)
    places = {}
    for phrase in phrases:
        paths = [hit.path for hit in search(ada, phrase.text).hits]
        wanted = f"/library/{phrase.path}"
        places[phrase] = paths.index(wanted) + 1 if wanted in paths else 0
    assert [phrase for phrase, place in places.items() if place == 0] == []
    assert sum(place == 1 for place in places.values()) > PHRASES * 0.7
    assert [phrase for phrase in phrases if search(eve, phrase.text).total] == []
