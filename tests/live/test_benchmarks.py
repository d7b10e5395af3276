"""`make bench` from end to end, small: the product and whatever peer needs no installation."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.rows import OURS, ROWS


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed; make bench installs it")
def test_every_row_has_a_figure_for_us(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert main(["--quick", "--server", "ours,ours-rest", "--json", str(report)]) == 0
    samples = json.loads(report.read_text())["samples"]
    rows = [row for row in ROWS if shutil.which("nextcloudcmd") or not row.key.startswith("sync-")]
    assert set(samples) == {row.key for row in rows}
    for row in rows:
        assert set(samples[row.key]) == set(row.only or OURS), row.key
        assert all(value > 0 for found in samples[row.key].values() for value in found)
