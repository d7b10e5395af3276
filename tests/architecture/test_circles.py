"""No module needs itself by way of others: import-linter knows layers of packages, this knows modules.

Imports inside of functions and under `TYPE_CHECKING` count as well: they are how a circle is hidden.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.architecture.test_house import ROOT, SOURCES

FURTHER = [path for folder in ("deploy", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
# A place knows the mounts of its home, which lead to other places: a type, and no import when the product runs.
ALLOWED = {frozenset({"files.queries.located", "files.queries.mounts"})}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.Module, modules: Mapping[str, Path]) -> set[str]:
    """Ours alone. A package that a name is taken from counts only where the name is no module of it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in names}
    return found & modules.keys()


def circles(graph: Mapping[str, set[str]]) -> Iterator[frozenset[str]]:
    """Strongly connected parts of more than one module (Tarjan), and modules that import themselves."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(module: str) -> Iterator[frozenset[str]]:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in sorted(graph[module]):
            if other not in number:
                yield from visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            begun = stack.index(module)
            part = set(stack[begun:])
            del stack[begun:]
            if len(part) > 1 or module in graph[module]:
                yield frozenset(part)

    for module in sorted(graph):
        if module not in number:
            yield from visit(module)


def test_there_are_none() -> None:
    modules = {module_of(path): path for path in [*SOURCES, *FURTHER]}
    graph = {name: imports_of(ast.parse(path.read_text()), modules) - {name} for name, path in modules.items()}
    assert set(circles(graph)) <= ALLOWED


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"e"}}
    assert set(circles(graph)) == {frozenset("abc"), frozenset("e")}
