"""Names as ransomware gives them, and names as people do."""

import pytest

from files.tree.suspicion import is_new_and_strange, is_ransom_note, is_renamed_strangely


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("report.docx", "report.docx.locked"),
        ("report.docx", "report.docx.a8f3k"),
        ("report.docx", "report.wncry"),
        ("a.jpg", "a.jpg.id[1A2B3C4D-1234].[mail@example.com].eking"),
        ("no extension", "no extension.lockbit"),
    ],
)
def test_strange_renames(before: str, after: str) -> None:
    assert is_renamed_strangely(before, after)
    assert is_new_and_strange(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a.txt", "b.txt"),
        ("a.txt", "a.md"),
        ("a.docx", "a.docx.bak"),
        ("film.mkv.part", "film.mkv"),
        ("a.jpeg", "a.JPG"),
        ("a.k8x3q", "b.k8x3q"),
        ("a.txt", "a"),
        ("notes", "notes of 3. May"),
        ("a.txt", ".hidden"),
    ],
)
def test_usual_renames(before: str, after: str) -> None:
    assert not is_renamed_strangely(before, after)


@pytest.mark.parametrize(
    "name",
    [
        "HOW_TO_DECRYPT.txt",
        "How To Recover Your Files.html",
        "RECOVER-FILES.txt",
        "_readme.txt",
        "!!!READ_ME_decrypt!!!.hta",
        "DECRYPT_INSTRUCTIONS.TXT",
        "Restore-My-Files.txt",
        "@Please_Read_Me@.txt",
        "YOUR_FILES_ARE_ENCRYPTED.HTML",
    ],
)
def test_ransom_notes(name: str) -> None:
    assert is_ransom_note(name)


@pytest.mark.parametrize(
    "name", ["README.md", "readme.txt", "Restore.docx", "decryption.py", "files.txt", "recovery plan.txt"]
)
def test_no_ransom_notes(name: str) -> None:
    assert not is_ransom_note(name)
