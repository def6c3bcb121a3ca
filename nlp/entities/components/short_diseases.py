"""Well-known abbreviations of diseases that the document itself does not explain: "people with MS", "knee OA".

The data is `nlp/entities/short_diseases.tsv`: kind, word, name, words. Kinds:
- alone      the capitals mean the disease and little else (DCIS);
- context    they mean other things too: the text has to show that it is the disease;
- words      an everyday word in capitals (ALL): only what else the text names can show it;
- qualifier  words directly before it that belong to its name ("primary progressive MS", "knee OA");
- before, after  words that are directly next to a disease.

In order:
1. what the document explains as something else is left alone;
2. a use in a line all in capitals, among degrees, before a number (a state's postal code) or in a longer name is not a
   mention;
3. the disease is taken for the whole text by its long name, by one of its `words`, or, but for kind "words", by a
   use that has a word of `before` or `after`, or a qualifier, directly next to it;
4. each use is a mention, with the qualifier before it.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import ConfigError
from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Inactive, Tools, names_of_type
from nlp.entities.components.abbreviations import find_abbreviations, find_called
from nlp.entities.spelling import fold, fold_name, variants
from nlp.entities.vocabulary import Name, Vocabulary

STEP, ALWAYS = 75, True
VERSION = "short_diseases/1"
DISEASE = "DISEASE"
TABLE = Path(__file__).resolve().parents[1] / "short_diseases.tsv"
COLUMNS = ["kind", "word", "name", "words"]
KINDS = ("alone", "context", "words")
SPELLINGS = ("possessive", "spelling", "plural")
DEGREE = re.compile(r"(?:M\.?D|Ph\.?D|M\.?S|M\.?P\.?H|M\.?B\.?A|B\.?S|B\.?A|M\.?A|R\.?N|D\.?O|Sc\.?D|FACP|FACS)\b\.?")
NOT_BEFORE = re.compile(
    r"(?:[\w]-|/|\b(?:Master's|University|Dr\.|Mr\.) |\b(?:earn\w*|received|holds?|completed) (?:an?|his|her) "
    r"|[A-Z][a-z]\w*, )$"
)
NOT_AFTER = re.compile(
    r"-[A-Z\d]|/\w|&| ?\d|,? (?:from|degrees?)\b| in (?:[A-Z]|\w*(?:ogy|ics|ing|istry|science)\b)"
    r"| (?:Society|University|Inc|Ltd|Corp|Journal)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortDisease:
    """One abbreviation and what it needs."""

    kind: str
    name: str
    names: tuple[Name, ...]
    name_in: re.Pattern[str]  # its long name in folded text
    long: re.Pattern[str]  # or one of its words
    qualifiers: Mapping[str, tuple[Name, ...]]  # folded -> the meanings of the name with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of the TSV. `shorts`: abbreviation -> kind, long name, further words."""

    shorts: Mapping[str, tuple[str, str, tuple[str, ...]]]
    qualifiers: Mapping[str, tuple[str, ...]]
    before: tuple[str, ...]
    after: tuple[str, ...]


def fingerprint_short_diseases() -> str:
    return hashlib.sha256(TABLE.read_bytes()).hexdigest()


def read_table(body: str) -> Table:
    """Raises ConfigError naming the line."""
    lines = body.split("\n")
    if lines[0].split("\t") != COLUMNS:
        raise ConfigError("the first line must be: " + " ".join(COLUMNS), where=TABLE.name)
    shorts: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    qualifiers: defaultdict[str, list[str]] = defaultdict(list)
    around: dict[str, list[str]] = {"before": [], "after": []}
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise ConfigError(f"{len(cells)} cells, not {len(COLUMNS)}", where=f"{TABLE.name} line {number}")
        kind, word, name, words = cells
        if kind in KINDS:
            shorts[word] = (kind, name, tuple(filter(None, words.split(","))))
        elif kind == "qualifier":
            qualifiers[word].append(name)
        elif kind in around:
            around[kind].append(word)
        else:
            raise ConfigError(f"unknown kind {kind!r}", where=f"{TABLE.name} line {number}")
    return Table(
        shorts=shorts,
        qualifiers={short: tuple(names) for short, names in qualifiers.items()},
        before=tuple(around["before"]),
        after=tuple(around["after"]),
    )


def make(tools: Tools) -> Component:
    if DISEASE not in tools.vocabulary.labels or tools.in_dialect:
        return Inactive()
    return ShortDiseases(read_table(TABLE.read_text("utf-8")), tools.vocabulary)


class ShortDiseases(Component):
    """Adds uses of well-known abbreviations."""

    english = True

    def __init__(self, table: Table, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._number = vocabulary.labels.index(DISEASE)
        self._shorts = {
            short: self._make(kind, name, words, table.qualifiers.get(short, ()))
            for short, (kind, name, words) in table.shorts.items()
        }
        self._use = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(table.shorts, key=len)[::-1]))})(?!\w)")
        self._before = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, table.before))}) $")
        self._after = re.compile(rf"(?:'s|’s)?[ -](?:{'|'.join(map(re.escape, table.after))})\b")

    def _make(self, kind: str, name: str, words: tuple[str, ...], qualifiers: tuple[str, ...]) -> ShortDisease:
        folded = fold_name(name)
        forms = {folded, *variants(folded, SPELLINGS)}
        names = names_of_type(self._vocabulary, folded, self._number)
        qualified = {
            fold_name(one): names_of_type(self._vocabulary, f"{fold_name(one)} {folded}", self._number) or names
            for one in qualifiers
        }
        return ShortDisease(
            kind=kind,
            name=name,
            names=names,
            name_in=any_of(forms),
            long=any_of({*forms, *map(fold_name, words)}),
            qualifiers=qualified,
        )

    def annotate(self, annotations: Annotations) -> None:
        text = annotations.text
        uses: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for match in self._use.finditer(text):
            uses[match.group()].append(match.span())
        if not uses:
            return
        explained: dict[str, str] = {}
        for short, start, end in (*find_abbreviations(text), *find_called(text)):
            explained.setdefault(short, annotations.folded[start:end])
        for short, places in uses.items():
            one = self._shorts[short]
            free = [place for place in places if is_free(text, *place)]
            if short in explained and not one.name_in.search(explained[short]):
                continue
            if why := self._borne_out(annotations, one, free):
                add_uses(annotations, one, free, why)

    def _borne_out(self, annotations: Annotations, one: ShortDisease, places: list[tuple[int, int]]) -> str:
        """The reason for which the abbreviation means the disease in this text; empty: there is none."""
        if not one.names:
            return ""
        known = f"well-known abbreviation of {one.name}"
        if one.kind == "alone":
            return known
        if found := one.long.search(annotations.folded):
            return f"{known}; the text names '{annotations.text[found.start() : found.end()]}'"
        if one.kind == "words":
            return ""
        for start, end in places:
            before, after = annotations.text[max(0, start - 30) : start], annotations.text[end : end + 20]
            if self._before.search(before) or self._after.match(after) or find_qualifier(before, one):
                return f"{known}; the words next to it are those of a disease"
        return ""


def any_of(words: set[str]) -> re.Pattern[str]:
    """Any of the words as a whole, the longest first."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=lambda one: (-len(one), one))))})\b")


def is_free(text: str, start: int, end: int) -> bool:
    """False for a use that is a degree, a state's code, a part of a longer name, or is written among capitals."""
    before, after = text[max(0, start - 24) : start], text[end : end + 24]
    bracketed = before.endswith("(") and after.startswith(")")
    if NOT_AFTER.match(after) or (not bracketed and NOT_BEFORE.search(before)):
        return False
    if re.match(r",? ?" + DEGREE.pattern, after) or re.search(DEGREE.pattern + r",? ?$", before):
        return False
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line = text[first:start] + text[end : last if last >= 0 else len(text)]
    return any(char.islower() for char in line)


def find_qualifier(before: str, one: ShortDisease) -> str:
    """The words directly before that belong to the name, as the text has them, with the space after them."""
    folded = fold(before)
    found = (word for word in one.qualifiers if re.search(rf"(?<!\w){re.escape(word)} $", folded))
    longest = max(found, key=len, default="")
    return before[-len(longest) - 1 :] if longest else ""


def with_qualifier(text: str, one: ShortDisease, span: EntitySpan) -> EntitySpan:
    """The use with the words before it that belong to its name, and the meaning of both together."""
    qualifier = find_qualifier(text[max(0, span.start - 30) : span.start], one)
    if not qualifier:
        return span
    return replace(span, start=span.start - len(qualifier), names=one.qualifiers[fold_name(qualifier)])


def add_uses(annotations: Annotations, one: ShortDisease, places: list[tuple[int, int]], why: str) -> None:
    """Each place is a mention, unless a longer disease, journal or person holds it. Other findings give way."""
    for start, end in places:
        use = EntitySpan(start=start, end=end, type=DISEASE, names=one.names, component=VERSION, why=why)
        span = with_qualifier(annotations.text, one, use)
        held = [other for other in annotations.found if other.overlaps(span)]
        if any(other.type in (DISEASE, "JOURNAL", "PERSON") and other.length > span.length for other in held):
            continue
        if any(other.type == DISEASE and other.length == span.length for other in held):
            continue
        annotations.found = [
            other
            for other in annotations.found
            if not other.overlaps(span) or other.start < span.start or span.end < other.end
        ]
        annotations.found.append(span)


def names_in(table: Table) -> Iterator[str]:
    """The long names, for a test that the lexicons know them all."""
    return (name for _, name, _ in table.shorts.values())
