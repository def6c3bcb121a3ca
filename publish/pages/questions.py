"""Ready-made questions: the feed of a query in SQL, and the function by which a query names pages of the site.

`datasette/metadata.yaml` holds the questions: a title, a sentence, parameters, SQL. An answer with the columns `title`,
`page` (an address made with `here`) and `changed` (a moment in UTC) can be followed: `/stemwire/NAME.atom` and
`.jsonfeed`, each row an entry, the other columns its text. `.ris` and `.bib` cite the papers, preprints and trials
whose pages it names. So it is with a query that a reader writes.

    here('/document/' || slug || '-' || "key")      the address of a page
    here('/search', 'work', 'KR', 'kind', 'news')   with parameters

Why this is not datasette-atom (0.9): an answer without rows, and a title with a sign that XML lacks, are errors 500
there; a feed has no author unless each row names one; SQL does not know the address of the site; and its library
feedgen has had no wheel since 2016, while `run.sh` installs nothing else.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from publish.pages.datasette_parts import NAME, AskedFor, BadRequest, Response, Site
from publish.pages.feed_entries import ATOM_TYPE, JSON_TYPE, Entry, Feed, feed_context
from publish.pages.formats_documents import Listing, citations_of
from publish.pages.page import Request, Stream
from publish.pages.rows import OpenEdition
from publish.pages.template_filters import address

NEEDED = ("title", "page", "changed")
DOCUMENT = re.compile(r"/document/(?:.*-)?([0-9a-f]{12})$")
BY_KEY = 'SELECT d.id FROM json_each(:keys) j CROSS JOIN document d ON d."key" = j.value ORDER BY j.key'
OWN = "Your question"  # a query that a reader wrote
FORMS = {"atom": ("feed.xml", ATOM_TYPE), "jsonfeed": ("feed.json", JSON_TYPE)}


def make_here(site: str) -> Callable[..., str | None]:
    """The SQL function `here`: a path and pairs of parameters as an address of the site."""

    def here(path: object = None, *params: object) -> str | None:
        if path is None or len(params) % 2:
            return None
        pairs = zip(map(str, params[::2]), params[1::2], strict=True)
        return site + address(quote(str(path), safe="/:"), pairs)

    return here


def add_functions(connection: sqlite3.Connection, site: str) -> None:
    """Give a connection what questions ask with."""
    connection.create_function("here", -1, make_here(site), deterministic=True)


def renderers(open_edition: Callable[[Site], OpenEdition]) -> list[dict[str, object]]:
    """The forms in which Datasette offers an answer: its feeds, and references to the documents in it."""
    feeds = [(form, _feed_renderer(form)) for form in FORMS]
    cited = [(form.suffix, _cited_renderer(form.suffix, open_edition)) for form in citations_of(_find_none)]
    return [{"extension": form, "render": render, "can_render": can_follow} for form, render in feeds + cited]


def can_follow(columns: Sequence[str]) -> bool:
    """Whether an answer with these columns has a feed."""
    return set(NEEDED) <= set(columns)


def names_feed(sql: str) -> bool:
    """Whether a query names the columns that a feed needs."""
    return all(re.search(rf"\b{name}\b", sql) for name in NEEDED)


def _feed_renderer(form: str) -> Callable[..., Any]:
    template, content_type = FORMS[form]

    async def render(
        datasette: Site, request: AskedFor, columns: Sequence[str], rows: Sequence[sqlite3.Row], query_name: str | None
    ) -> Response:
        if not can_follow(columns):
            raise BadRequest(f"A feed needs the columns {', '.join(NEEDED)}.")
        queries = await datasette.get_canned_queries(NAME, None)
        query = queries.get(query_name or "", {})
        params = [(name, value) for name in request.args for value in request.args.getlist(name) if name != "_format"]
        meta = await datasette.databases[NAME].execute("SELECT value FROM meta WHERE name = 'built'", {})
        feed = to_feed(
            name=query_name or "", title=query.get("title", OWN), about=query.get("description", ""), params=params,
            rows=[dict(row) for row in rows], built=next((row[0] for row in meta.rows), ""),
            site=datasette.stemwire.url,
        )  # fmt: skip
        body = await datasette.render_template(template, feed_context(feed, f".{form}"), request=request)
        return Response(body, content_type=content_type)

    return render


async def _find_none(edition: OpenEdition, request: Request) -> Listing:
    return Listing(name="question", ids=())


def _cited_renderer(suffix: str, open_edition: Callable[[Site], OpenEdition]) -> Callable[..., Any]:
    """RIS or BibTeX of the papers, preprints and trials in an answer."""

    async def render(datasette: Site, rows: Sequence[sqlite3.Row], query_name: str | None) -> Response:
        keys = [match[1] for row in rows if (match := DOCUMENT.search(str(dict(row).get("page") or "")))]

        async def find(edition: OpenEdition, request: Request) -> Listing:
            ids = await edition.numbers(BY_KEY, {"keys": json.dumps(list(dict.fromkeys(keys)))})
            return Listing(name=query_name or "question", ids=ids)

        form = next(one for one in citations_of(find) if one.suffix == suffix)
        stream = await form.show(open_edition(datasette), Request(site=datasette.stemwire.url))
        if not isinstance(stream, Stream):
            raise BadRequest("There are no references to this.")
        headers = {"content-disposition": f'attachment; filename="{stream.name}"'}
        body = "".join([piece async for piece in stream.pieces])
        return Response(body, headers=headers, content_type=stream.content_type)

    return render


def to_feed(
    *,
    name: str,
    title: str,
    about: str,
    params: Iterable[tuple[str, str]],
    rows: Sequence[Mapping[str, object]],
    built: str,
    site: str,
) -> Feed:
    """The feed of an answer. Rows without a title, a page of the site or a moment cannot be entries."""
    entries: dict[str, Entry] = {}
    for row in rows:
        said, page, changed = (str(row[column] or "") for column in NEEDED)
        moment = to_moment(changed)
        if said and moment and page.startswith(f"{site}/"):
            ident = f"question/{name or 'own'}/{ident_of(page.removeprefix(site))}"
            if ident in entries:  # two rows on one page
                ident = f"{ident}/{quote(said, safe='')}"
            entries.setdefault(
                ident,
                Entry(ident=ident, title=said, address=page.removeprefix(site), updated=moment, summary=describe(row)),
            )
    return Feed(
        ident=address(f"question/{name or 'own'}", params), title=title, note=about,
        address=f"/{NAME}/{name}" if name else f"/{NAME}", params=tuple(params), entries=list(entries.values()),
        updated=max((entry.updated for entry in entries.values()), default=built),
    )  # fmt: skip


def ident_of(path: str) -> str:
    """What of an address stays the same when a title changes: `/story/a-title-4b03` -> `story/4b03`."""
    match = re.fullmatch(r"/(document|story)/(?:.*-)?([0-9a-f]{12})", path)
    return f"{match[1]}/{match[2]}" if match else quote(path.strip("/"), safe="/:?=&%+")


def to_moment(text: str) -> str:
    """A day or moment as a whole stamp; nothing for what is neither."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return f"{text}T00:00:00Z"
    return text if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text) else ""


def describe(row: Mapping[str, object]) -> str:
    """The other columns in one line: `outlets: 4; journal: Acta Neuropathologica`."""
    said = ((name.replace("_", " "), value) for name, value in row.items() if name not in NEEDED)
    return "; ".join(f"{name}: {value}" for name, value in said if value not in (None, ""))
