"""The table as Markdown: all of it for docs/performance.md, eight rows of it for the README."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.servers.ours import OursByRest
from benchmarks.sizes import Sizes
from benchmarks.targets import Medians, Outcome, judge

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
# The rows of the README, by key: large and small files both ways, a listing, a tree, and a sync client.
SHORT = ("put-large", "get-large", "ranges", "put-small", "get-small", "list", "move", "sync-up")


def title_of(row: Row, sizes: Sizes) -> str:
    large = f"{sizes.large // 1024**3} GiB" if sizes.large >= 1024**3 else f"{sizes.large // 1024**2} MiB"
    return row.title.format(
        large=large,
        listed=f"{sizes.listed:,}",
        tree=f"{sizes.tree:,}",
        huge=f"{sizes.tree * sizes.huge_copies:,}",
        huge_copies=sizes.huge_copies,
        synced=f"{sum(sizes.synced):,} files ({(sizes.synced[0] + 2000 * sizes.synced[1]) // 100} MB)",
    )


def render(rows: Sequence[Row], servers: Sequence[str], medians: Mapping[str, Medians], sizes: Sizes) -> str:
    head = ["work", *servers, "target: ours / peer", "met"]
    lines = [_line(head), _line(["---", *["--:"] * len(servers), "---", "---"])]
    for row in rows:
        found = medians.get(row.key, {})
        figures = [_figure(found.get(server)) for server in servers]
        judged = row.only[0] if row.only else "ours"
        outcomes = judge(row, medians, judged)
        wanted = "<br>".join(outcome.text for outcome in outcomes)
        lines.append(_line([f"{title_of(row, sizes)}, {row.unit}", *figures, wanted, _verdict(outcomes)]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _verdict(outcomes: Sequence[Outcome]) -> str:
    return "<br>".join({True: "yes", False: "**no**", None: "?"}[outcome.met] for outcome in outcomes)


def render_short(rows: Sequence[Row], servers: Sequence[str], medians: Mapping[str, Medians], sizes: Sizes) -> str:
    """Figures only: targets, and our second endpoint, are in the full table."""
    shown = [server for server in servers if server != OursByRest.name]
    lines = [_line(["work", *shown]), _line(["---", *["--:"] * len(shown)])]
    for row in rows:
        if row.key in SHORT:
            figures = [_figure(medians.get(row.key, {}).get(server)) for server in shown]
            lines.append(_line([f"{title_of(row, sizes)}, {row.unit}", *figures]))
    return "\n".join(lines)


def write_between_marks(path: Path, text: str) -> None:
    """Replaces what is between the marks. Raises ValueError when they are not there: nobody would see the table."""
    page = path.read_text()
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the table: {BEGIN} … {END}")
    path.write_text(f"{before}{BEGIN}\n{text.strip()}\n{END}{after}")
