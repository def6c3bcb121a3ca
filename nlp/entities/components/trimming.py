"""Where mentions begin and end, for a reader of news: words that are not part of a name are cut off.

1. Nothing is named in a web address, an e-mail address, the target of a link or a line that is only a slug.
2. Words of value, number and course before a disease or a cell ("aggressive multiple sclerosis", "extracted stem
   cells") are cut off, as are words after it that say who has it or what is done about it ("MS symptoms") and a
   footnote's digit ("Dysfunction2").
3. A mention is dropped if what is left names no kind ("deaths", "stubborn diseases"). People are not a species
   ("patients", "women").
4. "human", "adult" or a source before a cell ("bone marrow-derived …"), and "chronic" or "progressive" before a
   disease, belong to the kind and are taken along.

Types that are read in the dialect of a corpus are left as they are: the corpus' own rules apply. The words are in
`nlp/entities/trimming.tsv`: type, side (left, right: cut off; join: taken along; never: not a mention), word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import ConfigError
from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Tools, names_of_type
from nlp.entities.span_index import SpanIndex
from nlp.entities.spelling import fold_name
from nlp.entities.vocabulary import Vocabulary

STEP, ALWAYS = 64, True
WORDS = Path(__file__).resolve().parents[2] / "entities" / "trimming.tsv"
ADDRESS = re.compile(  # an e-mail address is tried only where a word begins: a long line would take time in its square
    r"\b(?:https?://|www\.)[^\s<>\"]+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+|(?<=\]\()[^()\s]*\)|(?<=\")/[^\s\"]+\""
    r"|^ *- [a-z0-9]+(?:-[a-z0-9]+)+ *$|\b[\w-]+\.(?:com|org|net|gov|edu|info|io)\b(?:/\S*)?",
    re.MULTILINE,
)
OF = re.compile(r"(?:types?|forms?|kinds?|cases?|versions?|symptoms|signs|risk) of (?:an? |the )?")
FIRST_WORD = re.compile(r"[\w'’-]+[ ,]+")
LAST_WORD = re.compile(r" [\w'’-]+$")
SOURCE = re.compile(
    r"(?:(?:bone marrow|cord blood|adipose tissue|[\w]+(?: tissue| blood| cord| pulp| jelly)?)[ -]derived )$"
)
OTHER = re.compile(r"\b(?:journal|university|hospital|institute|twitter)\b")
LOWER = re.compile(r"[a-z]+")
ILL = re.compile(
    r"(?:itis|[oa]sis|omas?|a?emia|path(?:y|ies)|algia|plegia|troph(?:y|ies)|ness|rrho?ea|rrhages?|uria|penia|ectas[ie]s|sclerosis|spasms?"
    r"|toxicity|injur(?:y|ies)|fractures?|failure|depression|anxiety|infertility|nausea|vomiting|fatigue|tremors?|fever|swelling|paralysis"
    r"|cramps?|seizures?|aches?|bleeding|blindness|deafness|concussions?|sprains?|strains?|ulcers?|tumou?rs?|cancers?|strokes?|burns?|sores?"
    r"|infections?|infarctions?|inflammation|obesity|malnutrition|palsy|psychosis|mania|insomnia|phobia|ism|lumps?|cysts?|clots?|dystonia|ia)$"
)
JOINED = re.compile(r"([\w-]+) $")
CUT_TITLE = (" of", " for", " the", " and")  # a journal's title does not end so
IN_ADDRESSES = frozenset({"IDENTIFIER"})  # types that web addresses may hold
SIDES = ("left", "right", "join", "never")


@dataclass(slots=True, kw_only=True)
class TrimRules:
    """Folded words of one type: cut off on the left and right, taken along, and never a mention."""

    left: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)
    join: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)


def load_trim_rules(path: Path = WORDS) -> dict[str, TrimRules]:
    """Rules by type. Raises ConfigError naming the line."""
    rules: dict[str, TrimRules] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines()[1:], start=2):
        parts = line.split("\t")
        if len(parts) != 3 or parts[1] not in SIDES:
            raise ConfigError(f"a row is type, side ({', '.join(SIDES)}), word", where=f"{path.name}:{number}")
        getattr(rules.setdefault(parts[0], TrimRules()), parts[1]).add(parts[2])
    return rules


def fingerprint_trim_rules(path: Path = WORDS) -> str:
    """First digits of the file's sha256; part of the reader's version."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def make(tools: Tools) -> Component:
    in_news = frozenset(one.label for one in tools.types if "dialect" not in one.options)
    rules = {label: own for label, own in load_trim_rules().items() if label in in_news}
    return Trimming(rules, {one.label: frozenset(one.stop) for one in tools.types}, tools.vocabulary)


class Trimming(Component):
    """Cuts and drops mentions. `rules` are those of the types to trim, `stops` the stop lists of all types."""

    def __init__(
        self, rules: Mapping[str, TrimRules], stops: Mapping[str, frozenset[str]], vocabulary: Vocabulary
    ) -> None:
        self._rules = rules
        self._stops = stops
        self._vocabulary = vocabulary
        self._numbers = {label: number for number, label in enumerate(vocabulary.labels)}

    def annotate(self, annotations: Annotations) -> None:
        addresses = SpanIndex(match.span() for match in ADDRESS.finditer(annotations.text))
        kept: list[EntitySpan] = []
        for one in (complete_title(found, annotations) for found in annotations.found):
            if one.type == "JOURNAL" and annotations.folded[one.start : one.end].endswith(CUT_TITLE):
                continue
            if one.type not in IN_ADDRESSES and addresses.covers(one.start, one.end):
                continue
            if (trimmed := self.trim(annotations, one)) is not None:
                kept.append(trimmed)
        annotations.found = kept

    def trim(self, annotations: Annotations, one: EntitySpan) -> EntitySpan | None:
        """The mention with its true bounds, or None if it is not one."""
        rules = self._rules.get(one.type)
        if rules is None:
            return one
        text, folded = annotations.text, annotations.folded
        start, end = cut_off(text, folded, one, rules)
        if is_bare_word(text, one, start, end) or self.names_nothing(folded, one, rules, start, end):
            return None
        start = join_left(text, start, rules, is_cell=one.type == "CELL_TYPE")
        if (start, end) == (one.start, one.end):
            return one
        own = names_of_type(self._vocabulary, fold_name(text[start:end]), self._numbers[one.type])
        return replace(one, start=start, end=end, names=own or one.names, why=None if own else one.why)

    def names_nothing(self, folded: str, one: EntitySpan, rules: TrimRules, start: int, end: int) -> bool:
        """True when what is left is of another type, never a mention, or on the stop list."""
        left = folded[start:end]
        if OTHER.search(folded, start, end) or left in rules.never:
            return True
        return (start, end) != (one.start, one.end) and left in self._stops[one.type]


def complete_title(one: EntitySpan, annotations: Annotations) -> EntitySpan:
    """The listed journal around one that the tagger has cut short ("The Lancet Infectious"); others as they are."""
    if one.type != "JOURNAL":
        return one
    if annotations.text.startswith("journal ", one.start):
        one = replace(one, start=one.start + len("journal "))
    if not one.component.startswith("tagger"):
        return one
    around = [
        other
        for other in annotations.candidates.get(one.type, ())
        if other.start <= one.start and one.end <= other.end and other.length > one.length
    ]
    return max(around, key=lambda other: other.length) if around else one


def cut_off(text: str, folded: str, one: EntitySpan, rules: TrimRules) -> tuple[int, int]:
    """Bounds without words that are not part of the name. An exact name of the lexicons loses only "types of"."""
    start, end = one.start, one.end
    if match := OF.match(folded, start, end):
        start = match.end()
    if one.names and one.why is None:
        return start, end
    while (match := FIRST_WORD.match(text[start:end])) and match.group().strip(" ,").casefold() in rules.left:
        start += match.end()
    while (match := LAST_WORD.search(text[start:end])) and match.group().strip().casefold() in rules.right:
        end = start + match.start()
    if end - start > 5 and text[end - 1].isdigit() and text[end - 5 : end - 1].isalpha():
        end -= 1  # a footnote's digit
    return start, end


def is_bare_word(text: str, one: EntitySpan, start: int, end: int) -> bool:
    """True for a single small word that only the tagger takes for a disease and that has no ending of one."""
    if one.type != "DISEASE" or one.names or not one.component.startswith("tagger"):
        return False
    return LOWER.fullmatch(text, start, end) is not None and ILL.search(text, start, end) is None


def join_left(text: str, start: int, rules: TrimRules, *, is_cell: bool) -> int:
    """Where the name begins when words that belong to its kind are taken along."""
    while rules.join and (match := JOINED.search(text[max(0, start - 24) : start])):
        source = SOURCE.search(text[max(0, start - 40) : start]) if is_cell else None
        if source is not None:
            start -= len(source.group())
        elif match.group(1).casefold() in rules.join:
            start -= len(match.group())
        else:
            break
    return start
