"""Journals: a key for each, and which journals a text names.

A record gives its journal by ISSN, name and abbreviation; where it gives none, the beginning of the DOI often says it
(`dois.tsv`). Two records that share an ISSN or a name have the same journal. Its key is the linking ISSN when one is
known, else the folded name.

A text names a journal when it holds one of its names as whole words. Names that are also common words (Nature, Cell,
Blood) count only where the text shows that a journal is meant: after "journal", after "published in", "reported in" or
"in", before "journal", or between asterisks or underscores.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

_DOIS = Path(__file__).with_name("dois.tsv")
_WORD = re.compile(r"[^\W_]+")
_BEFORE = re.compile(
    r"(?:\b(?:journals?|magazine|publication)\s+"
    r"|\b(?:publish\w*|report\w*|writing|appear\w*|issue of"
    r"|edition of|online|out)\b[^.;:]{0,30}?\b(?:in|of|by)\s+"
    r"|\b(?:in|by|from)\s+(?:the\s+)?|[*_])(?:the\s+)?[\"“'‘*_]*$",
    re.I,
)
_NARROW = re.compile(r"(?:\bjournals?\s+|\bpublish\w*[^.;:]{0,30}?\bin\s+|[*_])(?:the\s+)?[\"“'‘*_]*$", re.I)
_AFTER = re.compile(r"^[\"”'’*_]*\s*(?:journal|magazine)\b", re.I)
_MARKED = re.compile(  # words that are in few names except those of journals
    r"\b(?:journal|acta|annals|archives|proceedings|transactions|letters|bulletin|frontiers|plos|jama|bmj|lancet|nature|npj"
    r"|science|cell|elife|reports|communications|reviews?|biorxiv|medrxiv|pnas|nejm|physical)\b.",
    re.I | re.S,
)
_PART_OF_LONGER = re.compile(
    r"(?<![.!?:”\"] )\b(?!(?:The|In|Journals?|Writing|By|From|This|And|Medical)\b)[A-Z][a-z]+ $"
)
_SURE = frozenset({"nature", "science", "cell", "the lancet", "lancet", "bmj"})  # of COMMON: most often the journals
COMMON = frozenset(Path(__file__).with_name("common_names.txt").read_text("utf-8").split("\n"))


@dataclass(frozen=True, slots=True)
class Journal:
    """One journal: its key, and the name that is shown."""

    key: str
    name: str


@dataclass(slots=True)
class Journals:
    """The journals of the records that are here: `learn` each record, then `find` journals in texts."""

    by_name: dict[str, str] = field(default_factory=dict)  # folded name, or ISSN -> key
    shown: dict[str, str] = field(default_factory=dict)
    longest: dict[str, int] = field(
        default_factory=dict
    )  # first word of a name -> number of words of the longest such name

    def learn(self, *, name: str = "", abbreviation: str = "", issn: Iterable[str] = (), doi: str = "") -> str | None:
        """Add the journal of a record. Returns its key, or None when the record gives no journal."""
        by_doi = find_journal_of_doi(doi) if doi and not name else None
        names = [name, abbreviation, *(by_doi or ())]
        names += [re.sub(r"\s*[(:=].*$", "", names[0])] if names[0] else []
        folded = [fold(value) for value in names if value and fold(value)]
        ids = [value.strip().upper() for value in issn if value.strip()]
        if not folded and not ids:
            return None
        known = next((self.by_name[value] for value in [*ids, *folded] if value in self.by_name), None)
        key = known or (f"issn:{ids[0]}" if ids else folded[0])
        for value in [*ids, *folded]:
            self.by_name.setdefault(value, key)
            first = value.partition(" ")[0]
            self.longest[first] = max(self.longest.get(first, 0), value.count(" ") + 1)
        shown = name or (by_doi[0] if by_doi else "")
        if shown:
            self.shown.setdefault(key, shown)
        return key

    def find(self, text: str) -> dict[str, Journal]:
        """Key -> the journal, named as in the text; a name inside a longer one does not count."""
        words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        folded = [fold_word(text[start:end]) for start, end in words]
        found: dict[str, Journal] = {}
        at = 0
        while at < len(words):
            size = self._find_longest_at(text, words, folded, at)
            if size:
                start, end = words[at][0], words[at + size - 1][1]
                key = self.by_name[" ".join(folded[at : at + size])]
                found.setdefault(key, Journal(key, text[start:end]))
            at += size or 1
        return found

    def _find_longest_at(self, text: str, words: list[tuple[int, int]], folded: list[str], at: int) -> int:
        if not text[words[at][0]].isupper():
            return 0
        for size in range(min(self.longest.get(folded[at], 0), len(words) - at), 0, -1):
            name = " ".join(folded[at : at + size])
            if name not in self.by_name:
                continue
            start, end = words[at][0], words[at + size - 1][1]
            written = text[start:end]
            if size == 1 and len(written) < 3:
                continue
            before, after = text[max(0, start - 60) : start], text[end : end + 12]
            if _PART_OF_LONGER.search(before):
                continue  # "Emergency Medicine" in "Academic Emergency Medicine"
            if size <= 2 and not _MARKED.search(written):
                pattern = _NARROW if name in COMMON and name not in _SURE else _BEFORE
                if not (pattern.search(before) or _AFTER.search(after)):
                    continue
                if re.match(r"\s+[A-Z][a-z]", text[end : end + 4]) and name in COMMON:
                    continue  # "Nature" in the name of a journal that is unknown here
            return size
        return 0


def fold(name: str) -> str:
    """Lower case, no accents, no punctuation, `and` for &, no leading article.

    >>> fold("The Proceedings & Reviews: A")
    'proceedings and reviews a'
    """
    plain = unicodedata.normalize("NFKD", name.replace("&amp;", "&").replace("&", " and "))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"^the (?=\w)", "", " ".join(_WORD.findall(plain.lower())))


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """`fold` of one word of a text, cached."""
    return fold(word)


def find_journal_of_doi(doi: str) -> tuple[str, ...] | None:
    """The names of the journal that a DOI begins with, the full name first; None when it is unknown."""
    doi = doi.lower().removeprefix("doi:")
    return next((names for start, names in _load_dois() if doi.startswith(start)), None)


@cache
def _load_dois() -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = []
    for line in _DOIS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            start, names = line.split("\t")
            rows.append((start, tuple(names.split(" | "))))
    return tuple(sorted(rows, key=lambda row: -len(row[0])))
