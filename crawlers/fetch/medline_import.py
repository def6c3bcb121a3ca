"""Import a folder of MEDLINE files as if PubMed had answered with them: asking for so many records would take years.

Of forty million records, those about the field are kept: one of `words` is in the title, the abstract or a MeSH
heading. The source is a file of the sources folder that asks PubMed (`api = "pubmed"`). The entries belong to it, so
nights and files update the same entries, and `rebuild` reads the captures like PubMed's answers. A capture holds up to
a hundred records exactly as they are in the file (`medline:FILE/NUMBER`). Files do not move the window of the nights.

A record that PubMed has deleted, and that we hold, gets a notice of withdrawal. What cannot be read is reported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import zstandard

from core import clock
from core.config import SourceFile
from core.errors import UsageError
from core.records import Capture, Entry, Run, Sighting, Visit
from core.store import Store
from core.text import fingerprint
from crawlers.fetch.collect import make_source
from crawlers.lists.apis.medline import Deleted, Problem, find_files, read_with_source
from crawlers.lists.apis.pubmed_notices import make_notice
from crawlers.lists.entries import find_changes, make_entry
from crawlers.lists.model import ListEntry

AT_ONCE = 100
WORDS = ("stem cell", "stem cells", "pluripotent", "organoid", "organoids", "stromal cells", "progenitor cells")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`seen`: records in the files; `kept`: those about the field; `deleted`: those we held that are withdrawn now."""

    seen: int
    kept: int
    deleted: int
    problems: tuple[str, ...]


def import_folder(
    work: Store, raw: Store, run: Run, source: SourceFile, folder: Path, *, words: Sequence[str] = WORDS
) -> Imported:
    """Raises UsageError for a source that does not ask PubMed, ApiError for a folder without files."""
    if not any(rule.api == "pubmed" for rule in source.api):
        raise UsageError(f"{source.id} does not ask PubMed", hint='name a source with api = "pubmed"')
    field = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words), re.I)
    at, seen, kept = clock.stamp(), 0, 0
    deleted: set[str] = set()
    problems: list[str] = []
    held: list[tuple[ListEntry, bytes]] = []
    with work.writing():
        work.save(make_source(source))
    for path in find_files(folder):
        number = 0
        for item, data in read_with_source((path,), at):
            match item:
                case Problem():
                    problems.append(str(item))
                case Deleted(pmid=pmid):
                    deleted.add(pmid)
                case ListEntry() as entry:
                    seen += 1
                    deleted.discard(entry.native)
                    if _is_about(entry, field):
                        held.append((entry, data))
            if len(held) == AT_ONCE:
                number, kept = number + 1, kept + len(held)
                _save(work, raw, run, source, f"medline:{path.name}/{number}", held, at)
                held = []
        if held:
            kept += len(held)
            _save(work, raw, run, source, f"medline:{path.name}/{number + 1}", held, at)
            held = []
    gone = list(_find_withdrawn(work, source.id, deleted, at))
    with work.writing():
        work.save(*gone)
    return Imported(seen=seen, kept=kept, deleted=len(gone), problems=tuple(problems))


def _is_about(entry: ListEntry, field: re.Pattern[str]) -> bool:
    return any(field.search(text) for text in (entry.title, entry.summary, *entry.categories))


def _save(
    work: Store, raw: Store, run: Run, source: SourceFile, url: str, held: Sequence[tuple[ListEntry, bytes]], at: str
) -> None:
    """Raw bytes first, as in a night."""
    body = b"<PubmedArticleSet>\n%s\n</PubmedArticleSet>\n" % b"\n".join(data for _, data in held)
    sha256 = hashlib.sha256(body).hexdigest()
    capture = Capture(
        id=fingerprint(source.id, url, sha256), source=source.id, url=url, final_url=url, role="api", status=200,
        headers={}, body=zstandard.ZstdCompressor(level=9).compress(body), sha256=sha256, size=len(body), fetched=at,
    )  # fmt: skip
    visit = Visit(
        run=run.id, source=source.id, url=url, role="api", at=at, outcome="fetched", status=200, capture=capture.id,
        entry=None, etag=None, modified=None, retry_after=None, reason=None, seconds=0.0,
    )  # fmt: skip
    with raw.writing():
        if raw.one("SELECT 1 FROM capture WHERE id = ?", (capture.id,)) is None:
            raw.save(capture)
        raw.save(visit)
    seen = {f"{source.id}:{entry.native}": make_entry(entry, source, capture=capture.id, at=at) for entry, _ in held}
    known = {entry.id: entry for entry in _load_known(work, seen)}
    weighed = find_changes(known, frozenset(), seen)
    with work.writing():
        work.save(*weighed.entries, *(Sighting(entry=ident, run=run.id) for ident in weighed.seen))


def _load_known(work: Store, ids: Iterable[str]) -> Iterator[Entry]:
    for ident in ids:
        yield from work.load(Entry, "id = ?", (ident,))


def _find_withdrawn(work: Store, source: str, pmids: Iterable[str], at: str) -> Iterator[Entry]:
    """Entries marked as deleted from PubMed; those marked already are left out."""
    for pmid in sorted(pmids):
        for entry in work.load(Entry, "id = ?", (f"{source}:{pmid}",)):
            notices = list(entry.extra.get("notices", ()))
            if any(notice["nature"] == "withdrawal" for notice in notices):
                continue
            notice = make_notice("withdrawal", about=f"pmid:{pmid}", notice=None, day=at[:10])
            extra = {**entry.extra, "notices": [*notices, {**notice, "reasons": ["deleted from PubMed"]}]}
            yield replace(entry, extra=extra, hash=fingerprint(entry.hash, "deleted"))
