"""STAGE entry + page -> document.

In order: an entry whose source publishes records rather than pages (`page.fetch = false`) is its own document; a
page that answered 410 on enough nights leaves a tombstone that keeps the last text; an entry whose page is not
held waits, and says so; anything that is not HTML is skipped by its type; then the page is read (in a child that
can be killed) and what it says is joined with what the entry said: the page's title and date win over the
entry's, the entry's summary stands in where a page has no text. Papers and trials are known by the work that
`relations.works` found for them, everything else by its canonical address. When title or text differ from what we
held, the older text becomes a `Version`.

A work that several entries announce is one document. It is made from the entry that holds it already, else from the
first whose source gives records, else from the first whose page is held; one that was skipped comes last. The others
only appear in it. What they say is folded in (`crawlers.documents.merge`). What a record says has become of a work
(`extra["notices"]`) becomes a `Notice`, from every entry that says it; an entry that is nothing but a notice
(`notice_only`) makes no document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from typing import Any

import zstandard

from core.config import Config, PageRule
from core.errors import StemwireError
from core.ids import SCHEMES as KNOWN_SCHEMES
from core.ids import normalise
from core.records import Appearance, Document, Json, Notice, Version
from core.stage import Address, Done, Result, Skipped, Stage, Step, Writes
from core.text import fingerprint, one_line, paragraphs
from core.versions import version_of
from core.workers import Limits
from crawlers.documents.merge import fold_records, merged_identifiers
from crawlers.lists.feeds.dates import parse_written_day
from crawlers.pages import NotAPage, PageRules, PageText, read_page

PARSERS = ("trafilatura", "htmldate", "lxml")

WORK = """
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
       fingerprint(e.hash, s.rules, s.kind, s.licence, p.capture, p.state,
              CASE WHEN a.entry IS NOT NULL AND held.id IS NULL THEN 'its document is gone' END,
              i.work, CASE WHEN w.entries > 1 THEN w.leader END, CASE WHEN w.entries > 1 THEN w.hashes END) AS input,
       e.id AS entry, e.source, e.url, e.title, e.summary, e.published, e.published_raw, e.authors, e.identifiers,
       e.extra, e.capture AS entry_capture, e.first_seen,
       s.kind, s.lang, s.licence, s.rules, s.name AS source_name,
       p.state AS page_state, p.capture AS page_capture, p.fetched AS page_fetched,
       c.final_url, c.headers, c.body,
       i.work, w.leader, CASE WHEN w.entries > 1 THEN (
           SELECT json_group_array(json_object(
               'entry', t.id, 'url', t.url, 'title', t.title, 'summary', t.summary, 'published', t.published,
               'published_raw', t.published_raw, 'authors', json(t.authors), 'identifiers', json(t.identifiers),
               'extra', json(t.extra), 'first_seen', t.first_seen))
           FROM identity ti JOIN entry t ON t.id = ti.entry WHERE ti.work = i.work AND ti.identifier LIKE 'entry:%'
       ) END AS announcers,
       old.id AS old_id, old.hash AS old_hash, old.title AS old_title, old.text AS old_text,
       old.published AS old_published, old.capture AS old_capture, old.first_seen AS old_first_seen
FROM entry e
JOIN source s ON s.id = e.source
LEFT JOIN page p ON p.entry = e.id
LEFT JOIN raw.capture c ON c.id = p.capture
LEFT JOIN document old ON old.entry = e.id
LEFT JOIN appearance a ON a.entry = e.id
LEFT JOIN document held ON held.id = a.document
LEFT JOIN identity i ON i.identifier = 'entry:' || e.id
LEFT JOIN work_of w ON w.work = i.work"""

KINDS = {
    "press_release": "release", "stem_cell_bank": "release", "journal": "paper", "registry": "trial",
}  # fmt: skip
NATURES = frozenset({"retraction", "withdrawal", "concern", "correction", "reinstatement"})
RECORDS = ("paper", "preprint", "trial")
SCHEMES = ("doi", "pmid", "pmcid", "nct", "isrctn", "eudract", "ctis")  # in the order in which they name a record


class ExtractError(StemwireError):
    """An entry says what no entry can say."""


def stage(config: Config) -> Stage:
    settings = config.extract
    parsers = "+".join(f"{name}-{version(name)}" for name in PARSERS)
    return Stage(
        name="extract",
        version=f"{version_of('extract')}/{parsers}/{settings.min_words}",
        work=WORK,
        step=Address(module=__name__, function="build_step", settings={"min_words": settings.min_words}),
        limits=Limits(wall=settings.wall, cpu=settings.cpu, memory=settings.memory, tasks=settings.recycle),
        ordered=True,  # which entry makes the document of a work depends on the documents that there are
        writes=(
            Writes(record=Document, owner="entry"),
            Writes(record=Version, owner=None),
            Writes(record=Appearance, owner="entry"),
            Writes(record=Notice, owner="entry"),
        ),
    )


def build_step(*, min_words: int) -> Step:
    """The step; what it needs is imported by now."""
    return partial(extract_document, min_words=min_words)


def extract_document(row: Json, *, min_words: int) -> Result:
    """One entry, with its page where there is one, to a document. `row` is a row of WORK."""
    rules = PageRule.model_validate_json(row["rules"])
    kind: str = KINDS[row["kind"]] if row["kind"] in KINDS else row["kind"]
    entry = _Entry(row, kind)
    if entry.said.get("notice_only"):
        return Done(records=tuple(entry.notices()), note="a notice, no document")
    if row["leader"] is not None and row["leader"] != row["entry"]:
        return entry.follows()
    if not rules.fetch or row["url"] is None:
        return entry.done(entry.from_entry())
    if row["page_state"] == "gone":
        if row["old_id"] is None:
            return Skipped(reason="gone (410) before it was ever read")
        return entry.done(entry.tombstone())
    if row["page_capture"] is None:
        return Skipped(reason="its page could not be fetched" if row["page_state"] == "failed" else "its page waits")
    headers = json.loads(row["headers"])
    content_type = headers.get("content-type", "")
    if not _is_markup(content_type):
        return Skipped(reason=f"{content_type.split(';')[0]} is not a page that we read")
    try:
        page = read_page(
            zstandard.ZstdDecompressor().decompress(row["body"], max_output_size=64 * 2**20),
            url=row["final_url"],
            content_type=content_type or None,
            fetched=row["page_fetched"],
            rules=PageRules(
                title=rules.title, body=rules.body, date=rules.date, author=rules.author, drop=tuple(rules.drop)
            ),
            hint_title=row["title"] or None,
            hint_date=_day(row),
            site_name=row["source_name"],
        )
    except NotAPage as error:
        return Skipped(reason=str(error))
    document, note = entry.from_page(page, min_words)
    if document is None:
        return Skipped(reason=note or "no text")
    return entry.done(document, note)


class _Entry:
    """What an entry says, on its way to a document."""

    def __init__(self, row: Json, kind: str) -> None:
        self.row, self.kind = row, kind
        self.identifiers: Json = json.loads(row["identifiers"])
        self.authors: tuple[str, ...] = tuple(json.loads(row["authors"]))
        self.said: Json = json.loads(row["extra"])
        self.announcers: list[Json] = json.loads(row["announcers"] or "[]")

    def from_entry(self) -> Document:
        row = self.row
        day = _day(row)
        where = f"{row['source']} entry"
        dates = ({"date": day, "where": where, "raw": row["published_raw"]},) if day else ()
        url = row["url"] or _address(self.identifiers)
        return self._document(
            id=self._work(self.identifiers) or url or f"entry:{row['entry']}",
            url=url or "", title=row["title"], text="\n\n".join(paragraphs(row["summary"])), summary="",
            authors=self.authors, lang=row["lang"], published=day, published_from=where if day else None,
            dates=dates, capture=row["entry_capture"],
        )  # fmt: skip

    def from_page(self, page: PageText, min_words: int) -> tuple[Document | None, str | None]:
        row = self.row
        text, note = page.text, None
        words = len(text.split())
        if words < min_words:
            summary = "\n\n".join(paragraphs(row["summary"] or page.description))
            if len(summary.split()) < min_words and not (self.kind in RECORDS and summary):
                return None, f"no article in the page ({words} words)"
            text, note = summary, f"the page holds {words} words of text; the summary stands in"
        said = page.identifiers if self.kind in RECORDS else {}  # a story's meta tags may name the paper it is about
        identifiers = merged_identifiers(
            self.identifiers, {scheme: said[scheme] for scheme in said if scheme in KNOWN_SCHEMES}
        )
        extra = {name: values[0] for name, values in said.items() if name in ("journal", "issn", "volume") and values}
        document = self._document(
            id=(self._work(identifiers) or page.canonical), url=page.canonical,
            title=page.title or row["title"], text=text, summary=one_line(row["summary"] or page.description),
            authors=page.authors or self.authors, lang=page.lang or row["lang"], published=page.published,
            published_from=page.published_from,
            dates=tuple({"date": c.date, "where": c.where, "raw": c.raw} for c in page.dates),
            capture=row["page_capture"], identifiers=identifiers, links=page.links, translated=page.translated,
            extra=extra | self.said,
        )  # fmt: skip
        return document, note

    def tombstone(self) -> Document:
        """The last text stays in our keeping; the site shows that it is gone."""
        row = self.row
        return self._document(
            id=row["old_id"], url=row["url"], title=row["old_title"], text=row["old_text"], summary="",
            authors=self.authors, lang=row["lang"], published=row["old_published"], published_from=None, dates=(),
            capture=row["old_capture"], state="gone",
        )  # fmt: skip

    def follows(self) -> Result:
        """Another entry makes the document of the work; this one appears in it, with the notices that it gives."""
        row = self.row
        seen = Appearance(entry=row["entry"], document=row["work"], source=row["source"], url=row["url"])
        return Done(records=(seen, *self.notices()), note=f"folded into what {row['leader']} announces")

    def notices(self) -> Iterator[Notice]:
        """What the entry says has become of works, each once. A nature or work that is none raises ExtractError."""
        given: dict[str, Notice] = {}
        for said in self.said.get("notices") or ():
            about, nature = said.get("about"), said.get("nature")
            if not about:
                continue  # the parser has named it among its problems
            if nature not in NATURES or ":" not in about:
                raise ExtractError(f"a notice that is none: {nature!r} about {about!r}", where=self.row["entry"])
            ident = fingerprint(self.row["entry"], about, nature, said.get("notice"), said.get("day"))
            given[ident] = Notice(
                id=ident, entry=self.row["entry"], about=about, nature=nature, day=said.get("day"),
                notice=said.get("notice"), reasons=tuple(said.get("reasons") or ()), url=said.get("url"),
            )  # fmt: skip
        yield from given.values()

    def done(self, document: Document, note: str | None = None) -> Result:
        row = self.row
        if self.announcers and document.state == "current":
            document = fold_records(document, self.announcers, row["entry"])
        records: list[object] = [document, *self.notices()]
        changed = row["old_id"] is not None and (row["old_title"], row["old_text"]) != (document.title, document.text)
        if changed and row["old_text"]:
            records.append(
                Version(
                    document=document.id,
                    hash=row["old_hash"],
                    title=row["old_title"],
                    text=row["old_text"],
                    published=row["old_published"],
                    capture=row["old_capture"],
                    replaced=row["page_fetched"] or row["first_seen"],
                )
            )
        records.append(Appearance(entry=row["entry"], document=document.id, source=row["source"], url=row["url"]))
        return Done(records=tuple(records), note=note)

    def _document(self, **given: Any) -> Document:
        row = self.row
        fields: Json = {
            "entry": row["entry"], "source": row["source"], "kind": self.kind, "identifiers": self.identifiers,
            "links": (), "extra": self.said, "licence": row["licence"], "translated": None,
            "state": "current", "first_seen": row["old_first_seen"] or row["first_seen"],
        }  # fmt: skip
        fields |= given
        fields["title"] = one_line(fields["title"])
        fields["hash"] = fingerprint(fields["title"], fields["text"], fields["published"], fields["state"])
        return Document(**fields)

    def _work(self, identifiers: Json) -> str | None:
        """`doi:…`, `pmid:…`, `nct:…` for a record of the literature or a registry; a news item is never a DOI."""
        if self.kind not in RECORDS:
            return None
        work: str | None = self.row["work"]
        if work is not None and not work.startswith("entry:"):
            return work
        for scheme in SCHEMES:
            for raw in identifiers.get(scheme, ()):
                known = normalise(scheme, raw)
                if known:
                    return f"{scheme}:{known}"
        return None


def _day(row: Json) -> str | None:
    """The entry's day as its source wrote it, else the day of the instant."""
    return parse_written_day(row["published_raw"], row["first_seen"]) or (row["published"] or "")[:10] or None


def _address(identifiers: Json) -> str | None:
    """Where a record without an address of its own can be read."""
    for scheme, prefix in (
        ("doi", "https://doi.org/"),
        ("pmid", "https://pubmed.ncbi.nlm.nih.gov/"),
        ("nct", "https://clinicaltrials.gov/study/"),
    ):
        for value in identifiers.get(scheme, ()):
            return f"{prefix}{value}"
    return None


def _is_markup(content_type: str) -> bool:
    """An absent type is read as a page; so is text/plain, which some servers say of everything."""
    kind = content_type.split(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
