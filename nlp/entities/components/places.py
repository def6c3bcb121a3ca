"""Places: names of the lexicon, and those that only their place in the sentence shows.

1. Names of the lexicon (found before this component).
2. "Town, State" and "Town, Country": the town is a place whatever its name, where a preposition, a dateline or a
   bracket is before it. The state may be an abbreviation ("N.Y.", "Calif.", "MA"), which counts only there.
3. Datelines: capitals at the beginning of a line before a date, a state or a bracket ("KATHMANDU, April 25 (Reuters)").
4. What the tagger takes for a place, after a preposition that needs one ("in Otsu") or in a row with a place of the
   lexicon, unless it names something else.

A place of one word found in this way is a place wherever it occurs alone. Text that belongs to a person or an
institution is not a place. The tagger's other places are left out. Words are in the TOML's [options].
Which of several towns or lands of one name is meant is decided after this (`towns.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Inactive, Tools, names_of_type
from nlp.entities.span_index import SpanIndex
from nlp.entities.spelling import find_whole, fold_name
from nlp.entities.vocabulary import Name, Vocabulary

STEP, ALWAYS = 48, True
VERSION = "places/1"
TOWN = r"(?:(?:St|Ft|Mt)\. )?[A-ZÀ-Þ][a-zß-ÿ’'-]+(?: (?:de |la |del |of |upon )?[A-ZÀ-Þ][a-zß-ÿ’'-]+){0,2}"
TOWN_BEFORE_COMMA = re.compile(rf"({TOWN})(?=, )")
BEFORE = re.compile(
    r"(?:\b(?:in|at|from|near|of|to|outside|around|for|across|visited|town of|city of)|\(|[-–—]|; |, ) ?$|^\s*$|\n\W*$"
)
LOCAL = re.compile(r"\b(?:in|at|from|near|outside|around|across|throughout|within|(?:town|city|province|island) of) $")
OPENER = re.compile(r"(?:In|At|From|Near|Outside|Around|Of|To) (?=\w)")  # they begin a sentence
DATE = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d"
DATELINE = re.compile(
    rf"(?m)^(?:[A-Z][\w ,.]+ [-–—] )?([A-ZÀ-Þ][A-ZÀ-Þ.’'-]+(?: [A-ZÀ-Þ][A-ZÀ-Þ.’'-]+){{0,2}})"
    rf"(?=, {DATE}| [-–—(]|, (?:[A-Z][a-z]+\.?|[A-Z. ]+),? ?(?:{DATE}|[-–—(]))"
)
ROW_AFTER, ROW_BEFORE = re.compile(r", (?:and |or )?| and | or "), re.compile(r"(?:, (?:and |or )?| and | or )$")
TAIL = re.compile(r"its last words are '(.+)'$")
NO_MORE = re.compile(r"(?![\w-])(?! [A-Z])")
OTHERS = frozenset({"PERSON", "INSTITUTION", "JOURNAL", "DISEASE", "CELL_TYPE", "CELL_LINE"})
STATE = "a state after its town"
ALONE = "found as a place elsewhere in the text"
TAGGED = "found by the tagger after a preposition"


def make(tools: Tools) -> Component:
    wanted = [one for one in tools.types if one.label == "PLACE" and "states" in one.options]
    if not wanted or tools.in_dialect:
        return Inactive()
    return Places(wanted[0].label, wanted[0].options, tools.vocabulary)


@dataclass(slots=True, kw_only=True)
class Search:
    """The places of one text while they are looked for."""

    text: str
    never: Collection[str]  # folded words that no place contains
    others: SpanIndex  # what names something else
    known: SpanIndex  # places of the lexicon
    new: dict[tuple[int, int], str]  # span -> why it is a place

    def take(self, start: int, end: int, why: str) -> bool:
        """Add a place, unless the lexicon has one there. False when the span cannot be a place."""
        if self.others.overlaps(start, end):
            return False
        if any(word.casefold().strip(",.") in self.never for word in self.text[start:end].split()):
            return False
        if not self.known.covers(start, end):
            self.new[start, end] = why
        return True


class Places(Component):
    """Adds towns, states and datelines, and decides about the tagger's places. `options` as in the type's TOML."""

    def __init__(self, label: str, options: Mapping[str, Any], vocabulary: Vocabulary) -> None:
        self._label = label
        self._vocabulary = vocabulary
        self._number = vocabulary.labels.index(label)
        self._never = frozenset(options["not_places"])
        self._states = {short: name for name, shorts in options["states"].items() for short in (name, *shorts)}
        shorts = "|".join(re.escape(one) for one in sorted(self._states, key=len, reverse=True))
        self._state_after = re.compile(rf", ({shorts})(?![\w])")

    def annotate(self, annotations: Annotations) -> None:
        own, rest = annotations.split_by_type(self._label)
        tagged = [one for one in own if one.component.startswith("tagger")]
        listed = [one for one in own if not one.component.startswith("tagger")]
        search = Search(
            text=annotations.text,
            never=self._never,
            others=SpanIndex((one.start, one.end) for one in rest if one.type in OTHERS),
            known=SpanIndex((one.start, one.end) for one in listed),
            new={},
        )
        self.take_towns(search, listed)
        self.take_states(search, listed, rest)
        self.take_datelines(search)
        listed += take_tagged(search, tagged)
        annotations.found = rest + listed
        annotations.found += [self.make_span(span, ALONE) for span in find_alone(search)]
        annotations.found += [
            self.make_span(
                span, why, self.find_state_names(annotations.text[span[0] : span[1]]) if why == STATE else ()
            )
            for span, why in search.new.items()
        ]

    def take_towns(self, search: Search, listed: Iterable[EntitySpan]) -> None:
        """Towns before their state or country, and that state."""
        begins = {one.start: one for one in listed}
        for match in TOWN_BEFORE_COMMA.finditer(search.text):
            start, end = match.span(1)
            if opener := OPENER.match(search.text, start, end):
                start = opener.end()
            state = self._state_after.match(search.text, end)
            known = begins.get(end + 2)
            if state is None and (known is None or not self.is_land(known)):
                continue
            framed = opener or BEFORE.search(search.text[max(0, start - 12) : start])
            if framed and search.take(start, end, "a town before its state or country") and state:
                search.take(*state.span(1), STATE)

    def take_states(self, search: Search, listed: Iterable[EntitySpan], rest: Iterable[EntitySpan]) -> None:
        """Abbreviated states after a place of the lexicon; after an institution only with a full stop."""
        for one in listed:
            state = self._state_after.match(search.text, one.end)
            if state and not search.others.overlaps(one.start, one.end):
                search.take(*state.span(1), STATE)
        for one in rest:
            state = self._state_after.match(search.text, one.end) if one.type == "INSTITUTION" else None
            if state and state.group(1).endswith("."):
                search.take(*state.span(1), STATE)

    def take_datelines(self, search: Search) -> None:
        """Towns in capitals at the beginning of a line, and their state."""
        for match in DATELINE.finditer(search.text):
            town = match.group(1)
            if len(town) < 4 or any(word.casefold() in self._never for word in town.split()):
                continue
            if search.take(*match.span(1), "a dateline") and (
                state := self._state_after.match(search.text, match.end(1))
            ):
                search.take(*state.span(1), STATE)

    def find_state_names(self, short: str) -> tuple[Name, ...]:
        """The meanings of an abbreviation that are states, and not a town of that name."""
        names = names_of_type(self._vocabulary, fold_name(self._states.get(short, short)), self._number)
        return tuple(
            name
            for name in dict.fromkeys(names)
            if name.concept is not None and self._vocabulary.get_concept(name.concept).id.startswith("ISO3166-2:")
        )

    def is_land(self, one: EntitySpan) -> bool:
        """True for a country or one of its states."""
        meant = [self._vocabulary.get_concept(name.concept) for name in one.names if name.concept is not None]
        return any(concept.id.startswith("ISO3166") for concept in meant)

    def make_span(self, span: tuple[int, int], why: str, names: tuple[Name, ...] = ()) -> EntitySpan:
        """A place that this component found."""
        return EntitySpan(start=span[0], end=span[1], type=self._label, names=names, component=VERSION, why=why)


def take_tagged(search: Search, tagged: Iterable[EntitySpan]) -> list[EntitySpan]:
    """Take the tagger's places after a preposition; return the lexicon's places at the end of others.

    Of "Mountainous Nepal" the lexicon knows the end: that is the place.
    """
    listed: list[EntitySpan] = []
    for one in tagged:
        tail = TAIL.search(one.why or "")
        if tail:
            listed.append(replace(one, start=one.end - len(tail.group(1)), component=VERSION, why=None))
            search.known.add(listed[-1].start, listed[-1].end)
        elif one.names or is_after_preposition(search.text, one) or is_in_row(search, one):
            search.take(one.start, one.end, TAGGED)
    return listed


def is_after_preposition(text: str, one: EntitySpan) -> bool:
    """True for a town's name after a preposition that needs a place."""
    if re.fullmatch(TOWN, text[one.start : one.end]) is None:
        return False
    return LOCAL.search(text[max(0, one.start - 14) : one.start]) is not None


def is_in_row(search: Search, one: EntitySpan) -> bool:
    """True for a town's name in a row with a place of the lexicon: "Leeds. Birmingham, Glasgow and Cork"."""
    if re.fullmatch(TOWN, search.text[one.start : one.end]) is None:
        return False
    after, before = (
        ROW_AFTER.match(search.text, one.end),
        ROW_BEFORE.search(search.text, max(0, one.start - 6), one.start),
    )
    return bool(after and search.known.overlaps(after.end(), after.end() + 1)) or bool(
        before and before.start() and search.known.overlaps(before.start() - 1, before.start())
    )


def find_alone(search: Search) -> Iterator[tuple[int, int]]:
    """The same names in other places of the text. States' abbreviations count only where they were found."""
    for name in {search.text[start:end] for (start, end), why in search.new.items() if why != STATE}:
        for start, end in find_whole(search.text, name, NO_MORE):
            free = not search.others.overlaps(start, end) and not search.known.overlaps(start, end)
            if (start, end) not in search.new and free:
                yield start, end
