"""The `If` header (RFC 4918 section 10.4): conditions on locks and entity tags of one or several resources."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from files import errors

_TOKEN = re.compile(r'\s*(?:(\()|(\))|(not)(?=[\s<\[])|<([^<>]*)>|\[((?:W/)?"[^"]*")\])', re.IGNORECASE)
_END = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A state token, or an entity tag (quoted, as sent) when `is_etag`."""

    value: str
    is_etag: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class ConditionList:
    """All of its conditions must hold, of the resource that `tag` names (an address; None: the request's own)."""

    tag: str | None
    conditions: tuple[Condition, ...]


def parse_if(header: str) -> list[ConditionList]:
    """Of the lists one must hold. Raises InvalidRequest."""
    lists, tag = list[ConditionList](), None
    tokens = _tokens(header)
    for kind, value in tokens:
        if kind == "(":
            lists.append(ConditionList(tag, tuple(_conditions(tokens))))
        elif kind == "<" and (tag is not None or not lists):
            tag = value  # a tagged production: every list after it is about this resource
        else:
            raise _malformed()
    if not lists or header.rstrip()[-1:] != ")":
        raise _malformed()
    return lists


def tokens_in(lists: list[ConditionList]) -> frozenset[str]:
    """The lock tokens that are submitted by naming them, whatever the conditions say (RFC 4918 section 10.4.1)."""
    return frozenset(c.value for each in lists for c in each.conditions if not c.is_etag)


def only_etag(lists: list[ConditionList]) -> str | None:
    """The entity tag that the request's own resource must have, when the header cannot hold in another way."""
    if len(lists) != 1 or lists[0].tag is not None:
        return None
    etags = [each.value for each in lists[0].conditions if each.is_etag and not each.negated]
    return etags[0] if etags else None


def _conditions(tokens: Iterator[tuple[str, str]]) -> Iterator[Condition]:
    """Up to the closing parenthesis; at least one."""
    count, negated = 0, False
    for kind, value in tokens:
        if kind == ")":
            if not count or negated:
                raise _malformed()
            return
        if kind == "not" and not negated:
            negated = True
        elif kind in ("<", "["):
            yield Condition(value, kind == "[", negated)
            count, negated = count + 1, False
        else:
            raise _malformed()
    raise _malformed()


def _tokens(header: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(header):
        match = _TOKEN.match(header, position)
        if match is None:
            if _END.fullmatch(header, position):
                return
            raise _malformed()
        position = match.end()
        opening, closing, negation, address, etag = match.groups()
        if opening:
            yield "(", ""
        elif closing:
            yield ")", ""
        elif negation:
            yield "not", ""
        elif address is not None:
            yield "<", address
        else:
            yield "[", etag


def _malformed() -> errors.InvalidRequest:
    return errors.InvalidRequest(_("The If header is malformed."))
