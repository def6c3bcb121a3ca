"""The authors of a PubMed record, taken from the text of its `AuthorList` (plain XML, as `pubmed_xml` explains).

Nearly all have a family name, given names and affiliations without markup: the authors of such a list are read at once.
A list with any other author (a group, one name alone, a suffix, an affiliation with markup) is read author by author.
"""

from __future__ import annotations

import re
from typing import Any

from crawlers.lists.apis.pubmed_xml import WHOLE, element_text, element_texts, find_element_text, normal_orcid

_COMMON = re.compile(  # family name, given names, ORCID, affiliations unchanged
    r"<Author(?: [^>]*)?>\s*<LastName>([^<]*)</LastName>\s*<ForeName>([^<]*)</ForeName>\s*"
    r'<Initials>[^<]*</Initials>\s*(?:<Identifier Source="ORCID">([^<]*)</Identifier>\s*)?'
    r"((?:<AffiliationInfo>\s*<Affiliation>[^<]*</Affiliation>\s*</AffiliationInfo>\s*)*)</Author>"
)
_PART = re.compile(
    r"<(LastName|ForeName|FirstName|Suffix|CollectiveName|Affiliation|Identifier)(?=[ />])([^>]*)>" + WHOLE
)

Person = dict[str, Any]


def parse_authors(text: str) -> tuple[list[Person], list[str]]:
    """Each author ({"name", "affiliations", "orcid"}, the latter two where they have them), and all affiliations, in
    order and with repetitions. Raises ApiError.
    """
    usual = _COMMON.findall(text)
    if len(usual) == text.count("</Author>"):
        names = element_texts([name for author in usual for name in author[:2]])
        if "" not in names:
            return _common_authors(usual, names)
    return _any_authors(text)


def _common_authors(authors: list[tuple[str, str, str, str]], names: list[str]) -> tuple[list[Person], list[str]]:
    """`names`: the family name and the given names of each."""
    people: list[Person] = []
    affiliations: list[str] = []
    held: dict[str, list[str]] = {"": []}  # authors of one group have the same
    at = 0
    for _, _, orcid, raw in authors:
        person: Person = {"name": f"{names[at + 1]} {names[at]}"}
        at += 2
        if raw:
            places = held.get(raw)
            if places is None:
                said = element_texts([part[: part.find("<")] for part in raw.split("<Affiliation>")[1:]])
                places = held[raw] = [place for place in said if place]
                affiliations += places
            if places:
                person["affiliations"] = places.copy()
        if orcid and (number := normal_orcid(orcid)):
            person["orcid"] = number
        people.append(person)
    return people, affiliations


def _any_authors(text: str) -> tuple[list[Person], list[str]]:
    people: list[Person] = []
    affiliations: list[str] = []
    for author in text.split("</Author>")[:-1]:
        given = family = suffix = orcid = ""
        places: list[str] = []
        for tag, attributes, said in _PART.findall(author):
            if attributes.endswith("/"):
                continue
            if tag == "Affiliation":
                if place := element_text(said):
                    places.append(place)
            elif tag == "Identifier":
                if 'Source="ORCID"' in attributes:
                    orcid = normal_orcid(said)
            elif tag == "ForeName" or tag == "FirstName":
                given = element_text(said)
            elif tag == "Suffix":
                suffix = f" {element_text(said)}"
            else:  # LastName, CollectiveName
                family = element_text(said)
        if family and not given:
            given, _ = find_element_text(author, "Initials")
        person: Person = {"name": f"{given} {family}{suffix}" if given and family else family or given}
        if places:
            person["affiliations"] = places
            affiliations += places
        if orcid:
            person["orcid"] = orcid
        people.append(person)
    return people, affiliations
