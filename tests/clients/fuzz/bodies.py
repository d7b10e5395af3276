"""Bodies: XML as the standards have it, XML as attackers have it, and what is no XML at all."""

from __future__ import annotations

import random

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
NAMESPACES = ["DAV:", "http://owncloud.org/ns", "http://nextcloud.org/ns", "urn:x", "", "http://" + "n" * 2000]
PROPERTIES = [
    *["getetag", "getlastmodified", "getcontentlength", "resourcetype", "displayname", "creationdate"],
    *["lockdiscovery", "supportedlock", "quota-used-bytes", "quota-available-bytes", "getcontenttype"],
    *["id", "fileid", "permissions", "size", "checksums", "favorite", "share-types", "has-preview"],
    *["owner-id", "tags", "colour", "lastmodified", "nothing"],
]


FITTING = ("PROPFIND", "PROPPATCH", "LOCK", "REPORT", "SEARCH")


def fitting(chance: random.Random, method: str) -> bytes:
    """What the method (one of FITTING) wants, more or less."""
    text = dict(zip(FITTING, (_propfind, _proppatch, _lock, _report, _search), strict=True))[method](chance)
    return _broken(chance, (HEAD + text).encode())


def good(chance: random.Random, method: str) -> bytes:
    """What the method wants, or nothing where it wants nothing."""
    if method == "LOCK":
        scope = chance.choice(["exclusive", "shared", "shared"])
        inner = f"<D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>"
        return f'{HEAD}<D:lockinfo xmlns:D="DAV:">{inner}</D:lockinfo>'.encode()
    return (HEAD + '<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>').encode() if method == "PROPFIND" else b""


def anything(chance: random.Random) -> bytes:
    made = chance.choice(
        [bomb, quadratic, external, parameter_bomb, deep, wide, long_name, utf16, no_xml, json_body, multipart, noise]
    )
    return made(chance)


def _broken(chance: random.Random, data: bytes) -> bytes:
    """Now and then a byte is another one, or the end is missing."""
    roll = chance.random()
    if roll < 0.12 and data:
        place = chance.randrange(len(data))
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    return data[: chance.randrange(len(data) + 1)] if roll < 0.2 else data


def _properties(chance: random.Random, *, values: bool = False) -> str:
    found = []
    for _ in range(chance.choice([0, 1, 3, 10, 60])):
        namespace, name = chance.choice(NAMESPACES), chance.choice(PROPERTIES)
        value = chance.choice(
            ["", "1", "x" * 3000, "<a xmlns='urn:q'>b<!-- c --></a>", "&#128512;", "&lt;", "<![CDATA[]]>"]
        )
        found.append(
            f'<p:{name} xmlns:p="{namespace}">{value if values else ""}</p:{name}>' if namespace else f"<{name}/>"
        )
    return "".join(found)


def _propfind(chance: random.Random) -> str:
    inner = chance.choice(
        [f"<D:prop>{_properties(chance)}</D:prop>", "<D:allprop/>", "<D:propname/>", "", "<D:allprop/><D:propname/>",
         f"<D:allprop/><D:include>{_properties(chance)}</D:include>", '<D:prop><x xmlns=""/></D:prop>',
         '<D:prop><bar:foo xmlns:bar=""/></D:prop>', "text"]
    )  # fmt: skip
    return f'<D:propfind xmlns:D="DAV:">{inner}</D:propfind>'


def _proppatch(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.choice([0, 1, 2, 5])):
        act = chance.choice(["set", "remove", "set", "replace"])
        parts.append(f"<D:{act}><D:prop>{_properties(chance, values=act == 'set')}</D:prop></D:{act}>")
    return f'<D:propertyupdate xmlns:D="DAV:">{"".join(parts)}</D:propertyupdate>'


def _lock(chance: random.Random) -> str:
    scope = chance.choice(["exclusive", "shared", "shared", "other", ""])
    owners = ["", "me", "<D:href>http://x</D:href>", "o" * 9000, "<a xmlns='urn:q'/>"]
    owner = f"<D:owner>{chance.choice(owners)}</D:owner>" if chance.random() < 0.8 else ""
    inner = f"<D:lockscope>{f'<D:{scope}/>' if scope else ''}</D:lockscope><D:locktype><D:write/></D:locktype>{owner}"
    return f'<D:lockinfo xmlns:D="DAV:">{inner}</D:lockinfo>'


FAVOURITES = (
    '<oc:filter-files xmlns:oc="http://owncloud.org/ns" xmlns:D="DAV:"><D:prop><oc:id/></D:prop>'
    "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
)


def _report(chance: random.Random) -> str:
    sync = '<D:sync-collection xmlns:D="DAV:"><D:sync-token/></D:sync-collection>'
    empty = '<oc:filter-files xmlns:oc="http://owncloud.org/ns"/>'
    return chance.choice([FAVOURITES, FAVOURITES, empty, '<D:expand-property xmlns:D="DAV:"/>', sync, "<x/>"])


def _search(chance: random.Random) -> str:
    literal = chance.choice(["%a%", "x", "%", "\\", "%" * 500, "'; DROP TABLE files_node; --", "ü", ""])
    limit = chance.choice(["10", "-1", "x", "99999999999999999999", ""])
    operator = chance.choice(["like", "eq", "gt", "nonsense"])
    where = f"<D:{operator}><D:prop><D:displayname/></D:prop><D:literal>{literal}</D:literal></D:{operator}>"
    depth = chance.randrange(1, 4) if chance.random() < 0.95 else 500
    for _ in range(depth):
        around = chance.choice(["and", "or", "not"])
        where = f"<D:{around}>{where}</D:{around}>"
    return (
        '<D:searchrequest xmlns:D="DAV:"><D:basicsearch><D:select><D:prop><D:getetag/></D:prop></D:select>'
        "<D:from><D:scope><D:href>/files/x</D:href><D:depth>infinity</D:depth></D:scope></D:from>"
        f"<D:where>{where}</D:where><D:limit><D:nresults>{limit}</D:nresults></D:limit></D:basicsearch></D:searchrequest>"
    )


# -- attacks


def bomb(chance: random.Random) -> bytes:
    """A billion laughs."""
    lines = ['<!ENTITY l0 "lol">', *(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))]
    return f'<?xml version="1.0"?><!DOCTYPE x [{"".join(lines)}]><propfind xmlns="DAV:">&l9;</propfind>'.encode()


def quadratic(chance: random.Random) -> bytes:
    return (
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><propfind xmlns="DAV:">' + "&a;" * 20_000 + "</propfind>"
    ).encode()


def external(chance: random.Random) -> bytes:
    address = chance.choice(["file:///etc/passwd", "http://127.0.0.1:1/x", "/dev/zero"])
    return f'<!DOCTYPE x [<!ENTITY a SYSTEM "{address}">]><propfind xmlns="DAV:"><prop>&a;</prop></propfind>'.encode()


def parameter_bomb(chance: random.Random) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY % a "b"><!ENTITY % c SYSTEM "file:///dev/zero"> %c;]><x/>'


def deep(chance: random.Random) -> bytes:
    """Tens of thousands of elements inside each other."""
    depth = chance.choice([300, 5_000, 100_000])
    close = "</a>" * depth if chance.random() < 0.5 else ""
    return ('<propfind xmlns="DAV:"><prop>' + "<a>" * depth + close + "</prop></propfind>").encode()


def wide(chance: random.Random) -> bytes:
    count = chance.choice([2_000, 60_000])
    return ('<propfind xmlns="DAV:"><prop>' + "".join(f"<p{n}/>" for n in range(count)) + "</prop></propfind>").encode()


def long_name(chance: random.Random) -> bytes:
    name = "n" * chance.choice([1_000, 500_000, 1_200_000])
    return f'<propfind xmlns="DAV:"><prop><{name}/></prop></propfind>'.encode()


def utf16(chance: random.Random) -> bytes:
    return ('<?xml version="1.0" encoding="utf-16"?><propfind xmlns="DAV:"><allprop/></propfind>').encode("utf-16")


def no_xml(chance: random.Random) -> bytes:
    unclosed = [b"<", b"<a", b"</a>", b"<a></b>", b"<a/><a/>", b"  ", b'<a b="1" b="2"/>', b"\xef\xbb\xbf"]
    unbound = [b"<a:b/>", b'<a xmlns:x=""/>', b"<?xml?>", b'<?xml version="1.0" encoding="utf-7"?><a/>']
    return chance.choice([*unclosed, *unbound, b"&#0;", b"<a>\x00</a>", b"<a>&#xD800;</a>"])


def json_body(chance: random.Random) -> bytes:
    return chance.choice([b"{}", b"[]", b'{"token": null}', b"[" * 50_000, b'"', b"null", b"1e999", b'{"a":' * 3000])


def multipart(chance: random.Random) -> bytes:
    """As bulk uploads are."""
    parts = []
    for number in range(chance.choice([0, 1, 5, 300])):
        data = chance.randbytes(chance.choice([0, 3, 500]))
        path = chance.choice([f"/bulk/{number}", "/../x", "a", "", "/a/b", "/" + "x" * 400])
        length = chance.choice([len(data), len(data), len(data) + 1, -1, "x"])
        md5 = chance.choice(["d41d8cd98f00b204e9800998ecf8427e", "x"])
        lines = [f"X-File-Path: {path}", f"X-File-Mtime: {number}", f"X-File-MD5: {md5}", f"Content-Length: {length}"]
        kept = [line for line in lines if chance.random() < 0.9]
        parts.append(b"--b\r\n" + "\r\n".join(kept).encode() + b"\r\n\r\n" + data + b"\r\n")
    return b"".join(parts) + (b"--b--\r\n" if chance.random() < 0.9 else b"")


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice([1, 100, 20_000, 2_000_000]))
