"""Headers of requests: the values that each may have, good ones and others."""

from __future__ import annotations

NUMBERS = ["0", "1", "3", "-1", "1.5", "1e9", "99999999999", "9" * 30, "", " ", "NaN", "١٢", "0x10", "1_000", "+5"]
ETAGS = ['"1.1"', 'W/"1.1"', '"', "*", '"x", "y"', "x", '""', f'"{"e" * 4000}"', '"\xff"']
DIGESTS = [
    "SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "MD5:x",
    "SHA1:",
    "x",
    f"SHA256:{'0' * 64}",
    ":::",
    "ADLER32:00000001",
    f"SHA1:{'z' * 40}",
]
TIMES = ["Sun, 06 Nov 1994 08:49:37 GMT", "x", "0", "", "٣", "Sun, 99 Nov 9999 99:99:99 GMT"]
RANGES = [
    "bytes=0-0",
    "bytes=-1",
    "bytes=5-2",
    f"bytes={'0-0,' * 300}1-1",
    "bytes=x",
    "lines=1-2",
    f"bytes={'9' * 30}-",
    "bytes=-",
]
TIMEOUTS = [
    "Second-5",
    "Second-1",
    "Infinite",
    "Second-9999999999999",
    "Infinite, Second-5",
    "Second-",
    "x",
    "Second--1",
    "Extend",
]
CONTENT_TYPES = [
    "text/xml",
    "application/xml; charset=utf-16",
    "application/json",
    "multipart/related; boundary=b",
    "multipart/form-data",
    "x",
    "",
    "text/xml; charset=nope",
    "application/x-www-form-urlencoded",
]

VALUES: dict[str, list[str]] = {
    "Depth": ["0", "1", "infinity", "Infinity", "2", "-1", "", "1,noroot", "9" * 99],
    "Overwrite": ["T", "F", "t", "X", "", "TT"],
    "Timeout": TIMEOUTS,
    "If-Match": ETAGS,
    "If-None-Match": ETAGS,
    "If-Range": ETAGS,
    "If-Modified-Since": TIMES,
    "If-Unmodified-Since": TIMES,
    "Range": RANGES,
    "Content-Range": ["bytes 0-4/10", "bytes */*", "x"],
    "Content-Type": CONTENT_TYPES,
    "Content-Encoding": ["gzip", "x", "deflate"],
    "OC-Checksum": DIGESTS,
    "X-Recalculate-Hash": ["sha1", "md5", "adler32", *DIGESTS],
    "OC-Total-Length": NUMBERS,
    "OC-Chunked": NUMBERS,
    "OC-Autorename": NUMBERS,
    "X-OC-Mtime": NUMBERS,
    "X-OC-CTime": NUMBERS,
    "X-NC-WebDAV-AutoMkcol": NUMBERS,
    "Brief": NUMBERS,
    "Accept": ["application/json", "text/html", "*/*", "x/y;q=9", ""],
    "Accept-Encoding": ["gzip", "br;q=1", "identity;q=0"],
    "OCS-APIRequest": ["true", ""],
    "User-Agent": ["x" * 3000, "Mozilla/5.0 (Windows) mirall/3.7.3", "", "é"],
    "Expect": ["100-continue", "200-ok"],
    "X-Forwarded-For": ["1.2.3.4", "x", "::" * 50],
    "X-HTTP-Method-Override": ["PUT", "DELETE", "x"],
    "Translate": ["f", "t"],
    "Prefer": ["return=minimal", "depth-noroot", "x=;"],
    "Cookie": ["sessionid=x", "=", "a" * 4000],
    f"X-{'y' * 9000}": ["z"],
}
