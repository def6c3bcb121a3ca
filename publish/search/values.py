"""Values of filters as people write them: `country:korea` is KR, `kind:papers` is paper, `lang:korean` is ko.

`read_filter` reads `name:value`, or refuses it. `understand` looks for the folded value, in order, among the values
themselves, their words and plurals, and, for countries and languages, among the names that pycountry has in the
languages of this site and in `vocabulary.country_also` of core/facets.toml. `refuse` names the values that there are,
the nearest one, and another filter that has the value.

What a facet's declaration does not list, an edition does: if `needed` names filters of a query, read their VALUES from
it and call `with_known_values`. `animal:mice` becomes animal:mouse, and `animal:mous` is refused with the values there
are. Feeds and letters leave that out: a value of last month may be absent tonight.
"""

from __future__ import annotations

import difflib
import gettext
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import pycountry

from core.facets import Facet, facets
from publish.search.clauses import FIELDS, Filter, Query, QueryError, Term
from publish.search.fold import lookup_keys, name_key

SHOWN = 12  # values that an error names, of a facet that has more
VALUES = """
SELECT facet, value, label FROM facet WHERE facet IN (SELECT value FROM json_each(:filters))
ORDER BY facet, documents DESC, value"""


def read_filter(name: str, value: str) -> Term | None:
    """A filter as a term, or None if there is none of this name. Raises QueryError."""
    table, lower, value = facets(), name.lower(), " ".join(value.split())
    facet = table.find_filter(lower)
    if facet is None or facet.filter is None:
        near = difflib.get_close_matches(lower, (*table.filters, *table.aliases, *FIELDS), n=1, cutoff=0.8)
        if near and not value.startswith("//"):
            raise QueryError(f"there is no filter {name}: (did you mean {near[0]}:?)")
        return None
    if not value:
        raise QueryError(f"{facet.filter}: needs a value")
    cased = value.upper() if facet.case == "upper" else value.lower() if facet.case == "lower" else value
    if facet.values and cased not in facet.values:
        cased = understand(facet, value) or cased
    if (facet.pattern and not re.fullmatch(facet.pattern, cased)) or (facet.closed and cased not in facet.values):
        raise QueryError(refuse(facet, value))
    return Term(text=cased, field=facet.filter)


def understand(facet: Facet, written: str) -> str | None:
    """The value of the facet that is meant, if its declaration or its vocabulary knows it."""
    if not facet.filter:
        return None
    known = _known(facet.filter)
    return next((known[key] for key in lookup_keys(written) if key in known), None)


def nearest(written: str, known: Mapping[str, str]) -> str | None:
    """The value (of value -> words, as the table `facet` of an edition has them) that is written in another form."""
    keys = _keys((value, words) for value, words in known.items())
    return next((keys[key] for key in lookup_keys(written) if key in keys), None)


def needed(query: Query) -> tuple[str, ...]:
    """The filters whose values to read from the edition: those that a query needs, and those that may be meant."""
    asked = _unlisted(query)
    return tuple(dict.fromkeys((*asked, *_others()))) if asked else ()


def _others() -> tuple[str, ...]:
    return tuple(facet.filter for facet in facets().of_kind("label") if facet.filter)


def _unlisted(query: Query) -> tuple[str, ...]:
    """Filters of a query with a value that no declaration lists: of labels and columns, things and dates aside."""
    asked: list[Filter] = []

    def note(one: Filter) -> Filter:
        asked.append(one)
        return one

    query.with_filters(note)
    found = ((f, facets().filters[f.name]) for f in asked)
    return tuple(
        dict.fromkeys(
            f.name for f, facet in found
            if facet.kind in ("label", "column", "status") and f.value not in facet.values and not facet.pattern
        )
    )  # fmt: skip


def with_known_values(query: Query, known: Mapping[str, Mapping[str, str]]) -> Query:
    """The query with the values of an edition, for filter -> value -> words, the commonest first. Raises QueryError."""

    def checked(asked: Filter) -> Filter:
        facet, values = facets().filters[asked.name], known.get(asked.name, {})
        if not values or asked.value in values or asked.value in facet.values or asked.name not in named:
            return asked
        if (meant := nearest(asked.value, values)) is not None:
            return replace(asked, value=meant)
        line = refuse(facet, asked.value, tuple(facet.values) or tuple(values))
        names = (name for name in _others() if name in known and name != asked.name)
        others = ((name, nearest(asked.value, known[name])) for name in names)
        other = next((_written(name, value) for name, value in others if value), "")
        raise QueryError(line if "did you mean" in line or not other else f"{line} (did you mean {other}?)")

    named = _unlisted(query)
    return query.with_filters(checked)


def refuse(facet: Facet, written: str, values: Iterable[str] = ()) -> str:
    """The line that says which values a filter takes, for one that it does not; by default the declared ones."""
    known = list(values) or list(facet.values)
    shown = known if len(known) <= SHOWN + 3 else [*known[:SHOWN], f"{len(known) - SHOWN} others"]
    listed = " or ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
    line = f"{facet.filter}: takes {facet.takes or listed}"
    near = difflib.get_close_matches(written.lower(), known, n=1, cutoff=0.75)
    near = near or [value for value in known if len(written) > 3 and value.startswith(f"{written.lower()} ")]
    if near:
        return f"{line} (did you mean {_written(str(facet.filter), near[0])}?)"
    return line + "".join(f" (did you mean {other}?)" for other in _elsewhere(facet, written)[:1])


def _elsewhere(facet: Facet, written: str) -> list[str]:
    """Other filters that have this value."""
    others = (other for other in facets().filters.values() if other.filter != facet.filter and other.values)
    found = [(other.filter, understand(other, written)) for other in others]
    return [_written(str(name), value) for name, value in found if value]


def _written(name: str, value: str) -> str:
    return f'{name}:"{value}"' if " " in value else f"{name}:{value}"


@cache
def _known(name: str) -> Mapping[str, str]:
    """key -> value of what a filter's declaration and vocabulary know."""
    facet = facets().filters[name]
    known = _keys([*facet.values.items(), *facet.plurals.items()])
    if facet.vocabulary == "country":
        known = {**_countries(tuple(facet.values)), **known}
    elif facet.vocabulary == "language":
        known = {**_languages(), **known}
    return known


def _keys(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """key -> value. A value itself comes before the words of another."""
    pairs = list(named)
    return {name_key(words): value for value, words in pairs} | {name_key(value): value for value, _ in pairs}


@cache
def _countries(first: tuple[str, ...]) -> Mapping[str, str]:
    """key of a country's name -> code. Where two share a short name (Korea), one of `first` has it."""
    order = sorted(pycountry.countries, key=lambda country: country.alpha_2 not in first)
    catalogues = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[lang], fallback=True)
        for lang in facets().vocabularies["language"]
    ]
    whole: dict[str, str] = {}
    short: dict[str, str] = {}
    for country in order:
        names = [country.alpha_2, country.alpha_3, country.name]
        names += [getattr(country, kind) for kind in ("common_name", "official_name") if hasattr(country, kind)]
        names += [catalogue.gettext(name) for catalogue in catalogues for name in names[2:]]
        for name in names:
            whole.setdefault(name_key(name), country.alpha_2)
            short.setdefault(name_key(name.partition(",")[0]), country.alpha_2)
    also = {name_key(name): code for name, code in facets().vocabularies["country_also"].items()}
    return {**short, **whole, **also}


@cache
def _languages() -> Mapping[str, str]:
    """key of a language's name -> its code of two letters."""
    found: dict[str, str] = {}
    for language in pycountry.languages:
        if code := getattr(language, "alpha_2", None):
            for name in (language.name.partition(" (")[0], language.alpha_3, code):
                found.setdefault(name_key(name), code)
    return found
