"""What documents mean: stories, what a document rests on, trials by body system, work by country, figures, promises.

Pages of their own, and `meaning(id)` for the page of a document. Everything has been counted when the edition was made.
"""

import json
from urllib.parse import unquote

from datasette import NotFound, Response, hookimpl

PAGE = 30
LAST_PAGE = 100
SYSTEMS = (
    "nervous", "cardiovascular", "immune", "blood", "endocrine", "musculoskeletal", "respiratory", "liver/digestive",
    "skin", "urogenital", "eye", "cancer", "other",
)  # fmt: skip
SHOWN = ("evidence", "species", "headline", "therapy", "cell_product", "tissue", "donor", "system", "country")
NAMES = {
    "evidence": "Evidence", "species": "Species", "headline": "Headline", "therapy": "Therapy",
    "cell_product": "Cell product", "tissue": "Tissue source", "donor": "Donor", "system": "Body system",
    "indication": "Indication", "country": "Country of the work", "source_kind": "Kind of text",
    "translated": "Translated", "marketing": "Marketing cues found",
}  # fmt: skip
SCHEMES = {
    "doi": "https://doi.org/{}", "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "nct": "https://clinicaltrials.gov/study/{}", "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
}  # fmt: skip
VALUES = {("headline", "only in animals"): "does not say that this is only in animals"}


STORY_FLAGS = """
SELECT m.story, 'status' AS filter, b.status AS value, 0 AS place, 0 AS n
FROM json_each(:ids) j CROSS JOIN member m ON m.story = j.value CROSS JOIN banner b ON b.document = m.document
GROUP BY 1, 3
UNION ALL
SELECT m.story, iif(l.facet = 'species', 'animal', l.facet), l.value, iif(l.facet = 'species', 2, 1), -count(*)
FROM json_each(:ids) j JOIN story t ON t.id = j.value JOIN member m ON m.story = t.id
    JOIN label l ON l.document = m.document AND l.facet IN ('evidence', 'species') AND l.value NOT IN ('none', 'human')
GROUP BY m.story, l.facet, l.value HAVING 2 * count(*) >= t.documents
ORDER BY 1, 4, 5, 3"""


async def rows(db, sql, params=None):
    return [dict(row) for row in (await db.execute(sql, params or {})).rows]


async def page(datasette, request, template, context):
    facts = datasette.get_database("stemwire").facts
    return Response.html(await datasette.render_template(template, {"facts": facts, **context}, request=request))


def outside(ident):
    """`doi:10.1/x` -> its address, or nothing."""
    scheme, _, value = (ident or "").partition(":")
    return SCHEMES[scheme].format(value) if scheme in SCHEMES and value else ""


async def described(db, links):
    """Links with the card of the document that each leads to, where it is in the edition.

    Not one query: a view on the right of a LEFT JOIN is made whole for every page.
    """
    ids = json.dumps([row["other"] for row in links if row["other"]])
    found = await rows(db, "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))", {"ids": ids})
    cards = {row["id"]: row for row in found}
    return [row | cards.get(row["other"], {}) for row in links]


async def meaning(datasette, number):
    """All that the page of a document shows beside its text."""
    db, ident = datasette.get_database("stemwire"), {"id": number}
    labels = await rows(
        db,
        "SELECT l.*, d.kind FROM label l JOIN document d ON d.id = l.document WHERE l.document = :id"
        " ORDER BY facet, score DESC, value",
        ident,
    )
    for row in labels:
        row["by"] = said_by(row)
    links = await described(
        db, await rows(db, "SELECT * FROM link WHERE document = :id ORDER BY relation, place", ident)
    )
    cited = await rows(
        db,
        "SELECT l.relation, l.why, d.* FROM link l JOIN card d ON d.id = l.document WHERE l.other = :id"
        " ORDER BY d.id DESC LIMIT 12",
        ident,
    )
    story = await rows(
        db,
        "SELECT t.*, m.role, m.why AS role_why, m.kept, m.added, m.dropped FROM member m JOIN story t ON t.id = m.story"
        " WHERE m.document = :id AND t.documents > 1",
        ident,
    )
    others = []
    if story:
        others = await rows(
            db,
            "SELECT m.role, d.* FROM member m JOIN card d ON d.id = m.document"
            " WHERE m.story = :story AND m.document <> :id ORDER BY d.day, d.id LIMIT 12",
            {**ident, "story": story[0]["id"]},
        )
    figures = await rows(db, "SELECT * FROM figure WHERE document = :id ORDER BY number", ident)
    names = sorted({row["series"] for row in figures if row["series"]})
    return {
        "labels": [
            (NAMES[facet], facet, [row for row in labels if row["facet"] == facet])
            for facet in (*SHOWN, "indication", "source_kind", "translated")
            if any(row["facet"] == facet for row in labels)
        ],
        "cues": [row for row in labels if row["facet"] == "marketing"],
        "papers": [row for row in links if row["relation"] in ("paper", "published")],
        "trials": [row for row in links if row["relation"] == "trial"],
        "cited": cited,
        "louder": next((row for row in labels if row["facet"] == "claim_gap"), None),
        "banners": await rows(db, "SELECT * FROM banner WHERE document = :id ORDER BY own DESC, day DESC", ident),
        "story": story[0] if story else None,
        "others": others,
        "figures": figures,
        "series": await series_of(db, names),
        "speakers": await rows(
            db,
            "SELECT p.*, e.type, e.concept FROM speaker p LEFT JOIN entity e ON e.id = p.entity WHERE p.document = :id"
            " ORDER BY p.quotations DESC, p.name",
            ident,
        ),
        "promises": await rows(db, "SELECT * FROM promise WHERE document = :id ORDER BY number", ident),
        "checks": await rows(db, "SELECT * FROM registry_check WHERE document = :id ORDER BY number", ident),
    }  # fmt: skip


async def front(datasette):
    """What the front page shows beside documents: stories told by most, and what was retracted or corrected last."""
    db = datasette.get_database("stemwire")
    told = await rows(
        db,
        "SELECT * FROM (SELECT * FROM story WHERE documents > 1 ORDER BY id DESC LIMIT 60)"
        " ORDER BY outlets DESC, id DESC LIMIT 6",
    )
    changed = await rows(
        db,
        "SELECT b.status, b.day AS noticed, d.* FROM banner b JOIN card d ON d.id = b.document WHERE b.own = 1"
        " ORDER BY b.day DESC, d.id DESC LIMIT 6",
    )
    return {"told": await flagged(db, told), "changed": changed}


def said_by(label):
    """Who says it, where it is no sentence of the text: its record, its paper, its trial."""
    _, _, told = label["rule"].partition(":")
    if told == "record":
        return "its record" if label["kind"] in ("paper", "preprint", "trial") else "the record of what it rests on"
    if told.startswith("nct:"):
        return "its trial"
    return "its source" if told == "source" else "its paper" if told else ""


async def series_of(db, names):
    """[{name, unit, points}] of series, each with a drawing."""
    found = {}
    for row in await rows(
        db, "SELECT * FROM series WHERE name IN (SELECT value FROM json_each(:names)) ORDER BY name, period",
        {"names": json.dumps(names)},
    ):  # fmt: skip
        one = found.setdefault(row["name"], {"name": row["name"], "unit": row["unit"], "key": row["key"], "points": []})
        one["points"].append(row | {"others": json.loads(row["others"])})
    return [one | {"drawing": draw(one["points"])} for one in found.values()]


def draw(points, width=560, height=190):
    """Bars of a series of at most twenty points; their heights begin at nought."""
    points = points[-20:]
    top = max((p["value"] for p in points), default=0) or 1
    slot = (width - 12) / max(len(points), 1)
    wide = min(slot * 0.7, 64)
    bars = []
    for place, p in enumerate(points):
        size = (height - 52) * p["value"] / top
        x = 6 + slot * place + (slot - wide) / 2
        bars.append(p | {"x": round(x, 1), "y": round(height - 28 - size, 1), "w": round(wide, 1), "h": round(size, 1),
                         "cx": round(x + wide / 2, 1)})  # fmt: skip
    return {"bars": bars, "width": width, "height": height, "base": height - 28}


async def flagged(db, stories_):
    """The stories, each with `flags`: a standing that any of its documents has, evidence and species that half have."""
    flags = {}
    for row in await rows(db, STORY_FLAGS, {"ids": json.dumps([one["id"] for one in stories_])}):
        flags.setdefault(row["story"], []).append(row)
    return [one | {"flags": flags.get(one["id"], [])[:4]} for one in stories_]


async def stories(datasette, request):
    db = datasette.get_database("stemwire")
    asked = request.args.get("page") or "1"
    number = min(max(int(asked), 1), LAST_PAGE) if asked.isdecimal() and len(asked) < 6 else 1
    alone = request.args.get("all") == "1"
    found = await rows(
        db,
        "SELECT t.*, d.source_name FROM story t JOIN card d ON d.id = t.origin"
        " WHERE :alone OR t.documents > 1 ORDER BY t.id DESC LIMIT :most OFFSET :skip",
        {"alone": alone, "most": PAGE + 1, "skip": (number - 1) * PAGE},
    )
    counts = await rows(
        db,
        "SELECT count(*) AS stories, coalesce(sum(documents), 0) AS articles,"
        " coalesce(sum(documents > 1), 0) AS told FROM story",
    )
    more = len(found) > PAGE and number < LAST_PAGE
    context = {
        "found": await flagged(db, found[:PAGE]),
        "page": number,
        "more": more,
        "counts": counts[0],
        "alone": alone,
    }
    return await page(datasette, request, "stories.html", context)


async def story(datasette, request):
    db = datasette.get_database("stemwire")
    name = unquote(request.url_vars["name"])
    found = await rows(db, 'SELECT * FROM story WHERE "key" = :key', {"key": name.rpartition("-")[2]})
    if not found:
        raise NotFound("There is no such story in this edition.")
    one = found[0]
    if name != f"{one['slug']}-{one['key']}":
        return Response.redirect(story_url(one), status=301)
    members = await rows(
        db,
        "SELECT m.*, d.* FROM member m JOIN card d ON d.id = m.document"
        " WHERE m.story = :id ORDER BY m.role <> 'origin', m.role <> 'release', d.day, d.id LIMIT 300",
        {"id": one["id"]},
    )
    ids = json.dumps([m["document"] for m in members])
    labels = await rows(
        db,
        "SELECT facet, value, count(*) AS n FROM label WHERE value <> 'none' AND facet IN"
        " ('evidence', 'species', 'headline', 'country') AND document IN (SELECT value FROM json_each(:ids))"
        " GROUP BY 1, 2 ORDER BY n DESC, 2",
        {"ids": ids},
    )
    papers = await rows(
        db,
        "SELECT ident, relation, max(other) AS other FROM link WHERE document IN (SELECT value FROM json_each(:ids))"
        " AND ident <> '' GROUP BY 2, 1 LIMIT 20",
        {"ids": ids},
    )
    papers = await described(db, papers)
    banners = await rows(
        db,
        "SELECT about, status, day, text, url, max(own) FROM banner"
        " WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY about ORDER BY day DESC",
        {"ids": ids},
    )
    speakers = await rows(
        db,
        "SELECT name, max(affiliation) AS affiliation, max(independent) AS independent, sum(quotations) AS n"
        " FROM speaker WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20",
        {"ids": ids},
    )
    figures = await rows(
        db,
        "SELECT subject, unit, period, place, series, value, document FROM figure"
        " WHERE subject <> '' AND period IS NOT NULL AND modifier = 'exact' AND high IS NULL"
        " AND document IN (SELECT value FROM json_each(:ids)) ORDER BY period, subject, document, number",
        {"ids": ids},
    )
    one = (await flagged(db, [one]))[0]
    context = {"story": one, "members": members, "labels": labels, "papers": papers, "banners": banners,
               "speakers": speakers, "differing": differing(figures, members), "names": NAMES}  # fmt: skip
    return await page(datasette, request, "story.html", context)


def differing(figures, members):
    """Numbers of one thing in one period that documents of a story give differently: [{subject, period, given}].

    A document that gives two numbers for it is left out: it speaks of two things. `given`: [(value, unit, documents)].
    """
    told = {}
    for row in figures:
        thing = row["series"] or (row["subject"].casefold(), row["unit"], row["place"])
        one = told.setdefault((thing, row["period"]), {"first": row, "by": {}})
        one["by"].setdefault(row["document"], {})[row["value"]] = row["unit"]
    cards = {member["document"]: member for member in members}
    found = []
    for one in told.values():
        given = {}
        for document, values in one["by"].items():
            if len(values) == 1:
                for value, unit in values.items():
                    given.setdefault(value, (unit, []))[1].append(cards[document])
        if len(given) > 1:
            most = sorted(given.items(), key=lambda item: (-len(item[1][1]), item[0]))
            found.append({"subject": one["first"]["subject"], "period": one["first"]["period"],
                          "given": [(value, unit, by) for value, (unit, by) in most]})  # fmt: skip
    return found[:20]


async def trials(datasette, request):
    db = datasette.get_database("stemwire")
    counted = await rows(db, "SELECT * FROM trial_count WHERE status = '' ORDER BY trials DESC, value")
    statuses = await rows(
        db, "SELECT value, status, trials FROM trial_count WHERE facet = 'system' AND status <> '' ORDER BY trials DESC"
    )
    held = (await rows(db, "SELECT count(*) AS n, max(day) AS newest FROM document WHERE kind = 'trial'"))[0]
    by = {
        facet: [row for row in counted if row["facet"] == facet]
        for facet in ("system", "indication", "cell_product", "country")
    }
    order = {name: place for place, name in enumerate(SYSTEMS)}
    by["system"].sort(key=lambda row: order.get(row["value"], 99))
    checks = await rows(
        db,
        "SELECT c.*, d.* FROM registry_check c JOIN card d ON d.id = c.document ORDER BY d.id DESC, c.number LIMIT 20",
    )
    context = {"by": by, "statuses": statuses, "held": held, "checks": checks}
    return await page(datasette, request, "trials.html", context)


async def countries(datasette, request):
    db = datasette.get_database("stemwire")
    found = await rows(
        db,
        "SELECT value, documents FROM facet WHERE facet = 'work' ORDER BY documents DESC, value",
    )
    newest = await rows(
        db,
        """SELECT * FROM (
               SELECT l.value AS work, d.*, row_number() OVER (PARTITION BY l.value ORDER BY d.id DESC) AS place
               FROM label l JOIN card d ON d.id = l.document
               WHERE l.facet = 'country' AND d.id > (SELECT coalesce(max(id), 0) - 20000 FROM document))
           WHERE place <= 3""",
    )
    counted = await rows(db, "SELECT value, trials FROM trial_count WHERE facet = 'country' AND status = ''")
    trials_by = {row["value"]: row["trials"] for row in counted}
    last = {}
    for row in newest:
        last.setdefault(row["work"], []).append(row)
    return await page(datasette, request, "countries.html", {"found": found, "newest": last, "trials": trials_by})


async def promises(datasette, request):
    db = datasette.get_database("stemwire")
    found = await rows(
        db,
        "SELECT p.*, d.* FROM promise p JOIN card d ON d.id = p.document"
        " ORDER BY p.due IS NULL, p.due, d.id DESC LIMIT 200",
    )
    return await page(datasette, request, "promises.html", {"found": found})


async def series(datasette, request):
    db = datasette.get_database("stemwire")
    found = await rows(db, 'SELECT DISTINCT name FROM series WHERE "key" = :key', {"key": request.url_vars["key"]})
    if not found:
        raise NotFound("There is no such series in this edition.")
    one = (await series_of(db, [found[0]["name"]]))[0]
    given = await rows(
        db,
        "SELECT f.*, min(f.number), d.* FROM figure f JOIN card d ON d.id = f.document"
        " WHERE f.series = :name GROUP BY f.document, f.period, f.value, f.modifier"  # what it says twice stands once
        " ORDER BY f.period IS NULL, f.period, f.modifier = 'multiple', d.day, d.id LIMIT 200",
        {"name": one["name"]},
    )
    return await page(datasette, request, "series.html", {"series": one, "given": given})


def story_url(row):
    return f"/story/{row['slug']}-{row['key']}"


@hookimpl
def prepare_jinja2_environment(env, datasette):
    async def of(number):
        return await meaning(datasette, number)

    async def beside():
        return await front(datasette)

    env.globals.update({"meaning": of, "front": beside, "story_url": story_url, "outside": outside, "values": VALUES})


@hookimpl
def register_routes():
    return [
        (r"^/stories$", stories),
        (r"^/story/(?P<name>[^/]+)$", story),
        (r"^/trials$", trials),
        (r"^/countries$", countries),
        (r"^/promises$", promises),
        (r"^/series/(?P<key>[0-9a-f]+)$", series),
    ]
