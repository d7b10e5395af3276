"""litmus 0.13, the conformance suite of WebDAV: 104 of 104, without a warning."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.servers.product import Account, Product

TESTS = 104
SUMMARY = re.compile(r"summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed")


def pass_litmus(product: Product, account: Account, place: Path, prefix: str) -> None:
    """`prefix` is the percent-encoded path of a folder in which litmus makes one of its own."""
    assert shutil.which("litmus"), "apt-get install litmus"
    done = subprocess.run(
        ["litmus", "--keep-going", f"{product.base_url}{prefix}", account.email, account.token],
        cwd=place,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    found = SUMMARY.findall(done.stdout)
    told = "\n".join(line for line in done.stdout.splitlines() if "FAIL" in line or "WARNING" in line) + done.stderr
    assert [suite for suite, *_ in found] == ["basic", "copymove", "props", "locks", "http"], told
    assert sum(int(failed) for *_, failed in found) == 0, told
    assert sum(int(passed) for _, _, passed, _ in found) == sum(int(run) for _, run, *_ in found) == TESTS, told
    assert "WARNING" not in done.stdout, told
    assert "Traceback" not in product.log
