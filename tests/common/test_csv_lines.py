"""common.csv_lines: cells as they are, and never a formula."""

import csv

from common.csv_lines import csv_line


def test_cells() -> None:
    cells = ["a,b", 'says "x"', "two\nlines", None, 7, "Bücher"]
    line = csv_line(cells)
    assert line.endswith("\r\n")
    assert next(csv.reader([line])) == ["a,b", 'says "x"', "two\nlines", "", "7", "Bücher"]


def test_no_formulas() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\tx", "\rx"):
        assert next(csv.reader([csv_line([text])])) == [f"'{text}"]
