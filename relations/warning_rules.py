"""What makes a warning: a rule a kind, each strict, because a wrong warning is worse than none.

`find_warnings` asks every rule of RULES in its order. A document whose headline tells of a retraction, a correction or
misconduct (`warning_words.tsv`, notice) gets none at all: it warns by itself. The rules:

- **headline leaves out animals**: the label `headline` says so, the headline claims an effect or speaks of a therapy (a
  word of the kind effect), it is no question, and it names neither an animal nor cells in a dish (subject);
- **rests on a preprint**: every paper that the document is tied to is a preprint that is here, and of none a published
  version is known here;
- **says more than its paper**: the label `claim_gap` says so, and a sentence of the paper shows it (`claim_gaps.py`);
- **no independent voice**: news or an explainer, of which more than a feed is here, quotes people, and each is known to
  be of the study (`voices.py`);
- **rests on retracted work**: a paper that it is tied to was retracted or withdrawn, and its own text does not say so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

from core.text import headline
from relations.claim_gaps import find_gap
from relations.voices import PaperPeople, Person, Speech, find_closed_circle

WORDS = Path(__file__).with_name("warning_words.tsv")
KINDS = (
    "headline leaves out animals", "rests on a preprint", "says more than its paper", "no independent voice",
    "rests on retracted work",
)  # fmt: skip
QUOTED = 200  # characters of a sentence of a paper
MOST_PAPERS = 3  # a document that is tied to more of them is about none in particular
_END = re.compile(r"(?:[.!?…]+[\"”’»)\]]*(?=\s+[^\sa-z])|[。！？]+[」』”）]*|\n+)")


class LabelRow(TypedDict):
    """A label that a warning may rest on."""

    facet: str
    value: str
    score: float
    sentence: str
    component: str


class PaperRow(TypedDict):
    """A paper that the document is tied to; what is empty is not here."""

    id: str
    kind: str  # paper, preprint …; empty where no record of it is here
    title: str
    score: float
    why: str
    published: str  # the paper that a preprint became; empty: none is known


class StatusRow(TypedDict):
    """A paper that the document is tied to and that was retracted or withdrawn."""

    about: str
    text: str


class SubjectRow(TypedDict):
    """A document with all that its warnings rest on."""

    kind: str  # news, release or explainer
    title: str
    text: str
    basis: str  # of the text: page, or feed
    labels: Sequence[LabelRow]
    papers: Sequence[PaperRow]
    statuses: Sequence[StatusRow]
    species: Sequence[str]  # in words, of many: mice
    speeches: Sequence[Speech]
    people: Sequence[Person]
    authors: Sequence[PaperPeople]
    abstracts: Mapping[str, str]  # of the papers that are here, by id


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A warning without its document."""

    kind: str
    other: str | None
    sentence: str
    why: str
    score: float


Rule = Callable[[SubjectRow], Found | None]


def find_warnings(row: SubjectRow) -> Iterator[Found]:
    """The warnings of one document."""
    if has_word("notice", row["title"]):
        return
    for rule in RULES:
        if found := rule(row):
            yield found


def judge_headline(row: SubjectRow) -> Found | None:
    """The result comes from animals, and the headline claims it without saying so."""
    title = row["title"]
    label = _get_label(row, "headline")
    effect = find_word("effect", title)
    if label is None or effect is None or title.rstrip("\"'”’ ").endswith(("?", "？")) or has_word("subject", title):
        return None
    by = label["component"].partition(":")[2]
    paper = next((one for one in row["papers"] if one["id"] == by), None)
    # where it comes from a paper, several species may come from several papers
    known = row["species"] if paper is None or len(row["species"]) == 1 else ()
    where = f"in {join_words(known)}" if known else "in animals"
    told = f", as its paper says, “{headline(paper['title'].rstrip('.'), 100)}”" if paper else ""
    return Found(
        kind="headline leaves out animals", other=paper["id"] if paper else None, sentence=label["sentence"],
        score=label["score"],
        why=f"The work was done {where}{told}. The headline speaks of “{effect}” and names no animal.",
    )  # fmt: skip


def judge_preprint(row: SubjectRow) -> Found | None:
    """All that it is tied to are preprints without a published version."""
    papers = row["papers"]
    if not 1 <= len(papers) <= MOST_PAPERS or any(one["kind"] != "preprint" or one["published"] for one in papers):
        return None
    first = papers[0]
    return Found(
        kind="rests on a preprint", other=first["id"], sentence=find_sentence("preprint", row["text"]),
        score=first["score"],
        why=f"“{headline(first['title'].rstrip('.'), 100)}” is a preprint, put out before review by a journal."
        f" No published version of it is known here. How it was found: {first['why']}.",
    )  # fmt: skip


def judge_gap(row: SubjectRow) -> Found | None:
    """Its sentence states what a sentence of its paper calls a link or a possibility."""
    label = _get_label(row, "claim_gap")
    paper = label["component"].partition(":")[2] if label else ""
    known = next((one for one in row["papers"] if one["id"] == paper), None)
    if label is None or known is None or len(row["papers"]) > 1:
        return None
    for sentence in dict.fromkeys((label["sentence"], row["title"])):
        gap = find_gap(sentence, known["title"], row["abstracts"].get(paper, ""), find_matches)
        if gap:
            return Found(
                kind="says more than its paper", other=paper, sentence=sentence, score=label["score"],
                why=f"It {gap.what}. The paper: “{headline(gap.sentence, QUOTED)}”",
            )  # fmt: skip
    return None


def judge_voices(row: SubjectRow) -> Found | None:
    """People are quoted, and each of them is known to be of the study. A release quotes its own people always.

    Of a text that only a feed gave, the rest is not here, and others may speak there.
    """
    if row["kind"] == "release" or row["basis"] == "feed":
        return None
    circle = find_closed_circle(row["text"], row["speeches"], row["people"], row["authors"], is_outside, is_saying)
    if circle is None:
        return None
    names = join_words(circle.names)
    return Found(
        kind="no independent voice", other=circle.paper, sentence=circle.sentence, score=circle.score,
        why=f"Only people of the study are quoted: {names}. {circle.why}",
    )  # fmt: skip


def judge_status(row: SubjectRow) -> Found | None:
    """A paper that it is tied to was taken back, and it does not say so itself."""
    if not row["statuses"] or has_word("notice", row["text"]) or len(row["papers"]) > MOST_PAPERS:
        return None
    first = row["statuses"][0]
    return Found(kind="rests on retracted work", other=first["about"], sentence="", why=first["text"], score=1.0)


RULES: tuple[Rule, ...] = (judge_headline, judge_preprint, judge_gap, judge_voices, judge_status)


def _get_label(row: SubjectRow, facet: str) -> LabelRow | None:
    return next((one for one in row["labels"] if one["facet"] == facet), None)


def find_matches(kind: str, text: str) -> Iterator[re.Match[str]]:
    """Where the words of a kind are in a text."""
    return _load()[kind].finditer(text)


def find_word(kind: str, text: str) -> str | None:
    """The first word of a kind in a text, as it is written there."""
    match = next(find_matches(kind, text), None)
    return match[0] if match else None


def has_word(kind: str, text: str) -> bool:
    return bool(_load()[kind].search(text))


def is_outside(text: str) -> bool:
    """Whether a text speaks of somebody who has no part in the study."""
    return has_word("outside", text)


def is_saying(text: str) -> bool:
    """Whether a text has a verb of saying."""
    return has_word("saying", text)


def find_sentence(kind: str, text: str) -> str:
    """The sentence with the first word of a kind; empty where there is none."""
    match = _load()[kind].search(text)
    if match is None:
        return ""
    begin = max((end.end() for end in _END.finditer(text, 0, match.start())), default=0)
    end = _END.search(text, match.end())
    return " ".join(text[begin : end.end() if end else len(text)].split())


def join_words(words: Sequence[str]) -> str:
    """`mice`, `mice and pigs`, `mice, pigs and dogs`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


@cache
def _load() -> dict[str, re.Pattern[str]]:
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    kinds = dict.fromkeys(row["kind"] for row in rows)
    return {
        kind: re.compile("|".join(f"(?:{row['cue']})" for row in rows if row["kind"] == kind), re.I) for kind in kinds
    }
