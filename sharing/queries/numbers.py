"""Numbers of 31 bits for shares and links, as clients call them that read no larger ones."""

from collections.abc import Collection

from sharing.models import ShareNumber

GREATEST = 2**31 - 1


def numbers_of(share_ids: Collection[int]) -> dict[int, int]:
    """By the id of the share, of those that have one. One query, or none."""
    if not share_ids:
        return {}
    return dict(ShareNumber.objects.filter(share_id__in=share_ids).values_list("share_id", "number"))


def numbered(number: str) -> int:
    """The id of the share that a client calls so; 0 for what is no number, or nobody's."""
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= GREATEST):
        return 0
    found = ShareNumber.objects.filter(pk=int(number)).values_list("share_id", flat=True).first()
    return 0 if found is None else int(found)
