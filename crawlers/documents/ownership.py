"""Which id a document has, and which of the entries that lead to it makes it. Decided when its row is saved.

The step reads one page, and one page proves little: a template prints one canonical address on every story, an
aggregator lists another publisher's address with words of its own. Here what it says is held against what other
entries say. Documents of the literature and the registries have the id of their work and pass through.

**The id**, in order. An entry names its document by several addresses, from the shortest to the longest: the one that
it has already, the page's canonical one, the address that answered, the one in the list, that with everything that
could matter (`crawlers.addresses.listed_url`). All are kept as `claim`s. The first one counts that no other entry
claims from another listed address with another story (`titles.is_same_story`). Entries with one listed address are one
document. A document that exists under another spelling of the address keeps its id.

**The owner.** Of the entries of one document, the best one makes it: first an entry of the site that the document is on
(the source's home, or the host of its list), then one whose page was read, then one with a text twice as long. Equals
change nothing. The others only appear in it. Where another source had it on an earlier night, or has or wants it under
a title that disagrees, it is reported once.

**Former ids.** When the id of an entry's document changes, the old one leads to the new one (`former_id`), and earlier
texts move along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypedDict

from core.records import Appearance, Claim, Document, FormerId, Version
from core.stage import Done, Flag
from core.store import Store
from core.text import fingerprint, one_line
from crawlers.addresses import address_key, clean_url, host_of, listed_url, loose_url, site_of
from crawlers.documents import from_list
from crawlers.documents.entry_row import EntryRow
from crawlers.titles import READ, Told, is_same_story, titles_agree

CHANGED, REFUSED = "owner_changed", "takeover_refused"
KINDS = (CHANGED, REFUSED)
FULLER = 2  # times as long

RIVALS = f"""
SELECT e.id AS entry, e.url, e.title AS listed, d.id AS document, d.entry AS owner, coalesce(d.title, '') AS title,
       coalesce(substr(d.text, 1, {READ}), '') AS text
FROM claim c JOIN entry e ON e.id = c.entry
LEFT JOIN appearance a ON a.entry = c.entry LEFT JOIN document d ON d.id = a.document
WHERE c."key" = ? AND c.entry <> ? ORDER BY d.entry = e.id DESC, c.entry LIMIT 20"""
HELD = """
SELECT d.id, d.entry, d.source, d.title, d.text, d.state, d.first_seen, d.basis = 'page' AS fetched
FROM document d WHERE d.id = ?"""
PUBLISHER = """
SELECT s.name, s.home, c.url AS list FROM entry e JOIN source s ON s.id = e.source
LEFT JOIN raw.capture c ON c.id = e.capture WHERE e.id = ?"""


class RivalRow(TypedDict):
    """Another entry that claims an address, and the document that it appears in."""

    entry: str
    url: str | None
    listed: str
    document: str | None
    owner: str | None
    title: str
    text: str


class HeldRow(TypedDict):
    """A document that is there already."""

    id: str
    entry: str
    source: str
    title: str
    text: str
    state: str
    first_seen: str
    fetched: int


class PublisherRow(TypedDict):
    """Whose an entry is."""

    name: str
    home: str | None
    list: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The address that names a document; `held`: the id of the document that has it already."""

    address: str
    held: str | None
    anchor: bool  # a part of a page, which other entries share


def settle(store: Store, row: EntryRow, result: Done) -> Done:
    """What of an entry's result is kept."""
    document = next((record for record in result.records if isinstance(record, Document)), None)
    if document is not None and document.state == "current" and _is_address(document.id):
        result = _settle_page(store, row, result, document)
    moved = tuple(_find_former(store, row, result))
    return replace(result, records=(*result.records, *moved)) if moved else result


def _settle_page(store: Store, row: EntryRow, result: Done, document: Document) -> Done:
    candidates = _find_candidates(row, document)
    claims = [Claim(entry=row["entry"], key=key) for key in sorted({address_key(one) for one in candidates})]
    chosen = _choose(store, row, document, candidates)
    if chosen.anchor:
        document = _make_part(row, document)
    if address_key(chosen.address) != address_key(document.id):
        document = replace(document, url=chosen.address)
    document = replace(document, id=chosen.held or chosen.address)
    held = store.first(HeldRow, HELD, (document.id,))
    rest = [record for record in result.records if not isinstance(record, Document)]
    if held is None or held["entry"] == row["entry"]:
        return _with(result, document, [*claims, *rest])
    mine = store.first(PublisherRow, PUBLISHER, (row["entry"],))
    owner = store.first(PublisherRow, PUBLISHER, (held["entry"],))
    better = _is_better(row, document, mine, held, owner)
    seen = (
        store.one("SELECT 1 FROM appearance WHERE entry = ? AND document = ?", (row["entry"], document.id)) is not None
    )
    flag = _find_flag(row, document, mine, held, owner, better=better, seen=seen)
    flags = (*result.flags, *((flag,) if flag else ()))
    if not better:
        rest = [record for record in rest if not isinstance(record, Version)]
        note = f"document {document.id} is already held from {held['entry']}"
        return _with(replace(result, note=note, flags=flags), None, [*claims, *rest], document.id)
    document = replace(document, first_seen=min(document.first_seen, held["first_seen"]))
    return _with(replace(result, flags=flags, takes=frozenset({document.id})), document, [*claims, *rest])


def _with(result: Done, document: Document | None, rest: list[object], ident: str = "") -> Done:
    """The result with this document (None: only appearances in `ident`) and these other records."""
    ident = document.id if document is not None else ident
    records: list[object] = [] if document is None else [document]
    for record in rest:
        if isinstance(record, Appearance | Version):
            record = replace(record, document=ident)
        records.append(record)
    return replace(result, records=tuple(records))


def _is_address(ident: str) -> bool:
    return ident.startswith(("http://", "https://"))


def _find_candidates(row: EntryRow, document: Document) -> list[str]:
    """Addresses that could name the document, from the shortest to the longest, each once."""
    listed = row["url"] or document.url
    own = row["final_url"] if document.capture == row["page_capture"] and row["final_url"] else listed
    found = [clean_url(document.id) or document.id, clean_url(document.url), clean_url(own), clean_url(listed)]
    found.append(listed_url(listed))
    old = row["old_id"]
    if old and _is_address(old) and any(loose_url(old) == loose_url(one) for one in found[:3] if one):
        found.insert(0, old)
    return list({address_key(one): one for one in reversed(found) if one}.values())[::-1]


def _choose(store: Store, row: EntryRow, document: Document, candidates: list[str]) -> Chosen:
    """The first candidate that no other entry claims for another story; the last one is the entry's own."""
    listed = _key_of_list(row["url"] or document.url)
    told = Told(listed=row["title"], title=document.title, text=document.text[:READ])
    for candidate in candidates:
        key = address_key(candidate)
        rivals = store.select(RivalRow, RIVALS, (key, row["entry"]))
        others = [rival for rival in rivals if _key_of_list(rival["url"] or "") != listed]
        if candidate is candidates[-1] or all(is_same_story(told, _told(rival)) for rival in others):
            break
    ids = [row["old_id"], *(rival["document"] for rival in rivals)]
    held = next((ident for ident in ids if ident and _is_address(ident) and address_key(ident) == key), None)
    routes = "#" in (clean_url(candidate) or "")
    return Chosen(address=candidate, held=held, anchor="#" in candidate and not routes)


def _key_of_list(url: str) -> str:
    return address_key(listed_url(url) or url)


def _told(rival: RivalRow) -> Told:
    made = rival["owner"] == rival["entry"]
    return Told(listed=rival["listed"], title=rival["title"] if made else "", text=rival["text"] if made else "")


def _make_part(row: EntryRow, document: Document) -> Document:
    """Several stories are on one page: what the list says of this one is all that is surely its own."""
    text, title = from_list.find_text(row), one_line(row["title"]) or document.title
    return replace(
        document, title=title, text=text, summary=from_list.find_summary(row), basis=from_list.BASIS,
        hash=fingerprint(title, text, document.published, document.state),
    )  # fmt: skip


def _is_better(
    row: EntryRow, document: Document, mine: PublisherRow | None, held: HeldRow, owner: PublisherRow | None
) -> bool:
    """Whether this entry should make the document instead of the one that does."""
    places = _is_own_site(mine, document.url), _is_own_site(owner, document.url)
    if places[0] != places[1]:
        return places[0]
    if held["state"] == "gone":
        return True
    fetched = document.capture == row["page_capture"], bool(held["fetched"])
    if fetched[0] != fetched[1]:
        return fetched[0]
    return len(document.text) > FULLER * len(held["text"])


def _is_own_site(publisher: PublisherRow | None, address: str) -> bool:
    """Whether a source is at home where a document is."""
    if publisher is None:
        return False
    hosts = [host_of(one) for one in (publisher["home"], publisher["list"]) if one]
    return site_of(host_of(address)) in [site_of(host) for host in hosts]


def _find_flag(
    row: EntryRow, document: Document, mine: PublisherRow | None, held: HeldRow, owner: PublisherRow | None, *,
    better: bool, seen: bool,
) -> Flag | None:  # fmt: skip
    if held["source"] == row["source"] or mine is None or owner is None:
        return None
    if better:
        text = f"{document.url}: now made by {mine['name']}, no longer by {owner['name']}, which listed it before"
        if not titles_agree(row["title"] or document.title, held["title"]):
            text += f" as {_quote(held['title'])}"
        elif held["first_seen"][:10] == row["first_seen"][:10]:
            return None  # both listed it on one night; nobody has seen the other's
        return Flag(kind=CHANGED, subject=document.id, text=text, source=row["source"])
    title = row["title"] or document.title
    if seen or _is_own_site(mine, document.url) or titles_agree(title, held["title"]):
        return None
    text = f"{document.url}: {mine['name']} lists it as {_quote(title)}; the words of {owner['name']} stay"
    return Flag(kind=REFUSED, subject=document.id, text=text, source=row["source"])


def _quote(title: str) -> str:
    return f"“{title[:100]}{'…' if len(title) > 100 else ''}”"


def _find_former(store: Store, row: EntryRow, result: Done) -> Iterator[FormerId | Version]:
    """The id that the entry's document had before, and ids and texts that belonged to that."""
    old = row["old_id"]
    now = next((record.document for record in result.records if isinstance(record, Appearance)), None)
    if old is None or now is None or old == now:
        return
    held = store.one("SELECT 1 FROM document WHERE id = ?", (now,)) is not None
    goes_on = not held and any(isinstance(record, Document) for record in result.records)
    earlier = store.load(FormerId, "document = ? AND id <> ?", (old, now))
    yield FormerId(id=old, document=now, first=goes_on and not any(former.first for former in earlier))
    for former in earlier:
        yield replace(former, document=now, first=goes_on and former.first)
    for version in store.load(Version, "document = ?", (old,)):
        yield replace(version, document=now)
