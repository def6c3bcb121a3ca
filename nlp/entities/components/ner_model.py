"""What the trained tagger finds: types whose TOML has a table [options.tagger].

    [options.tagger]
    model  = "entities"     # a folder under nlp/models
    head   = "disease"      # which of its heads, and
    label  = "DISEASE"      # which label of that head is meant
    style  = "bc"           # in which corpus' dialect the text is read
    keeps  = "apart"        # which names found otherwise (by lexicon, cue or shape) stay:
                            #   scripts  those in scripts that the tagger cannot read (Korean, Japanese, Chinese)
                            #   by_hand  also those of hand lists, and own names of concepts with a capital in
                            #            every word ("Multiple Sclerosis")
                            #   apart    also all that overlap none of the tagger's
    sure   = 0.0            # spans with a lower score are left out
    whole  = false          # a span around a name of a hand list stays whole ("human iPSC line"); else the name wins
    acronyms = false        # bare capitals without a meaning are names even where the document does not explain them
    alone  = ["nc"]         # dialects in which the tagger decides alone, as the corpus would, without our rules
    stops  = true           # the type's stop list applies to the tagger's spans too
    needs  = "…"            # a span must match this pattern
    unless = ["JOURNAL"]    # no span inside what may be a name of these types

In order:
1. the text goes through the network once, with the lexicons' names as a feature;
2. each type takes its spans in its own style, up to the first Korean, Japanese or Chinese letter;
3. spans on the type's stop list, after "anti-" or across paragraphs are dropped;
4. where a span crosses a name of a hand list, the name is taken instead; a row ("breast, lung and prostate cancer") is
   left to the lexicon;
5. a span has the meanings of the exact name, else of the longest known name at its end, else none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from threadpoolctl import threadpool_limits

from core.errors import ConfigError
from nlp.entities.annotations import Annotations, EntitySpan, keep_longest
from nlp.entities.boundaries import is_cjk
from nlp.entities.component import Component, Inactive, Tools, names_of_type
from nlp.entities.spelling import fold_name
from nlp.entities.tagger.lexicon_features import encode_names
from nlp.entities.tagger.package import MODELS, Tagged, Tagger, load_tagger
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import EXACT, KEEP, LABEL, Vocabulary

STEP, ALWAYS = 40, True
VERSION = "tagger/1"  # the model's fingerprint is in the version of the stage
KEEPS = ("scripts", "by_hand", "apart")
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
ACRONYM = re.compile(r"[A-Z][A-Z0-9]{1,4}s?")
LISTING = re.compile(r", | and | or | & ")
CAPITALISED = re.compile(r"[A-Z][a-z'’]+|of|in|and")
FURTHER = re.compile(r" [A-Z][a-z]+")
RUNNING = re.compile(r"(?<![\w-])[a-z]{5,}")  # a word that a title would write with a capital
EVERYDAY = "news"  # the head trained on encyclopaedias and news, which hold no cell lines
TEXT_OPTIONS = ("model", "head", "label", "style", "keeps")
OPTIONS = frozenset({*TEXT_OPTIONS, "sure", "needs", "whole", "acronyms", "stops", "alone", "unless"})
Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedType:
    """One type that the tagger reads for, with the settings of its [options.tagger]."""

    type: EntityType
    number: int  # of the type in the vocabulary
    model: str
    head: str
    label: str
    style: str
    keeps: str
    sure: float
    whole: bool
    acronyms: bool
    alone: bool  # the style is one in which the tagger decides alone
    stops: bool
    unless: tuple[str, ...]
    needs: re.Pattern[str] | None


@cache
def get_tagger(name: str) -> Tagger:
    """The tagger of this process. Raises ConfigError.

    Linear algebra uses one thread from then on: for products this small, threads only wait for each other, and the
    stages have processes of their own.
    """
    threadpool_limits(limits=1, user_api="blas")
    return load_tagger(MODELS / name)


def make(tools: Tools) -> Component:
    wanted = [parse_tagged_type(one, tools.number_of(one.label)) for one in tools.types if "tagger" in one.options]
    if not wanted:
        return Inactive()
    (model,) = {one.model for one in wanted}
    lexicon_types = frozenset(one.label for one in tools.types if one.component == "lexicon")
    return NerModel(wanted, get_tagger(model), tools.vocabulary, lexicon_types)


class NerModel(Component):
    """Replaces the findings of some types by the tagger's. `lexicon_types` are those that the lexicon finds alone.

    Raises ConfigError when the tagger lacks a head, label or style that a type names.
    """

    english = True

    def __init__(
        self,
        wanted: Sequence[TaggedType],
        tagger: Tagger,
        vocabulary: Vocabulary,
        lexicon_types: frozenset[str],
    ) -> None:
        for one in wanted:
            check_tagger(one, tagger)
        self._wanted = tuple(wanted)
        self._tagger = tagger
        self._vocabulary = vocabulary
        self._lexicon_types = lexicon_types
        self._readings = list(dict.fromkeys((one.head, one.style) for one in wanted))
        self._everyday = frozenset(one.type.label for one in wanted if one.head == EVERYDAY)

    def annotate(self, annotations: Annotations) -> None:
        text = annotations.text
        if not LATIN.search(text):
            return
        spans = collect_spans(annotations, self._lexicon_types)
        tagged = self._tagger.tag(text, self._readings, lambda starts, ends: encode_names(spans, starts, ends))
        for wanted in self._wanted:
            own = tagged[self._readings.index((wanted.head, wanted.style))]
            parts = (read_part(text, one) for one in own if one.label == wanted.label)
            self.replace_findings(annotations, wanted, [part for part in parts if part is not None])
        drop_doubtful(annotations, self._everyday)

    def replace_findings(self, annotations: Annotations, wanted: TaggedType, tagged: Sequence[Tagged]) -> None:
        """Replace the type's findings by the tagger's and by those that stay."""
        before, others = annotations.split_by_type(wanted.type.label)
        found: list[EntitySpan] = []
        for one in tagged:
            found += self.accept(annotations, wanted, one, before)
        keeps = "scripts" if wanted.alone else wanted.keeps
        found += [one for one in before if stays(one, keeps, annotations.text) and not any(map(one.overlaps, found))]
        annotations.found = others + found

    def accept(
        self, annotations: Annotations, wanted: TaggedType, one: Tagged, before: Sequence[EntitySpan]
    ) -> list[EntitySpan]:
        """What a span of the tagger adds: itself, the known names of a row, or nothing. `before`: found otherwise."""
        if one.score < wanted.sure or not may_be_name(annotations, wanted, one):
            return []
        crossed = [other for other in before if is_by_hand(other) and other.start < one.end and one.start < other.end]
        if crossed and not wanted.alone and not (wanted.whole and all(is_inside(other, one) for other in crossed)):
            return []
        span = self.make_span(annotations, wanted, one, before)
        if LISTING.search(annotations.text[one.start : one.end]) and not wanted.alone:
            known = [other for other in before if is_inside(other, one) and other.length < span.length]
            if known:
                return known  # in "breast, lung and prostate cancer" the last is known; `coordination` adds the others
        if span.names or wanted.acronyms or wanted.alone or is_plain_or_explained(annotations.text, one):
            return [span]
        return []

    def make_span(
        self, annotations: Annotations, wanted: TaggedType, one: Tagged, before: Sequence[EntitySpan]
    ) -> EntitySpan:
        """With the meanings of the exact name, else of the longest known name at its end ("human bone marrow MSC")."""
        for other in before:
            if (other.start, other.end) == (one.start, one.end):
                return other
        folded = fold_name(annotations.text[one.start : one.end])
        # exact names were found already, wherever they are allowed
        names = tuple(name for name in names_of_type(self._vocabulary, folded, wanted.number) if not name.flags & EXACT)
        why = None
        if not names:
            tails = [other for other in before if other.end == one.end and other.start > one.start]
            if tails:
                tail = max(tails, key=lambda other: other.length)
                names, why = tail.names, f"found by the tagger; its last words are '{annotations.surface(tail)}'"
            else:
                why = "found by the tagger; no lexicon of ours has this name"
        return EntitySpan(start=one.start, end=one.end, type=wanted.type.label, names=names, component=VERSION, why=why)


def read_part(text: str, one: Tagged) -> Tagged | None:
    """The span up to a script that the tagger cannot read ("Harvard University의"); None if it begins with that."""
    surface = text[one.start : one.end]
    if surface.isascii():
        return one
    first = next((at for at, char in enumerate(surface) if is_cjk(char)), len(surface))
    if first == len(surface):
        return one
    kept = len(surface[:first].rstrip(" (,/-"))
    return replace(one, end=one.start + kept) if kept else None


def collect_spans(annotations: Annotations, labels: Iterable[str] = ()) -> Spans:
    """Names of the lexicons by type, before any decision: a feature of the tagger, in training and in use.

    Findings of `labels` count, and the candidates of all other types.
    """
    spans: Spans = {label: [] for label in labels}
    for one in annotations.found:
        if one.type in spans:
            spans[one.type].append((one.start, one.end))
    for label, found in annotations.candidates.items():
        spans[label] = [(one.start, one.end) for one in keep_longest(found)]
    return spans


def drop_doubtful(annotations: Annotations, everyday: frozenset[str]) -> None:
    """Where one span has a biomedical and an everyday type, drop the everyday one: "Jurkat" is not a place."""
    known = {(one.start, one.end) for one in annotations.found if one.type not in everyday}
    annotations.found = [
        one
        for one in annotations.found
        if one.type not in everyday or one.names or one.component != VERSION or (one.start, one.end) not in known
    ]


def may_be_name(annotations: Annotations, wanted: TaggedType, one: Tagged) -> bool:
    """True when the type's own rules allow this span."""
    text = annotations.text
    surface = text[one.start : one.end]
    if "\n\n" in surface or (wanted.needs and not wanted.needs.search(surface)):
        return False
    if wanted.type.not_after and text[max(0, one.start - 12) : one.start].lower().endswith(wanted.type.not_after):
        return False
    if wanted.alone:
        return True
    if wanted.stops and annotations.folded[one.start : one.end] in wanted.type.stop:
        return False
    return not any(
        other.start <= one.start and one.end <= other.end and " " in annotations.surface(other)
        for other in find_candidates(annotations.candidates, wanted.unless)
    )


def find_candidates(candidates: Mapping[str, Sequence[EntitySpan]], labels: Iterable[str]) -> Iterator[EntitySpan]:
    """The candidates of these types."""
    for label in labels:
        yield from candidates.get(label, ())


def is_plain_or_explained(text: str, one: Tagged) -> bool:
    """False for bare capitals that the document does not introduce in brackets."""
    surface = text[one.start : one.end]
    return not ACRONYM.fullmatch(surface) or f"({surface.removesuffix('s')}" in text


def is_by_hand(one: EntitySpan) -> bool:
    """True for a name of a hand list, whose meaning and bounds are certain."""
    return any(name.flags & KEEP for name in one.names)


def is_inside(one: EntitySpan, other: Tagged) -> bool:
    return other.start <= one.start and one.end <= other.end


def stays(one: EntitySpan, keeps: str, text: str) -> bool:
    """True when a name found otherwise may stay (`keeps` as in [options.tagger])."""
    if keeps == "apart" or not LATIN.search(text[one.start : one.end]):
        return True
    return keeps == "by_hand" and (is_by_hand(one) or is_own_name_in_capitals(one, text))


def is_own_name_in_capitals(one: EntitySpan, text: str) -> bool:
    """True for a concept's own name of two words and more, each with a capital: titles puzzle the tagger.

    Not where a further capital follows in running text: "Lyme Disease Week" is no disease.
    """
    words = re.split(r"[ -]", text[one.start : one.end])
    if len(words) < 2 or not all(CAPITALISED.fullmatch(word) for word in words):
        return False
    if not any(name.flags & LABEL for name in one.names):
        return False
    first, last = text.rfind("\n", 0, one.start) + 1, text.find("\n", one.end)
    line = text[first : last if last >= 0 else len(text)]
    return not (FURTHER.match(text, one.end) and RUNNING.search(line))


def parse_tagged_type(one: EntityType, number: int) -> TaggedType:
    """[options.tagger] of the type with this number. Raises ConfigError."""
    raw: Mapping[str, Any] = one.options["tagger"]
    where = f"{one.name}.toml [options.tagger]"
    for key in raw:
        if key not in OPTIONS:
            raise ConfigError(f"unknown key {key!r}", where=where, hint="known: " + ", ".join(sorted(OPTIONS)))
    for key in TEXT_OPTIONS:
        if not isinstance(raw.get(key), str):
            raise ConfigError(f"{key} must be text", where=where)
    if raw["keeps"] not in KEEPS:
        raise ConfigError(f"keeps must be one of {', '.join(KEEPS)}", where=where)
    return TaggedType(
        type=one,
        number=number,
        model=raw["model"],
        head=raw["head"],
        label=raw["label"],
        style=raw["style"],
        keeps=raw["keeps"],
        sure=float(raw.get("sure", 0.0)),
        whole=bool(raw.get("whole", False)),
        acronyms=bool(raw.get("acronyms", False)),
        stops=bool(raw.get("stops", True)),
        alone=raw["style"] in raw.get("alone", ()),
        unless=tuple(raw.get("unless", ())),
        needs=re.compile(raw["needs"]) if "needs" in raw else None,
    )


def check_tagger(wanted: TaggedType, tagger: Tagger) -> None:
    """Raises ConfigError when the model has no such head, label or style."""
    where = f"{wanted.type.name}.toml [options.tagger]"
    head = tagger.network.heads.get(wanted.head)
    if head is None:
        raise ConfigError(f"no head {wanted.head!r}", where=where, hint="there are " + ", ".join(tagger.network.heads))
    if wanted.label not in head.labels:
        raise ConfigError(
            f"no label {wanted.label!r} in head {wanted.head!r}", where=where, hint=", ".join(head.labels)
        )
    if wanted.style not in tagger.network.styles:
        raise ConfigError(f"no style {wanted.style!r}", where=where, hint=", ".join(tagger.network.styles))
