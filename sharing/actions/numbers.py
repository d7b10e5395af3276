"""Giving shares and links their numbers (sharing/queries/numbers.py), when a client is first told of them."""

import secrets
from collections.abc import Collection

from accounts.actor import Actor
from accounts.unit_of_work import unit_of_work
from sharing.models import ShareNumber
from sharing.queries.numbers import GREATEST, numbers_of

TRIES = 5  # two shares of a million draw the same number once in two thousand times


def number(actor: Actor, *, share_ids: Collection[int]) -> dict[int, int]:
    """The numbers of shares that the actor has just been shown, by their ids: they get one where they have none, and
    keep it. One query where all of them have one.
    """
    if not actor.user_id:
        return {}
    found = numbers_of(share_ids)
    missing = [pk for pk in dict.fromkeys(share_ids) if pk not in found]
    for _ in range(TRIES if missing else 0):
        with unit_of_work(actor):
            rows = [ShareNumber(number=secrets.randbelow(GREATEST) + 1, share_id=pk) for pk in missing]
            ShareNumber.objects.bulk_create(rows, ignore_conflicts=True)
        found = numbers_of(share_ids)
        missing = [pk for pk in missing if pk not in found]
        if not missing:
            break
    return found
