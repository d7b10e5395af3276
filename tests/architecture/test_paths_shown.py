"""A path that somebody is told begins at the root of their access: that in the space is for journal and trash."""

import re

from tests.architecture.test_house import SOURCES, name_of

# Where a path in the space is made, or kept with a change or an item of the trash.
KEEPERS = {
    "files/queries/journal.py",  # to compare
    "files/queries/located.py",
    "files/tree/between.py",
    "files/tree/copying.py",
    "files/tree/folders.py",
    "files/tree/relocating.py",
    "files/tree/trashing.py",
    "files/tree/writing.py",
    "files/actions/hand_over.py",
    "files/actions/trash.py",
    "files/actions/rewind.py",
    "files/actions/annotations.py",
    "files/actions/take_back.py",
    "files/actions/versions.py",
}
IN_SPACE = re.compile(r"\bchain_path\(|\bpath_in_space\b")
IN_ERROR = re.compile(r"(errors\.\w+|\b[A-Z]\w+)\([^()]*path=(chain_path|\w+\.path_in_space|\w+\.(before|after)_path)")


def test_paths_in_the_space_are_made_for_the_journal_only() -> None:
    assert {name_of(path) for path in SOURCES if IN_SPACE.search(path.read_text())} <= KEEPERS


def test_no_error_names_a_path_in_the_space() -> None:
    found = {name_of(path): IN_ERROR.findall(path.read_text()) for path in SOURCES}
    assert {name: hits for name, hits in found.items() if hits} == {}
    assert IN_ERROR.search("raise errors.NameTaken(path=chain_path(chain, name))")
