"""What the cluster does with its parts, shown with small processes."""

import json
import os
import signal
import socket
import stat
import time
from pathlib import Path

import pytest

from deploy.cluster import log_files
from deploy.cluster import part as parts
from deploy.cluster import supervision as supervisions
from deploy.cluster.layout import DataDirInUse, Layout
from deploy.cluster.options import options_of, parser
from deploy.cluster.part import Part
from deploy.cluster.supervision import Supervision
from dropbox_clone.process import StartFailed
from tests.servers.ports import free_port


def shell(tmp_path: Path, script: str, **more: object) -> Part:
    arguments: dict[str, object] = {"ready": lambda: True, "patience": 5.0, **more}
    return Part(name="part", kind="part", command=["sh", "-c", script], log=tmp_path / "log", **arguments)  # type: ignore[arg-type]


def step_until(supervision: Supervision, condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    supervision.wait_until(condition, seconds)


def test_a_part_that_dies_is_started_again_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    supervision, part = Supervision(), shell(tmp_path, "exec sleep 100")
    supervision.start(part)
    first = part.pid
    assert first
    os.kill(first, signal.SIGKILL)
    step_until(supervision, lambda: part.pid not in (None, first))
    assert part.restarts == 1
    assert "part ended (SIGKILL); starting it again in 0.2 s" in capsys.readouterr().out
    supervision.stop(part)
    assert part.pid is None
    assert not supervision.parts


def test_one_that_keeps_dying_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Part, "back_off", (0.0,))
    monkeypatch.setattr(parts, "GIVE_UP", 3)
    supervision, part = Supervision(), shell(tmp_path, "exit 7")
    supervision.add(part).start()
    step_until(supervision, lambda: part.given_up)
    assert part.restarts == 3
    assert "exit code 7" in capsys.readouterr().out


def test_a_part_that_is_held_stays_down(tmp_path: Path) -> None:
    supervision, part = Supervision(), shell(tmp_path, "exec sleep 100")
    supervision.start(part)
    part.held = True
    part.send_to_all(signal.SIGKILL)
    deadline = time.monotonic() + 0.7
    while time.monotonic() < deadline:
        supervision.step(0.05)
    assert part.pid is None
    assert part.restarts == 0


def test_one_that_is_held_while_it_waits_for_its_next_start_is_not_started(tmp_path: Path) -> None:
    supervision, part = Supervision(), shell(tmp_path, "exit 7")
    supervision.add(part).start()
    step_until(supervision, lambda: part.start_at is not None)
    part.held = True
    assert part.process is not None
    first = part.process.pid
    deadline = time.monotonic() + 0.7
    while time.monotonic() < deadline:
        supervision.step(0.05)
    assert (part.held, part.process.pid) == (True, first)


def test_logs_are_rotated_under_who_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LIMIT", 2_000)
    monkeypatch.setattr(supervisions, "LOGS_EVERY", 0.0)
    script = "for round in 1 2 3 4 5 6; do seq 1000 1999; sleep 0.25; done; echo end; exec sleep 100"
    supervision, part = Supervision(), shell(tmp_path, script)
    supervision.start(part)
    step_until(supervision, lambda: part.log.read_bytes().endswith(b"end\n"), 30)
    supervision.stop(part)
    assert sorted(path.name for path in tmp_path.glob("log*")) == ["log", "log.1", "log.2", "log.3"]
    assert part.log.stat().st_size <= 2_000
    assert b"\0" not in part.log.read_bytes(), "it went on where it was, in a file with a hole"
    assert (tmp_path / "log.1").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "log.1").read_bytes().startswith(b"1000\n")


def test_logs_of_what_is_gone_are_removed_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "ORPHANS", 2)
    for number in range(5):
        for name in (f"web-{number}.log", f"web-{number}.log.1"):
            (tmp_path / name).touch()
            os.utime(tmp_path / name, (number, number))
    log_files.remove_orphans(tmp_path, {tmp_path / "web-0.log"})
    assert sorted(path.name for path in tmp_path.glob("*.log")) == ["web-0.log", "web-3.log", "web-4.log"]
    assert len(list(tmp_path.iterdir())) == 6


def test_what_does_not_start_is_an_error_with_the_end_of_its_log(tmp_path: Path) -> None:
    part = shell(tmp_path, "echo no such luck; exit 1", ready=lambda: False)
    with pytest.raises(StartFailed, match="no such luck"):
        Supervision().start(part, seconds=5)


def test_one_that_does_not_want_to_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    supervision = Supervision()
    part = shell(tmp_path, "trap '' TERM; sleep 100 & echo $! > child; wait; sleep 100", folder=tmp_path, patience=0.5)
    supervision.start(part)
    step_until(supervision, lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip())
    started = time.monotonic()
    supervision.stop(part)
    assert 0.4 < time.monotonic() - started < 5
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and " Z " not in Path(f"/proc/{child}/stat").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ports_and_secrets_stay_and_only_one_cluster_has_a_folder(tmp_path: Path) -> None:
    layout = Layout.open(tmp_path / "cluster")
    port, secret = layout.port("redis"), layout.secret("redis")
    assert layout.port("postgresql") != port
    with pytest.raises(DataDirInUse):
        Layout.open(tmp_path / "cluster")
    layout.close()
    wanted = free_port()
    again = Layout.open(tmp_path / "cluster")
    assert (again.port("redis"), again.secret("redis")) == (port, secret)
    assert again.port("haproxy", wanted) == again.port("haproxy") == wanted
    assert stat.S_IMODE((tmp_path / "cluster" / "secrets.json").stat().st_mode) == 0o600
    again.close()
    assert not again.sockets.exists()


def test_the_port_of_a_replica_stays_its_own_while_it_is_down(tmp_path: Path) -> None:
    layout, other = Layout.open(tmp_path / "cluster"), Layout.open(tmp_path / "other")
    port = layout.kept_port("web-1")
    (other.folder / "ports.json").write_text(json.dumps({"web-1": port}))
    assert other.kept_port("web-1") != port
    for reuse in (0, 1):
        with socket.socket() as foreign:
            foreign.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            with pytest.raises(OSError, match="in use"):
                foreign.bind(("127.0.0.1", port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with socket.socket() as replica:
        replica.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        replica.bind(("127.0.0.1", port))
        replica.listen()
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    layout.close()
    other.close()
    with socket.socket() as anybody:
        anybody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of this test may linger
        anybody.bind(("127.0.0.1", port))


def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(SystemExit):
        options_of(parser().parse_args(["run"]))
