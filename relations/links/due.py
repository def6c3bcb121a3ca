"""Which documents the link stage looks at again.

A document is due when

- it is new or changed;
- a link of it leads to an identifier that has got a document since, or to a paper that is gone;
- there are new notices about it, or a paper that says that it came out of this preprint;
- it has no paper yet, is younger than a year (`RETRIED`), and papers that it may be about came or changed: those
  published from thirteen months before it to two months after. A preprint without a published version waits for any.

A document that is linked keeps its input in the ledger, whatever else arrives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from core import clock
from core.store import Store
from core.text import fingerprint
from relations.links.neighbours import LITERATURE, PREPRINTS, PreprintRow

RETRIED = timedelta(days=365)
_BEFORE, _AFTER = 13, 2  # months

NOTICES = """
SELECT COALESCE(i.work, n.about) AS work, n.id, n.nature, n.day, n.notice FROM notice n
LEFT JOIN identity i ON i.identifier = n.about ORDER BY n.id"""

MOVED = """
SELECT l.src, group_concat(l.dst || '>' || COALESCE(i.work, ''), ' ') AS moves FROM link l
LEFT JOIN identity i ON i.identifier = l.dst
WHERE l.dst <> '' AND ((i.work IS NOT NULL AND i.work <> l.dst)
    OR (l.how = 'evidence' AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = l.dst))
    OR (l.relation = 'paper' AND EXISTS (SELECT 1 FROM notice n WHERE n.notice = l.dst)))
GROUP BY l.src"""

DOCUMENTS = """
SELECT id, kind, published, first_seen, fingerprint(hash, kind, identifiers, links, lang,
    json_extract(extra, '$.published_as'), json_extract(extra, '$.types')) AS own FROM document ORDER BY id"""

PAPERS = "SELECT id, hash, published FROM document WHERE kind IN ('paper', 'preprint') ORDER BY id"
LINKED = "SELECT src FROM link WHERE relation = ? AND dst <> ''"


class LedgerRow(TypedDict):
    """A document that was done, and its input then."""

    key: str
    input: str


class MovedRow(TypedDict):
    """A row of MOVED."""

    src: str
    moves: str


class LinkedRow(TypedDict):
    """A row of LINKED."""

    src: str


class NoticeRow(TypedDict):
    """A row of NOTICES."""

    work: str
    id: str
    nature: str
    day: str | None
    notice: str | None


class DocumentRow(TypedDict):
    """A row of DOCUMENTS; `own` is the fingerprint of what the document itself says."""

    id: str
    kind: str
    published: str | None
    first_seen: str
    own: str


class PaperRow(TypedDict):
    """A row of PAPERS."""

    id: str
    hash: str
    published: str | None


@dataclass(frozen=True, slots=True)
class _Links:
    """What the tables say of earlier links and notices, by document."""

    notices: dict[str, list[str]]  # fingerprints
    moved: dict[str, str]  # what has become of the targets
    came_out: dict[str, str]  # preprint -> paper that says that it came out of it
    identified: set[str]  # has a paper
    published: set[str]  # has a published version

    def is_open(self, row: DocumentRow) -> bool:
        """Whether a document has no paper, or a preprint no published version."""
        if row["kind"] == "preprint":
            return row["id"] not in self.published
        return row["kind"] not in (*LITERATURE, "trial") and row["id"] not in self.identified


def gather(store: Store) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Every document with the fingerprint of what its links depend on. The data are empty."""
    links, papers = _read_links(store), PaperMonths(store)
    done = store.select(LedgerRow, "SELECT \"key\", input FROM outcome WHERE stage = 'link'")
    ledger = {row["key"]: row["input"] for row in done}
    youngest = (clock.now() - RETRIED).date().isoformat()
    for row in store.select(DocumentRow, DOCUMENTS):
        key = row["id"]
        base = fingerprint(row["own"], *links.notices.get(key, ()), links.came_out.get(key))
        reasons = [links.moved[key]] if key in links.moved else []
        if links.is_open(row) and row["first_seen"][:10] >= youngest:
            reasons.append(papers.find_state(row["published"] or row["first_seen"][:10], row["kind"]))
        before = ledger.get(key, "")
        same = not reasons and before.startswith(f"{base}:")
        yield key, before if same else f"{base}:{fingerprint(*reasons)}", {}


def _read_links(store: Store) -> _Links:
    notices: dict[str, list[str]] = defaultdict(list)
    for row in store.select(NoticeRow, NOTICES):
        notices[row["work"]].append(fingerprint(row["id"], row["nature"], row["day"], row["notice"]))
    return _Links(
        notices=notices,
        moved={row["src"]: row["moves"] for row in store.select(MovedRow, MOVED)},
        came_out={f"doi:{row['preprint']}": row["id"] for row in reversed(store.select(PreprintRow, PREPRINTS))},
        identified={row["src"] for row in store.select(LinkedRow, LINKED, ("paper",))},
        published={row["src"] for row in store.select(LinkedRow, LINKED, ("published",))},
    )


class PaperMonths:
    """Fingerprints of the papers of each month, so that a new paper makes only the news due that may be about it."""

    def __init__(self, store: Store) -> None:
        months: dict[str, list[str]] = defaultdict(list)
        for row in store.select(PaperRow, PAPERS):
            months[(row["published"] or "")[:7]].append(fingerprint(row["id"], row["hash"]))
        self._months = {month: fingerprint(*values) for month, values in months.items()}
        self._all = fingerprint(*(self._months[month] for month in sorted(self._months)))
        self._known: dict[str, str] = {}

    def find_state(self, day: str, kind: str) -> str:
        """The state of the papers that a document of this day may be about; of all papers for a preprint."""
        if kind == "preprint" or len(day) < 7:
            return self._all
        month = day[:7]
        if month not in self._known:
            state = [f"{name} {self._months[name]}" for name in _list_months(month) if name in self._months]
            self._known[month] = fingerprint(*state)
        return self._known[month]


def _list_months(month: str) -> list[str]:
    """The months around one, and what papers have that give no month: nothing, or only a year."""
    year, number = int(month[:4]), int(month[5:7])
    around = [
        date(year + (number - 1 + step) // 12, (number - 1 + step) % 12 + 1, 1).isoformat()[:7]
        for step in range(-_BEFORE, _AFTER + 1)
    ]
    return ["", *around, str(year - 1), str(year)]
