"""What extract reads of an entry: the query, its row, and the other entries that announce the same work."""

from __future__ import annotations

from typing import TypedDict

from core.records import Json

_WORK = """
WITH announced AS (  -- the entries of a work; the first place makes its document
    SELECT w.entry, w.work, e.hash,
           row_number() OVER (
               PARTITION BY w.work
               ORDER BY held.entry IS NULL, json_extract(s.rules, '$.fetch') IS NOT 0, o."key" IS NOT NULL,
                        p.capture IS NULL, e.first_seen, e.id
           ) AS place
    FROM identity w
    JOIN entry e ON e.id = w.entry
    JOIN source s ON s.id = e.source
    LEFT JOIN page p ON p.entry = e.id
    LEFT JOIN document held ON held.id = w.work AND held.entry = e.id
    LEFT JOIN outcome o ON o.stage = 'extract' AND o."key" = e.id AND o.state = 'skipped'
    WHERE w.identifier LIKE 'entry:%'
),
work_of AS (
    SELECT work, max(CASE place WHEN 1 THEN entry END) AS leader, count(*) AS entries, group_concat(hash, ' ') AS hashes
    FROM (SELECT * FROM announced ORDER BY work, place) GROUP BY work
)
SELECT e.id AS "key",
       fingerprint(e.hash, s.rules, s.kind, s.licence, {chosen}, p.state,
              CASE WHEN {chosen} IS NULL THEN CAST(last.status AS TEXT) || coalesce(pv.kind, '') END,
              CASE WHEN a.entry IS NOT NULL AND held.id IS NULL THEN 'its document is gone' END,
              (SELECT count(*) || coalesce(max(o.entry), '')
               FROM claim m JOIN claim o ON o."key" = m."key" AND o.entry <> m.entry
               WHERE m.entry = e.id),
              i.work, CASE WHEN w.entries > 1 THEN w.leader END, CASE WHEN w.entries > 1 THEN w.hashes END) AS input,
       e.id AS entry, e.source, e.url, e.title, e.summary, e.published, e.published_raw, e.authors, e.identifiers,
       e.extra, e.capture AS entry_capture, e.first_seen,
       s.kind, s.lang, s.licence, s.rules, s.name AS source_name,
       p.state AS page_state, {chosen} AS page_capture, {chosen_at} AS page_fetched,
       last.status AS page_status, pv.kind AS page_verdict,
       c.final_url, c.headers, c.body, e.content,
       i.work, w.leader, CASE WHEN w.entries > 1 THEN (
           SELECT json_group_array(json_object(
               'entry', t.id, 'url', t.url, 'title', t.title, 'summary', t.summary, 'published', t.published,
               'published_raw', t.published_raw, 'authors', json(t.authors), 'identifiers', json(t.identifiers),
               'extra', json(t.extra), 'first_seen', t.first_seen))
           FROM identity ti JOIN entry t ON t.id = ti.entry WHERE ti.work = i.work AND ti.identifier LIKE 'entry:%'
       ) END AS announcers,
       old.id AS old_id, old.hash AS old_hash, old.title AS old_title, old.text AS old_text,
       old.published AS old_published, old.capture AS old_capture, old.first_seen AS old_first_seen,
       old.basis AS old_basis
FROM entry e
JOIN source s ON s.id = e.source
LEFT JOIN page p ON p.entry = e.id
LEFT JOIN page_verdict pv ON pv.entry = e.id AND pv.capture = p.capture
LEFT JOIN raw.capture c ON c.id = {chosen}
LEFT JOIN raw.visit last ON last.rowid = (
    SELECT v.rowid FROM raw.visit v WHERE v.url = p.url AND v.entry = e.id ORDER BY v.at DESC, v.rowid DESC LIMIT 1)
LEFT JOIN document old ON old.entry = e.id
LEFT JOIN appearance a ON a.entry = e.id
LEFT JOIN document held ON held.id = a.document
LEFT JOIN identity i ON i.identifier = 'entry:' || e.id
LEFT JOIN work_of w ON w.work = i.work"""

# the newest answer, unless it was judged to be something else: then the newest that is a page
_WORSE = "pv.kind IS NOT NULL AND pv.kind <> 'page'"
WORK = _WORK.format(
    chosen=f"CASE WHEN {_WORSE} THEN pv.better ELSE p.capture END",
    chosen_at=f"CASE WHEN {_WORSE} THEN pv.better_at ELSE p.fetched END",
)


class EntryRow(TypedDict):
    """A row of WORK: an entry, its source, its page, its work, and the document that it made before (`old_…`)."""

    key: str
    input: str
    entry: str
    source: str
    url: str | None
    title: str
    summary: str
    published: str | None
    published_raw: str | None
    authors: str  # JSON: list of names
    identifiers: str  # JSON: scheme -> values
    extra: str  # JSON: object
    entry_capture: str
    first_seen: str
    kind: str  # of the source
    lang: str | None
    licence: str
    rules: str  # JSON: [page] of the source file
    source_name: str
    page_state: str | None  # held | gone | failed; None when it was never asked for
    page_capture: str | None
    page_fetched: str | None
    page_verdict: str | None  # what the newest answer is (`crawlers.documents.verdict`); None: not judged
    page_status: int | None  # of the last answer; None where there was none
    final_url: str | None
    headers: str | None  # JSON: names in lower case
    body: bytes | None  # zstd
    content: str  # of the entry: the list's full text
    work: str | None
    leader: str | None  # the entry that makes the document of the work
    announcers: str | None  # JSON: list of Announcer, when there are several
    old_id: str | None
    old_hash: str | None
    old_title: str | None
    old_text: str | None
    old_published: str | None
    old_capture: str | None
    old_first_seen: str | None
    old_basis: str | None


class Announcer(TypedDict):
    """An entry that announces a work, as WORK gives it among `announcers`."""

    entry: str
    url: str | None
    title: str
    summary: str
    published: str | None
    published_raw: str | None
    authors: list[str]
    identifiers: Json
    extra: Json
    first_seen: str
