"""STAGE entry + page -> document.

In order: an entry whose source publishes records rather than pages (`page.fetch = false`) is its own document. A page
that answered 410 on enough nights leaves a tombstone that keeps the last text. An entry whose page was not asked for
yet waits, and its outcome says so. Where the page cannot be had, or is no page that we read, the document is made of
what the list gave (`crawlers.documents.from_list`). Otherwise the page is read (in a process that can be killed) and
combined with the entry: the page's title and date win over the entry's, and the text of the list replaces that of a
page that has none. Papers and trials are known by the work that `relations.works` found for them, everything else by
its canonical address, unless other entries speak against it (`crawlers.documents.ownership`). When title or text differ
from what we held, the older text becomes a `Version`.

A work that several entries announce is one document. It is made from the entry that made it before, else from the
first whose source gives records, else from the first whose page is held; an entry that was skipped comes last. The
others only appear in it, and what they say is merged (`crawlers.documents.merge`). What a record says about the status
of a work (`extra["notices"]`) becomes a `Notice`, from every entry that says it. An entry that is only a notice
(`notice_only`) makes no document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version

import zstandard

from core.config import Config, PageRule
from core.errors import StemwireError
from core.ids import SCHEMES as KNOWN_SCHEMES
from core.ids import normalise
from core.language import find_language
from core.records import Appearance, Claim, Document, FormerId, Json, Notice, Version
from core.stage import Address, Done, Result, Skipped, Stage, Step, Writes
from core.text import fingerprint, one_line, paragraphs
from core.versions import version_of
from core.workers import Limits
from crawlers.documents import from_list
from crawlers.documents.entry_row import WORK, Announcer, EntryRow
from crawlers.documents.merge import merge_identifiers, merge_records
from crawlers.documents.ownership import settle
from crawlers.documents.verdict import explain_kind
from crawlers.lists.feeds.dates import parse_written_day
from crawlers.pages import NotAPage, PageRules, PageText, read_page, read_pdf
from crawlers.pages.facts import find_form

PARSERS = ("trafilatura", "htmldate", "lxml", "pypdf")

KINDS = {
    "press_release": "release", "stem_cell_bank": "release", "journal": "paper", "registry": "trial",
}  # fmt: skip
NATURES = frozenset({"retraction", "withdrawal", "concern", "correction", "reinstatement"})
RECORDS = ("paper", "preprint", "trial")
MAX_PAGE = 64 * 2**20  # bytes of a page when unpacked
NOT_THERE = (404, 410)  # what an address that leads nowhere answers: a document would be a dead link
SCHEMES = ("doi", "pmid", "pmcid", "nct", "isrctn", "eudract", "ctis")  # in the order in which they name a record


class ExtractError(StemwireError):
    """The entry contains an invalid value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """The document that the entry made before."""

    id: str
    hash: str
    title: str
    text: str
    published: str | None
    capture: str
    first_seen: str
    basis: str


def stage(config: Config) -> Stage:
    settings = config.extract
    parsers = "+".join(f"{name}-{version(name)}" for name in PARSERS)
    return Stage(
        name="extract",
        version=f"{version_of('extract')}/{parsers}/{settings.min_words}",
        work=WORK,
        step=Address(module=__name__, function="build_step", settings={"min_words": settings.min_words}),
        limits=Limits(wall=settings.wall, cpu=settings.cpu, memory=settings.memory, tasks=settings.recycle),
        ordered=True,  # which entry makes a document depends on the documents that there are
        settle=settle,
        rounds=2,  # an entry can claim the address of a document that was made before it
        writes=(
            Writes(record=Document, owner="entry"),
            Writes(record=Version, owner=None),
            Writes(record=Appearance, owner="entry"),
            Writes(record=Claim, owner="entry"),
            Writes(record=FormerId, owner=None),
            Writes(record=Notice, owner="entry"),
        ),
    )


def build_step(*, min_words: int) -> Step:
    """The step of the stage; its imports are all it needs."""
    return partial(extract_document, min_words=min_words)


def extract_document(row: EntryRow, *, min_words: int) -> Result:
    """One entry, with its page where there is one, to a document."""
    rules = PageRule.model_validate_json(row["rules"])
    maker = DocumentMaker(row)
    if maker.extra.get("notice_only"):
        return Done(records=tuple(maker.make_notices()), note="a notice, no document")
    if row["leader"] is not None and row["leader"] != row["entry"]:
        return maker.appear_only(row["leader"])
    if not rules.fetch or row["url"] is None:
        return maker.finish(maker.make_from_entry())
    if row["page_state"] == "gone":
        if maker.stored is None:
            return Skipped(reason="gone (410) before it was ever read")
        return maker.finish(maker.make_tombstone(maker.stored, row["url"]))
    if row["page_capture"] is None:
        if row["page_state"] != "failed" and not row["page_verdict"]:
            return Skipped(reason="its page is not fetched yet")
        if row["page_status"] in NOT_THERE:
            return Skipped(reason=f"its page is not there ({row['page_status']})")
        came = row["page_verdict"]
        return maker.finish_from_list(
            f"what came is {explain_kind(came)[0]}" if came else "its page could not be fetched"
        )
    try:
        page = _read_page(row, rules)
    except NotAPage as error:
        return maker.finish_from_list(str(error))
    document, note = maker.make_from_page(page, row["page_capture"], min_words)
    if document is None:
        return maker.finish_from_list(note or "no text")
    return maker.finish(document, note)


def _read_page(row: EntryRow, rules: PageRule) -> PageText:
    """Raises PageError (NotAPage for what is out of scope), and ExtractError where a page that is held has no body."""
    packed, url, fetched = row["body"], row["final_url"], row["page_fetched"]
    if packed is None or url is None or fetched is None:
        raise ExtractError("its page's capture is missing", where=row["entry"], hint="was raw.db replaced?")
    content_type = json.loads(row["headers"] or "{}").get("content-type") or None
    body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_PAGE)
    form = find_form(body, content_type)
    if form == "file":
        raise NotAPage(f"{(content_type or '').split(';')[0]} is not a page that we read")
    if form == "pdf":
        return read_pdf(body, url=url, hint_title=row["title"] or None, hint_date=_find_day(row))
    return read_page(
        body,
        url=url,
        content_type=content_type,
        fetched=fetched,
        rules=PageRules(
            title=rules.title, body=rules.body, date=rules.date, author=rules.author, drop=tuple(rules.drop)
        ),
        hint_title=row["title"] or None,
        hint_date=_find_day(row),
        site_name=row["source_name"],
    )


class DocumentMaker:
    """An entry on its way to a document: each way to make one, and the records that go with it."""

    def __init__(self, row: EntryRow) -> None:
        self.row = row
        self.kind = KINDS.get(row["kind"], row["kind"])
        self.identifiers: Json = json.loads(row["identifiers"])
        self.authors: tuple[str, ...] = tuple(json.loads(row["authors"]))
        self.extra: Json = json.loads(row["extra"])
        self.announcers: list[Announcer] = json.loads(row["announcers"] or "[]")
        self.stored = _find_stored(row)

    def make_from_entry(self) -> Document:
        """The entry itself is the document."""
        row = self.row
        day = _find_day(row)
        where = f"{row['source']} entry"
        url = row["url"] or _find_address(self.identifiers)
        return self._make_document(
            ident=self._find_work(self.identifiers) or url or f"entry:{row['entry']}",
            url=url or "",
            title=row["title"],
            text="\n\n".join(paragraphs(row["summary"])),
            summary="",
            authors=self.authors,
            lang=row["lang"],
            published=day,
            published_from=where if day else None,
            dates=({"date": day, "where": where, "raw": row["published_raw"]},) if day else (),
            capture=row["entry_capture"],
            basis="record",
        )

    def finish_from_list(self, why: str) -> Result:
        """The document of what the list gave, because its page cannot be had; skipped where that is too little."""
        row = self.row
        if not from_list.has_headline(row):
            return Skipped(reason=f"{why}, and its list gives no headline")
        document = self.make_from_entry()
        if document.id == document.url:  # not the id of a work
            document = replace(document, id=from_list.find_id(row))
        document = replace(
            document, text=from_list.find_text(row), summary=from_list.find_summary(row), basis=from_list.BASIS
        )
        document = replace(document, hash=_hash(document))
        return self.finish(document, f"{why}; made of what its list gave")

    def make_from_page(self, page: PageText, capture: str, min_words: int) -> tuple[Document | None, str | None]:
        """(the document, a note); (None, the reason) where neither page nor entry has enough text."""
        row = self.row
        text, note, basis = page.text, None, "page"
        words = len(text.split())
        if words < min_words:
            listed = from_list.find_text(row)
            summary = listed or "\n\n".join(paragraphs(page.description))
            if len(summary.split()) < min_words and not (self.kind in RECORDS and summary):
                return None, f"no article in the page ({words} words)"
            text, note = summary, f"the page has only {words} words of text; the summary is used instead"
            basis = from_list.BASIS if listed else basis
        tags = page.identifiers if self.kind in RECORDS else {}  # a story's meta tags may name the paper it is about
        identifiers = merge_identifiers(
            self.identifiers, {scheme: tags[scheme] for scheme in tags if scheme in KNOWN_SCHEMES}
        )
        extra = {name: values[0] for name, values in tags.items() if name in ("journal", "issn", "volume") and values}
        document = self._make_document(
            ident=self._find_work(identifiers) or self._find_page_id(page.canonical),
            url=page.canonical,
            title=(row["title"] if basis == from_list.BASIS else "") or page.title or row["title"],
            text=text,
            summary=one_line(row["summary"] or page.description),
            authors=page.authors or self.authors,
            lang=page.lang or row["lang"],
            published=page.published,
            published_from=page.published_from,
            dates=tuple({"date": c.date, "where": c.where, "raw": c.raw} for c in page.dates),
            capture=capture,
            identifiers=identifiers,
            links=page.links,
            translated=page.translated,
            extra=extra | self.extra,
            basis=basis,
        )
        return document, note

    def _find_page_id(self, canonical: str) -> str:
        """The page's address; a document that was made of its list before keeps the id that it has."""
        stored = self.stored
        return stored.id if stored is not None and stored.basis == from_list.BASIS else canonical

    def make_tombstone(self, stored: StoredDocument, url: str) -> Document:
        """The page is gone: we keep the last text, and the site shows that it is gone."""
        return self._make_document(
            ident=stored.id,
            url=url,
            title=stored.title,
            text=stored.text,
            summary="",
            authors=self.authors,
            lang=self.row["lang"],
            published=stored.published,
            published_from=None,
            dates=(),
            capture=stored.capture,
            state="gone",
            basis=stored.basis,
        )

    def appear_only(self, leader: str) -> Result:
        """Another entry makes this work's document; record only the appearance, with this entry's notices."""
        row = self.row
        if row["work"] is None:
            raise ExtractError("an entry whose work another entry makes has no work", where=row["entry"])
        seen = Appearance(entry=row["entry"], document=row["work"], source=row["source"], url=row["url"])
        return Done(records=(seen, *self.make_notices()), note=f"merged into the document of {leader}")

    def make_notices(self) -> Iterator[Notice]:
        """The notices in this entry, each once. Raises ExtractError if nature or target is unknown."""
        entry = self.row["entry"]
        made: dict[str, Notice] = {}
        for notice in self.extra.get("notices") or ():
            about, nature = notice.get("about"), notice.get("nature")
            if not about:
                continue  # the parser has named it among its problems
            if nature not in NATURES or ":" not in about:
                raise ExtractError(f"an invalid notice: {nature!r} about {about!r}", where=entry)
            ident = fingerprint(entry, about, nature, notice.get("notice"), notice.get("day"))
            made[ident] = Notice(
                id=ident, entry=entry, about=about, nature=nature, day=notice.get("day"),
                notice=notice.get("notice"), reasons=tuple(notice.get("reasons") or ()), url=notice.get("url"),
            )  # fmt: skip
        yield from made.values()

    def finish(self, document: Document, note: str | None = None) -> Result:
        """The document with what the work's other entries say, its notices, its older text and its appearance."""
        row, stored = self.row, self.stored
        if self.announcers and document.state == "current":
            document = merge_records(document, self.announcers, row["entry"])
        records: list[object] = [document, *self.make_notices()]
        if stored is not None and stored.text and (stored.title, stored.text) != (document.title, document.text):
            records.append(
                Version(
                    document=document.id,
                    hash=stored.hash,
                    title=stored.title,
                    text=stored.text,
                    published=stored.published,
                    capture=stored.capture,
                    replaced=row["page_fetched"] or row["first_seen"],
                )
            )
        records.append(Appearance(entry=row["entry"], document=document.id, source=row["source"], url=row["url"]))
        return Done(records=tuple(records), note=note)

    def _make_document(
        self, *, ident: str, url: str, title: str, text: str, summary: str, authors: tuple[str, ...], lang: str | None,
        published: str | None, published_from: str | None, dates: tuple[Json, ...], capture: str,
        identifiers: Json | None = None, links: tuple[str, ...] = (), translated: str | None = None,
        extra: Json | None = None, state: str = "current", basis: str = "page",
    ) -> Document:  # fmt: skip
        """`identifiers` and `extra` are the entry's unless given."""
        title = one_line(title)
        return Document(
            id=ident,
            entry=self.row["entry"],
            source=self.row["source"],
            kind=self.kind,
            url=url,
            title=title,
            text=text,
            summary=summary,
            authors=authors,
            lang=find_language(f"{title}\n\n{text}", lang or self.extra.get("lang")),
            published=published,
            published_from=published_from,
            dates=dates,
            identifiers=self.identifiers if identifiers is None else identifiers,
            links=links,
            extra=self.extra if extra is None else extra,
            licence=self.row["licence"],
            translated=translated,
            state=state,
            capture=capture,
            first_seen=self.stored.first_seen if self.stored else self.row["first_seen"],
            hash=fingerprint(title, text, published, state),
            basis=basis,
        )

    def _find_work(self, identifiers: Json) -> str | None:
        """`doi:…`, `pmid:…`, `nct:…` for a record of the literature or a registry; a news item is never a DOI."""
        if self.kind not in RECORDS:
            return None
        work = self.row["work"]
        if work is not None and not work.startswith("entry:"):
            return work
        for scheme in SCHEMES:
            for raw in identifiers.get(scheme, ()):
                known = normalise(scheme, raw)
                if known:
                    return f"{scheme}:{known}"
        return None


def _hash(document: Document) -> str:
    return fingerprint(document.title, document.text, document.published, document.state)


def _find_stored(row: EntryRow) -> StoredDocument | None:
    ident, kept, title, text = row["old_id"], row["old_hash"], row["old_title"], row["old_text"]
    capture, first_seen = row["old_capture"], row["old_first_seen"]
    basis = row["old_basis"]
    if ident is None or kept is None or title is None or text is None or capture is None or first_seen is None:
        return None
    return StoredDocument(
        id=ident, hash=kept, title=title, text=text, published=row["old_published"], capture=capture,
        first_seen=first_seen, basis=basis or "page",
    )  # fmt: skip


def _find_day(row: EntryRow) -> str | None:
    """The day as the source wrote it, else the day of `published`."""
    return parse_written_day(row["published_raw"], row["first_seen"]) or (row["published"] or "")[:10] or None


def _find_address(identifiers: Json) -> str | None:
    """Where a record without an address of its own can be read."""
    for scheme, prefix in (
        ("doi", "https://doi.org/"),
        ("pmid", "https://pubmed.ncbi.nlm.nih.gov/"),
        ("nct", "https://clinicaltrials.gov/study/"),
    ):
        for value in identifiers.get(scheme, ()):
            return f"{prefix}{value}"
    return None
