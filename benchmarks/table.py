"""The one table, as Markdown, and its place in the README."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.sizes import Sizes
from benchmarks.targets import Medians, Outcome, judge

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


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


def write_readme(path: Path, text: str) -> None:
    """Replaces what is between the markers; adds a section at the end when there are none."""
    readme = path.read_text() if path.exists() else "# dropbox_clone\n"
    section = f"{BEGIN}\n{text.strip()}\n{END}"
    if BEGIN in readme and END in readme:
        before, _, rest = readme.partition(BEGIN)
        readme = before + section + rest.partition(END)[2]
    else:
        readme = f"{readme.rstrip()}\n\n## Speed\n\n{section}\n"
    path.write_text(readme)
