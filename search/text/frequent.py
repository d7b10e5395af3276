"""Which words come often in a text: kept behind its words, so that a full-text index can be asked for them.

An index that ranks by numbers of its own counts everybody's documents; this is all that a document says about itself.
"""

from collections import Counter
from collections.abc import Sequence

from search.text.names import SEPARATOR

TIERS = (3, 10)  # times
MOST = 300  # words of a text, the most frequent: what comes often in a text is soon told


def mark(word: str, tier: int) -> str:
    """What stands in the index for "`word` comes at least TIERS[tier] times". No word that anybody can type."""
    return f"{word}{SEPARATOR}{tier}"


def marks_of(words: Sequence[str]) -> list[str]:
    """Behind a separator, so that no phrase reaches into them; none when nothing comes often."""
    often = [(word, count) for word, count in Counter(words).most_common(MOST) if count >= TIERS[0]]
    if not often:
        return []
    return [
        SEPARATOR,
        *(mark(word, tier) for word, count in often for tier, least in enumerate(TIERS) if count >= least),
    ]


def without_marks(words: str) -> str:
    """The words of a text, from what is kept of it."""
    return words.partition(f" {SEPARATOR} ")[0].strip()
