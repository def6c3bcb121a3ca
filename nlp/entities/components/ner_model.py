"""What the trained tagger finds: types whose TOML has a table [options.tagger].

    [options.tagger]
    model  = "entities"     # a folder under nlp/models
    head   = "disease"      # which of its heads, and
    label  = "DISEASE"      # which label of that head is meant
    style  = "bc"           # in which corpus' dialect the text is read
    beside = "apart"        # what stays of the names found otherwise (by lexicon, cue or shape):
                            #   scripts  those in scripts that the tagger cannot read (Korean, Japanese, Chinese)
                            #   kept     also those that a hand list marks as always meant
                            #   apart    also all that touch nothing of the tagger's
    sure   = 0.0            # spans of which the tagger is less sure are left out
    whole  = false          # a span around a name of a hand list stays whole ("human iPSC line"); else the name wins
    acronyms = false        # bare capitals without a meaning are names even where the document does not explain them
    alone  = ["nc"]         # dialects in which the tagger decides alone, as the corpus would; else the rules below hold
    stops  = true           # the type's stop list holds for the tagger's spans too
    needs  = "…"            # a span must match this pattern
    unless = ["JOURNAL"]    # no span inside what may be a name of these types

In order: the text goes through the network once, with the lexicons' names as a feature; each type takes its spans in
its own style, up to the first Korean, Japanese or Chinese letter; spans on the type's stop list, after "anti-" or
across paragraphs fall away; a name of a hand list that a span crosses is taken instead; a row ("breast, lung and
prostate cancer") is left to the lexicon; a span has the meanings of the exact name, else of the longest known name
that ends it, else none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from threadpoolctl import threadpool_limits

from core.errors import ConfigError
from nlp.entities.boundaries import is_cjk
from nlp.entities.notes import Component, Found, Notes, Tools, keep_longest, notes_of
from nlp.entities.spelling import fold_name
from nlp.entities.tagger.hits import mark_hits
from nlp.entities.tagger.package import MODELS, Tagged, Tagger, load_tagger
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import EXACT, KEEP

STEP, ALWAYS = 40, True
VERSION = "tagger/1"  # the model's fingerprint is in the version of the stage
BESIDE = ("scripts", "kept", "apart")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
ACRONYM = re.compile(r"[A-Z][A-Z0-9]{1,4}s?")
LISTING = re.compile(r", | and | or | & ")
EVERYDAY = "news"  # the head taught by encyclopaedias and news, which has met no cell line
Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one type wants of the tagger."""

    type: EntityType
    number: int  # of the type in the vocabulary
    model: str
    head: str
    label: str
    style: str
    beside: str
    sure: float
    whole: bool
    acronyms: bool
    free: bool
    stops: bool
    unless: tuple[str, ...]
    needs: re.Pattern[str] | None


@cache
def get_tagger(name: str) -> Tagger:
    """One per process. Raises ConfigError.

    Linear algebra is held to one thread from then on: products this small only make threads wait for each other,
    and the stages have processes of their own.
    """
    threadpool_limits(limits=1, user_api="blas")
    return load_tagger(MODELS / name)


def make(tools: Tools) -> Component:
    wishes = [parse_wish(one, tools) for one in tools.types if "tagger" in one.options]
    if not wishes:
        return lambda doc: doc
    (model,) = {one.model for one in wishes}
    tagger = get_tagger(model)
    for one in wishes:
        check(one, tagger)
    wanted = list(dict.fromkeys((one.head, one.style) for one in wishes))
    everyday = frozenset(one.type.label for one in wishes if one.head == EVERYDAY)
    listed = frozenset(one.label for one in tools.types if one.component == "lexicon")

    def ner_model(doc: Any) -> Any:
        notes = notes_of(doc)
        if not LATIN.search(notes.text):
            return doc
        spans = collect_spans(notes, listed)
        tagged = tagger.tag(notes.text, wanted, lambda starts, ends: mark_hits(spans, starts, ends))
        for wish in wishes:
            own = [one for one in tagged[wanted.index((wish.head, wish.style))] if one.label == wish.label]
            own = [part for one in own if (part := read_part(notes.text, one)) is not None]
            settle(notes, wish, own, tools)
        drop_doubtful(notes, everyday)
        return doc

    return ner_model


def read_part(text: str, one: Tagged) -> Tagged | None:
    """The span up to where a script begins that the tagger cannot read ("Harvard University의"); None if at once."""
    surface = text[one.start : one.end]
    if surface.isascii():
        return one
    first = next((at for at, char in enumerate(surface) if is_cjk(char)), len(surface))
    if first == len(surface):
        return one
    kept = len(surface[:first].rstrip(" (,/-"))
    return replace(one, end=one.start + kept) if kept else None


def collect_spans(notes: Notes, listed: Iterable[str]) -> Spans:
    """Names of the lexicons by type, before any judgement: what the tagger is told, in training and in use."""
    spans: Spans = {label: [] for label in listed}
    for one in notes.found:
        if one.type in spans:
            spans[one.type].append((one.start, one.end))
    for label, found in notes.candidates.items():
        spans[label] = [(one.start, one.end) for one in keep_longest(found)]
    return spans


def settle(notes: Notes, wish: Wish, tagged: Sequence[Tagged], tools: Tools) -> None:
    """Replace the type's findings by the tagger's and what may stand beside them."""
    label = wish.type.label
    others = [one for one in notes.found if one.type != label]
    before = [one for one in notes.found if one.type == label]
    sure = [one for one in before if is_sure(one)]
    found: list[Found] = []
    for one in tagged:
        if one.score < wish.sure or not may_be_name(notes, wish, one):
            continue
        crossed = [other for other in sure if other.start < one.end and one.start < other.end]
        if crossed and not wish.free and not (wish.whole and all(inside(other, one) for other in crossed)):
            continue
        made = make_found(notes, wish, one, before, tools)
        row = LISTING.search(notes.text[one.start : one.end]) is not None
        known = [other for other in before if inside(other, one) and other.length < made.length]
        if row and known and not wish.free:
            found += known  # "breast, lung and prostate cancer": the last is known, the others are led back to its head
            continue
        if made.names or wish.acronyms or wish.free or is_plain_or_explained(notes.text, one):
            found.append(made)
    found += [
        one
        for one in before
        if stays(one, "scripts" if wish.free else wish.beside, notes.text) and not touches(one, found)
    ]
    notes.found = others + found


def drop_doubtful(notes: Notes, everyday: frozenset[str]) -> None:
    """Of one span with two types, one of them biomedical, the everyday one goes: "Jurkat" is no place."""
    known = {(one.start, one.end) for one in notes.found if one.type not in everyday}
    notes.found = [
        one
        for one in notes.found
        if one.type not in everyday or one.names or one.component != VERSION or (one.start, one.end) not in known
    ]


def may_be_name(notes: Notes, wish: Wish, one: Tagged) -> bool:
    """The type's own rules hold for what the tagger finds too."""
    surface = notes.text[one.start : one.end]
    if "\n\n" in surface or (wish.needs and not wish.needs.search(surface)):
        return False
    if wish.type.not_after and notes.text[max(0, one.start - 12) : one.start].lower().endswith(wish.type.not_after):
        return False
    if wish.stops and not wish.free and notes.folded[one.start : one.end] in wish.type.stop:
        return False
    return not any(
        other.start <= one.start and one.end <= other.end
        for label in (() if wish.free else wish.unless)
        for other in notes.candidates.get(label, ())
        if " " in notes.text[other.start : other.end]
    )


def make_found(notes: Notes, wish: Wish, one: Tagged, before: Sequence[Found], tools: Tools) -> Found:
    """With the meanings of the exact name; else of the longest known name that ends it ("human bone marrow MSC")."""
    for other in before:
        if (other.start, other.end) == (one.start, one.end):
            return other
    surface = notes.text[one.start : one.end]
    names = tuple(
        name
        for name in tools.vocabulary.get_names(fold_name(surface))
        if name.type == wish.number and not name.flags & EXACT  # these were found already where they may stand
    )
    why = None
    if not names:
        tails = [other for other in before if other.end == one.end and other.start > one.start]
        if tails:
            tail = max(tails, key=lambda other: other.length)
            names, why = tail.names, f"found by the tagger; its last words are '{notes.text[tail.start : tail.end]}'"
        else:
            why = "found by the tagger; no lexicon of ours has this name"
    return Found(start=one.start, end=one.end, type=wish.type.label, names=names, component=VERSION, why=why)


def is_plain_or_explained(text: str, one: Tagged) -> bool:
    """False for bare capitals that the document does not bring in with brackets."""
    surface = text[one.start : one.end]
    return not ACRONYM.fullmatch(surface) or f"({surface.removesuffix('s')}" in text


def is_sure(one: Found) -> bool:
    """A name of a hand list: what it is and where it ends is settled."""
    return any(name.flags & KEEP for name in one.names)


def inside(one: Found, other: Tagged) -> bool:
    return other.start <= one.start and one.end <= other.end


def stays(one: Found, beside: str, text: str) -> bool:
    if beside == "apart" or not LATIN.search(text[one.start : one.end]):
        return True
    return beside == "kept" and is_sure(one)


def touches(one: Found, others: Iterable[Found]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def parse_wish(one: EntityType, tools: Tools) -> Wish:
    """[options.tagger] of a type. Raises ConfigError."""
    raw = one.options["tagger"]
    known = {"model", "head", "label", "style", "beside", "sure", "needs"}
    known |= {"whole", "acronyms", "stops", "alone", "unless"}
    where = f"{one.name}.toml [options.tagger]"
    for key in raw:
        if key not in known:
            raise ConfigError(f"unknown key {key!r}", where=where, hint="known: " + ", ".join(sorted(known)))
    for key in ("model", "head", "label", "style", "beside"):
        if not isinstance(raw.get(key), str):
            raise ConfigError(f"{key} must be text", where=where)
    if raw["beside"] not in BESIDE:
        raise ConfigError(f"beside must be one of {', '.join(BESIDE)}", where=where)
    return Wish(
        type=one,
        number=tools.vocabulary.labels.index(one.label),
        model=raw["model"],
        head=raw["head"],
        label=raw["label"],
        style=raw["style"],
        beside=raw["beside"],
        sure=float(raw.get("sure", 0.0)),
        whole=bool(raw.get("whole", False)),
        acronyms=bool(raw.get("acronyms", False)),
        stops=bool(raw.get("stops", True)),
        free=raw["style"] in raw.get("alone", ()),
        unless=tuple(raw.get("unless", ())),
        needs=re.compile(raw["needs"]) if "needs" in raw else None,
    )


def check(wish: Wish, tagger: Tagger) -> None:
    """Raises ConfigError when the model has no such head, label or style."""
    where = f"{wish.type.name}.toml [options.tagger]"
    head = tagger.network.heads.get(wish.head)
    if head is None:
        raise ConfigError(f"no head {wish.head!r}", where=where, hint="there are " + ", ".join(tagger.network.heads))
    if wish.label not in head.labels:
        raise ConfigError(f"no label {wish.label!r} in head {wish.head!r}", where=where, hint=", ".join(head.labels))
    if wish.style not in tagger.network.styles:
        raise ConfigError(f"no style {wish.style!r}", where=where, hint=", ".join(tagger.network.styles))
