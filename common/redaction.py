"""What may be told of a text that could hold a secret: a log line, a library's error, a setting that is wrong."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, unquote

HIDDEN = "***"
SHORTEST = 6  # characters; a shorter secret is a word that other texts have too

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: Bearer …, and the same in a dict's repr
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/_.~=-]{6,}"), r"\1 ***"),
    (
        re.compile(r"(?i)((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+"),
        r"\1\2***",
    ),
    # scheme://user:password@host, scheme://password@host
    (re.compile(r"(?<=://)[^/?#\s'\"]*@"), "***@"),
    # password=…, "token": "…", X-Amz-Signature=…
    (
        re.compile(
            r"(?i)([\w-]*(?:passw(?:or)?d|secret(?:[_-]?key)?|token|signature|credential|api[_-]?key)\d*"
            r"['\"]?\s*[:=]\s*['\"]?)[^\s&'\",;)}\]]+"
        ),
        r"\1***",
    ),
    # /s/<token>: the address of a link lets in whoever reads it
    (re.compile(r"((?:^|[\s'\"(=]|://[^/\s'\"]+)/(?:s|public\.php/dav/files)/)[A-Za-z0-9_-]{6,}"), r"\1***"),
    # ?sig=…, &key=… in the query of a URL, where such short names mean nothing else
    (re.compile(r"(?i)([?&;][\w.-]*(?:sig|key|pass|pwd|auth|sas|cred)[\w.-]*=)[^\s&'\"#;]+"), r"\1***"),
)
_SECRET_KEY = re.compile(r"(?i)pass|pwd|secret|token|sig|key|auth|sas")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,40}://)([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9._-]*)(?::\d{0,5})?")
_PATH = re.compile(r"[\w./@%~+,=-]*")

_known: set[str] = set()


def redact(text: str) -> str:
    """`text` without the values of passwords, tokens, signatures and credentials, and without those of our settings."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    for secret in tuple(_known):  # afterwards: a secret may be a word by which a pattern knows another one
        text = text.replace(secret, HIDDEN)
    return text


def remember(secrets: Iterable[str]) -> None:
    """Values that `redact` takes out of every text from now on, in this process."""
    _known.update(secret for secret in secrets if len(secret) >= SHORTEST)


def secrets_in(url: SplitResult) -> set[str]:
    """The password, and what the query gives under a name such as `secret` or `sig`; as written and decoded."""
    found = {url.password or ""}
    found |= {value for name, value in parse_qsl(url.query) if _SECRET_KEY.search(name)}
    return {each for secret in found if secret for each in (secret, unquote(secret))}


def without_password(url: str) -> str:
    """What may be told of a URL that is wrong in a way that nobody foresaw: less rather than too much.

    Its scheme, host and path; `***` for user, password, values of the query and fragment, for a path or a host that
    could be the rest of a password, and for all of it where there is no `scheme://`.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return HIDDEN
    scheme, authority, path, query, fragment = (part or "" for part in match.groups())
    local = scheme in ("file://", "sqlite://", "filesystem://")
    if not _PATH.fullmatch(path) or ("@" in path + query + fragment and not (local and not authority)):
        return f"{scheme}{HIDDEN}"  # a password that holds / or ? or #
    _, at, host = authority.rpartition("@")
    if not _HOST.fullmatch(host):
        host = f"{host.partition(':')[0]}:{HIDDEN}" if re.fullmatch(r"[\w.-]*:.*", host) else HIDDEN
    names = [part.partition("=")[0] for part in re.split("[&;]", query[1:]) if "=" in part]
    shown = f"?{'&'.join(f'{name}={HIDDEN}' for name in names)}" if names else f"?{HIDDEN}" if query else ""
    return f"{scheme}{HIDDEN + at if at else ''}{host}{path}{shown}{f'#{HIDDEN}' if fragment else ''}"
