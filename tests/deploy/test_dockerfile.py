"""The Dockerfile, as its linter sees it; tests/image builds it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HADOLINT = Path(sys.executable).with_name("hadolint")
# The Python packages of the product: what import-linter knows, but what is only for deploying.
KNOWN = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
PACKAGES = set(KNOWN) - {"deploy"}


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
    assert PACKAGES - allowed == set()


def test_every_package_is_compiled() -> None:
    found = re.search(r"compileall -q ([a-z_ ]+)", (ROOT / "Dockerfile").read_text())
    assert found is not None
    assert set(found[1].split()) == PACKAGES


def test_every_folder_with_python_is_a_known_package() -> None:
    listed = subprocess.run(["git", "ls-files", "*/__init__.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    assert tops - {"tests", "deploy", "benchmarks"} == PACKAGES
