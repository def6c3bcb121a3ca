"""What the head of a page says to programs: its address, what it is, its forms, and whom it cites.

Every page gets from `find_head` its canonical address (without parameters that make no other page), the links
to its forms, and its type in the vocabulary of schema.org. A document has a `Head` of its own, made from its citation:
`citation_*` for papers and preprints (Zotero and Google Scholar read these), and JSON-LD of the work itself as the
`mainEntity` of our page about it. It says only what the edition has.

JSON-LD is data in a script element of a type that no browser runs, so the strict policy (no scripts) has nothing to
refuse. `write_json` escapes what could end the element.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from publish.pages.cite import GROUP, Citation, Name
from publish.pages.page import Context, Page, Request, with_suffix
from publish.pages.template_filters import address, day, kind, outside

TYPES = {
    "news": "NewsArticle", "release": "NewsArticle", "explainer": "Article", "clinic": "WebPage",
    "paper": "ScholarlyArticle", "preprint": "ScholarlyArticle", "trial": "MedicalTrial",
}  # fmt: skip
STATUSES = {  # ours -> the values of MedicalStudyStatus
    "recruiting": "Recruiting", "active, not recruiting": "ActiveNotRecruiting", "completed": "Completed",
    "enrolling by invitation": "EnrollingByInvitation", "not yet recruiting": "NotYetRecruiting",
    "suspended": "Suspended", "terminated": "Terminated", "unknown": "Unknown", "withdrawn": "Withdrawn",
}  # fmt: skip
SCHOLARLY = ("paper", "preprint")
EXCERPT = 180  # characters of a description

Data = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a page says of itself in place of the usual."""

    description: str
    type: str = "website"  # of Open Graph
    tags: Sequence[tuple[str, str]] = ()
    data: Data | None = None


def find_head(page: Page, request: Request, path: str, context: Context) -> Context:
    """Canonical address, forms and type of a page; what it has set itself stays."""
    meant = context.get("params")
    params = list(meant) if isinstance(meant, Sequence) else []
    number = [("page", request.number)] if request.number > 1 else []
    asked = [(name, value) for name, value in request.params if name != "page"]
    canonical = address(path, [*params, *number])
    head = context.get("head")
    return {
        "canonical": canonical,
        "forms": [(one, address(with_suffix(path, one.suffix), asked)) for one in page.formats],
        "linked_data": partial(_write_data, page.schema, f"{request.site}{canonical}", request.site, head),
    }


def _write_data(schema: str, url: str, site: str, head: object, title: Markup, description: Markup) -> Markup:
    """The page's own JSON-LD, or the usual."""
    own = head.data if isinstance(head, Head) else None
    return write_json(own or page_data(schema, title, description, url, site))


def document_head(
    one: Citation, site: str, *, excerpt: str, cites: Sequence[str] = (), status: str = ""
) -> Head:  # fmt: skip
    """Of a document: `excerpt` is of the text that may be shown, `cites` the numbers of what it rests on."""
    when = f", {day(one.published)}" if one.published else ""
    work = describe(one, cites=cites, status=status)
    said = f"{kind(one.kind)} from {one.journal or one.outlet}{when}."
    return Head(
        description=f"{said} {shorten(excerpt)}".strip(),
        type="article" if one.kind in SCHOLARLY else "website",
        tags=tuple(find_tags(one)) if one.kind in SCHOLARLY else (),
        data={**_page("WebPage", f"{site}{one.path}", one.title), "mainEntity": work},
    )


def find_tags(one: Citation) -> Iterator[tuple[str, str]]:
    """`citation_*` of a paper or preprint: only a paper has a journal."""
    pairs = [
        ("citation_title", one.title),
        *(("citation_author", name.inverted) for name in one.authors),
        ("citation_publication_date", one.published.replace("-", "/")),
        ("citation_journal_title", one.journal),
        ("citation_publisher", "" if one.journal else one.outlet),
        ("citation_issn", one.issn),
        ("citation_doi", one.doi),
        ("citation_pmid", one.pmid),
        ("citation_language", one.lang),
        ("citation_abstract", one.abstract),
        ("citation_public_url", one.link),
    ]
    yield from (pair for pair in pairs if pair[1])


def describe(one: Citation, *, cites: Sequence[str] = (), status: str = "") -> Data:
    """The work itself, as JSON-LD."""
    type_ = TYPES.get(one.kind, "CreativeWork")
    numbers = [f"doi:{one.doi}" if one.doi else "", f"pmid:{one.pmid}" if one.pmid else "", one.registry]
    same = [outside(number) for number in numbers[:2] if number]
    trial = type_ == "MedicalTrial"
    data: dict[str, object] = {
        "@type": type_,
        "name": one.title,
        "headline": "" if trial else one.title,
        "url": one.link,
        "datePublished": "" if trial else one.published,
        "inLanguage": "" if trial else one.lang,
        "author": [] if trial else [_author(name) for name in one.authors],
        "publisher": {} if trial or one.journal else {"@type": "Organization", "name": one.outlet},
        "isPartOf": _journal(one),
        "identifier": [number for number in numbers if number],
        "sameAs": same,
        "abstract": "" if trial else one.abstract,
        "description": one.abstract if trial else "",
        "status": f"https://schema.org/{STATUSES[status]}" if trial and status in STATUSES else "",
        "creativeWorkStatus": "" if trial else one.notice,
        "citation": [] if trial else [_cited(number) for number in cites if number],
    }
    return {name: value for name, value in data.items() if value}


def _author(name: Name) -> Data:
    if not name.given:
        return {"@type": "Organization" if GROUP.search(name.family) else "Person", "name": name.family}
    whole = " ".join(part for part in (name.given, name.family, name.after) if part)
    return {"@type": "Person", "name": whole, "familyName": name.family, "givenName": name.given}


def _journal(one: Citation) -> Data:
    if not one.journal:
        return {}
    return {"@type": "Periodical", "name": one.journal} | ({"issn": one.issn} if one.issn else {})


def _cited(number: str) -> Data:
    """What a document rests on, by its number; with an address where its register has one."""
    link = outside(number)
    return {"@type": "CreativeWork", "identifier": number} | ({"url": link} if link else {})


def page_data(schema: str, title: Markup, description: Markup, url: str, site: str) -> Data:
    """JSON-LD of a page that has none of its own; title and description are blocks of its template, escaped."""
    return {
        **_page(schema, url, title.unescape()),
        "description": " ".join(description.unescape().split()),
        "isPartOf": {"@type": "WebSite", "@id": f"{site}/", "url": f"{site}/"},
    }


def list_data(url: str, title: str, members: Sequence[tuple[str, str]]) -> Data:
    """JSON-LD of a page that is a list: members are address and title."""
    items = [
        {"@type": "ListItem", "position": number, "url": where, "name": name}
        for number, (where, name) in enumerate(members, 1)
    ]
    whole = {"@type": "ItemList", "numberOfItems": len(members), "itemListElement": items}
    return {**_page("CollectionPage", url, title), "mainEntity": whole}


def _page(schema: str, url: str, name: str) -> Data:
    return {
        "@context": "https://schema.org", "@type": schema, "@id": url, "url": url, "name": " ".join(name.split()),
    }  # fmt: skip


def write_json(data: Data) -> Markup:
    """JSON that is safe in a script element: nothing in it ends the element or begins a comment."""
    text = json.dumps(data, ensure_ascii=False)
    for sign, escaped in (
        ("<", r"\u003c"),
        (">", r"\u003e"),
        ("&", r"\u0026"),
        ("\u2028", r"\u2028"),
        ("\u2029", r"\u2029"),
    ):
        text = text.replace(sign, escaped)
    return Markup(text)


def shorten(text: str, width: int = EXCERPT) -> str:
    """The beginning of a text, cut between words."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    cut = text.rfind(" ", width // 2, width)
    return text[: cut if cut > 0 else width] + "…"
