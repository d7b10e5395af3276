"""`make run`: prepares the installation, then keeps the web server and the job worker running.

The processes below it are in process groups of their own, so that Ctrl-C reaches only the supervisor, which
stops them in order; and the kernel kills them when the supervisor dies, even by SIGKILL. It holds the
listening socket itself: while the web server is started again, clients wait in the queue of the socket and
are not refused.
"""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from dropbox_clone.configuration import BASE_DIR, EVERY_ADDRESS, Configuration, read_configuration
from dropbox_clone.env import one_clear_line
from dropbox_clone.private_files import keep_private
from dropbox_clone.probe import answers
from dropbox_clone.process import KeptProcess, StartFailed, Stop, die_with_parent

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # nohup
    STOP_SIGNALS.remove(signal.SIGHUP)
WATCHED = STOP_SIGNALS | {signal.SIGCHLD}
FIRST_ANSWER = 60.0  # seconds until the web server must have answered once
BACK_OFF = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before the next start of a process that keeps dying


@dataclass(kw_only=True)
class Child(KeptProcess):
    """The web server or the worker."""

    back_off = BACK_OFF

    command: list[str]
    pass_fds: tuple[int, ...] = ()

    def start(self) -> None:
        # stdout is for the two lines of the supervisor only
        self.has_started(spawn(self.command, pass_fds=self.pass_fds, stdout=sys.stderr))


def say(text: str) -> None:
    sys.stderr.write(f"dropbox_clone: {text}\n")
    sys.stderr.flush()


def announce(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def spawn(command: list[str], **options: object) -> subprocess.Popen[bytes]:
    """Start a process that leads a group of its own and dies with this one."""
    supervisor = os.getpid()

    def in_child() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        die_with_parent(supervisor)

    # preexec_fn is safe because the supervisor has one thread only.
    return subprocess.Popen(  # type: ignore[call-overload]
        command,
        cwd=BASE_DIR,
        process_group=0,
        preexec_fn=in_child,  # noqa: PLW1509
        **options,
    )


def wait_for_signal(seconds: float) -> None:
    """Sleep until the time is over or a child ended. Raises Stop."""
    received = signal.sigtimedwait(WATCHED, max(0.0, seconds))
    if received is not None and received.si_signo in STOP_SIGNALS:
        raise Stop


def listen(configuration: Configuration) -> socket.socket:
    """The socket that the web server accepts from. Raises StartFailed."""
    family = socket.AF_INET6 if ":" in configuration.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    where = f"{configuration.host}:{configuration.port}"
    try:
        listener.bind((configuration.host, configuration.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartFailed(f"cannot listen on {where}: the port is taken; set PORT to another one") from None
        reason = error.strerror or str(error)
        raise StartFailed(f"cannot listen on {where}: {reason}; set HOST and PORT") from None
    return listener


def prepare() -> str:
    """Run `manage.py prepare`; returns the line with the set-up link, or "". Raises StartFailed, Stop."""
    process = spawn(
        [sys.executable, "manage.py", "prepare", "--announce-setup"],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None:
            wait_for_signal(1.0)
    except Stop:
        process.kill()
        process.wait()
        raise
    assert process.stdout is not None
    output = process.stdout.read().decode().strip()
    if process.returncode != 0:
        raise StartFailed("", process.returncode if process.returncode > 0 else 1)
    return output.rpartition("\n")[2]


def web_command(listener: socket.socket) -> list[str]:
    options = ["--config", "python:dropbox_clone.web_server.gunicorn_conf", "--bind", f"fd://{listener.fileno()}"]
    return [sys.executable, "-m", "gunicorn", *options, "dropbox_clone.wsgi"]


def worker_command() -> list[str]:
    options = ["--clock", "--pool=threads", "--concurrency=2", "--loglevel=WARNING"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "--quiet", "-A", "dropbox_clone", "worker", *options, *quiet]


def wait_until_it_answers(configuration: Configuration, web: Child) -> None:
    """Ask /healthz until it answers. Raises StartFailed, Stop."""
    deadline = time.monotonic() + FIRST_ANSWER
    while time.monotonic() < deadline:
        if not web.alive():
            raise StartFailed("the web server did not start; its messages are above")
        if _answers(configuration):
            return
        wait_for_signal(0.05)
    raise StartFailed(f"the web server did not answer within {FIRST_ANSWER:g} seconds")


def _answers(configuration: Configuration) -> bool:
    host = configuration.host
    if host in EVERY_ADDRESS:
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return answers(host, configuration.port, timeout=0.25)


def keep_running(children: list[Child]) -> None:
    """Start what is not running, until Stop is raised."""
    while True:
        for child in children:
            if message := child.look_after():
                say(message)
        now = time.monotonic()
        due = [child.start_at - now for child in children if child.start_at is not None]
        wait_for_signal(min([1.0, *due]))


def stop(children: list[Child], seconds: float) -> None:
    """SIGTERM to all, and SIGKILL to what is left when the time is over or a second signal comes."""
    for child in children:
        if child.alive():
            assert child.process is not None
            child.process.terminate()
    deadline = time.monotonic() + seconds
    with contextlib.suppress(Stop):
        while any(child.alive() for child in children) and time.monotonic() < deadline:
            wait_for_signal(0.1)
    for child in children:
        child.kill()


@contextlib.contextmanager
def _watched_signals() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run(configuration: Configuration) -> None:
    """Until somebody asks to stop. Raises StartFailed."""
    listener = listen(configuration)
    os.set_inheritable(listener.fileno(), False)
    children: list[Child] = []
    try:
        setup = prepare()
        web = Child(name="the web server", command=web_command(listener), pass_fds=(listener.fileno(),))
        children = [web, Child(name="the job worker", command=worker_command())]
        for child in children:
            child.start()
        wait_until_it_answers(configuration, web)
        announce(f"dropbox_clone is running at {configuration.base_url}/")
        if setup:
            announce(setup)
        keep_running(children)
    except Stop:
        pass
    finally:
        listener.close()  # new clients are refused from here on
        stop(children, configuration.stop_timeout.total_seconds() + 1)


def main() -> int:
    with one_clear_line():
        configuration = read_configuration()
    keep_private(configuration)
    if "MAKELEVEL" in os.environ:  # make passes SIGTERM on to us, but nothing passes on its own death
        die_with_parent(os.getppid(), signal.SIGTERM)
    with _watched_signals():
        try:
            run(configuration)
        except StartFailed as error:
            if str(error):
                say(str(error))
            return error.code
        return 0


if __name__ == "__main__":
    sys.exit(main())
