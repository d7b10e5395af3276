"""Content-Disposition (RFC 6266) with any name at all: nothing of it can end the header or the parameter.

Django's `content_disposition_header` gives clients that know no `filename*` no name at all, and lets a line break
at the end of a name through, which no header may hold (decision 35).
"""

from functools import lru_cache
from urllib.parse import quote

_SAFE = "!#$&+-.^_`|~"  # attr-char of RFC 8187, besides letters and digits


@lru_cache(4096)
def content_disposition(name: str, *, inline: bool = False) -> str:
    """`attachment; filename="x.txt"`, with `filename*` in UTF-8 (RFC 8187) where ASCII does not say it all.

    The plain form is for old clients: what is not plain in it becomes `_`, also `%`, which some decode.
    """
    kind = "inline" if inline else "attachment"
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%/' else "_" for c in name)
    if plain == name:
        return f'{kind}; filename="{name}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_SAFE)}"
