"""Targets, the table, and its places in the pages."""

from pathlib import Path

import pytest

from benchmarks.rows import ROWS
from benchmarks.sizes import FULL, tree_files
from benchmarks.table import BEGIN, END, SHORT, render, render_short, write_between_marks
from benchmarks.targets import TARGETS, judge

ROOT = Path(__file__).resolve().parents[2]
ROW = {row.key: row for row in ROWS}


def test_more_is_better_where_it_is() -> None:
    row = ROW["get-small"]
    assert [o.met for o in judge(row, {"get-small": {"ours": 100.0, "copyparty": 99.0}})] == [True]
    assert [o.met for o in judge(row, {"get-small": {"ours": 98.0, "copyparty": 99.0}})] == [False]


def test_less_is_better_elsewhere() -> None:
    row = ROW["list"]
    assert [o.met for o in judge(row, {"list": {"ours": 100.0, "copyparty": 99.0}})] == [False]
    assert [o.met for o in judge(row, {"list": {"ours": 98.0, "copyparty": 99.0}})] == [True]


def test_a_target_may_be_another_row_of_a_peer() -> None:
    medians = {"bulk-put": {"ours": 199.0}, "put-small": {"rclone": 100.0}}
    assert [o.met for o in judge(ROW["bulk-put"], medians)] == [False]


def test_without_the_peer_nothing_is_claimed() -> None:
    assert [o.met for o in judge(ROW["get-small"], {"get-small": {"ours": 1.0}})] == [None]


def test_every_target_is_of_a_row() -> None:
    assert set(TARGETS) <= set(ROW)


def test_the_tree_has_as_many_nodes_as_it_says() -> None:
    folders = tree_files(2_000)
    assert len(folders) + sum(folders.values()) == 2_000


def test_the_table_says_no() -> None:
    text = render([ROW["move"]], ["ours"], {"move": {"ours": 16.0}}, FULL)
    assert text.splitlines()[-1] == "| MOVE a folder of 2,000, ms | 16.0 | ≤ 15 | **no** |"


def test_a_page_keeps_what_is_around(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\n## After\n")
    write_between_marks(page, "new")
    assert page.read_text() == f"# Title\n\n{BEGIN}\nnew\n{END}\n\n## After\n"


def test_a_page_without_a_place_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"# Title\n\n{BEGIN}\n")
    with pytest.raises(ValueError, match="no place"):
        write_between_marks(page, "new")
    assert page.read_text() == f"# Title\n\n{BEGIN}\n"


def test_the_short_table_has_eight_rows_without_targets() -> None:
    assert len(SHORT) == 8
    medians = {key: {"nginx": 1.0, "ours": 2.0, "ours-rest": 3.0} for key in ROW}
    lines = render_short(ROWS, ["nginx", "ours", "ours-rest"], medians, FULL).splitlines()
    assert lines[0] == "| work | nginx | ours |"
    assert len(lines) == 2 + len(SHORT)
    assert all(line.endswith("| 1.0 | 2.0 |") for line in lines[2:])


def test_both_pages_have_a_place_and_the_same_figures() -> None:
    """The README's rows are those of the full table."""
    tables = {}
    for name in ("README.md", "docs/performance.md"):
        text = (ROOT / name).read_text()
        assert text.count(BEGIN) == text.count(END) == 1, name
        table = text.partition(BEGIN)[2].partition(END)[0]
        tables[name] = {line.split(" | ")[0]: line for line in table.splitlines() if line.startswith("| ")}
    assert len(tables["README.md"]) == 2 + len(SHORT)
    for title, line in list(tables["README.md"].items())[2:]:
        assert tables["docs/performance.md"][title].startswith(line.removesuffix(" |")), title
