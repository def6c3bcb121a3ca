"""How a text may write the name of an author or an institution, compared folded: lower case, no accents or punctuation.

An author's full name counts in any order of its parts ("Cho Ssang-Goo", "Ssang-goo Cho"); initials alone do not
count. An institution is the part of an affiliation that names a university, institute, hospital, company …; its name
may be turned round ("University of Kyoto", "Kyoto University"). Departments and towns are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from relations.links.journal_names import fold

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
_GENERAL = frozenset(
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
_FILLERS = frozenset({"of", "the", "for", "and", "at"})


@cache
def list_author_forms(name: str) -> tuple[str, ...]:
    """Folded ways to write a full name. Initials are dropped; with fewer than two parts left there are none.

    >>> list_author_forms("Ssang-Goo Cho")
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


@cache
def list_institution_forms(name: str) -> tuple[str, ...]:
    """Folded ways to write an institution's name: also "X University" for "University of X", and the reverse."""
    folded = fold(name)
    turned = re.fullmatch(r"(\w+) of (\w+(?: \w+)?)", folded) or re.fullmatch(
        r"(\w+(?: \w+)?) (university|college)", folded
    )
    if turned is None:
        return (folded,)
    one, two = turned[1], turned[2]
    return (folded, f"{two} {one}") if " of " in folded else (folded, f"{two} of {one}")


def find_institutions(affiliations: Sequence[str]) -> tuple[str, ...]:
    """Names of the institutions in affiliations, each once, in order.

    >>> find_institutions(["Department of Biology, Konkuk University, Seoul, Republic of Korea."])
    ('Konkuk University',)
    """
    found: dict[str, str] = {}
    for affiliation in affiliations:
        for part in re.split(r"[,;]| and (?=the |[A-Z])", affiliation):
            name = part.strip(" .")
            folded = fold(name)
            if _is_institution(name, folded):
                found.setdefault(folded, name)
    return tuple(found.values())


def _is_institution(name: str, folded: str) -> bool:
    if not _INSTITUTION.search(name) or _PART_ONLY.match(name):
        return False
    words = [word for word in folded.split() if word not in _FILLERS]
    least = 3 if _OFTEN_PART.match(name) else 2  # there is an "Institute of Anatomy" in many places
    return bool(set(words) - _GENERAL) and len(words) >= least
