"""Places: names of the lexicon, and those that only their place in the sentence gives away.

1. Names of the lexicon (found before this component).
2. "Town, State" and "Town, Country": the town is a place whatever its name, where a preposition, a dateline or
   a bracket stands before it; the state may be an abbreviation ("N.Y.", "Calif.", "MA"), which counts only
   there.
3. Datelines: capitals at the beginning of a line before a date, a state or a bracket ("KATHMANDU, April 25
   (Reuters)").
4. What the tagger takes for a place, after a preposition that wants one ("in Otsu"), unless it names something
   else.
A place of one word so found is one wherever it stands alone. Where a text is a person's or an institution's, it
is no place. The tagger's other places are left out. Words are in the TOML's [options].
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nlp.entities.ground import Ground
from nlp.entities.notes import Component, Found, Tools, notes_of
from nlp.entities.spelling import find_whole, fold_name
from nlp.entities.vocabulary import Name

STEP, ALWAYS = 48, True
VERSION = "places/1"
TOWN = r"(?:(?:St|Ft|Mt)\. )?[A-ZÀ-Þ][a-zß-ÿ’'-]+(?: (?:de |la |del |of |upon )?[A-ZÀ-Þ][a-zß-ÿ’'-]+){0,2}"
BEFORE = re.compile(
    r"(?:\b(?:in|at|from|near|of|to|outside|around|for|across|visited|town of|city of)|\(|[-–—]|; |, ) ?$|^\s*$|\n\W*$"
)
LOCAL = re.compile(r"\b(?:in|at|from|near|outside|around|across|throughout|within|(?:town|city|province|island) of) $")
DATE = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d"
DATELINE = re.compile(
    rf"(?m)^(?:[A-Z][\w ,.]+ [-–—] )?([A-ZÀ-Þ][A-ZÀ-Þ.’'-]+(?: [A-ZÀ-Þ][A-ZÀ-Þ.’'-]+){{0,2}})"
    rf"(?=, {DATE}| [-–—(]|, (?:[A-Z][a-z]+\.?|[A-Z. ]+),? ?(?:{DATE}|[-–—(]))"
)
TAIL = re.compile(r"its last words are '(.+)'$")
NO_MORE = re.compile(r"(?![\w-])(?! [A-Z])")
OTHERS = frozenset({"PERSON", "INSTITUTION", "JOURNAL", "DISEASE", "CELL_TYPE", "CELL_LINE"})


def make(tools: Tools) -> Component:
    wanted = [one for one in tools.types if one.label == "PLACE" and "states" in one.options]
    if not wanted or tools.in_dialect:
        return lambda doc: doc
    label, options = wanted[0].label, wanted[0].options
    spelt = {short: name for name, shorts in options["states"].items() for short in shorts}
    states = "|".join(re.escape(one) for one in sorted(spelt, key=len, reverse=True))
    number = tools.vocabulary.labels.index(label)

    def names_of(short: str) -> tuple[Name, ...]:
        """The state that an abbreviation means, and not the town of its name."""
        names = [name for name in tools.vocabulary.get_names(fold_name(spelt.get(short, short))) if name.type == number]
        known = {name: tools.vocabulary.get_concept(name.concept) for name in names if name.concept is not None}
        return tuple(name for name, concept in known.items() if concept.id.startswith("ISO3166-2:"))

    after = re.compile(rf", ({states})(?![\w])")
    town = re.compile(rf"({TOWN})(?=, )")
    never = frozenset(options["not_places"])

    def is_land(one: Found) -> bool:
        """A country or one of its states, and no town."""
        meant = [tools.vocabulary.get_concept(name.concept) for name in one.names if name.concept is not None]
        return any(concept.id.startswith("ISO3166") for concept in meant)

    def places(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        rest = [one for one in notes.found if one.type != label]
        own = [one for one in notes.found if one.type == label and not one.component.startswith("tagger")]
        tagged = [one for one in notes.found if one.type == label and one.component.startswith("tagger")]
        taken = Ground((one.start, one.end) for one in rest if one.type in OTHERS)
        held = Ground((one.start, one.end) for one in own)
        begins = {one.start: one for one in own}
        new: dict[tuple[int, int], str] = {}

        def take(start: int, end: int, why: str) -> bool:
            free = not taken.crosses(start, end) and not any(
                word.casefold().strip(",.") in never for word in text[start:end].split()
            )
            if free and not held.covers(start, end):
                new[start, end] = why
            return free

        for match in town.finditer(text):
            state = after.match(text, match.end())
            known = begins.get(match.end() + 2)
            if state is None and (known is None or not is_land(known)):
                continue
            start = match.start(1)
            framed = BEFORE.search(text[max(0, start - 12) : start])
            if framed and take(start, match.end(1), "a town before its state or country") and state:
                take(*state.span(1), STATE)
        for one in own:
            state = after.match(text, one.end)
            if state and not taken.crosses(one.start, one.end):
                take(*state.span(1), STATE)
        for one in rest:
            state = after.match(text, one.end) if one.type == "INSTITUTION" else None
            if state and state.group(1).endswith("."):
                take(*state.span(1), STATE)
        for match in DATELINE.finditer(text):
            words = match.group(1).split()
            if len(match.group(1)) < 4 or any(word.casefold() in never for word in words):
                continue
            if take(*match.span(1), "a dateline") and (state := after.match(text, match.end(1))):
                take(*state.span(1), STATE)
        for one in tagged:
            tail = TAIL.search(one.why or "")
            if tail:  # "Mountainous Nepal": what the lexicon knows of it
                own.append(replace(one, start=one.end - len(tail.group(1)), component=VERSION, why=None))
                held.add(own[-1].start, own[-1].end)
            elif one.names or (
                re.fullmatch(TOWN, text[one.start : one.end]) and LOCAL.search(text[max(0, one.start - 14) : one.start])
            ):
                take(one.start, one.end, "found by the tagger after a preposition")
        notes.found = rest + own
        for start, end in find_alone(text, new, taken, held):
            notes.found.append(Found(start=start, end=end, type=label, names=(), component=VERSION, why=ALONE))
        notes.found += [
            Found(
                start=start,
                end=end,
                type=label,
                names=names_of(text[start:end]) if why == STATE else (),
                component=VERSION,
                why=why,
            )
            for (start, end), why in new.items()
        ]
        return doc

    return places


STATE = "a state after its town"
ALONE = "found as a place elsewhere in the text"


def find_alone(text: str, new: dict[tuple[int, int], str], taken: Ground, held: Ground) -> Iterator[tuple[int, int]]:
    """The same names in other places of the text; states' abbreviations only where they were found."""
    for name in {text[start:end] for (start, end), why in new.items() if why != STATE}:
        for start, end in find_whole(text, name, NO_MORE):
            if (start, end) not in new and not taken.crosses(start, end) and not held.crosses(start, end):
                yield start, end
