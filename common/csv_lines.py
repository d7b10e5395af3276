"""Lines of CSV files (RFC 4180) that people open with a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take a cell for that begins so


def csv_line(cells: Iterable[Any]) -> str:
    """With its end. No cell is a formula: such a text gets an apostrophe in front, as spreadsheets themselves write it.
    None is an empty cell.
    """
    out = io.StringIO()
    csv.writer(out).writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
