"""What a download may say that it is, and what a browser may be allowed to show.

People upload anything, and the answer comes from our own origin: what a browser could run is never named as
such, and only what is known to be harmless is ever shown in place.
"""

import mimetypes

BINARY = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
# Python's own table, not the machine's: every replica says the same. Text of many kinds is text.
_TABLE = {
    **mimetypes.MimeTypes().types_map[0],
    **mimetypes.MimeTypes().types_map[1],
    ".md": "text/markdown",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".yaml": "text/x-yaml",
    ".yml": "text/x-yaml",
    ".toml": "text/x-toml",
    ".ini": "text/plain",
    ".log": "text/plain",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".webp": "image/webp",
    ".flac": "audio/flac",
    ".opus": "audio/ogg",
    ".mkv": "video/x-matroska",
    ".gz": "application/gzip",
    ".bz2": "application/x-bzip2",
    ".xz": "application/x-xz",
    ".zst": "application/zstd",
    ".7z": "application/x-7z-compressed",
}
# What a browser runs or follows. Named as nothing in particular, and only ever saved.
_ACTIVE = frozenset(
    {
        "text/html",
        "text/xml",
        "text/xsl",
        "text/javascript",
        "text/css",
        "text/vtt",
        "text/cache-manifest",
        "message/rfc822",
        "multipart/related",
    }
)
_ACTIVE_PARTS = ("xml", "html", "javascript", "ecmascript", "flash", "java", "svg")
_SHOWN_TEXT = frozenset({"text/css", "text/javascript", "application/json", "text/vtt"})


def guess(name: str) -> str:
    """By the extension; application/octet-stream when it is unknown."""
    _, dot, extension = name.rpartition(".")
    return _TABLE.get("." + extension.lower(), BINARY) if dot else BINARY


def as_attachment(name: str) -> str:
    """The Content-Type of a download that is to be saved."""
    media_type = guess(name)
    if _is_active(media_type):
        return BINARY
    return _TEXT if media_type == "text/plain" else media_type


def as_inline(name: str) -> str | None:
    """The Content-Type of a download that a browser may show; None for what it may only save."""
    media_type = guess(name)
    if media_type in _SHOWN_TEXT:
        return _TEXT
    if _is_active(media_type):
        return None
    if media_type.startswith("text/"):
        return _TEXT
    if media_type == "application/pdf" or media_type.startswith(("image/", "audio/", "video/")):
        return media_type
    return None


def _is_active(media_type: str) -> bool:
    return media_type in _ACTIVE or any(part in media_type for part in _ACTIVE_PARTS)
