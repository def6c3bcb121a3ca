"""What a news item names of a paper: its journal, its authors, their institutions, its title, its date.

Everything is compared folded (lower case, no accents, no punctuation), as whole words. In order:

1. journal: the paper's journal is named (`relations.links.journals`), or another one is and the paper's is not;
2. authors: a full name in any order of its parts ("Cho Ssang-Goo", "Ssang-goo Cho"); initials alone are nobody. A name
   that more than three of the papers at hand carry counts for little;
3. institutions: the parts of affiliations that are universities, institutes, hospitals, companies …, also turned round
   ("University of Kyoto", "Kyoto University"); departments and towns are none;
4. title: six words of it in a row;
5. date: the news came within 45 days of the paper (or up to 14 before it), or later.

Each gives points that are added to the logarithm of the odds that the words alone give (`weights.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.text import one_line
from relations.links.journals import Journal, fold

_TOML = Path(__file__).with_name("weights.toml")
_INSTITUTION = re.compile(
    r"\b(?:universi\w+|institut\w*|hospital\w*|college|cent(?:er|re)|academy|academia|clinic|klinik\w*|foundation|inserm|cnrs|riken"
    r"|laborator(?:y|ies)|polytechni\w+|politecnico|ecole|école|school|hochschule|charit[ée]|kaist|postech|mit|eth|nih"
    r"|inc|ltd|llc|gmbh|corporation|co|pharma\w*|therapeutics|biotech\w*|bank|agency|council|ministry)\b",
    re.I,
)
_PART_ONLY = re.compile(
    r"^(?:the )?(?:department|dept|division|section|faculty|school|unit|laborator\w+|lab|program\w*|graduate school"
    r"|college of|key laboratory|state key|collaborative)\b",
    re.I,
)
_OFTEN_PART = re.compile(r"^(?:the )?(?:cent(?:er|re)|institute|clinic|research cent\w+|hospital) (?:of|for)\b", re.I)
_LITTLE = frozenset(
    [
        "university",
        "hospital",
        "institute",
        "college",
        "center",
        "centre",
        "school",
        "medical",
        "general",
        "national",
        "research",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What evidence is looked for in: one paper of the literature."""

    id: str
    title: str
    journal: str | None  # key in Journals
    authors: tuple[str, ...]
    institutions: tuple[str, ...]  # names, not affiliations
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a news item names of one paper. The tuples hold what the paper calls it."""

    journal: str | None = None  # as the news words it
    other_journal: str | None = None
    authors: tuple[str, ...] = ()
    common: tuple[str, ...] = ()  # authors whose names are common
    institutions: tuple[str, ...] = ()
    title: bool = False
    days: int | None = None  # from the paper to the news; negative: the news came first

    @property
    def something(self) -> bool:
        """Is there anything besides words and date?"""
        return bool(self.journal or self.authors or self.common or self.institutions or self.title)


class Names:
    """Authors of the works at hand, to be found in texts."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works: dict[str, set[int]] = defaultdict(set)
        self._many: Counter[str] = Counter()
        for at, work in enumerate(works):
            for author in work.authors:
                forms = set(author_forms(author))
                for form in forms:
                    self._works[form].add(at)
        for form, at_these in self._works.items():
            self._many[form] = len(at_these)

    def find(self, folded: str) -> dict[int, dict[str, bool]]:
        """Place of a work -> names of its authors that the text holds (folded) -> is the name common?"""
        words = folded.split()
        found: dict[int, dict[str, bool]] = defaultdict(dict)
        for start in range(len(words)):
            for size in (2, 3, 4):
                form = " ".join(words[start : start + size])
                if size <= len(words) - start and form in self._works:
                    for at in self._works[form]:
                        found[at][form] = self._many[form] > 3
        return found


@cache
def author_forms(name: str) -> tuple[str, ...]:
    """Folded ways to write a full name. Initials go; what is left with fewer than two parts gives nothing.

    >>> author_forms("Ssang-Goo Cho")
    ('ssang goo cho', 'cho ssang goo', 'goo cho ssang', 'ssanggoo cho', 'cho ssanggoo')
    """
    forms: list[str] = []
    for written in dict.fromkeys((name, name.replace("-", ""))):
        whole = " ".join(part for part in written.replace(",", " ").split())
        parts = [part for part in fold(whole).split() if len(part) > 1]
        if not 2 <= len(parts) <= 4 or sum(map(len, parts)) < 6:
            continue
        forms += [" ".join(parts), " ".join([parts[-1], *parts[:-1]]), " ".join([*parts[1:], parts[0]])]
    return tuple(dict.fromkeys(forms))


def institutions_of(affiliations: Sequence[str]) -> tuple[str, ...]:
    """Names of institutions in affiliations, each once, in order.

    >>> institutions_of(["Department of Biology, Konkuk University, Seoul, Republic of Korea."])
    ('Konkuk University',)
    """
    found: dict[str, str] = {}
    for affiliation in affiliations:
        for part in re.split(r"[,;]| and (?=the |[A-Z])", affiliation):
            name = part.strip(" .")
            folded = fold(name)
            words = [word for word in folded.split() if word not in ("of", "the", "for", "and", "at")]
            least = 3 if _OFTEN_PART.match(name) else 2  # "Institute of Anatomy" may be anywhere
            if (
                _INSTITUTION.search(name)
                and not _PART_ONLY.match(name)
                and set(words) - _LITTLE
                and len(words) >= least
            ):
                found.setdefault(folded, name)
    return tuple(found.values())


@cache
def institution_forms(name: str) -> tuple[str, ...]:
    """Folded ways to write an institution's name: "University of X" and "X University" are one."""
    folded = fold(name)
    turned = re.fullmatch(r"(\w+) of (\w+(?: \w+)?)", folded) or re.fullmatch(
        r"(\w+(?: \w+)?) (university|college)", folded
    )
    if turned is None:
        return (folded,)
    one, two = turned[1], turned[2]
    return (folded, f"{two} {one}") if " of " in folded else (folded, f"{two} of {one}")


def find_named(
    *, text: str, folded: str, published: str | None, work: Work, said: dict[str, Journal], names: dict[str, bool]
) -> Named:
    """What is named of one work. `folded` is the folded text with a space at both ends; `said` the journals that it
    names (`Journals.find`), `names` what `Names.find` gives of this work."""
    journal = said[work.journal].name if work.journal in said and work.journal is not None else None
    other = next(iter(said.values())).name if said and journal is None and work.journal is not None else None
    shown = {form: author for author in work.authors for form in author_forms(author)}
    return Named(
        journal=journal,
        other_journal=other,
        authors=_people(text, {form: shown[form] for form, common in names.items() if not common and form in shown}),
        common=_people(text, {form: shown[form] for form, common in names.items() if common and form in shown}),
        institutions=_once(
            name for name in work.institutions if any(f" {form} " in folded for form in institution_forms(name))
        ),
        title=quotes_title(folded, work.title),
        days=days_between(work.published, published),
    )


def quotes_title(folded: str, title: str, least: int = 6) -> bool:
    """Are six words of the title (or all of a title of four or five) in the text in a row?"""
    words = fold(title).split()
    if len(words) < 4:
        return False
    size = min(least, len(words))
    return any(f" {' '.join(words[at : at + size])} " in folded for at in range(len(words) - size + 1))


def days_between(paper: str | None, news: str | None) -> int | None:
    """Days from the paper to the news; None when either has no whole day."""
    try:
        return (date.fromisoformat((news or "")[:10]) - date.fromisoformat((paper or "")[:10])).days
    except ValueError:
        return None


def points(named: Named) -> float:
    """What the names add to the logarithm of the odds."""
    weight = load_points()
    total = weight["journal"] if named.journal else weight["other_journal"] if named.other_journal else 0.0
    if named.authors:
        total += weight["author"] + weight["more_authors"] * min(2, len(named.authors) - 1)
    elif named.common:
        total += weight["common_author"]
    if named.institutions:
        total += weight["institution"] + weight["more_institutions"] * min(2, len(named.institutions) - 1)
    total += weight["title"] * named.title
    if named.days is not None:
        if -14 <= named.days <= 45:
            total += weight["near"]
        else:
            total += weight["later"]  # the window of candidates ends at 45 days before and a year after
    return total


@cache
def load_points() -> dict[str, float]:
    """weights.toml: each kind of evidence and its points, and the thresholds."""
    return {key: float(value) for key, value in tomllib.loads(_TOML.read_text("utf-8")).items()}


def _people(text: str, forms: dict[str, str]) -> tuple[str, ...]:
    """Each person once, as the text writes the name; as the paper does where the text has accents of its own."""
    people: dict[str, str] = {}
    for form, author in forms.items():
        written = re.search(r"\b" + r"[\s,-]*".join(map(re.escape, form.split())) + r"\b", text, re.I)
        people.setdefault(author, one_line(written[0]) if written else author)
    return tuple(people.values())


def _once(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
