"""files.downloads.media_types: nothing that a browser could run has its name, or is shown in place."""

import mimetypes

import pytest

from files.downloads.media_types import BINARY, as_attachment, as_inline, guess

TEXT = "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "name",
    ["a.html", "a.HTM", "a.xhtml", "a.svg", "a.svgz", "a.xml", "a.xsl", "a.rdf", "a.rss", "a.swf", "a.jar", "a.mht",
     "a.eml", "a.appcache", "a.shtml", "x.png.html"],
)  # fmt: skip
def test_what_a_browser_runs_is_nothing_in_particular(name: str) -> None:
    assert as_inline(name) is None
    assert as_attachment(name) == BINARY


def test_of_every_known_extension_nothing_active_is_named() -> None:
    harmless = ("image/", "audio/", "video/", "font/", "model/")
    for extension in {**mimetypes.MimeTypes().types_map[0], **mimetypes.MimeTypes().types_map[1]}:
        for shown in (as_inline(f"a{extension}"), as_attachment(f"a{extension}")):
            assert shown is None or not any(part in shown for part in ("html", "xml", "svg", "javascript", "flash")), (
                shown
            )
        inline = as_inline(f"a{extension}")
        assert inline is None or inline in (TEXT, "application/pdf") or inline.startswith(harmless), inline


@pytest.mark.parametrize(
    ("name", "inline", "attachment"),
    [
        ("a.txt", TEXT, TEXT),
        ("a.LOG", TEXT, TEXT),
        ("a.md", TEXT, "text/markdown"),
        ("a.csv", TEXT, "text/csv"),
        ("a.css", TEXT, BINARY),
        ("a.js", TEXT, BINARY),  # whatever this version of Python calls it
        ("a.mjs", TEXT, BINARY),
        ("a.json", TEXT, "application/json"),
        ("a.png", "image/png", "image/png"),
        ("a.mp4", "video/mp4", "video/mp4"),
        ("a.flac", "audio/flac", "audio/flac"),
        ("a.pdf", "application/pdf", "application/pdf"),
        ("a.zip", None, "application/zip"),
        ("a.tar.gz", None, "application/gzip"),
        ("a.unknown", None, BINARY),
        ("html", None, BINARY),
        (".txt", TEXT, TEXT),
        ("a.", None, BINARY),
        ("", None, BINARY),
    ],
)
def test_shown_and_saved(name: str, inline: str | None, attachment: str) -> None:
    assert (as_inline(name), as_attachment(name)) == (inline, attachment)


def test_a_table_of_our_own_and_not_the_machines() -> None:
    mimetypes.add_type("text/x-of-this-machine", ".machine")
    try:
        assert guess("a.machine") == BINARY
    finally:
        mimetypes.init()
