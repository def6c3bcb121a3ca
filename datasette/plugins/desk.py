"""The pages of the desk: home, search, feeds, documents, what documents name, sources, about.

Views ask the edition and hand rows to templates; `publish.search` turns a search into SQL.
Facet counts: up to EXACT hits are counted by joins, with every value there is; up to TAGGED the commonest values are
counted through the column `tags` of the index; of still more hits the newest EXACT are counted, and the page says so.
"""

import json
from urllib.parse import unquote

from datasette import NotFound, Response, hookimpl
from datasette.database import QueryInterrupted

from core.text import fingerprint
from publish.search.fts import (
    LABELS,
    NAMED,
    RANKED,
    SINGLE,
    Query,
    QueryError,
    conditions,
    describe,
    excerpt,
    highlight,
    hit_pattern,
    is_concept,
    marked,
    parse_params,
    to_count,
    to_params,
    to_sql,
    to_text,
)

PAGE = 20
LAST_PAGE = 100
FEED = 50
EXACT = 5000
TAGGED = 40_000
FACETS = (
    "kind", "status", "evidence", "work", "system", "disease", "cell", "institution", "journal", "animal", "cells",
    "therapy", "type", "month", "country", "source", "lang",
)  # fmt: skip
LEADS = ("news", "release", "paper", "preprint", "trial")
TOP = ("disease", "cell_type", "institution", "journal")
FILTER_OF = {type_: name for name, type_ in NAMED.items()}

CARDS = """
SELECT d.*, s.name AS source_name, s.kind AS source_kind, t.text, t.part
FROM json_each(:ids) j JOIN document d ON d.id = j.value JOIN source s ON s.id = d.source
LEFT JOIN document_text t ON t.document = d.id ORDER BY j.key"""

FLAGS = """
SELECT document, 'status' AS filter, status AS value, 0 AS place FROM banner
WHERE document IN (SELECT value FROM json_each(:ids))
UNION SELECT document, CASE facet WHEN 'species' THEN 'animal' ELSE facet END, value,
    CASE facet WHEN 'evidence' THEN 1 ELSE 2 END
FROM label WHERE document IN (SELECT value FROM json_each(:ids)) AND value NOT IN ('none', 'human')
    AND facet IN ('evidence', 'species') ORDER BY 1, 4, 3"""


async def rows(db, sql, params=None):
    return [dict(row) for row in (await db.execute(sql, params or {})).rows]


async def value(db, sql, params=None):
    return (await db.execute(sql, params or {})).rows[0][0]


async def page(datasette, request, template, context, status=200):
    body = await datasette.render_template(template, {"facts": database(datasette).facts, **context}, request=request)
    return Response.html(body, status=status)


def database(datasette):
    return datasette.get_database("stemwire")


async def cards(db, ids, query=None, width=260):
    """Documents as the lists show them, in the order of `ids`."""
    marks = {"ids": json.dumps(ids)}
    found = await rows(db, CARDS, marks)
    pattern = hit_pattern(query) if query else None
    quotes, named, flags = {}, {}, {}
    for row in await rows(db, FLAGS, marks):
        flags.setdefault(row["document"], []).append(row)
    for row in await rows(db, "SELECT * FROM quote WHERE document IN (SELECT value FROM json_each(:ids))", marks):
        quotes.setdefault(row["document"], []).append(row["text"])
    for row in await rows(
        db,
        "SELECT x.document, e.type, e.concept, e.name FROM entity_document x JOIN entity e ON e.id = x.entity"
        " WHERE x.document IN (SELECT value FROM json_each(:ids))"
        " ORDER BY x.mentions DESC, e.documents DESC, e.id",
        marks,
    ):
        if row["type"] in TOP:
            named.setdefault(row["document"], []).append(row)
    for row in found:
        row["title_pieces"] = highlight(row["title"], pattern)
        row["quoted"] = row["licence"] == "headline-and-link"
        row["teaser"] = []
        if row["quoted"]:
            said = quotes.get(row["id"], [])
            best = next((text for text in said if pattern and pattern.search(text)), said[0] if said else "")
            row["teaser"] = highlight(best, pattern)
        elif row["text"]:
            row["teaser"] = excerpt(row["text"], pattern, width)
        row["entities"] = named.get(row["id"], [])[:4]
        row["flags"] = flags.get(row["id"], [])[:4]
        row["dated"] = bool(row["published"])
    return found


async def home(datasette, request):
    db = database(datasette)
    marks = {"kinds": json.dumps(LEADS)}
    leads = await rows(
        db,
        "SELECT id FROM document WHERE kind IN (SELECT value FROM json_each(:kinds)) ORDER BY id DESC LIMIT 8",
        marks,
    )
    ids = [row["id"] for row in leads]
    latest = await rows(
        db,
        "SELECT id FROM document WHERE id NOT IN (SELECT value FROM json_each(:ids)) ORDER BY id DESC LIMIT 12",
        {"ids": json.dumps(ids)},
    )
    meta = dict((await db.execute("SELECT name, value FROM meta")).rows)
    tonight = await rows(
        db, "SELECT kind, count(*) AS n FROM document WHERE tonight = 1 GROUP BY kind ORDER BY n DESC, kind"
    )
    totals = {
        "documents": int(meta["documents"]),
        "sources": await value(db, "SELECT count(*) FROM source WHERE documents > 0"),
        "countries": await value(db, "SELECT count(*) FROM facet WHERE facet = 'country'"),
        "entities": await value(db, "SELECT count(*) FROM entity"),
    }
    counts = await rows(db, "SELECT value, documents FROM facet WHERE facet = 'month'")
    top = [
        (
            type_,
            await rows(db, "SELECT * FROM entity WHERE type = :t ORDER BY documents DESC, id LIMIT 8", {"t": type_}),
        )
        for type_ in TOP
    ]
    found = await cards(db, ids)
    context = {
        "lead": found[0] if found else None, "cards": found[1:], "latest": await cards(db, [r["id"] for r in latest]),
        "meta": meta, "tonight": tonight, "totals": totals, "top": [(t, some) for t, some in top if some],
        "counts": {row["value"]: row["documents"] for row in counts},
    }  # fmt: skip
    return await page(datasette, request, "home.html", context)


async def read_query(db, request):
    """The query of an address and, for what it asks for by identifier, names. Raises QueryError."""
    params = [(name, value) for name in request.args for value in request.args.getlist(name)]
    query = parse_params(params)
    names = {}
    for f in (*query.filters, *query.barred):
        label = await rows(db, "SELECT label FROM facet WHERE facet = :f AND value = :v", {"f": f.name, "v": f.value})
        if label:
            names[f.name, f.value] = label[0]["label"]
    return query, names


async def search(datasette, request):
    db = database(datasette)
    written = request.args.get("q") or ""
    sort = "best" if request.args.get("sort") == "best" else "newest"
    number = request.args.get("page") or "1"
    number = min(max(int(number), 1), LAST_PAGE) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    try:
        query, names = await read_query(db, request)
    except QueryError as error:
        context = {"error": error.what, "written": written[:2000], "query": None, "found": [], "total": 0}
        return await page(datasette, request, "search.html", context, status=400)
    total = await count(db, query)
    ranked = sort == "best" and bool(query.clauses)
    sql, params = to_sql(query, sort="best" if ranked else "newest", limit=PAGE, offset=(number - 1) * PAGE)
    ids = [row["id"] for row in await rows(db, sql, params)]
    told = await count_told(db, query, total)
    chips = []
    for f in query.filters:
        chips.append({"name": f.name, "label": names.get((f.name, f.value), f.value), "value": f.value,
                      "params": to_params(query.minus(f.name, f.value))})  # fmt: skip
    last = min(max(1, -(-total // PAGE)), LAST_PAGE)
    context = {
        "error": None, "told": told, "written": dict(to_params(query)).get("q", ""), "query": query, "names": names,
        "total": total,
        "found": await cards(db, ids, query), "sort": "best" if ranked else "newest", "can_rank": bool(query.clauses),
        "page": number, "last": last, "first_shown": (number - 1) * PAGE + 1, "chips": chips,
        "params": to_params(query), "text": to_text(query), "said": describe(query, names), "ranked": RANKED,
        "capped": total > LAST_PAGE * PAGE, "facets": await facets(db, query, total), "hidden": [
            (name, value) for name, value in to_params(query) if name != "q"
        ],
        "unknown": await unknown_names(db, query), "counted": EXACT if total > TAGGED and not query.empty else None,
    }  # fmt: skip
    return await page(datasette, request, "search.html", context)


async def count(db, query):
    if query.empty:
        return int(await value(db, "SELECT value FROM meta WHERE name = 'documents'"))
    return await value(db, *to_count(query))


async def count_told(db, query, total):
    """How many stories and outlets the hits are of; None of more hits than can be counted at once."""
    if total > EXACT:
        return None
    where, params = conditions(query)
    hits = "SELECT id FROM document" if query.empty else f"SELECT rowid FROM search WHERE {' AND '.join(where)}"
    sql = f"""SELECT count(DISTINCT m.story) AS stories, count(DISTINCT d.source) AS outlets FROM document d
        LEFT JOIN member m ON m.document = d.id WHERE d.id IN ({hits})"""
    return (await rows(db, sql, {} if query.empty else params))[0]


async def unknown_names(db, query):
    """Names asked for that nothing in this edition goes by."""
    missing = []
    for f in query.filters:
        if f.name in NAMED and not is_concept(f.value):
            where, params = conditions(Query(filters=(f,)))
            if not await rows(db, f"SELECT 1 FROM search WHERE {' AND '.join(where)} LIMIT 1", params):
                missing.append(f)
    return missing


async def facets(db, query, total, exact=EXACT):
    """[{name, values: [{label, value, count, chosen, params}]}] with counts of what a click would give."""
    found = []
    for name in FACETS:
        chosen = query.values(name)
        base = query
        if name in SINGLE:  # the other values of a chosen one: as if nothing were chosen here
            for v in chosen:
                base = base.minus(name, v)
        values = await facet_values(db, name, base, total if base is query else await count(db, base), exact)
        for v in values:
            v["chosen"] = v["value"] in chosen
            v["params"] = to_params((query.minus if v["chosen"] else query.plus)(name, v["value"]))
        if name == "month":
            values.sort(key=lambda v: v["value"], reverse=True)
        if values:
            found.append({"name": name, "values": values[:30]})
    return found


async def facet_values(db, name, query, total, exact=EXACT):
    if query.empty:
        sql = "SELECT value, label, documents AS n FROM facet WHERE facet = :f ORDER BY n DESC, label LIMIT 40"
        return await rows(db, sql, {"f": name})
    where, params = conditions(query)
    clause = " AND ".join(where)
    if exact < total <= TAGGED:
        params["match"] = f"({params['match']})"
        clause = clause.replace("MATCH :match", """MATCH :match || ' AND tags : "' || f.tag || '"'""", 1)
        one = f"SELECT count(*) FROM search WHERE {clause}"
        common = "SELECT * FROM facet WHERE facet = :f ORDER BY documents DESC LIMIT 30"
        sql = f"""SELECT value, label, n FROM (SELECT f.value, f.label, ({one}) AS n FROM ({common}) f)
            WHERE n > 0 ORDER BY n DESC, label"""
        return await rows(db, sql, {**params, "f": name})
    newest = f" ORDER BY rowid DESC LIMIT {EXACT}" if total > TAGGED else ""
    hits = f"(SELECT rowid FROM search WHERE {clause}{newest})"
    if name in LABELS:
        # not the view `labelled`: it would be made whole. CROSS JOIN: hits first, then the rows of each
        of = "banner l ON" if name == "status" else "label l ON l.facet = :t AND"
        value_ = "status" if name == "status" else "value"
        sql = f"""SELECT l.{value_} AS value, l.{value_} AS label, count(DISTINCT l.document) AS n
            FROM {hits} h CROSS JOIN {of} l.document = h.rowid GROUP BY 1 ORDER BY n DESC, 1 LIMIT 40"""
        return await rows(db, sql, {**params, "t": LABELS[name]})
    if name in NAMED:
        sql = f"""SELECT e.concept AS value, e.name AS label, count(*) AS n
            FROM entity_document x JOIN entity e ON e.id = x.entity
            WHERE x.document IN {hits} AND e.type = :t GROUP BY e.id ORDER BY n DESC, label LIMIT 40"""
        return await rows(db, sql, {**params, "t": NAMED[name]})
    sql = f"""SELECT d.{name} AS value, coalesce(f.label, d.{name}) AS label, count(*) AS n FROM document d
        LEFT JOIN facet f ON f.facet = :f AND f.value = d.{name}
        WHERE d.id IN {hits} AND d.{name} IS NOT NULL GROUP BY 1 ORDER BY n DESC, label LIMIT 40"""
    return await rows(db, sql, {**params, "f": name})


async def feed(datasette, request):
    db = database(datasette)
    try:
        query, names = await read_query(db, request)
    except QueryError as error:
        return Response.text(f"{error.what}\n", status=400)
    ids = [row["id"] for row in await rows(db, *to_sql(query, limit=FEED))]
    found = await cards(db, ids, width=600)
    changed = await rows(
        db,
        "SELECT document, max(replaced) AS at FROM version WHERE document IN (SELECT value FROM json_each(:ids))"
        " GROUP BY 1",
        {"ids": json.dumps(ids)},
    )
    at = {row["document"]: row["at"] for row in changed}
    for row in found:
        row["updated"] = max(row["first_seen"], at.get(row["id"], ""))
    night = await value(db, "SELECT value FROM meta WHERE name = 'night'")
    context = {
        "found": found, "params": to_params(query), "said": describe(query, names), "empty": query.empty,
        "ident": fingerprint(to_text(query)), "updated": max((row["updated"] for row in found), default=night),
    }  # fmt: skip
    body = await datasette.render_template("feed.xml", context, request=request)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


async def document(datasette, request):
    db = database(datasette)
    name = unquote(request.url_vars["name"])
    key = name.rpartition("-")[2]
    found = await rows(db, "SELECT id, slug, key FROM document WHERE key = :key", {"key": key})
    if not found:
        stone = await rows(
            db, "SELECT t.*, s.name AS source_name FROM tombstone t JOIN source s ON s.id = t.source WHERE key = :key",
            {"key": key},
        )  # fmt: skip
        if not stone:
            raise NotFound("There is no such document in this edition.")
        return await page(datasette, request, "tombstone.html", {"stone": stone[0]}, status=410)
    if name != f"{found[0]['slug']}-{key}":
        return Response.redirect(datasette.jinja_env.globals["document_url"](found[0]), status=301)
    ident = {"id": found[0]["id"]}
    doc = (await cards(db, [ident["id"]]))[0]
    mentions = await rows(
        db,
        "SELECT m.*, e.concept, e.name, e.url, e.documents FROM mention m LEFT JOIN entity e ON e.id = m.entity"
        " WHERE m.document = :id ORDER BY m.number",
        ident,
    )
    quotes = await rows(db, "SELECT * FROM quote WHERE document = :id ORDER BY place", ident)
    context = {
        "doc": doc,
        "authors": json.loads(doc["authors"]),
        "dates": json.loads(doc["dates"]),
        "paragraphs": paragraphs(doc["text"] or "", [m for m in mentions if m["part"] == "text"]),
        "cut": await rows(db, "SELECT cut FROM document_text WHERE document = :id AND cut = 1", ident),
        "quotes": [marked(row["text"], [(row["start"], row["end"])]) for row in quotes],
        "named": group(mentions),
        "identifiers": await rows(db, "SELECT * FROM identifier WHERE document = :id ORDER BY scheme, value", ident),
        "versions": await rows(db, "SELECT * FROM version WHERE document = :id ORDER BY replaced DESC", ident),
        "also": await rows(
            db,
            "SELECT a.url, a.source, s.name FROM appearance a JOIN source s ON s.id = a.source WHERE document = :id",
            ident,
        ),
    }  # fmt: skip
    return await page(datasette, request, "document.html", context)


def paragraphs(text, mentions):
    """Paragraphs as pieces (text, mention or None), from offsets in the whole text; of overlapping ones the longest."""
    spans, end = [], 0
    for m in sorted((m for m in mentions if m["start"] is not None), key=lambda m: (m["start"], -m["end"])):
        if m["start"] >= end:
            spans.append(m)
            end = m["end"]
    result, at = [], 0
    for part in text.split("\n\n"):
        pieces, here, stop = [], at, at + len(part)
        for m in spans:
            if here <= m["start"] and m["end"] <= stop:
                pieces += [(text[here : m["start"]], None), (text[m["start"] : m["end"]], m)]
                here = m["end"]
        pieces.append((text[here:stop], None))
        result.append([piece for piece in pieces if piece[0]])
        at = stop + 2
    return [pieces for pieces in result if pieces]


def group(mentions):
    """What a document names, by type: [(type, [{name, concept, times, surfaces, whys}])]."""
    types = {}
    for m in mentions:
        things = types.setdefault(m["type"], {})
        thing = things.setdefault(
            m["concept"] or m["surface"].casefold(),
            {"name": m["name"] or m["surface"], "concept": m["concept"], "type": m["type"], "times": 0,
             "surfaces": [], "whys": []},
        )  # fmt: skip
        thing["times"] += 1
        for kept, new in (("surfaces", m["surface"]), ("whys", m["why"])):
            if new not in thing[kept]:
                thing[kept].append(new)
    order = [*TOP, *sorted(set(types) - set(TOP))]
    return [
        (type_, sorted(types[type_].values(), key=lambda t: (t["concept"] is None, -t["times"], t["name"])))
        for type_ in order
        if type_ in types
    ]


async def entity(datasette, request):
    db = database(datasette)
    type_, concept = request.url_vars["type"], unquote(request.url_vars["concept"])
    found = await rows(db, "SELECT * FROM entity WHERE concept = :c AND type = :t", {"c": concept, "t": type_})
    if not found:
        raise NotFound("Nothing of that name is in this edition.")
    thing = found[0]
    ident = {"id": thing["id"]}
    ids = await rows(
        db, "SELECT document FROM entity_document WHERE entity = :id ORDER BY day DESC, document DESC LIMIT 20", ident
    )
    counts = await rows(db, "SELECT month, documents FROM entity_month WHERE entity = :id", ident)
    near = await rows(
        db,
        "SELECT e.*, p.documents AS together FROM entity_pair p JOIN entity e ON e.id = p.other WHERE p.entity = :id"
        " ORDER BY p.place",
        ident,
    )
    together = [(t, [e for e in near if e["type"] == t][:8]) for t in dict.fromkeys(e["type"] for e in near)]
    context = {
        "thing": thing,
        "found": await cards(db, [row["document"] for row in ids]),
        "counts": {row["month"]: row["documents"] for row in counts},
        "together": sorted(together, key=lambda pair: TOP.index(pair[0]) if pair[0] in TOP else 9),
        "filter": FILTER_OF.get(type_),
        "journal": next(iter(await rows(db, "SELECT * FROM journal WHERE entity = :id", ident)), None),
        "aliases": await rows(
            db,
            "SELECT surface, count(*) AS n FROM mention WHERE entity = :id GROUP BY 1"
            " ORDER BY n DESC, surface LIMIT 12",
            ident,
        ),
    }  # fmt: skip
    return await page(datasette, request, "entity.html", context)


async def entities(datasette, request):
    db = database(datasette)
    type_ = request.url_vars["type"]
    found = await rows(
        db, "SELECT * FROM entity WHERE type = :t ORDER BY documents DESC, name COLLATE NOCASE LIMIT 300", {"t": type_}
    )
    if not found:
        raise NotFound("Nothing of that type is in this edition.")
    total = await value(db, "SELECT count(*) FROM entity WHERE type = :t", {"t": type_})
    types = await rows(db, "SELECT type, count(*) AS n FROM entity GROUP BY type ORDER BY n DESC")
    return await page(
        datasette, request, "entities.html", {"type": type_, "found": found, "total": total, "types": types}
    )


async def sources(datasette, request):
    db = database(datasette)
    found = await rows(db, "SELECT * FROM source ORDER BY documents DESC, name COLLATE NOCASE")
    return await page(datasette, request, "sources.html", {"found": found})


async def source(datasette, request):
    db = database(datasette)
    found = await rows(db, "SELECT * FROM source WHERE id = :id", {"id": request.url_vars["id"]})
    if not found:
        raise NotFound("There is no such source.")
    ident = {"id": found[0]["id"]}
    ids = await rows(db, "SELECT id FROM document WHERE source = :id ORDER BY day DESC, id DESC LIMIT 20", ident)
    counts = await rows(db, "SELECT month, count(*) AS n FROM document WHERE source = :id GROUP BY 1", ident)
    context = {
        "source": found[0], "found": await cards(db, [row["id"] for row in ids]),
        "counts": {row["month"]: row["n"] for row in counts},
    }  # fmt: skip
    return await page(datasette, request, "source.html", context)


async def about(datasette, request):
    db = database(datasette)
    meta = dict((await db.execute("SELECT name, value FROM meta")).rows)
    licences = await rows(db, "SELECT licence, count(*) AS n FROM document GROUP BY 1 ORDER BY n DESC")
    origins = await rows(db, "SELECT origin, count(*) AS n FROM entity GROUP BY 1 ORDER BY n DESC, origin LIMIT 20")
    queries = await datasette.get_canned_queries("stemwire", None)
    context = {"meta": meta, "licences": licences, "origins": origins, "queries": queries.values()}
    return await page(datasette, request, "about.html", context)


@hookimpl
def handle_exception(datasette, request, exception):
    if not isinstance(exception, QueryInterrupted):
        return None

    async def too_long():
        context = {"status": 503, "error": "That search took too long. A filter or a rarer word makes it quick."}
        body = await datasette.jinja_env.get_template("error.html").render_async(context)
        return Response.html(body, status=503, headers={"retry-after": "60"})

    return too_long


def to_feed():
    return Response.redirect("/search.atom")


def robots():
    return Response.text("User-agent: *\nDisallow: /stemwire\nDisallow: /search\n")


@hookimpl
def register_routes():
    return [
        (r"^/$", home),
        (r"^/search$", search),
        (r"^/search\.atom$", feed),
        (r"^/feed$", to_feed),
        (r"^/document/(?P<name>[^/]+)$", document),
        (r"^/entity/(?P<type>[a-z_]+)/(?P<concept>.+)$", entity),
        (r"^/entities/(?P<type>[a-z_]+)$", entities),
        (r"^/sources$", sources),
        (r"^/source/(?P<id>[a-z0-9_]+)$", source),
        (r"^/about$", about),
        (r"^/robots\.txt$", robots),
    ]
