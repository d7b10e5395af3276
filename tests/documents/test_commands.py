"""Commands and options that pages name exist: of manage.py, make, scripts and modules. Blocks are run by tests/live."""

import argparse
import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deploy.cluster.options import parser as cluster_parser
from tests.support.page_commands import NOT_RUN, RUN, covers, is_run
from tests.support.pages import PAGES, ROOT, blocks_of, lines_of_code, name_of, shell_blocks, text_of

MANAGE = re.compile(r"manage\.py\s+(?P<words>.*)")
REFERENCE = "docs/operations/manage.md"
# Named to say that they are not to be used, or not there.
REFUSED = {"createsuperuser", "clear_index", "rebuild_index", "update_index"}
NOT_FOR_YOU = {*REFUSED, "flush"}
OURS = ("accounts", "files", "search", "sharing", "dropbox_clone")


def parser_of(command: str) -> CommandParser:
    found = load_command_class(get_commands()[command], command)
    return found.create_parser("manage.py", command)


def options_of(command: str) -> set[str]:
    """Of the command and of its acts."""
    found: set[str] = set()
    waiting: list[argparse.ArgumentParser] = [parser_of(command)]
    while waiting:
        for action in waiting.pop()._actions:
            found |= set(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()
    return found


def own_options(command: str) -> set[str]:
    standard = BaseCommand().create_parser("manage.py", command)._option_string_actions
    return options_of(command) - set(standard)


def acts_of(command: str) -> list[str]:
    choices = [
        action.choices for action in parser_of(command)._actions if isinstance(action, argparse._SubParsersAction)
    ]
    return [act for each in choices for act in each]


def manage_calls() -> list[tuple[str, str]]:
    """(page, words after `manage.py`) wherever a page has them."""
    calls = []
    for page in PAGES:
        for line in lines_of_code(page):
            found = MANAGE.search(line)
            if found and (words := found["words"].strip()) and words[0].isalpha() and words[0].islower():
                calls.append((name_of(page), words))
    return calls


@pytest.mark.parametrize(("page", "words"), manage_calls())
def test_a_command_of_manage_py_and_its_options_exist(page: str, words: str) -> None:
    command = words.split()[0].strip("`.,;:)")
    assert command in get_commands(), page
    known = options_of(command)
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", words):
        assert option in known, f"{page}: manage.py {words}"


def test_the_reference_has_every_command_of_ours_with_all_options() -> None:
    text = text_of(REFERENCE)
    ours = {name for name, app in get_commands().items() if isinstance(app, str) and app in OURS} - NOT_FOR_YOU
    assert ours
    for command in sorted(ours):
        line = "\n".join(row for row in text.splitlines() if re.match(rf"\| .*`{command}\b", row))
        assert line, f"{command} is not in {REFERENCE}"
        for option in sorted(own_options(command)):
            assert option in line, f"{command} {option}"
        for act in acts_of(command):
            assert f"`{command} {act}" in line, f"{command} {act}"
    for command in NOT_FOR_YOU:
        assert f"`{command}`" in text


@pytest.mark.parametrize("command", sorted(REFUSED))
def test_what_would_do_harm_is_refused_and_says_what_to_use(command: str) -> None:
    with pytest.raises(CommandError, match=r"^Use: manage\.py "):
        call_command(command)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_targets_scripts_and_modules_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in lines_of_code(page):
        for target in re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", line):
            assert target in targets, line
        for script in re.findall(r"(?<![\w/])(scripts/\w+\.sh)", line):
            assert (ROOT / script).exists(), line
        for module in re.findall(r"python -m ((?:dropbox_clone|deploy|benchmarks|tests)[\w.]*)", line):
            assert importlib.util.find_spec(module) is not None, line


def test_commands_of_the_cluster_are_understood() -> None:
    seen = 0
    for block in blocks_of(ROOT / "docs" / "operations" / "cluster.md"):
        for line in block.text.splitlines():
            found = re.search(r"(?:-m deploy\.cluster|scripts/cluster\.sh) ([a-z].*)", line)
            if found:
                cluster_parser().parse_args(shlex.split(found[1], comments=True))
                seen += 1
    assert seen > 5


def test_every_shell_block_is_run_or_has_a_reason() -> None:
    blocks = shell_blocks()
    left = [block for block in blocks if not is_run(block) and not any(covers(key, block) for key in NOT_RUN)]
    assert left == [], "add the page to RUN, or the block with a reason to NOT_RUN, in tests/support/page_commands.py"
    assert [key for key in NOT_RUN if not any(covers(key, block) for block in blocks)] == [], "stale entries of NOT_RUN"
    assert set(RUN) <= {block.page for block in blocks if is_run(block)}, "stale entries of RUN"


def test_blocks_of_commands_are_marked_as_shell() -> None:
    """A block without a language, or of another one, would be run by nobody."""
    for page in PAGES:
        for block in blocks_of(page):
            if block.language not in ("sh",):
                assert not re.search(
                    r"^(curl|\.venv/bin/|docker|kubectl|sudo|make|rclone) ", block.text, re.MULTILINE
                ), f"{block.page}: {block.first_line}"
