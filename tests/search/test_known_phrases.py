"""Search finds each of 200 known phrases of a real tree, typed as a person would."""

import statistics
import time

import pytest

from search.indexing import following
from search.queries import search
from tests.files.factories import actor_of, make_user
from tests.search.library import ENOUGH, known_phrases, library, put_library

PHRASES = 200
SEED = 20261122


@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_finds_200_known_phrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAUSE", 0)
    files = library()
    assert len(files) > ENOUGH
    actor = actor_of(make_user())
    put_library(actor, files)

    started, cpu = time.perf_counter(), time.process_time()
    followed = following.follow_all(seconds=500)
    indexing, busy = time.perf_counter() - started, time.process_time() - cpu
    assert followed.finished
    assert followed.nodes > len(files)

    missed, times, processor, places = [], [], [], []
    for phrase in known_phrases(files, PHRASES, seed=SEED):
        started, cpu = time.perf_counter(), time.process_time()
        page = search(actor, phrase.text)
        times.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - cpu) * 1000)
        paths = [hit.path for hit in page.hits]
        wanted = f"/library/{phrase.path}"
        places.append(paths.index(wanted) + 1 if wanted in paths else 0)
        if wanted not in paths:
            missed.append(phrase)
    times.sort()
    processor.sort()
    print(
        f"\n{followed.nodes} nodes, {sum(len(file.data) for file in files) / 1e6:.0f} MB, "
        f"indexed in {indexing:.1f} s (processor {busy:.1f} s): {followed.nodes / indexing:.0f}/s; "
        f"{PHRASES} phrases: median {statistics.median(times):.1f} ms, 95 % {times[PHRASES * 95 // 100]:.1f} ms, "
        f"worst {times[-1]:.1f} ms "
        f"(processor {statistics.median(processor):.1f}, {processor[PHRASES * 95 // 100]:.1f}, {processor[-1]:.1f}); "
        f"first place {places.count(1)}, first five {sum(0 < p < 6 for p in places)}"
    )
    assert missed == []
