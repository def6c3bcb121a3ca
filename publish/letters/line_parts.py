"""What a line has below its headline: its chips, its cautions, who tells the story, and the reasons.

Chips, in order, and only where the edition is sure:
1. what became of the work itself, with the day and how many documents here rest on it;
2. the stage: the evidence on which the documents of the story agree, with the animals. Where the headline is that of a
   paper or a trial and the story is about another, what its own title says;
3. how many take part: of a trial its enrolment; of a paper the one number of people or animals that it gives;
4. the paper that it rests on, and what became of it; the published version of a preprint;
5. the trial: of a record its own number and status, else the one or two trials that it is about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from core.facets import facets
from core.text import one_line
from publish.letters.letter import Chip
from publish.letters.line_rows import BannerRow, Paper, Story
from publish.letters.rendering import MONTHS, day_of
from publish.letters.wishes import Answer, Wish
from publish.search.fold import fold_words
from publish.search.own_key import is_own
from publish.search.reading import Reading
from publish.warning_words import name_many, say_warning

OLD = 60  # days before the night: what was published earlier is not of today
YEAR = 365
SURE = 0.7  # score of a label that a chip says
MOST_TRIALS = 2
GRAVE = frozenset({"retracted", "withdrawn", "concern", "terminated", "suspended"})
WORKS = ("paper", "preprint")
_STUDIED = frozenset(
    ("participants", "patients", "people", "volunteers", "women", "men", "children", "babies", "infants", "adults",
     "mice", "rats", "rabbits", "pigs", "dogs", "sheep", "monkeys", "macaques", "animals")
)  # fmt: skip
_DONE = re.compile(
    r"(?i)\b(?:we|were|was|enrol\w+|includ\w+|recruit\w+|randomi[sz]ed|treated|received|participated|underwent|assigned)\b"
)
_REVIEW = re.compile(r"(?i)\b(?:review|meta-analys[ie]s|overview|perspectives?|advances)\b")
_BACKGROUND = re.compile(
    r"(?i)\b(?:worldwide|each year|every year|annually|per year|prevalence|incidence|million|estimated)\b"
)
_LANDED = {"0": "has the number {} itself", "1": "cites {}", "2": "names {}", "3": "has {} in its record"}


def find_chips(paper: Paper, story: Story | None) -> tuple[Chip, ...]:
    """The chips of a line."""
    found: list[Chip] = []
    own = [one for one in paper.banners if one["own"]]
    for banner in own[:1]:
        found.append(_of_banner(banner))
    if not any(banner["status"] in ("retracted", "withdrawn") for banner in own):
        found += _of_stage(paper, story)
    found += _of_people(paper)
    found += _of_papers(paper, story)
    found += _of_trials(paper)
    return tuple(found)


def _of_banner(banner: BannerRow) -> Chip:
    """`retracted on 22 November 2026; 3 documents here rest on it`."""
    words = "under an expression of concern" if banner["status"] == "concern" else banner["status"]
    text = f"{words} on {day_of(banner['day'])}" if banner["day"] else words
    if banner["resting"] and banner["status"] != "corrected":
        many = banner["resting"]
        text += f"; {many} {'document' if many == 1 else 'documents'} here {'rests' if many == 1 else 'rest'} on it"
    return Chip(text=text, url=banner["url"], grave=banner["status"] in GRAVE)


def _of_stage(paper: Paper, story: Story | None) -> list[Chip]:
    """The stage of the work: what the documents of the story agree on, or what the title of the document says."""
    facet = facets().by_name["label", "evidence"]
    if story and is_of(paper, story):
        value, species = story.row["step_value"], json.loads(story.row["species"])
    else:
        titled = [
            one for one in paper.labels if one["score"] >= SURE and one_line(one["sentence"]) == paper.row["title"]
        ]
        values = [one["value"] for one in titled if one["facet"] == "evidence" and one["value"] != facet.absent]
        value = values[0] if len(values) == 1 else ""
        species = [one["value"] for one in titled if one["facet"] == "species"]
    if value in ("", facet.absent, *facet.unflagged) or (paper.row["kind"], value) == ("trial", "clinical trial"):
        return []
    animals = name_many("; ".join(one for one in species if one != "human"))
    return [Chip(text=f"in {animals or 'animals'}" if value == "animal" else facet.flag(value))]


def is_of(paper: Paper, story: Story) -> bool:
    """Whether what the story comes to is true of a document: a paper or trial is not judged by the others."""
    row = story.row
    if row["documents"] == 1 or paper.row["kind"] not in (*WORKS, "trial"):
        return True
    return (row["trial"] if paper.row["kind"] == "trial" else row["paper"]) == paper.row["ident"]


def _of_people(paper: Paper) -> list[Chip]:
    """How many take part, where a record says so or a paper gives one number of its own."""
    if record := paper.record:
        many = record["enrolment"]
        if not many or not record["enrolment_type"]:
            return []
        planned = " planned" if record["enrolment_type"] == "planned" else ""
        return [Chip(text=f"{many:,} {'person' if many == 1 else 'people'}{planned}")]
    if paper.row["kind"] not in (*WORKS, "release") or _REVIEW.search(paper.row["title"]):
        return []
    if any(one["value"] == "review" for one in paper.labels):
        return []
    counts = {
        (one["value"], one["subject"].casefold())
        for one in paper.figures
        if one["subject"].casefold() in _STUDIED and one["value"] == one["high"] and 1 < one["value"] < 100_000
    }
    if len(counts) != 1:
        return []
    [(value, subject)] = counts
    sentence = next(
        one["sentence"] for one in paper.figures if (one["value"], one["subject"].casefold()) == (value, subject)
    )
    if not float(value).is_integer() or _BACKGROUND.search(sentence) or not _DONE.search(sentence):
        return []
    return [Chip(text=f"{int(value):,} {subject}")]


def _of_papers(paper: Paper, story: Story | None) -> list[Chip]:
    """The paper that a text rests on; of a preprint the published version."""
    kind = paper.row["kind"]
    if kind in WORKS:
        return [
            Chip(text=f"published as {_bare(link['ident'])}", url=outside(link["ident"]) or None)
            for link in paper.links if link["relation"] == "published"
        ][:1]  # fmt: skip
    links = [link for link in paper.links if link["relation"] == "paper"]
    found = []
    for link in links[:1] if len(links) == 1 else ():
        banner = next((one for one in paper.banners if one["about"] == link["ident"]), None)
        status = f", {_of_banner({**banner, 'resting': 0}).text}" if banner else ""
        journal = f" ({link['journal']})" if link["journal"] else ""
        word = "preprint" if link["kind"] == "preprint" else "paper"
        found.append(
            Chip(
                text=f"{word} {_bare(link['ident'])}{journal}{status}", url=outside(link["ident"]) or None,
                grave=bool(banner and banner["status"] in GRAVE),
            )
        )  # fmt: skip
    if not links and story and story.row["documents"] > 1 and story.row["paper"] and kind in ("news", "release"):
        status = story.row["paper_status"]
        ident = story.row["paper"]
        text = f"paper of this story {_bare(ident)}" + (f", {status}" if status else "")
        found.append(Chip(text=text, url=outside(ident) or None, grave=status in GRAVE))
    return found


def _of_trials(paper: Paper) -> list[Chip]:
    """Trials with their status: the record's own, or the few that a text is about."""
    facet = facets().by_name["status", "trial_status"]
    found = []
    for one in paper.trials:
        status = "status unknown" if one["status"] == "unknown" else facet.words(one["status"])
        grave = one["status"] in (*GRAVE, "withdrawn")
        reason = f": {_short(one['reason'])}" if one["reason"] and grave else ""
        number = _bare(one["trial"])
        text = f"{number}, {status}{reason}" if one["own"] else f"trial {number} ({status}{reason})"
        found.append(Chip(text=text, url=outside(one["trial"]) or None, grave=grave))
    if not found:
        found = [
            Chip(text=f"trial {_bare(link['ident'])}", url=outside(link["ident"]) or None)
            for link in paper.links if link["relation"] == "trial"
        ]  # fmt: skip
    return found if len(found) <= MOST_TRIALS else []


def find_cautions(paper: Paper) -> tuple[str, ...]:
    """What a reader should know before believing the document; not what a chip says."""
    told = any(not one["own"] and one["status"] in ("retracted", "withdrawn") for one in paper.banners)
    return tuple(
        say_warning(one["kind"], why=one["why"], species=one["species"])
        for one in paper.warnings if not (told and one["kind"] == "rests on retracted work")
    )  # fmt: skip


def say_tellers(paper: Paper, story: Story | None) -> str:
    """`first: Hallam University; also Korea BioLife and 1 more`; empty where nobody else tells it."""
    if story is None or story.row["documents"] < 2 or not is_of(paper, story):
        return ""
    first = story.row["first"]
    others = [name for name in story.tellers if name not in (first, paper.row["source_name"])]
    if first == paper.row["source_name"]:
        return f"also {_list(others)}" if others else ""
    if first:
        return f"first: {first}" + (f"; also {_list(others)}" if others else "")
    return f"also {_list(others)}" if others else ""


def _list(names: Sequence[str]) -> str:
    """The first name and how many more; two by name."""
    if len(names) == 1:
        return names[0]
    return f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} and {len(names) - 1} more"


def say_age(published: str | None, night: str) -> str:
    """`from 2024` or `from March 2026` of what was published long before the night; else nothing."""
    if not published or len(published) < 10:
        return f"from {published[:4]}" if published and published[:4] < night[:4] else ""
    days = (date.fromisoformat(night) - date.fromisoformat(published[:10])).days
    if days <= OLD:
        return ""
    return f"from {published[:4]}" if days > YEAR else f"from {MONTHS[int(published[5:7]) - 1]} {published[:4]}"


def find_reasons(
    paper: Paper,
    reading: Reading,
    wishes: Sequence[Wish],
    answers: Sequence[Answer],
    *,
    shown: frozenset[int],
    text: str,
) -> tuple[str, ...]:
    """Why the document was found, where the words that are set off do not say it. Each begins with a verb.

    `shown`: the wishes that the sentence answers. `text`: what the line says so far.
    """
    if reading.landing:
        place = dict(reading.landing.places).get(paper.row["id"])
        return (_LANDED[str(place)].format(reading.landing.value),) if place is not None else ()
    found: dict[str, None] = {}
    words: dict[str, list[str]] = {}  # place -> words that are there
    line = fold_words(text)
    for at, (wish, answer) in enumerate(zip(wishes, answers, strict=True)):
        visible = bool(answer.title) or at in shown or _is_said(answer, line)
        if where := _place_of(wish, answer, visible):
            words.setdefault(where, []).append(f"“{wish.typed}”")
        elif reason := _reason(wish, answer, visible, line):
            found[reason] = None
    return (*found, *(f"has {_join(some)} in its {where}" for where, some in words.items()))


def _is_said(answer: Answer, line: str) -> bool:
    """Whether the line names a value that was asked for: phase 1, in mice, completed."""
    for name, value in answer.values:
        known = facets().find("label", name) or facets().find("status", name)
        if known and any(fold_words(word) in line for word in (known.flag(value), known.plurals.get(value, value))):
            return True
    return False


def _place_of(wish: Wish, answer: Answer, visible: bool) -> str:
    """Where the words of a part of a search are, if they are neither in the title nor in the sentence."""
    if visible or wish.plain or answer.column or answer.loose or (answer.name and not answer.worded):
        return ""
    if answer.text:
        return "text"
    return f"record ({answer.record[0][0]})" if answer.record and not answer.values else ""


def _join(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _reason(wish: Wish, answer: Answer, visible: bool, line: str) -> str:
    """The reason of one part of a search; empty where it can be seen or there is none to give."""
    if answer.name and not answer.worded:
        name, concept = answer.name["name"], answer.name["concept"]
        code = f" ({concept})" if not is_own(concept) and not concept.split(":")[0].islower() else ""
        asked = wish.thing.name if wish.thing else wish.typed
        same = fold_words(asked) == fold_words(name) or wish.typed.casefold() == concept.casefold()
        if same and visible and fold_words(name) in line:
            return ""
        where = "" if visible else " in its text"
        return f"names {name}{code}{where}" + ("" if same else f"; you asked for {wish.typed}")
    if answer.loose:
        return f"has the words of “{wish.typed}”, though not together"
    if visible or wish.plain or answer.column:
        return ""
    if answer.values:
        facet, value = answer.values[0]
        known = facets().find("label", facet) or facets().find("status", facet)
        return f"has {known.word}: {known.words(value)}" if known else ""
    return "has the number that you asked for" if answer.number else ""


def outside(ident: str) -> str:
    """The address of an identifier: `doi:10.1/x` -> https://doi.org/10.1/x, or nothing."""
    scheme, _, value = ident.partition(":")
    facet = facets().find("scheme", scheme)
    register = facet.registers.get(scheme) if facet else None
    return register.address(quote(value, safe="/:().;-_")) if register else ""


def _bare(ident: str) -> str:
    """An identifier as people write it: 10.1/x, PubMed 123, NCT01."""
    scheme, _, value = ident.partition(":")
    return f"PubMed {value}" if scheme == "pmid" else value


def _short(reason: str) -> str:
    """A reason of a registry in a few words."""
    words = " ".join(reason.split()).rstrip(".")
    return words if len(words) <= 80 else words[:79].rpartition(" ")[0] + "…"
