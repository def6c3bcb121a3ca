"""Choose among the candidates of a name, and say why in words.

In order:
1. no candidate: no concept, and the reason;
2. candidates of exactly this name come before those found by plural or spelling;
3. one is left: it is chosen, except an institute in another country than the document's and those it names, if it was
   reached by a looser name or its name is one that many countries give (National …, Ministry …), unless it is marked
   as the one meant by default (our own list);
4. several institutes: the one in the document's country; else the only one in a country that the text names;
   else the one marked as meant by default; else none ("two institutes share this name: …");
5. several concepts of an ontology: the one marked as meant by default; else the one whose own name it is; else
   none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nlp.normalize.candidates import Candidate

EVERY_COUNTRY = ("National ", "Ministry ", "Central ", "General ", "State ")  # names that many countries give


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The concept, how sure (0 to 1), and the reason in words."""

    concept: str | None
    score: float
    why: str


def choose(
    candidates: Sequence[Candidate], *, country: str | None, named: Collection[str] = (), placed: bool = False
) -> Choice:
    """`country` is the document's, `named` those that its text names, `placed` whether country decides here."""
    if not candidates:
        return Choice(concept=None, score=0.0, why="no concept of this name in the lexicons")
    exact = [one for one in candidates if not one.derived] or list(candidates)
    distinct = {one.concept: one for one in sorted(exact, key=lambda c: (c.label, not c.alias))}
    rest = list(distinct.values())
    if len(rest) == 1:
        return _only(rest[0], country=country, named=named, placed=placed)
    if placed:
        return _placed(rest, country=country, named=named)
    own = [one for one in rest if one.default] or [one for one in rest if one.label]
    if len(own) == 1:
        return Choice(concept=own[0].concept, score=0.9, why=f"the own name of a concept in {_origin(own[0])}")
    return Choice(concept=None, score=0.0, why=f"{len(rest)} concepts share this name: {_list(rest)}")


def _only(one: Candidate, *, country: str | None, named: Collection[str], placed: bool) -> Choice:
    near = {*named, country} - {None}
    away = placed and one.country and near and one.country not in near
    if away and not one.default and one.name.startswith(EVERY_COUNTRY):
        return Choice(
            concept=None, score=0.0, why=f"{one.name} of {one.country} is known; the page is about {_places(near)}"
        )
    if placed and one.country and not (one.label or one.default):
        if near and one.country not in near:
            return Choice(
                concept=None,
                score=0.0,
                why=f"only a looser name of {one.name} ({one.country}); the page is about {_places(near)}",
            )
        if not near and one.alias:
            return Choice(concept=one.concept, score=0.7, why=f"a looser name in {_origin(one)}, the only one")
    if placed and one.country and one.country == country:
        return Choice(
            concept=one.concept, score=1.0, why=f"name in {_origin(one)}; country {country} agrees with the page"
        )
    if one.derived:
        return Choice(concept=one.concept, score=0.95, why=f"plural or spelling of a name in {_origin(one)}")
    kind = "exact name" if one.label else "synonym"
    return Choice(concept=one.concept, score=1.0 if one.label else 0.9, why=f"{kind} in {_origin(one)}")


def _places(near: Collection[str | None]) -> str:
    return ", ".join(sorted(place for place in near if place))


def _placed(rest: Sequence[Candidate], *, country: str | None, named: Collection[str]) -> Choice:
    here = [one for one in rest if country is not None and one.country == country]
    if len(here) == 1:
        return Choice(
            concept=here[0].concept,
            score=0.9,
            why=f"one of {len(rest)} of this name; country {country} agrees with the page",
        )
    there = [one for one in rest if one.country in named]
    if not here and len(there) == 1:
        return Choice(
            concept=there[0].concept,
            score=0.8,
            why=f"one of {len(rest)} of this name; the text names its country, {there[0].country}",
        )
    usual = [one for one in (here or rest) if one.default]
    if len(usual) == 1:
        return Choice(concept=usual[0].concept, score=0.7, why="usually meant by this name; no country says otherwise")
    return Choice(concept=None, score=0.0, why=f"{_count(len(rest))} institutes share this name: {_list(rest)}")


def _origin(one: Candidate) -> str:
    """The ontology or registry; where the name itself is ours, that is said."""
    home = one.origin.partition(",")[0].partition(" ")[0]
    if home == "Stemwire":
        return "our own list"
    return f"our own list for {home}" if one.own and not one.label else home


def _count(number: int) -> str:
    return "two" if number == 2 else str(number)


def _list(rest: Sequence[Candidate]) -> str:
    shown = "; ".join(f"{one.name} ({one.country or '?'}, {one.concept})" for one in list(rest)[:4])
    return shown + (" …" if len(rest) > 4 else "")
