"""What a news item names of a paper, and how much that adds to the odds that the news is about the paper.

Everything is compared folded (lower case, no accents, no punctuation), as whole words. In order:

1. journal: the paper's journal is named (`journal_names`), or another one is and the paper's is not;
2. authors: a full name (`name_forms`). A name that more than `COMMON` papers have counts for little;
3. institutions of the authors;
4. title: six words of it in a row;
5. date: the news came within 45 days after the paper (or up to 14 days before it), or later.

Each adds points to the logarithm of the odds that the words alone give (`weights.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.text import one_line
from relations.links.journal_names import Journal, fold
from relations.links.name_forms import list_author_forms, list_institution_forms

_TOML = Path(__file__).with_name("weights.toml")
COMMON = 3  # papers; an author's name that more of them have may be of several people
MOST_PARTS = 4  # of a full name


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A paper, with what a news item may name of it."""

    id: str
    title: str
    journal: str | None  # key in Journals
    authors: tuple[str, ...]
    institutions: tuple[str, ...]  # names, not affiliations
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a news item names of one paper, in the paper's words; journals as the news writes them."""

    journal: str | None = None
    other_journal: str | None = None
    authors: tuple[str, ...] = ()
    common: tuple[str, ...] = ()  # authors with common names
    institutions: tuple[str, ...] = ()
    title: bool = False
    days: int | None = None  # from the paper to the news; negative: the news came first

    @property
    def anything(self) -> bool:
        """Whether it names anything at all; the date does not count."""
        return bool(self.journal or self.authors or self.common or self.institutions or self.title)


class AuthorIndex:
    """The authors of papers, to be found in texts."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._places: dict[str, set[int]] = defaultdict(set)  # form of a name -> places of works
        for place, work in enumerate(works):
            for author in work.authors:
                for form in list_author_forms(author):
                    self._places[form].add(place)

    def find(self, folded: str) -> dict[int, dict[str, bool]]:
        """Place of a work -> forms of its authors' names that the folded text holds -> whether the name is common."""
        words = folded.split()
        found: dict[int, dict[str, bool]] = defaultdict(dict)
        for start in range(len(words)):
            for size in range(2, min(MOST_PARTS, len(words) - start) + 1):
                form = " ".join(words[start : start + size])
                places = self._places.get(form, ())
                for place in places:
                    found[place][form] = len(places) > COMMON
        return found


def find_named(
    *, text: str, folded: str, published: str | None, work: Work, journals: dict[str, Journal], names: dict[str, bool]
) -> Named:
    """What a news item names of one work.

    `folded` is the folded text with a space at both ends, `journals` are those that it names (`Journals.find`), and
    `names` is what `AuthorIndex.find` gives for this work.
    """
    journal = journals[work.journal].name if work.journal is not None and work.journal in journals else None
    other = next(iter(journals.values())).name if journals and journal is None and work.journal is not None else None
    authors = {form: author for author in work.authors for form in list_author_forms(author)}
    rare = {form: authors[form] for form, common in names.items() if not common and form in authors}
    common = {form: authors[form] for form, common in names.items() if common and form in authors}
    institutions = (
        name for name in work.institutions if any(f" {form} " in folded for form in list_institution_forms(name))
    )
    return Named(
        journal=journal,
        other_journal=other,
        authors=_list_people(text, rare),
        common=_list_people(text, common),
        institutions=_list_once(institutions),
        title=quotes_title(folded, work.title),
        days=count_days(work.published, published),
    )


def quotes_title(folded: str, title: str, least: int = 6) -> bool:
    """Whether the text has six words of the title in a row, or all of a title of four or five words."""
    words = fold(title).split()
    if len(words) < 4:
        return False
    size = min(least, len(words))
    return any(f" {' '.join(words[at : at + size])} " in folded for at in range(len(words) - size + 1))


def count_days(paper: str | None, news: str | None) -> int | None:
    """Days from the paper to the news; None when either has no whole day."""
    try:
        return (date.fromisoformat((news or "")[:10]) - date.fromisoformat((paper or "")[:10])).days
    except ValueError:
        return None


def score_named(named: Named) -> float:
    """What the names and the date add to the logarithm of the odds."""
    weight = load_points()
    total = weight["journal"] if named.journal else weight["other_journal"] if named.other_journal else 0.0
    if named.authors:
        total += weight["author"] + weight["more_authors"] * min(2, len(named.authors) - 1)
    elif named.common:
        total += weight["common_author"]
    if named.institutions:
        total += weight["institution"] + weight["more_institutions"] * min(2, len(named.institutions) - 1)
    total += weight["title"] * named.title
    if named.days is not None:  # candidates are from 45 days before the news's day to a year after it
        total += weight["near"] if -14 <= named.days <= 45 else weight["later"]
    return total


@cache
def load_points() -> dict[str, float]:
    """weights.toml: the points of each kind of evidence, and the thresholds."""
    return {key: float(value) for key, value in tomllib.loads(_TOML.read_text("utf-8")).items()}


def _list_people(text: str, forms: dict[str, str]) -> tuple[str, ...]:
    """Each person once, as the text writes the name; where that cannot be found, as the paper does."""
    people: dict[str, str] = {}
    for form, author in forms.items():
        written = re.search(r"\b" + r"[\s,-]*".join(map(re.escape, form.split())) + r"\b", text, re.I)
        people.setdefault(author, one_line(written[0]) if written else author)
    return tuple(people.values())


def _list_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
