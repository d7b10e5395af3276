"""`make test` (the gate), `make test-all` (and what is long), and what CI runs.

python -m tests.runner                    the gate
python -m tests.runner --all              the gate, then every long group
python -m tests.runner --ci               the gate, then the long groups whose subject changed
python -m tests.runner fast live          these groups only
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.runner import changed, report
from tests.runner.groups import CORES, GATE, LONG, Group
from tests.runner.installation import steps, task_of
from tests.runner.report import Result
from tests.runner.schedule import Run, Schedule

BUDGET = 20 * 60  # seconds, of the gate; more where something had to be installed first
BUDGET_WITH_INSTALLATION = 25 * 60
CI_SECONDS = 60 * 60  # of the gate and what is added to it
INSTALLED = 60  # seconds of steps from which on something was installed
TIMES = Path("var/test-times.json")
LOGS = Path("var/test-logs")
ALL = {group.name: group for group in (*GATE, *LONG)}


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    retries = os.environ.get("CI") == "true"
    began = time.monotonic()
    if options.groups:
        return _finish("groups", *_run([ALL[name] for name in options.groups], retries=retries), began)
    results, installing = _run(GATE, retries=retries)
    code = _finish("gate", results, installing, began, bounded=not options.ci)
    if code or not (options.all or options.ci):
        return code
    chosen = list(LONG) if options.all else _chosen(began)
    long_began = time.monotonic()
    more, _ = _run(chosen, retries=retries)
    code = _finish("long", more, 0, long_began) if chosen else 0
    if options.all:
        green = {result.name: result.seconds for result in more if result.ok}
        changed.write_green(green, report.commit())
    return code


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make test", description="Run groups of tests.")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--all", action="store_true", help="the gate, then every long group")
    kind.add_argument("--ci", action="store_true", help="the gate, then the long groups whose subject changed")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"one of: {' '.join(ALL)}")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.groups if name not in ALL]:
        parser.error(f"there is no group {', '.join(unknown)}; the groups are: {' '.join(ALL)}")
    return options


def _chosen(began: float) -> list[Group]:
    chosen, left = changed.choose(LONG, CI_SECONDS - (time.monotonic() - began))
    for group in left:
        print(f"=== NOT RUN, there is no time for it although its subject changed: {group.name}", flush=True)
    return chosen


def _run(groups: Sequence[Group], *, retries: bool) -> tuple[list[Result], float]:
    """The result of each group, and how many seconds the installation steps took."""
    installation = steps(groups)
    names = {group.name for group in groups}
    tasks = [*installation, *(task_of(group) for group in groups)]
    runs: dict[str, Run] = {}

    def finished(run: Run) -> None:
        runs[run.task.name] = run
        _show(run, whole=not run.ok or run.task.name not in names)

    Schedule(tasks, cores=CORES, logs=LOGS, finished=finished).run()
    results = [_result(runs[group.name], retries=retries) for group in groups]
    return results, sum(runs[step.name].seconds for step in installation)


def _show(run: Run, *, whole: bool) -> None:
    """What a task has printed: all of it, or its last lines where it is a group that passed."""
    text = run.log.read_text(errors="replace") if run.log.exists() else ""
    lines = text.splitlines()
    print(f"\n=== {run.task.name}: {_state(run)} after {run.seconds:.0f} s", flush=True)
    shown = lines if whole else [*report.skips(text), *lines[-1:]]
    print("\n".join(shown), flush=True)


def _state(run: Run) -> str:
    if run.timed_out:
        return f"FAILED, given up after {run.task.seconds} s"
    if run.code is None:
        return "FAILED, not started: what it needs is missing"
    return "done" if run.ok else f"FAILED with exit code {run.code}"


def _result(run: Run, *, retries: bool) -> Result:
    output = run.log.read_text(errors="replace") if run.log.exists() else ""
    counts = report.counts(output)
    reason = "" if run.ok else _state(run)
    result = Result(run.task.name, run.ok, run.seconds, round(run.processor, 1), reason=reason, **counts)
    if retries and run.code == 1 and counts["failed"]:
        return _again(run, result)
    return result


def _again(run: Run, result: Result) -> Result:
    """Once more what failed, alone. A test that passes now is flaky, and is reported as such."""
    failed = _last_failed(run.task.name)
    command = [*run.task.command, "--last-failed", "--last-failed-no-failures", "none"]
    task = replace(run.task, name=f"{run.task.name}-again", command=command, after=())
    again = Schedule([task], cores=CORES, logs=LOGS, finished=lambda run: _show(run, whole=True)).run()[task.name]
    if not again.ok:
        return result
    counts = {"passed": result.passed + result.failed, "failed": 0}
    return replace(result, ok=True, reason="", flaky=tuple(failed), seconds=result.seconds + again.seconds, **counts)


def _last_failed(name: str) -> list[str]:
    try:
        return sorted(json.loads(Path(f".pytest_cache/{name}/v/cache/lastfailed").read_text()))
    except (FileNotFoundError, ValueError):
        return []


def _finish(kind: str, results: list[Result], installing: float, began: float, *, bounded: bool = True) -> int:
    """Print and keep the times; the exit code. A gate that is not `bounded` says that it is too slow and does not fail:
    the machine of continuous integration is twice as slow on some days.
    """
    seconds = time.monotonic() - began
    report.keep(TIMES, kind, results, seconds)
    print(f"\n=== {kind}\n{report.table(results, seconds)}")
    if found := report.flaky(results):
        print(found)
    failed = [result.name for result in results if not result.ok]
    if kind == "gate":
        budget = BUDGET_WITH_INSTALLATION if installing > INSTALLED else BUDGET
        if slow := report.over_budget(seconds, budget):
            print(f"=== {slow}")
            failed += ["budget"] if bounded else []
    print(f"=== FAILED: {' '.join(failed)}" if failed else f"=== all groups of {kind} passed")
    passed, broken = sum(result.passed for result in results), sum(result.failed for result in results)
    print(f"{passed} passed, {max(broken, len(failed))} failed, {sum(result.skipped for result in results)} skipped")
    sys.stdout.flush()
    return 1 if failed else 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)  # so that the groups are stopped too
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
