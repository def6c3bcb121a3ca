"""What one text, which is in no table, rests on, and how much of it is in others: for `check-text`.

It uses what the stages `link` and `duplicates` use: identifiers and hyperlinks (`stated_identifiers`), then the
evidence of words, names and dates (`paper_finder`); and shingles without boilerplate (`shingles`). Everything comes and
goes as plain values, since the caller reads the papers from an edition and not from work.db.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.records import Json
from relations import warning_rules
from relations.links.journal_names import Journals
from relations.links.literature import Paper
from relations.links.name_forms import find_institutions
from relations.links.paper_finder import News, PaperFinder
from relations.links.scoring import Work
from relations.links.stated_identifiers import find_statements
from relations.shingles import compare, find_shingles, remove_boilerplate
from relations.warning_rules import SubjectRow

__all__ = ["PaperIndex", "build_index", "find_stated", "find_warnings", "measure_shared", "remove_boilerplate"]


class PaperIndex:
    """An index over the papers of an edition."""

    def __init__(self, finder: PaperFinder) -> None:
        self._finder = finder

    def find(self, *, title: str, text: str, published: str | None) -> Json:
        """The paper that a text without an identifier is about: work (or None), score and why."""
        found = self._finder.find(News(title=title, text=text, published=published))
        return {"work": found.work, "score": found.score, "why": found.why}


def build_index(papers: Sequence[Json], versions: Mapping[str, str]) -> PaperIndex:
    """An index over papers: id, title, text, authors, journal, doi, affiliations, published.

    `versions`: a preprint's published version.
    """
    journals = Journals()
    works = [
        Work(
            id=one["id"], title=one["title"], journal=journals.learn(name=one["journal"] or "", doi=one["doi"]),
            authors=tuple(one["authors"]), institutions=find_institutions(one["affiliations"]),
            published=one["published"],
        )
        for one in papers
    ]  # fmt: skip
    texts = [
        Paper(id=work.id, title=work.title, text=one["text"], journal=work.journal)
        for work, one in zip(works, papers, strict=True)
    ]
    return PaperIndex(PaperFinder(works, texts, journals, versions.get))


def find_stated(*, title: str, text: str, links: Sequence[str], identifiers: Mapping[str, Sequence[str]]) -> list[Json]:
    """The papers and trials whose identifiers a text gives: identifier, relation, how and why."""
    found = find_statements(title=title, text=text, links=links, identifiers=identifiers, own=frozenset())
    return [
        {"identifier": one.identifier, "relation": one.relation, "how": one.how, "why": one.why, "score": 1.0}
        for one in found
    ]


def find_warnings(known: Json) -> list[Json]:
    """What a reader should know before believing the text, by the rules of the stage `warnings`.

    `known` has the keys of a SubjectRow.
    """
    row = SubjectRow(
        kind=known["kind"], title=known["title"], text=known["text"], basis="page",
        labels=known["labels"], papers=known["papers"],
        abstracts=known["abstracts"], statuses=known["statuses"], species=known["species"], speeches=known["speeches"],
        people=known["people"], authors=known["authors"],
    )  # fmt: skip
    return [
        {"kind": one.kind, "other": one.other, "sentence": one.sentence, "why": one.why, "score": one.score}
        for one in warning_rules.find_warnings(row)
    ]


def measure_shared(text: str, other: str) -> Json:
    """How much of the shorter of two texts is also in the other: kept (0 .. 1), whether it is a copy, and why."""
    overlap = compare(find_shingles(remove_boilerplate(text)), find_shingles(remove_boilerplate(other)))
    return {"kept": round(overlap.kept, 3), "copy": overlap.copy, "why": overlap.why}
