"""Runs the shell blocks of a page as they stand, in one shell, against a running product.

Replaced are only the addresses and folders of the examples. A response of 400 or more fails the script (curl's
`--fail-with-body`), as does any command that ends with another exit code than 0; `sudo` runs its command as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.servers.product import Product
from tests.support.page_commands import is_run
from tests.support.pages import ROOT, blocks_of

_HEAD = """set -Eeuo pipefail
trap 'echo "FAILED: $BASH_COMMAND" >&2' ERR
"""
_BESIDE = ("manage.py", "deploy", "scripts", "dropbox_clone")  # what commands find in the folder of the product


def run_page(
    name: str,
    product: Product,
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    replacements: Mapping[str, str] | None = None,
) -> str:
    """What the commands print. AssertionError with all of it when one fails."""
    replaced = {
        "http://localhost:8000": product.base_url,
        "https://files.example.com": product.base_url,
        "/srv/files": str(product.data_dir),
        **(replacements or {}),
    }
    script = _HEAD + "\n".join(_text(name, replaced))
    work = _folder_of_work(folder)
    own = {"PATH": f"{folder}/bin:{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}", "HOME": str(folder / "home")}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=work,
        env={**product.environment, **own, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{name}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


def _text(name: str, replaced: Mapping[str, str]) -> list[str]:
    texts = []
    for block in blocks_of(ROOT / name):
        if block.language == "sh" and is_run(block):
            text = block.text
            for example, real in replaced.items():
                text = text.replace(example, real)
            texts.append(text)
    assert texts, f"{name} has nothing to run"
    return texts


def _folder_of_work(folder: Path) -> Path:
    """As a clone looks like: `.venv` and `manage.py` in it."""
    work = folder / "work"
    work.mkdir(exist_ok=True)  # a test may have put files there that the page works on
    (folder / "home").mkdir()
    (work / ".venv").symlink_to(sys.prefix)
    for name in _BESIDE:
        (work / name).symlink_to(ROOT / name)
    programs = folder / "bin"
    programs.mkdir()
    _program(programs / "curl", f'exec {shutil.which("curl")} --fail-with-body "$@"')
    _program(programs / "sudo", '[ "$1" = -u ] && shift 2\nexec "$@"')
    return work


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
