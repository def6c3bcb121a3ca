"""Own keys for things that no register has: `stemwire:institution-saebyeok-national-university`.

A key is made of the type and the folded name and of nothing else, so it is the same on every night, and the name can be
read back out of it (`name_in`): that is how an old address finds the thing once a register has it.

Names in capitals keep their plural ("CBS News", not "cbs-new") and lose the legal form of a company ("Capricor Inc.").
Names of people are folded by rules of their own (`person_key`), because a fold that is good for institutions would make
one person of two. In order:
1. accents, case and full stops do not count;
2. a hyphen shows which part is the given name: "Cho Ssang-Goo", "Ssang-Goo Cho" and "Cho Ssanggoo" are one key. Without
   a hyphen the order counts: Wang Li need not be Li Wang;
3. initials count: "John A. Smith" and "John Smith" are two keys.
"""

from __future__ import annotations

import re
import unicodedata

from core.facets import facets
from core.text import one_line
from publish.search.fold import exact_key, name_key

PREFIX = "stemwire:"
PERSON = "person"
LONGEST = 120  # characters of a name
LEGAL = re.compile(
    r"(?:,?\s+(?:Inc|Corp|Corporation|Ltd|Limited|LLC|GmbH|PLC|plc|S\.A|N\.V|A/S|Co|AG|K\.K|Pty)\b\.?)+$"
)
ACCENT = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic letters


def own_key(type_: str, name: str) -> str:
    """The key of a thing by its name; empty where the name has no letters or is too long to be one."""
    folded = fold_own(type_, name)
    if not any(char.isalpha() for char in folded) or len(folded) > LONGEST:
        return ""
    return f"{PREFIX}{type_}-{folded.replace(' ', '-')}"


def fold_own(type_: str, name: str) -> str:
    """A name as its key has it.

    >>> fold_own("institution", "Capricor, Inc."), fold_own("cell_type", "Organoids")
    ('capricor', 'organoid')
    """
    facet = facets().find("type", type_)
    if facet is None or facet.own == "known":
        return name_key(name, type_)
    return person_key(name) if facet.own == "person" else exact_key(LEGAL.sub("", name) or name)


def has_legal_form(name: str) -> bool:
    """Whether a name ends like a company's: Inc., Ltd, GmbH."""
    return LEGAL.search(name) is not None


def is_own(concept: str) -> bool:
    """Whether it is an own key and not an identifier of a register. (Our lexicons have `stemwire:korea-…`.)"""
    prefix, _, rest = concept.partition("-")
    return bool(rest) and prefix.startswith(PREFIX) and facets().find("type", prefix.removeprefix(PREFIX)) is not None


def name_in(concept: str) -> str:
    """The folded name that an own key was made of; empty for an identifier of a register.

    >>> name_in("stemwire:institution-hallam-trust")
    'hallam trust'
    """
    return concept.partition("-")[2].replace("-", " ") if is_own(concept) else ""


def person_key(name: str) -> str:
    """A person's full name, folded.

    >>> person_key("Ssang-Goo Cho"), person_key("Cho Ssang-goo"), person_key("John A. Smith")
    ('cho ssanggoo', 'cho ssanggoo', 'john a smith')
    """
    words = _words(name)
    if len(words) == 2 and ("-" in words[0]) != ("-" in words[1]):
        words.sort(key=lambda word: "-" in word)
    return " ".join(word.replace("-", "") for word in words)


def names_of(type_: str, surface: str) -> set[str]:
    """Every folded name that a search may use for what a text writes so."""
    names = {name_key(surface, type_), name_key(LEGAL.sub("", surface), type_)}
    if type_ == PERSON:
        words = _words(surface)
        names |= {
            person_key(surface),
            name_key(person_key(surface), type_),
            " ".join(word.replace("-", "") for word in words),
        }
        if len(words) == 2 and ("-" in words[0]) != ("-" in words[1]):
            for given, other in (words, words[::-1]):
                for joint in ("", " "):
                    names.add(name_key(f"{given.replace('-', joint)} {other.replace('-', joint)}", type_))
    return names - {""}


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", one_line(name).casefold().replace("‐", "-").replace("‑", "-"))
    plain = unicodedata.normalize("NFC", ACCENT.sub("", plain))
    words = re.sub(r"[^\w-]|_", " ", re.sub("[.'’ʼ`]", "", plain)).split()
    return [word.strip("-") for word in words if word.strip("-")]
