"""Where fuzzed requests go: the endpoints of the sync clients, names that exist, and paths that nobody has seen."""

from __future__ import annotations

import random
from dataclasses import dataclass
from urllib.parse import quote

# What is planted again and again, so that requests meet something.
FOLDERS = ["/a", "/a/b", "/d e", "/ü"]
FILES = ["/a/1.txt", "/a/b/2.txt", "/d e/100%25 #.bin", "/ü/日本.txt", "/top.txt"]
NAMES = ["a", "b", "c", "d e", "ü", "日本", "100%", "#", "?", ".hidden"]
HOSTILE_SEGMENTS = [
    *["..", "%2e%2e", "%2E%2e%2f", ".", "%2e", "%00", "%ff%fe", "%c0%af", "%", "%zz", "a%2fb", "a%5cb", "", "//"],
    *["x" * 255, "x" * 256, "%F0%9F%98%80" * 64, "e%CC%81", "a:b", "COM1", "%E2%80%AE", "~", "*", "{}"],
    "a%0d%0aX-Injected:%20yes",
]
QUERIES = ["format=json", "format=xml", "format=%00", f"x={'y' * 3000}", "[]=&&;=", f"token={'a' * 200}"]
CHUNKS = ["1", "2", "00003", "10001", ".file", "0-99", "x", "-1", "9" * 20]


@dataclass
class Places:
    """Of one person, `mine`, who knows the id of another, `other`."""

    random: random.Random
    host: str
    mine: str
    other: str

    def target(self) -> str:
        """What stands in the request line."""
        found = (self.prefix() + (self.path() if self.random.random() < 0.85 else "")) or "/"
        roll = self.random.random()
        if roll < 0.03:
            return f"{found}?{self.random.choice(QUERIES)}"
        if roll < 0.05:
            return f"{found}#fragment" if roll < 0.04 else f"http://{self.host}{found}"
        return self.random.choice(["*", "x", "\\", "http://", "/" * 4000]) if roll < 0.055 else found

    def destination(self) -> str:
        found = self.prefix() + self.path()
        if self.random.random() < 0.85:
            return self.random.choice([found, f"http://{self.host}{found}"])
        odd = ["", "://", f"{found}#x", f"http://{self.host}", "ftp://x/y", f"http://[::1{found}", "é" * 50]
        odd += [f"https://elsewhere.example{found}", f"http://{self.host}:99999{found}", f"{found}?x=y"]
        return self.random.choice(odd)

    def path(self) -> str:
        """Percent-encoded, with a slash at the beginning."""
        if self.random.random() < 0.6:
            return quote(self.random.choice(FOLDERS + FILES)) + self.random.choice(["", "", "", "/", "/new"])
        depth = self.random.choices([0, 1, 2, 3, 6, 300], [2, 8, 6, 3, 1, 0.3])[0]
        segments = [self._segment() for _ in range(depth)]
        return "".join(f"/{segment}" for segment in segments) + self.random.choice(["", "", "", "/"])

    def _segment(self) -> str:
        hostile = self.random.random() < 0.08
        return self.random.choice(HOSTILE_SEGMENTS) if hostile else quote(self.random.choice(NAMES))

    def tree(self) -> str:
        """One of the addresses of the home."""
        return self.random.choice(["/dav", self.home, "/remote.php/webdav"])

    @property
    def home(self) -> str:
        return f"/remote.php/dav/files/{self.mine}"

    def upload(self) -> str:
        return f"/remote.php/dav/uploads/{self.mine}/{self.random.choice(['up1', 'up2', 'up3'])}"

    def prefix(self) -> str:
        roll = self.random.random()
        if roll < 0.5:
            return self.tree()
        if roll < 0.7:
            upload = self.upload()
            return self.random.choice([upload, f"{upload}/{self.random.choice(CHUNKS)}"])
        return self.random.choice(self._others())

    def _others(self) -> list[str]:
        mine, other = self.mine, self.other
        dav = [f"/remote.php/dav/trashbin/{mine}/trash", f"/remote.php/dav/versions/{mine}/versions"]
        dav += [f"/remote.php/dav/{kind}/{other}" for kind in ("files", "uploads", "trashbin", "versions")]
        dav += [f"/remote.php/dav/{kind}" for kind in ("bulk", "bulk", "systemtags", "principals/users", "")]
        ocs = ["cloud/user", "cloud/capabilities", "apps/files_sharing/api/v1/shares", "%00", "core/apppassword", ""]
        pages = ["/status.php", "/index.php/login/v2", "/index.php/login/v2/poll", "/index.php/204", "/remote.php"]
        pages += ["/index.php/core/preview.png", "/index.php/avatar/x/64", "/public.php/dav/files", "/index.php"]
        return [*dav, *[f"/ocs/v{self.random.choice([1, 2, 3])}.php/{place}" for place in ocs], *pages]
