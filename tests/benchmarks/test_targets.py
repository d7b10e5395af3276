"""Targets, the table, and its place in the README."""

from pathlib import Path

from benchmarks.rows import ROWS
from benchmarks.sizes import FULL, tree_files
from benchmarks.table import BEGIN, END, render, write_readme
from benchmarks.targets import TARGETS, judge

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


def test_the_readme_keeps_what_is_around(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\n## After\n")
    write_readme(readme, "new")
    assert readme.read_text() == f"# Title\n\n{BEGIN}\nnew\n{END}\n\n## After\n"
