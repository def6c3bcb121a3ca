"""From documents that a search found, grouped by story, to the lines of a letter.

Whose headline a line has is decided among the documents that the search found, so that the hit is true of it, in order:
1. where the search asks for a notice (`status:retracted`), the work itself before what cites it;
2. a notice about a work ("Retraction: …") and a copy come last;
3. English, or a language that is not known, before others: the letter is in English;
4. the document that the story began with; then papers, preprints, releases, news, explainers, trials, clinics;
5. the oldest.
The sentence, the chips and the reasons are of that document (`sentences.py`, `line_parts.py`); who tells it is of the
whole story. Facts that the edition does not bear out are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple, TypedDict

from core.facets import facets
from publish.letters.current_edition import CurrentEdition
from publish.letters.letter import Chip, Line, Marked
from publish.letters.line_parts import find_cautions, find_chips, find_reasons, is_of, say_age, say_tellers
from publish.letters.line_rows import Known, Paper, Story
from publish.letters.sentences import Chosen, choose_sentence, merge
from publish.letters.wishes import Answer, Wish, find_answers, find_wishes, is_named
from publish.search.clauses import to_text
from publish.search.fts import tag_of, to_match
from publish.search.names import is_plain
from publish.search.rank import MATCHES, Folded, Match, fold, order_best
from publish.search.reading import Reading, where_of, words_close

_KINDS = ("paper", "preprint", "release", "news", "explainer", "trial", "clinic")
ENOUGH = 3  # stories that are surely about what was asked
_RANKED = 400  # newest documents of a search among which the best are looked for
_HITS = "SELECT rowid AS id, {rank} AS rank FROM search WHERE {where} ORDER BY rowid DESC LIMIT :limit"
_CLOSE = "SELECT rowid AS id FROM search WHERE search MATCH :match ORDER BY rowid DESC LIMIT :limit"
_KEYS = """
SELECT d.id, d."key", coalesce((SELECT t."key" FROM member m JOIN story t ON t.id = m.story
    WHERE m.document = d.id ORDER BY m.story LIMIT 1), d."key") AS story
FROM document d WHERE d.id IN (SELECT value FROM json_each(?))"""


class MatchRow(TypedDict):
    """A document that a search found, with what puts it in order."""

    id: int
    rank: float
    day: str
    story: int | None
    role: str
    outlets: int
    tags: str


class NumberRow(TypedDict):
    """The number of a document."""

    id: int


class KeyRow(TypedDict):
    """The key of a document, and that of its story (its own, where it tells none)."""

    id: int
    key: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStory:
    """A story that something was found of. `reading`: how the search is read; None of a story or list that is followed.

    `matched`: keys of the documents that were found. `owned`: identifiers of the list that is followed.
    """

    story: str
    matched: tuple[str, ...]
    reading: Reading | None = None
    owned: frozenset[str] = frozenset()


class _Best(NamedTuple):
    paper: Paper
    wishes: tuple[Wish, ...]
    answers: list[Answer]


def make_lines(known: Known, found: Sequence[FoundStory]) -> list[Line]:
    """A line a story, in the order given. A story whose documents the edition lacks has no line."""
    known.load(key for one in found for key in one.matched)
    return [line for one in found if (line := _line_of(known, one))]


def _line_of(known: Known, found: FoundStory) -> Line | None:
    """The line of a story, made once for all who follow the same search."""
    if found.owned:
        return _make_line(known, found)
    key = (id(found.reading), found.story, found.matched)
    if key not in known.lines:
        known.lines[key] = (found.reading, _make_line(known, found))  # the reading stays, so that its id does
    return known.lines[key][1]


def _make_line(known: Known, found: FoundStory) -> Line | None:
    papers = [known.papers[key] for key in found.matched if key in known.papers]
    if not papers:
        return None
    best = _choose(known, papers, found.reading)
    paper, story = best.paper, known.story_of(best.paper)
    chosen = choose_sentence(paper, story, best.wishes, best.answers)
    row = paper.row
    several = story is not None and story.row["documents"] > 1 and is_of(paper, story)
    key = row["key"]
    chips = find_chips(paper, story)
    return Line(
        title=Marked(text=row["title"], marks=merge(span for answer in best.answers for span in answer.title)),
        page=f"{known.edition.site}/s/{story.row['key']}" if story and several else f"{known.edition.site}/d/{key}",
        kind=row["kind"], source=row["source_name"], published=row["published"], url=row["url"] or None,
        chips=chips, cautions=find_cautions(paper), sentence=chosen.sentence, quoted=not chosen.ours,
        why=_say_why(found, best, chosen, chips), told_by=say_tellers(paper, story),
        old=say_age(row["published"], known.day),
        documents=(key, *(one.row["key"] for one in papers if one is not paper)), key=key,
    )  # fmt: skip


def _choose(known: Known, papers: Sequence[Paper], reading: Reading | None) -> _Best:
    """The document whose headline the line has, and how it answers the search."""
    wishes = find_wishes(reading) if reading else ()
    status = any(tag.startswith("status_") for wish in wishes for tag in wish.tags)

    def place(paper: Paper) -> tuple[object, ...]:
        row, story = paper.row, known.story_of(paper)
        notice = any(one["facet"] == "source_kind" and one["value"] == "notice" for one in paper.labels)
        return (
            status and not any(one["own"] for one in paper.banners),
            notice,
            row["role"] == "copy",
            row["lang"] not in (None, "", "en"),
            not (story and story.row["origin"] == row["id"]),
            _KINDS.index(row["kind"]) if row["kind"] in _KINDS else len(_KINDS),
            row["published"] or "9",
            row["id"],
        )

    paper = min(papers, key=place)
    return _Best(paper, wishes, find_answers(wishes, paper, known.wider))


def _say_why(found: FoundStory, best: _Best, chosen: Chosen, chips: Sequence[Chip]) -> tuple[str, ...]:
    if found.reading is None:
        return tuple(_say_owned(found.owned, best.paper))
    said = [best.paper.row["title"], chosen.sentence.text if chosen.sentence else "", *(chip.text for chip in chips)]
    return find_reasons(
        best.paper, found.reading, best.wishes, best.answers, shown=chosen.answers, text="\n".join(said)
    )


def _say_owned(owned: frozenset[str], paper: Paper) -> Iterable[str]:
    """How a document is tied to what a person's list has."""
    own = {paper.row["ident"], *(f"{one['scheme']}:{one['value']}" for one in paper.identifiers)}
    if own & owned:
        yield "is on your list"
        return
    for link in paper.links:
        if link["ident"] in owned:
            verb = {"paper": "rests on", "trial": "is about", "published": "is another version of"}
            yield f"{verb.get(link['relation'], 'is a notice about')} {link['ident'].partition(':')[2]} of your list"
    for banner in paper.banners:
        if banner["about"] in owned and not any(link["ident"] == banner["about"] for link in paper.links):
            yield f"cites {banner['about'].partition(':')[2]} of your list"


def pick_before(edition: CurrentEdition, query: str, count: int) -> list[FoundStory]:
    """The best stories of a search, for a first letter: by the order of the site's search, which likes what is new.

    What has only the single words of a name, or the two words of a search far from each other, is left out where ENOUGH
    others are found, else it comes after them. Last come other languages than English (unless the search itself is
    written in another script) and the pages of clinics. Raises QueryError.
    """
    reading = edition.read(query)
    where, params = where_of(reading)
    rank = "rank" if reading.query.clauses and not reading.landing else "0.0"
    hits = _HITS.format(rank=rank, where=" AND ".join(where))
    rows = edition.select(MatchRow, MATCHES.format(hits=hits), {**params, "limit": _RANKED})
    matches = [Match(**row) for row in rows]
    close = _find_close(edition, reading)
    ordered = order_best(matches, about=_find_about(reading, matches), close=close, share={})
    strong = _find_strong(edition, reading, close)
    if strong is not None:
        few = len(fold([one for one in ordered if one.id in strong])) < ENOUGH
        ordered = sorted((one for one in ordered if few or one.id in strong), key=lambda one: one.id not in strong)
    ordered.sort(key=lambda one: _comes_last(one, reading))
    folded = list(islice(fold(ordered), count))
    ids = [one.id for hit in folded for one in _members(hit)]
    keys = {row["id"]: row for row in edition.select(KeyRow, _KEYS, (json.dumps(ids),))}
    return [
        FoundStory(
            story=keys[hit.best.id]["story"], matched=tuple(keys[one.id]["key"] for one in _members(hit)),
            reading=reading,
        )
        for hit in folded
    ]  # fmt: skip


def _find_about(reading: Reading, matches: Sequence[Match]) -> dict[int, float]:
    """The share of the things that the search names that each document is about."""
    things = [part.thing for part in reading.parts if part.thing]
    tags = [
        tag_of(facet.filter, one.concept)
        for one in things
        if (facet := facets().find("type", one.type)) and facet.filter
    ]
    return {one.id: sum(tag in one.tags for tag in tags) / len(tags) for one in matches} if tags else {}


def _find_close(edition: CurrentEdition, reading: Reading) -> frozenset[int]:
    """The newest documents that have the words of a search near one another."""
    if not (close := words_close(reading)):
        return frozenset()
    return frozenset(row["id"] for row in edition.select(NumberRow, _CLOSE, {"match": close, "limit": _RANKED}))


def _find_strong(edition: CurrentEdition, reading: Reading, close: frozenset[int]) -> frozenset[int] | None:
    """The newest documents that have each name of a search whole, or name the thing.

    Of two plain words that are no name, those that have them near each other; None where every hit is as good.
    """
    query = reading.query
    clauses = tuple(clause[:1] if is_named(clause) else clause for clause in query.clauses)
    if reading.landing:
        return None
    if clauses == query.clauses:
        plain = [clause for clause in query.clauses if len(clause) == 1 and is_plain(clause[0])]
        return close if len(plain) == len(query.clauses) == 2 and not reading.parts else None
    match = to_match(replace(query, clauses=clauses))
    return frozenset(row["id"] for row in edition.select(NumberRow, _CLOSE, {"match": match, "limit": _RANKED}))


def _comes_last(match: Match, reading: Reading) -> bool:
    """Whether it is in another language than the search, or a clinic's own page."""
    foreign = "lang_" in match.tags and "lang_en_" not in match.tags and to_text(reading.asked).isascii()
    return foreign or "kind_clinic_" in match.tags


def _members(hit: Folded) -> tuple[Match, ...]:
    return (hit.best, *hit.others)


__all__ = ["FoundStory", "Known", "Story", "make_lines", "pick_before"]
