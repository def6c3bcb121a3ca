"""Institutions in news: names by more shapes than universities have, companies, and the short names that follow.

Works after the tagger, on what lexicon, shapes and tagger have found, in order:
1. what the tagger found without an institution's word ("Utah Stem Cells") stays if it has two capitalised words
   with a name of its own, and a cue before it ("at", "by", "company") or a second finding;
2. shapes: capitalised words with a wider set of words ("Society", "Commission", "Department of …", topics in a
   row: "Academy of Allergy, Asthma and Immunology"); companies by legal form, by last word ("… Therapeutics")
   or by a ticker behind them; an article with a generic name ("a Chiropractic Clinic, Franchise Clinic") is
   none;
3. owners are parted from what they own: "University of Miami's Interdisciplinary Institute" is two;
4. of overlapping ones the longest stays, with the meanings of the lexicon's name that it begins with, as a part
   of it;
5. short names: the company without its form, the word before "University" or "Clinic" if it is no place and no
   everyday word of this text, wherever they stand alone.

Where types are read in a corpus' dialect nothing is done: a corpus' own rules hold, and it is no news. Words
are in the TOML's [options].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nlp.entities.components.institutions import is_everyday
from nlp.entities.ground import Ground
from nlp.entities.notes import Component, Found, Notes, Tools, notes_of
from nlp.entities.spelling import find_whole, fold_name

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
    of_left: re.Pattern[str]  # what may stand before "of" inside a name


def make(tools: Tools) -> Component:
    wanted = tools.of_component("institutions")
    if not wanted or tools.in_dialect or "more_keywords" not in wanted[0].options:
        return lambda doc: doc
    rules = parse_rules(wanted[0].label, wanted[0].options)

    number = tools.vocabulary.labels.index(rules.label)

    def named(one: Found, text: str) -> Found:
        """With the meanings of the name as registries write it ("United States", "and")."""
        if one.names or one.concept:
            return one
        surface = UNITED.sub("United States", text[one.start : one.end])
        for spelt in (surface, surface.replace("&", "and")):
            names = tuple(name for name in tools.vocabulary.get_names(fold_name(spelt)) if name.type == number)
            if names:
                return replace(one, names=names, why=None)
        return one

    def organisations(doc: Any) -> Any:
        notes = notes_of(doc)
        own = [one for one in notes.found if one.type == rules.label]
        rest = [one for one in notes.found if one.type != rules.label]
        kept = list(part_owners(keep_tagged(own, rest, notes.text, rules), notes.text, rules))
        for start, end in find_shapes(notes.text, rules):
            kept.append(Found(start=start, end=end, type=rules.label, names=(), component=VERSION, why=SHAPED))
        kept += listed(notes.candidates.get(rules.label, ()), notes.text, rules)
        journals = Ground((one.start, one.end) for one in rest if one.type == "JOURNAL")
        kept = [one for one in kept if not journals.covers(one.start, one.end)]
        kept = merge(drop_generic(extend_at(kept, rest, notes.text), notes.text), notes.text)
        kept += find_short(kept, rest, notes, rules)
        merged = (named(one, notes.text) for one in merge(kept, notes.text))
        notes.found = rest + [one for one in merged if one.names or not is_kind(notes.text[one.start : one.end], rules)]
        return doc

    return organisations


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


def keep_tagged(own: Sequence[Found], rest: Iterable[Found], text: str, rules: Rules) -> Iterator[Found]:
    """What lexicon and shapes found, and of the tagger's what looks like a name."""
    covered = Ground((one.start, one.end) for one in rest if one.type in COVERING)
    placed = {one.start: one.end for one in rest if one.type == "PLACE"}
    times: dict[str, int] = {}
    for one in own:
        times[text[one.start : one.end]] = times.get(text[one.start : one.end], 0) + 1
    for one in own:
        surface = text[one.start : one.end]
        if not one.component.startswith("tagger"):
            yield one
            continue
        words = surface.split()
        jobs = any(word.strip(",.").casefold() in rules.jobs for word in words)
        if jobs or " in " in surface or rules.no_name.match(text, one.end) or words[0][0].isdigit():
            continue
        if one.why is not None and "last words" in one.why:
            one = replace(one, names=(), why="found by the tagger; no lexicon of ours has this name")
        if rules.keyword.search(surface) or one.names:
            yield one
            continue
        big = [word for word in words if word[0].isupper()]
        settled = one.start in placed and placed[one.start] < one.end  # "Utah Stem Cells" is no cell
        whole = covered.covers(one.start, one.end) and not settled
        cued = CUE.search(text[max(0, one.start - 20) : one.start]) or times[surface] > 1
        if len(big) > 1 and cued and not whole and not is_everyday(surface, rules.everyday):
            yield one


def listed(candidates: Iterable[Found], text: str, rules: Rules) -> Iterator[Found]:
    """Names of the lexicon that hold an institution's word: what the tagger cut short is whole again."""
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
    """Cut what opens a sentence, owners and people before it; two names that "and" joins are two."""
    words = text[start:end].split(" ")
    cut = 0
    for at, word in enumerate(words[:-1]):
        bare = word.casefold().replace("’", "'")
        left, right = " ".join(words[cut:at]), " ".join(words[at + 1 :])
        owner = bare.endswith("'s") and bare not in rules.possessives
        if owner or LINKED.search(word) or bare.strip(",.") in rules.jobs:
            cut = at + 1
        elif word == "of" and at > cut and not rules.of_left.search(left) and rules.keyword.search(right):
            cut = at + 1  # "Ann Sample of Sampleton University"
        elif word in {"and", "&"} and at > cut and rules.keyword.search(left) and rules.keyword.search(right):
            if is_everyday(rules.keyword.sub("", right), rules.everyday):
                continue
            yield from strip(start, words, cut, at, rules)  # "Sample Hospital and Sampleton University" are two
            cut = at + 1
    yield from strip(start, words, cut, len(words), rules)


def strip(start: int, words: list[str], cut: int, stop: int, rules: Rules) -> Iterator[tuple[int, int]]:
    while cut < stop - 1 and (words[cut].casefold() in rules.openers or words[cut] in {"and", "&", "of", "for"}):
        cut += 1
    begin = start + sum(len(word) + 1 for word in words[:cut])
    name = " ".join(words[cut:stop])
    if name.endswith(("'s", "’s")) and words[stop - 1].casefold().replace("’", "'") not in rules.possessives:
        name = name[:-2]
    yield begin, begin + len(name)


def part_owners(found: Iterable[Found], text: str, rules: Rules) -> Iterator[Found]:
    """Owner and owned apart: "University of Miami's Interdisciplinary Institute" is two."""
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
    """ "Medical Center", "School of Medicine": what it is, and not which."""
    return surface.count(" ") < 3 and is_everyday(rules.keyword.sub("", surface), rules.everyday)


def extend_at(found: Sequence[Found], rest: Sequence[Found], text: str) -> Iterator[Found]:
    """An unknown word after "at" belongs to an institute by topic: "the Institute of Cell Medicine at Sampleton"."""
    known = {one.start for one in (*found, *rest)}
    for one in found:
        match = AT.match(text, one.end)
        topic = re.match(r"(?:Institute|Cent(?:er|re)|College|School) (?:of|for) ", text[one.start : one.end])
        the = text[max(0, one.start - 4) : one.start].lower() == "the "
        if match and topic and the and match.start(1) not in known:
            yield replace(one, end=match.end(1), names=(), why=SHAPED, component=VERSION)
        yield one


def drop_generic(found: Iterable[Found], text: str) -> list[Found]:
    """Without what an article makes a kind: "a Medical Clinic, Franchise Clinic or …" names nobody."""
    kept: list[Found] = []
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


def merge(found: Iterable[Found], text: str) -> list[Found]:
    """The longest of overlapping ones; it takes over what its beginning means."""
    kept: list[Found] = []
    ground = Ground()
    inner: dict[int, list[Found]] = {}
    for one in sorted(found, key=lambda f: (-f.length, not f.names, f.start)):
        if one.names:
            inner.setdefault(one.start, []).append(one)
        if not ground.crosses(one.start, one.end):
            ground.add(one.start, one.end)
            kept.append(one)
    result: list[Found] = []
    for one in kept:
        if not one.names and not one.concept:
            first = [other for other in inner.get(one.start, ()) if other.end < one.end]
            if first and (gap := AND.match(text, max(other.end for other in first))) and gap.end() < one.end:
                whole = max(first, key=lambda other: other.length)
                result += [whole, replace(one, start=gap.end())]  # "Sample University and Other Institute": two
                continue
            if first:
                whole = max(first, key=lambda other: other.length)
                one = replace(one, names=whole.names, why=f"a part of {text[whole.start : whole.end]}")
        result.append(one)
    return sorted(result, key=lambda f: f.start)


def find_short(kept: Sequence[Found], rest: Sequence[Found], notes: Notes, rules: Rules) -> list[Found]:
    """Short names of what was found, where they stand alone."""
    text = notes.text
    small = frozenset(re.findall(r"(?<![\w-])[a-zà-ÿ][\w-]*", text))
    others = {text[one.start : one.end].casefold() for one in rest if one.type in COVERING}
    shorts: dict[str, Found] = {}
    for one in kept:
        surface = text[one.start : one.end]
        names = {rules.ending.sub("", surface)}
        names |= {rules.ending.sub("", name) for name in names}
        if names != {surface}:
            first = min(names, key=len).split()[0]
            names.add(first)
        if match := rules.short.match(surface):
            names.add(match.group(1))
        for name in names - {surface}:
            alone = " " not in name
            if alone and (len(name) < 4 or name.casefold() in rules.everyday | rules.openers | small):
                continue
            if name.casefold() not in others and not is_everyday(name, rules.everyday):
                shorts.setdefault(name, one)
    found = []
    for name, whole in shorts.items():
        why = f"short for {text[whole.start : whole.end]}"
        for start, end in find_whole(text, name, NO_MORE):
            found.append(replace(whole, start=start, end=end, component=VERSION, why=why))
    return found
