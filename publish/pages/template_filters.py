"""Filters and functions of the templates: dates, numbers, names of kinds and countries, addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Protocol
from urllib.parse import quote, urlencode

from markupsafe import Markup

from core.facets import facets
from publish.edition.steps import STEPS
from publish.pages.assets import find_script
from publish.pages.bar_charts import MONTHS, draw_months
from publish.pages.datasette_parts import Environment, Site
from publish.pages.flags import Flag
from publish.pages.follow import filter_text, make_follow_address
from publish.pages.reports import make_report_address
from publish.pages.site_map import navigation
from publish.search.own_key import is_own
from publish.styles import styles_digest

FULL = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
SOURCE_KINDS = {
    "news": "News outlet", "press_release": "Press office", "explainer": "Explainers", "clinic": "Clinic",
    "journal": "Journal", "preprint": "Preprint server", "registry": "Trial registry",
    "stem_cell_bank": "Stem cell bank",
}  # fmt: skip
ROLES_OF_KIND = {
    "paper": "paper", "preprint": "preprint", "trial": "trial record", "release": "press release",
    "clinic": "clinic page",
}  # fmt: skip
LICENCES = {
    "full": "Full text, under its open licence",
    "abstract": "Abstract only",
    "headline-and-link": "Headline and link",
}
DATES = {
    "meta": "the page's own description", "json-ld": "the page's own description", "label": "a date beside the text",
    "byline": "the byline", "time": "a date beside the text", "rule": "where this site puts its date",
    "htmldate": "the likeliest date on the page", "url": "the address", "text": "the text", "feed": "its feed",
}  # fmt: skip


class Named(Protocol):
    """What has a page under its title: a document or a story."""

    @property
    def slug(self) -> str: ...
    @property
    def key(self) -> str: ...


class Thing(Protocol):
    """Something named, by its identifier."""

    @property
    def type(self) -> str: ...
    @property
    def concept(self) -> str: ...


def day(text: str | None) -> str:
    """`2026-11-22` as `22 November 2026`; months and years stay what they are."""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text or "")
    if not match:
        return text or ""
    year, month, number = match.groups()
    return " ".join(
        part for part in (str(int(number)) if number else "", FULL[int(month) - 1] if month else "", year) if part
    )


def moment(text: str | None) -> str:
    """`2026-11-22T04:51:00Z` as `22 November 2026, 04:51 UTC`."""
    return f"{day(text)}, {text[11:16]} UTC" if text and len(text) > 15 else day(text)


def month(text: str) -> str:
    return f"{MONTHS[int(text[5:7]) - 1]} {text[:4]}" if re.fullmatch(r"\d{4}-\d\d", text or "") else text


def kind(value: str) -> str:
    return facets().by_name["column", "kind"].words(value)


def kinds(value: str) -> str:
    """Several of a kind: `Press releases`, but `News`."""
    word = kind(value)
    return word if facets().by_name["column", "kind"].plurals.get(value) == word else f"{word}s"


def source_kind(value: str) -> str:
    return SOURCE_KINDS.get(value, str(value).replace("_", " ").capitalize())


def entity_type(value: str, many: bool = False) -> str:
    """The title of a type. One that the table of facets no longer has (an older edition) is called by its own name."""
    facet = facets().find("type", value)
    if facet is None:
        return value.replace("_", " ").capitalize()
    return facet.plural if many else facet.title


def country(value: str) -> str:
    return facets().vocabularies["country"].get(value, value)


def language(value: str) -> str:
    return facets().vocabularies["language"].get(value, value)


def role(value: str) -> str:
    """In what role a document names a thing."""
    return facets().vocabularies["role"].get(value, value.replace("_", " "))


def role_word(value: str, kind: str = "", why: str = "") -> str:
    """How a document tells its story, in a reader's words, by its role, its kind and the reason of the role.

    What a document is comes first (a paper, a press release); then what it does: a copy says of what.

    >>> role_word("copy", "news", "repeats 54% of the text of the release, which is 90% of its own")
    'repeats the release'
    """
    if kind in ROLES_OF_KIND:
        return ROLES_OF_KIND[kind]
    if value == "copy":
        model = re.search(r"of the text of the (\w+)", why)
        return f"repeats the {model[1]}" if model and model[1] in ROLES_OF_KIND else "repeats an earlier text"
    return {"origin": "where it began", "release": "press release", "coverage": "own report"}.get(value, value)


def licence(value: str) -> str:
    return LICENCES.get(value, value)


def date_origin(where: str | None) -> str:
    """Where a date was found, in a reader's words."""
    text = where or ""
    if text.endswith(" entry"):
        return "its feed or record"
    return DATES.get(re.split(r"[ :]", text, maxsplit=1)[0], text)


def translation(value: str | None) -> str:
    """`machine, from ko` as `by machine, from Korean`."""
    who, _, language_ = (value or "").partition(", from ")
    said = f"by {'a person' if who == 'person' else who}"
    return f"{said}, from {language(language_)}" if language_ else said


def flag(one: Flag) -> str:
    """What a flag says."""
    return facets().filters[one.filter].flag(one.value)


def public_code(concept: str) -> str:
    """A code that others know, such as MONDO:0010726; nothing for names of our own."""
    return "" if str(concept).partition(":")[0].islower() else concept


def number(value: int | str) -> str:
    return f"{int(value):,}"


def amount(value: float) -> str:
    """`2000000.0` as `2,000,000`, `6.1` as it is."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def plural(count: int | str, one: str, many: str | None = None) -> str:
    return f"{int(count):,} {one if int(count) == 1 else many or one + 's'}"


def safe_url(value: str | None) -> str:
    """An address that is safe in a link, or an empty text."""
    return value if value and re.match(r"https?://[^\s<>\"']+$", value) else ""


def host(value: str | None) -> str:
    match = re.match(r"https?://(?:www\.)?([^/:?#]+)", value or "")
    return match[1] if match else ""


def inner(text: str | None) -> str:
    """A text for a place between quotation marks: its own become single ones, and one without its fellow goes.

    >>> inner("“It works,” she said. “Now wait.")
    '‘It works,’ she said. Now wait.'
    """
    return "".join(_inner_marks(text or ""))


def inner_pieces(some: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The same of a text in pieces."""
    pieces = list(some)
    marks = iter(_inner_marks("".join(text for text, _ in pieces)))
    return [("".join(islice(marks, len(text))), hit) for text, hit in pieces]


def _inner_marks(text: str) -> list[str]:
    """Each letter, a pair of double marks as single ones, a double mark without its fellow as nothing."""
    letters = ["" if letter in '“”"' else letter for letter in text]
    for pair in re.finditer(r"[“\"][^“”\"]*[”\"]", text):
        letters[pair.start()], letters[pair.end() - 1] = "‘", "’"
    return letters


def ours(text: str | None) -> str:
    """A sentence of our own as pages write it: `November 9, 2026` and `2026-11-09` as `9 November 2026`."""
    said = re.sub(rf"\b({'|'.join(FULL)}) (\d\d?), (\d{{4}})\b", r"\2 \1 \3", text or "")
    said = re.sub(r"\bon (\d{4}-\d\d-\d\d)\b", lambda found: f"on {day(found[1])}", said)
    return said.replace("both mention ", "both name ")


def point(why: str | None) -> str:
    """What a telling is about: `the release says: who paid for it. We …` as `Who paid for it`."""
    said = (why or "").partition(". ")[0]
    said = said.partition(": ")[2] or said
    return said[:1].upper() + said[1:]


def xml(text: str | None) -> str:
    """Without the characters that XML cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", str(text or ""))


def document_url(row: Named) -> str:
    return f"/document/{quote(row.slug)}-{row.key}"


def story_url(row: Named) -> str:
    return f"/story/{row.slug}-{row.key}"


def entity_url(row: Thing) -> str:
    return f"/entity/{row.type}/{quote(row.concept, safe=':')}"


def identifier(scheme: str, value: str) -> tuple[str, str]:
    """(name of the register, address or nothing)."""
    facet = facets().find("scheme", scheme)
    if facet is None:
        return scheme.upper(), ""
    register = facet.registers.get(scheme)
    return facet.heading, register.address(quote(value, safe="/:().;-_")) if register else ""


def outside(ident: str | None) -> str:
    """`doi:10.1/x` -> its address, or nothing."""
    scheme, _, value = (ident or "").partition(":")
    return identifier(scheme, value)[1]


def address(path: str, params: Iterable[tuple[str, object]]) -> str:
    """Path and parameters, blanks left out."""
    kept = [(name, value) for name, value in params if value not in ("", None)]
    return f"{path}?{urlencode(kept)}" if kept else path


FILTERS = {
    "from_json": json.loads,
    "day": day, "moment": moment, "month": month, "kind": kind, "kinds": kinds, "source_kind": source_kind,
    "country": country, "language": language, "licence": licence, "number": number, "safe_url": safe_url,
    "host": host, "xml": xml, "entity_type": entity_type, "date_origin": date_origin, "translation": translation,
    "public_code": public_code, "flag": flag, "role": role, "role_word": role_word, "amount": amount,
    "inner": inner, "inner_pieces": inner_pieces, "ours": ours, "point": point,
}  # fmt: skip
GLOBALS = {
    "document_url": document_url, "story_url": story_url, "entity_url": entity_url, "identifier": identifier,
    "step_names": STEPS, "is_own": is_own, "outside": outside, "address": address, "bars": draw_months,
    "plural": plural, "filter_text": filter_text,
}  # fmt: skip


def add_to(environment: Environment, site: Site) -> None:
    """Give the templates their filters and functions, the name of the site, the navigation, and where reports go."""
    settings = getattr(site, "stemwire", None)  # the library makes templates before this attribute is set
    environment.filters.update(FILTERS)
    environment.globals.update(GLOBALS)
    environment.globals["facet_table"] = facets()
    environment.globals["find_script"] = Markup(find_script())  # ours, and whole: the policy has its hash
    environment.globals["navigation"] = navigation()
    environment.globals["report"] = partial(
        make_report_address, settings.reports if settings else "", site=settings.url if settings else ""
    )
    environment.globals["follow"] = partial(make_follow_address, settings.desk if settings else "")
    environment.globals["site"] = {
        "name": settings.name if settings else "Stemwire",
        "url": settings.url if settings else "",
        "about": settings.about if settings else "",
        "notice": settings.notice if settings else "",
        "questions": settings.questions if settings else (),
        "styles": styles_digest(),
        "paste": settings.paste if settings else "",
        "desk": settings.desk if settings else "",
    }
