"""The Dockerfile, as its linter sees it; tests/image builds it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HADOLINT = Path(sys.executable).with_name("hadolint")


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HADOLINT, "--no-color", path], capture_output=True, text=True, timeout=60, check=False)


def test_hadolint_has_nothing_to_say() -> None:
    said = lint(ROOT / "Dockerfile")
    assert said.returncode == 0, said.stdout + said.stderr


def test_hadolint_would_say_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN apt-get install curl\nRUN cd /tmp\n")
    assert lint(tmp_path / "Dockerfile").returncode != 0


def test_what_reaches_a_build_is_named() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {line[1:] for line in rules if line.startswith("!")}
    assert not allowed & {"tests", ".git", ".env", "var", "deploy", "docs", "benchmarks", "node_modules", ".venv"}
    assert [name for name in allowed if not (ROOT / name).exists()] == []
