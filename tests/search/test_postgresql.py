"""What only PostgreSQL's kind of index has: limits."""

import pytest
from django.db import connection

from search.engine.postgresql import MAXIMUM_VECTOR, POSITIONS_OF_A_WORD, _vector

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"w{number:x}" for number in range(180_000)),
        " ".join(f"{number:x}" for number in range(40_000)) * 6,
        " ".join(chr(code) for code in range(0x4E00, 0x9FFF)) * 40,
        " ".join("ä" * 60 + f"{number}" for number in range(8_000)),
        "the " * 300_000,
        "",
    ],
    ids=["distinct", "repeated", "chinese", "long", "one", "empty"],
)
def test_a_vector_fits_whatever_the_text_is(text: str) -> None:
    literal = _vector(7, " name txt ", text)
    assert "'name':1A" in literal
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT length(%s::tsvector)", [literal])
            assert cursor.fetchone()[0] >= 2
    else:
        pytest.skip("needs PostgreSQL")


def test_few_positions_of_a_word() -> None:
    assert _vector(7, "", "a b a") == "'/7' 'a':1,3 'b':2"
    assert _vector(7, "", "a " * 100).count(",") == POSITIONS_OF_A_WORD - 1
    assert len(_vector(7, "", " ".join(f"w{n}" for n in range(10**6)))) < MAXIMUM_VECTOR * 2
