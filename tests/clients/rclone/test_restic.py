"""restic through rclone: a backup of a tree, a second one after changes, a check of every byte, and the way back."""

import json
import os
from pathlib import Path

import pytest

from tests.clients.programs import Done, find, run
from tests.clients.rclone.client import Rclone
from tests.clients.request_log import RequestLog
from tests.clients.trees import local_tree, make_tree, odd_names

pytestmark = pytest.mark.timeout(300)


class Restic:
    def __init__(self, rclone: Rclone) -> None:
        self.rclone = rclone
        self.environment = {
            **rclone.environment,
            "RESTIC_REPOSITORY": "rclone:ours:restic",
            "RESTIC_PASSWORD": "correct horse battery staple",
        }

    def do(self, *words: str) -> Done:
        options = ["-o", f"rclone.program={find('rclone')}", "--json"]
        command = [find("restic"), *options, *words]
        return run(command, home=self.rclone.home, seconds=180, environment=self.environment).ok()


@pytest.mark.parametrize("vendor", ["nextcloud", "other"], indirect=True)
def test_backup_check_and_restore(rclone: Rclone, tmp_path: Path, log: RequestLog) -> None:
    here = tmp_path / "here"
    make_tree(here, 100, seed=6)
    (here / "large.bin").write_bytes(os.urandom(20_000_000))
    for name in odd_names():
        (here / name).write_text(name)
    restic = Restic(rclone)
    restic.do("init")
    restic.do("backup", str(here))
    (here / "folder 00" / "file 0000.bin").write_bytes(b"changed")
    second = local_tree(here)
    restic.do("backup", str(here))
    restic.do("check", "--read-data")
    target = tmp_path / "restored"
    restic.do("restore", "latest", "--target", str(target))
    assert local_tree(target / str(here).lstrip("/")) == second
    assert len(json.loads(restic.do("snapshots").text)) == 2
    restic.do("forget", "--keep-last", "1", "--prune")
    restic.do("check", "--read-data")
    assert log.failures == []
