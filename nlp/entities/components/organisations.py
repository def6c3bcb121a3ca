"""Institutions in news: names by more shapes than universities have, companies, and the short names that follow.

Works after the tagger, on what lexicon, shapes and tagger have found, in order:
1. what the tagger found without an institution's word ("Utah Stem Cells") stays if it has two capitalised words with a
   name of its own, and a cue before it ("at", "by", "company") or a second occurrence;
2. shapes: capitalised words with a wider set of words ("Society", "Commission", "Department of …", topics in a row:
   "Academy of Allergy, Asthma and Immunology"); companies by legal form, by last word ("… Therapeutics") or by a ticker
   after them. An article with a generic name ("a Chiropractic Clinic, Franchise Clinic") is not a name;
3. owners are separated from what they own: "University of Miami's Interdisciplinary Institute" is two;
4. of overlapping ones the longest stays. If it begins with a name of the lexicon, it takes the meanings of that name;
5. short names: the company without its form, and the word before "University" or "Clinic" if it is not a place or an
   everyday word of this text, wherever they occur alone.

Where a type is read in a corpus' dialect nothing is done: the corpus' own rules apply, and it is not news. Words are in
the TOML's [options].
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Inactive, Tools, names_of_type
from nlp.entities.components.institutions import is_everyday
from nlp.entities.span_index import SpanIndex
from nlp.entities.spelling import find_whole, fold_name
from nlp.entities.vocabulary import Vocabulary

STEP, ALWAYS = 44, True
VERSION = "organisations/1"
WORD = r"(?:(?:[A-Z]\w+-)?(?:St|Mt|Ste)\. )?(?:U\.S\.|(?:[A-ZÀ-Þ]\.)+(?= )|[A-ZÀ-Þ][\w’'&]*(?:[-/][\w’']+)*)"
ARTICLE = re.compile(r"\b(?:an?|any|each|every|your) $")
GENERIC_END = re.compile(r"[,.;:)]|\s*$| (?:or|and|that|which|rather|is|in)\b")
NEXT_IN_ROW = re.compile(r",? (?:or |and )?")
CUE = re.compile(r"(?i)\b(?:at|by|with|from|of|joined|company|firm|called|maker|startup|start-up) (?:the )?$")
OWNER = re.compile(r"['’]s (?=[A-Z])")
LINKED = re.compile(
    r"-(?:based|funded|led|backed|owned|affiliated|listed|run|born|trained|area|designated|sponsored|supported|certified|accredited|approved)$"
)
AT = re.compile(r" at ([A-Z][a-z]+)(?=[.,;]| [a-z])")
UNITED = re.compile(r"\bU\.?S\.?(?= )")
AND = re.compile(r",? (?:and|&) (?:the )?(?=[A-Z])")
COVERING = frozenset({"DISEASE", "CELL_TYPE", "ANATOMY", "JOURNAL", "PLACE"})
SMALL_WORD = re.compile(r"(?<![\w-])[a-zà-ÿ][\w-]*")
NO_MORE = re.compile(r"(?![\w-])(?! [A-Z])")
SHAPED = "has the shape of an institution's name; not in ROR or our lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The type's options, compiled."""

    label: str
    shapes: tuple[re.Pattern[str], ...]
    companies: tuple[re.Pattern[str], ...]
    keyword: re.Pattern[str]
    ending: re.Pattern[str]  # what a company's short name lacks
    short: re.Pattern[str]  # "Konkuk University": the word before
    no_name: re.Pattern[str]  # what makes something else of a name before it: "… University Rankings"
    cues: tuple[re.Pattern[str], ...]  # "Sample, a biotechnology company", "its partner, Sample"
    everyday: frozenset[str]
    openers: frozenset[str]
    possessives: frozenset[str]
    jobs: frozenset[str]
    of_left: re.Pattern[str]  # what may be before "of" inside a name


def make(tools: Tools) -> Component:
    wanted = tools.of_component("institutions")
    if not wanted or tools.in_dialect or "more_keywords" not in wanted[0].options:
        return Inactive()
    return Organisations(parse_rules(wanted[0].label, wanted[0].options), tools.vocabulary)


class Organisations(Component):
    """Extends and corrects the institutions that lexicon, shapes and tagger have found."""

    english = True

    def __init__(self, rules: Rules, vocabulary: Vocabulary) -> None:
        self._rules = rules
        self._vocabulary = vocabulary
        self._number = vocabulary.labels.index(rules.label)

    def annotate(self, annotations: Annotations) -> None:
        text, rules = annotations.text, self._rules
        own, rest = annotations.split_by_type(rules.label)
        kept = list(split_owners(keep_tagged(own, rest, text, rules), text, rules))
        kept += [make_span(span, rules.label) for span in find_shapes(text, rules)]
        kept += find_listed(annotations.candidates.get(rules.label, ()), text, rules)
        journals = SpanIndex((one.start, one.end) for one in rest if one.type == "JOURNAL")
        kept = [one for one in kept if not journals.covers(one.start, one.end)]
        kept = merge(drop_generic(extend_at(kept, rest, text), text), text)
        kept += list(find_short(kept, rest, text, rules))
        merged = (self.add_names(one, text) for one in merge(kept, text))
        annotations.found = rest + [one for one in merged if one.names or not is_kind(annotations.surface(one), rules)]

    def add_names(self, one: EntitySpan, text: str) -> EntitySpan:
        """With the meanings of the name as registries write it ("United States", "and")."""
        if one.names or one.concept:
            return one
        surface = UNITED.sub("United States", text[one.start : one.end])
        for spelt in (surface, surface.replace("&", "and")):
            names = names_of_type(self._vocabulary, fold_name(spelt), self._number)
            if names:
                return replace(one, names=names, why=None)
        return one


def make_span(span: tuple[int, int], label: str) -> EntitySpan:
    """An institution found by its shape."""
    return EntitySpan(start=span[0], end=span[1], type=label, names=(), component=VERSION, why=SHAPED)


def parse_rules(label: str, options: Mapping[str, Any]) -> Rules:
    strong = "|".join(options["keywords"])
    key = "(?:" + strong + "|" + "|".join(options["more_keywords"]) + ")"
    topic = rf"(?:{'|'.join(options['topics'])})"
    row = rf"(?:(?:, {WORD}){{1,4}},? (?:and|&) (?:{WORD} )?\w*{topic}\b)?"
    tail = rf"(?: (?:of|for|on) (?:the )?{WORD}(?:(?: (?:and|&|of|for))? {WORD}){{0,5}}{row})"
    head = rf"{WORD}(?: (?:of|and|&|for) (?={WORD})| )"
    of_key = "(?:" + "|".join(options["keywords_with_tail"]) + ")"
    legal = "(?:" + "|".join(options["legal_forms"]) + ")"
    ending = "(?:" + "|".join(options["company_words"]) + ")"
    ticker = rf"(?:{'|'.join(options['exchanges'])})\b"
    name = rf"{WORD}(?:(?: &)? {WORD}){{0,5}}"
    fields = "(?:" + "|".join(word.capitalize() for word in options["everyday"]) + ")"
    trade = "(?:" + "|".join(options["trades"]) + ")"
    return Rules(
        label=label,
        shapes=(
            re.compile(rf"\b(?:{head}){{1,9}}?{key}\b(?![-/]\w)(?: {key}\b)*{tail}?"),
            re.compile(rf"\b{of_key}{tail}"),
            re.compile(rf"\b{WORD}(?: {WORD})? (?:Children|Women|Veterans)['’]s\b"),
        ),
        companies=(
            re.compile(rf"\b{name}?,? {legal}"),
            re.compile(rf"\b{WORD}(?: {WORD}){{0,3}}? {ending}\b(?:,? {legal})?"),
            re.compile(rf"\b{name}(?:,? {legal})?(?= \({ticker})"),
        ),
        keyword=re.compile(rf"\b{key}\b"),
        ending=re.compile(rf"(?:,? {legal})+$| {ending}$"),
        short=re.compile(rf"({WORD})(?: {fields}){{0,3}} (?:{'|'.join(options['keywords_with_short'])})\b"),
        no_name=re.compile(rf" (?:{'|'.join(options['no_name_before'])})\b"),
        cues=(
            re.compile(rf"({WORD}), an? (?:[\w.-]+ ){{0,5}}?{trade}\b"),
            re.compile(rf"\b{trade},? (?:called |named )?({WORD}(?: {WORD})?)(?![\w-])"),
        ),
        everyday=frozenset(options["everyday"]),
        openers=frozenset(options["openers"]),
        possessives=frozenset(options["possessives"]),
        jobs=frozenset(options["jobs"]),
        of_left=re.compile(rf"\b(?:{key}|{of_key}|Board|House|Bank|Order|Sons|Daughters)\b"),
    )


def keep_tagged(
    own: Sequence[EntitySpan], rest: Collection[EntitySpan], text: str, rules: Rules
) -> Iterator[EntitySpan]:
    """What lexicon and shapes found, and of the tagger's what looks like a name."""
    covering = SpanIndex((one.start, one.end) for one in rest if one.type in COVERING)
    places = {one.start: one.end for one in rest if one.type == "PLACE"}
    times = Counter(text[one.start : one.end] for one in own)
    for one in own:
        surface = text[one.start : one.end]
        if not one.component.startswith("tagger"):
            yield one
            continue
        if is_no_name(text, one, rules):
            continue
        if one.why is not None and "last words" in one.why:
            one = replace(one, names=(), why="found by the tagger; no lexicon of ours has this name")
        if rules.keyword.search(surface) or one.names:
            yield one
            continue
        begins_with_place = one.start in places and places[one.start] < one.end  # "Utah Stem Cells" is not a cell
        if covering.covers(one.start, one.end) and not begins_with_place:
            continue
        cued = CUE.search(text[max(0, one.start - 20) : one.start]) or times[surface] > 1
        capitals = sum(word[0].isupper() for word in surface.split())
        if capitals > 1 and cued and not is_everyday(surface, rules.everyday):
            yield one


def is_no_name(text: str, one: EntitySpan, rules: Rules) -> bool:
    """True for spans with a job or " in " in them, with a digit in front, or before a word that changes them."""
    surface = text[one.start : one.end]
    if " in " in surface or surface.split()[0][0].isdigit() or rules.no_name.match(text, one.end):
        return True
    return any(word.strip(",.").casefold() in rules.jobs for word in surface.split())


def find_listed(candidates: Iterable[EntitySpan], text: str, rules: Rules) -> Iterator[EntitySpan]:
    """Names of the lexicon that hold an institution's word: they restore what the tagger cut short."""
    for one in candidates:
        surface = text[one.start : one.end]
        bare = rules.keyword.sub("", surface)
        if surface.count(" ") > 1 and bare != surface and not is_everyday(bare, rules.everyday):
            yield replace(one, start=one.start + 4) if surface[:4] == "the " else one


def find_shapes(text: str, rules: Rules) -> Iterator[tuple[int, int]]:
    """Spans of shapes and companies, without the small words that open sentences."""
    for pattern in rules.shapes + rules.companies:
        for match in pattern.finditer(text):
            if "\n" in match.group() or rules.no_name.match(text, match.end()):
                continue
            for start, end in trim(text, match.start(), match.end(), rules):
                surface = text[start:end]
                tailed = pattern not in rules.shapes or " of " in surface or " for " in surface
                bare = (rules.ending if tailed else rules.keyword).sub("", surface)
                if " " in surface and not is_everyday(bare, rules.everyday):
                    yield start, end
    for pattern in rules.cues:
        for match in pattern.finditer(text):
            start, end = match.span(1)
            if text[start:end].casefold() not in rules.openers | rules.everyday and end - start > 2:
                yield start, end


def trim(text: str, start: int, end: int, rules: Rules) -> Iterator[tuple[int, int]]:
    """Cut off what opens a sentence, and owners and people before the name. Two names joined by "and" are two."""
    words = text[start:end].split(" ")
    cut = 0
    for at, word in enumerate(words[:-1]):
        left, right = " ".join(words[cut:at]), " ".join(words[at + 1 :])
        if is_outside(word, rules) or (at > cut and ends_person(word, left, right, rules)):
            cut = at + 1
        elif at > cut and joins_two(word, left, right, rules):
            yield from strip(start, words, cut, at, rules)
            cut = at + 1
    yield from strip(start, words, cut, len(words), rules)


def is_outside(word: str, rules: Rules) -> bool:
    """True for a word that is not part of the name after it: an owner, "London-based", a job."""
    bare = word.casefold().replace("’", "'")
    owner = bare.endswith("'s") and bare not in rules.possessives
    return owner or LINKED.search(word) is not None or bare.strip(",.") in rules.jobs


def ends_person(word: str, left: str, right: str, rules: Rules) -> bool:
    """True for "of" between a person and an institution: "Ann Sample of Sampleton University"."""
    return word == "of" and not rules.of_left.search(left) and rules.keyword.search(right) is not None


def joins_two(word: str, left: str, right: str, rules: Rules) -> bool:
    """True for "and" between two institutions: "Sample Hospital and Sampleton University"."""
    if word not in {"and", "&"} or not rules.keyword.search(left) or not rules.keyword.search(right):
        return False
    return not is_everyday(rules.keyword.sub("", right), rules.everyday)


def strip(start: int, words: list[str], cut: int, stop: int, rules: Rules) -> Iterator[tuple[int, int]]:
    """The span of these words without openers before them and a possessive 's after them."""
    while cut < stop - 1 and (words[cut].casefold() in rules.openers or words[cut] in {"and", "&", "of", "for"}):
        cut += 1
    begin = start + sum(len(word) + 1 for word in words[:cut])
    name = " ".join(words[cut:stop])
    if name.endswith(("'s", "’s")) and words[stop - 1].casefold().replace("’", "'") not in rules.possessives:
        name = name[:-2]
    yield begin, begin + len(name)


def split_owners(found: Iterable[EntitySpan], text: str, rules: Rules) -> Iterator[EntitySpan]:
    """Owner and owned as two: "University of Miami's Interdisciplinary Institute" is two."""
    for one in found:
        surface = text[one.start : one.end]
        cuts = [
            match
            for match in OWNER.finditer(surface)
            if surface[: match.start() + 2].split(" ")[-1].casefold().replace("’", "'") not in rules.possessives
        ]
        if not cuts or any(name.concept is not None for name in one.names):
            yield one
            continue
        match = cuts[-1]
        left, right = surface[: match.start()], surface[match.end() :]
        if rules.keyword.search(left):
            yield replace(one, end=one.start + len(left), names=())
        if rules.keyword.search(right) and " " in right:
            yield replace(one, start=one.end - len(right), names=())


def is_kind(surface: str, rules: Rules) -> bool:
    """True for a name that only says what it is: "Medical Center", "School of Medicine"."""
    return surface.count(" ") < 3 and is_everyday(rules.keyword.sub("", surface), rules.everyday)


def extend_at(found: Sequence[EntitySpan], rest: Sequence[EntitySpan], text: str) -> Iterator[EntitySpan]:
    """An unknown word after "at" belongs to an institute by topic: "the Institute of Cell Medicine at Sampleton"."""
    known = {one.start for one in (*found, *rest)}
    for one in found:
        match = AT.match(text, one.end)
        topic = re.match(r"(?:Institute|Cent(?:er|re)|College|School) (?:of|for) ", text[one.start : one.end])
        the = text[max(0, one.start - 4) : one.start].lower() == "the "
        if match and topic and the and match.start(1) not in known:
            yield replace(one, end=match.end(1), names=(), why=SHAPED, component=VERSION)
        yield one


def drop_generic(found: Iterable[EntitySpan], text: str) -> list[EntitySpan]:
    """Without what an article makes a kind: "a Medical Clinic, Franchise Clinic or …" names no institution."""
    kept: list[EntitySpan] = []
    dropped = -1
    for one in sorted(found, key=lambda f: (f.start, f.end)):
        unknown = not any(name.concept is not None for name in one.names) or one.component.startswith("tagger")
        after_one = 0 <= dropped <= one.start and NEXT_IN_ROW.fullmatch(text[dropped : one.start])
        article = ARTICLE.search(text[max(0, one.start - 8) : one.start]) and GENERIC_END.match(text, one.end)
        if unknown and (one.start < dropped or after_one or article):
            dropped = one.end
        else:
            kept.append(one)
    return kept


def merge(found: Iterable[EntitySpan], text: str) -> list[EntitySpan]:
    """The longest of overlapping ones, in order. One without meanings takes those of the name that it begins with."""
    kept: list[EntitySpan] = []
    taken = SpanIndex()
    named: dict[int, list[EntitySpan]] = {}
    for one in sorted(found, key=lambda f: (-f.length, not f.names, f.start)):
        if one.names:
            named.setdefault(one.start, []).append(one)
        if not taken.overlaps(one.start, one.end):
            taken.add(one.start, one.end)
            kept.append(one)
    result: list[EntitySpan] = []
    for one in kept:
        first = [other for other in named.get(one.start, ()) if other.end < one.end]
        result += [one] if one.names or one.concept or not first else add_first(one, first, text)
    return sorted(result, key=lambda f: f.start)


def add_first(one: EntitySpan, first: Sequence[EntitySpan], text: str) -> list[EntitySpan]:
    """The span as a part of the known name that it begins with; two, where "and" follows that name.

    "Sample University and Other Institute" are two.
    """
    whole = max(first, key=lambda other: other.length)
    joint = AND.match(text, whole.end)
    if joint and joint.end() < one.end:
        return [whole, replace(one, start=joint.end())]
    return [replace(one, names=whole.names, why=f"a part of {text[whole.start : whole.end]}")]


def find_short(kept: Sequence[EntitySpan], rest: Iterable[EntitySpan], text: str, rules: Rules) -> Iterator[EntitySpan]:
    """Short names of what was found, wherever they occur alone."""
    small = frozenset(SMALL_WORD.findall(text))
    others = {text[one.start : one.end].casefold() for one in rest if one.type in COVERING}
    shorts: dict[str, EntitySpan] = {}
    for one in kept:
        for name in short_names(text[one.start : one.end], rules):
            if name.casefold() not in others and may_be_short(name, small, rules):
                shorts.setdefault(name, one)
    for name, whole in shorts.items():
        why = f"short for {text[whole.start : whole.end]}"
        for start, end in find_whole(text, name, NO_MORE):
            yield replace(whole, start=start, end=end, component=VERSION, why=why)


def short_names(surface: str, rules: Rules) -> set[str]:
    """Shorter names of an institution: a company without its form, its first word, the word before "University"."""
    names = {rules.ending.sub("", surface)}
    names |= {rules.ending.sub("", name) for name in names}
    if names != {surface}:
        names.add(min(names, key=len).split()[0])
    if match := rules.short.match(surface):
        names.add(match.group(1))
    return names - {surface}


def may_be_short(name: str, small: frozenset[str], rules: Rules) -> bool:
    """False for short and everyday words. `small`: the words that this text writes with a small letter."""
    if " " not in name and (len(name) < 4 or name.casefold() in rules.everyday | rules.openers | small):
        return False
    return not is_everyday(name, rules.everyday)
