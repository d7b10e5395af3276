"""Every mutation can be applied, and its tests are in the gate."""

import pytest

from tests.runner.groups import GATE, IN_PROCESS
from tests.runner.mutations import MUTATIONS, ROOT, Mutation
from tests.runner.test_groups import folders_of

FOLDERS = {group.name: folders_of(group) for group in GATE}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_it_can_be_applied(mutation: Mutation) -> None:
    assert (ROOT / mutation.path).read_text().count(mutation.old) == 1
    assert mutation.new != mutation.old
    for path in mutation.tests:
        file, _, name = path.partition("::")
        assert (ROOT / file).exists(), path
        assert not name or f"def {name}(" in (ROOT / file).read_text(), path
        assert path.split("/")[1] in FOLDERS[mutation.group]


def test_they_are_about_the_subjects_of_different_groups() -> None:
    assert len(MUTATIONS) >= 10
    assert {mutation.group for mutation in MUTATIONS} >= set(FOLDERS) - {"lint", "starts"}
    assert set(IN_PROCESS) == FOLDERS["fast"]
