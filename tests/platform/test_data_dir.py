"""DATA_DIR is a path, whatever it holds: everything that the product keeps is below it, and nothing beside it."""

import os
import sqlite3
from pathlib import Path

import pytest

from common.file_urls import file_url, path_in
from dropbox_clone.backends import broker_settings, database_settings
from dropbox_clone.configuration import BASE_DIR, read_configuration
from dropbox_clone.env import ConfigurationError
from storage.registry import open_storage
from tests.platform.test_configuration import run

HOSTILE = [
    "100%41 done",
    "my#dir",
    "what?x=1",
    "50% off %zz %2F %00",
    "  spaces at both ends  ",
    "Grüße 文件 \u2028",
    "line\nbreak\ttab\rreturn",
    "a;b&c=d@e:f",
    "'quoted\" \\ $HOME `x`",
    "[::1]",
    "..hidden..",
    os.fsdecode(b"no \xff utf-8"),
]


def everything_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_kept_is_below_it(name: str, tmp_path: Path) -> None:
    """All of the settings' paths, each by the code that uses it."""
    data_dir = tmp_path / name
    configuration = read_configuration({"DATA_DIR": str(data_dir)})
    assert configuration.data_dir == data_dir
    database = database_settings(configuration.database)["NAME"]
    assert database == f"{data_dir}/db.sqlite3"
    storage = open_storage(configuration.storage.geturl())
    storage.put("ab/cd/object", [b"bytes"])
    opened = sqlite3.connect(database)
    opened.execute("CREATE TABLE x (y)")
    opened.close()
    assert everything_below(tmp_path) == {
        name,
        f"{name}/blobs",
        f"{name}/blobs/.tmp",
        f"{name}/blobs/ab",
        f"{name}/blobs/ab/cd",
        f"{name}/blobs/ab/cd/object",
        f"{name}/db.sqlite3",
    }
    _, options = broker_settings(configuration.broker, configuration.data_dir)
    assert {options["data_folder_in"], options["control_folder"]} == {
        f"{data_dir}/broker/messages",
        f"{data_dir}/broker/control",
    }


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk#2" / "real").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk#2" / "real")
    configuration = read_configuration({"DATA_DIR": str(tmp_path / "link")})
    open_storage(configuration.storage.geturl()).put("ab/cd/object", [b"bytes"])
    assert (tmp_path / "disk#2" / "real" / "blobs" / "ab" / "cd" / "object").exists()
    above = read_configuration({"DATA_DIR": str(tmp_path / "link" / ".." / "other")})
    assert above.data_dir == tmp_path / "disk#2" / "other", "as the kernel has it"


def test_a_relative_one_is_the_same_wherever_a_process_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_configuration({"DATA_DIR": "x/../my data"}).data_dir == BASE_DIR / "my data"
    assert read_configuration({"DATA_DIR": ""}).data_dir == BASE_DIR / "var"
    monkeypatch.setenv("HOME", "/home/ada")
    assert read_configuration({"DATA_DIR": "~/files"}).data_dir == Path("/home/ada/files")
    assert read_configuration({"DATA_DIR": "~nobody-here/x"}).data_dir == BASE_DIR / "~nobody-here" / "x"
    assert read_configuration({"DATA_DIR": "//srv//files/"}).data_dir == Path("/srv/files")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_path_and_its_url(name: str) -> None:
    url = file_url("file", Path("/srv") / name)
    assert url.isascii()
    assert path_in(url.removeprefix("file://")) == f"/srv/{name}"


@pytest.mark.parametrize(
    "variables",
    [
        {"STORAGE_URL": "file:///srv/my#dir"},
        {"DATABASE_URL": "sqlite:///srv/my?dir/db.sqlite3"},
        {"DATABASE_URL": "sqlite:///srv/my#dir/db.sqlite3"},
        {"BROKER_URL": "filesystem:///srv/my?dir"},
        {"EMAIL_URL": "file:///srv/my#dir"},
    ],
)
def test_a_url_whose_path_is_cut_off_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^{next(iter(variables))} must have special characters of the path percent-encoded"
    ):
        read_configuration({"DATA_DIR": "/data", **variables})


@pytest.mark.parametrize(("name", "misread"), [("100%41 done", "100A done/db.sqlite3"), ("my#dir", "my")])
def test_what_an_earlier_release_kept_elsewhere_is_not_lost_sight_of(name: str, misread: str, tmp_path: Path) -> None:
    """It pasted the path into URLs; an empty installation in its place would look like the loss of everything."""
    old = tmp_path / misread
    old.parent.mkdir(exist_ok=True)
    opened = sqlite3.connect(old)
    opened.execute("CREATE TABLE accounts_user (id)")
    opened.close()
    result = run(["manage.py", "prepare"], tmp_path / name)
    assert result.returncode == 78
    assert result.stderr.startswith(
        f"configuration error: DATA_DIR is {tmp_path / name}, which an earlier release took"
    )
    assert str(old) in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / name / "db.sqlite3").exists()


def test_the_variable_that_was_set_is_blamed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for key in ("", "k" * 40):
        result = run(["manage.py", "prepare"], tmp_path / "file", SECRET_KEY=key)
        assert result.returncode == 78
        assert result.stderr.startswith("configuration error: DATA_DIR")
        assert result.stderr.count("\n") == 1
