"""Phrases of a tree of files as people type them: chosen at random, by code that knows nothing of search/."""

import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from tests.search.library import LibraryFile

RAREST = 10  # nobody could say which of a hundred files with `if __name__ == "__main__":` was meant

# What a library of programs has little of.
MADE = {
    "Müller & Söhne – Angebot 2024.txt": """Sehr geehrte Frau Müller,
anbei unser Angebot über die Straßenbeleuchtung für Köln-Süd.
Mit freundlichen Grüßen
Jörg Äpfelweiß, Größenverhältnisse e. V.""",
    "会议记录 2024年.md": """# 会议记录
今天我们讨论了 搜索引擎的性能问题,并决定 下周再次开会。
東京タワーは 日本の電波塔です。
한국어 문서 검색 시험입니다""",
    "QuarterlyReportFinal2023.txt": """The company's revenue doesn't include the well-known state-of-the-art line.
Contact: jane.doe+test@example-company.co.uk or call +49 (0)221 123-4567.
Version 3.11.2-rc1, released on 2023-02-08: https://www.example.com/a/b?c=d&e=f#frag""",
    "unpacking notes.txt": """first unpack it with tar -xzf archive-2.4.tar.gz -C /opt/thing
and then gcc -Wall -O2 -o prog prog.c""",
    "MyCamelCaseFileName.java": "public class MyCamelCaseFileName { private final XMLHttpRequestFactory fooBarBaz; }",
}


@dataclass(frozen=True)
class Phrase:
    text: str
    path: str


def made_files() -> list[LibraryFile]:
    files = [LibraryFile(f"made/{name}", text.encode()) for name, text in MADE.items()]
    latin = "Sehr geehrte Herren,\nwir möchten die Wärmedämmung für das Gebäude übernehmen.\nMit besten Grüßen"
    return [*files, LibraryFile("made/altes Schreiben.txt", latin.encode("latin-1"))]


def known_phrases(files: list[LibraryFile], count: int, *, seed: int) -> list[Phrase]:
    """`count` different ones out of random files, each found in at most RAREST of them as it stands there."""
    chance = random.Random(seed)
    texts = {file.path: text for file in files if (text := _text(file.data)).strip()}
    plain = {file.path: f" {_plain(_name(file.path))} | {_plain(texts.get(file.path, ''))} " for file in files}
    files_of: dict[str, set[str]] = defaultdict(set)
    for path, there in plain.items():
        for word in set(there.split()):
            files_of[word].add(path)
    paths, made = sorted(texts), [path for path in sorted(texts) if path.startswith("made/")]
    phrases: dict[str, Phrase] = {}
    while len(phrases) < count:
        path = chance.choice(made if made and chance.random() < 0.1 else paths)
        typed = chance.choice(KINDS)(_name(path), texts[path], chance)
        words = _plain(typed).split()
        if not words or not typed.isprintable() or max(map(len, words)) < 3 or " ".join(words) not in plain[path]:
            continue
        candidates = set.intersection(*(files_of[word] for word in words[:-1])) if words[1:] else set(plain)
        if sum(f" {' '.join(words)}" in plain[candidate] for candidate in candidates) <= RAREST:
            phrases[typed] = Phrase(typed, path)
    return list(phrases.values())


def _text(data: bytes) -> str:
    if b"\0" in data:
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("_", " ")))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _line(text: str, chance: random.Random) -> str:
    return chance.choice(text.splitlines() or [""]).strip()[:300]


def _some_words(name: str, text: str, chance: random.Random) -> str:
    words = _line(text, chance).split()
    start = chance.randint(0, len(words))
    return " ".join(words[start : start + chance.randint(2, 5)])


def _whole_line(name: str, text: str, chance: random.Random) -> str:
    return _line(text, chance)


def _in_other_case(name: str, text: str, chance: random.Random) -> str:
    return chance.choice([str.upper, str.lower, str.title])(_some_words(name, text, chance))


def _quoted(name: str, text: str, chance: random.Random) -> str:
    return f'"{_some_words(name, text, chance).replace(chr(34), " ")}"'


def _without_signs(name: str, text: str, chance: random.Random) -> str:
    return " ".join(re.findall(r"[^\W_]+", _some_words(name, text, chance)))


def _across_a_line_break(name: str, text: str, chance: random.Random) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    number = chance.randrange(max(1, len(lines)))
    return " ".join(" ".join(line.split()[part]) for line, part in zip(lines[number:], (_LAST, _FIRST), strict=False))


def _identifier(name: str, text: str, chance: random.Random) -> str:
    """`os.path.join`, `my_name`, `jane@example.com`, `3.11.2`, `well-known`."""
    return chance.choice(re.findall(r"\w+(?:[._@+'-]\w+)+", _line(text, chance)) or [""])


def _not_to_the_end(name: str, text: str, chance: random.Random) -> str:
    typed = _some_words(name, text, chance)
    return typed[:-2] if re.search(r"\s.*\b[a-zA-Z]{6,}$", typed) else ""


def _name_of_the_file(name: str, text: str, chance: random.Random) -> str:
    return chance.choice([name, name.lower(), " ".join(re.findall(r"[^\W_]+", name))])


_LAST, _FIRST = slice(-3, None), slice(0, 3)
Kind = Callable[[str, str, random.Random], str]
KINDS: list[Kind] = [
    _some_words,
    _some_words,
    _whole_line,
    _in_other_case,
    _quoted,
    _without_signs,
    _across_a_line_break,
    _identifier,
    _not_to_the_end,
    _name_of_the_file,
]
