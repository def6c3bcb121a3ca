"""Whether a source still fills its fields as `[expect] filled` says, after its pages are read.

This is judged on the documents of what the source listed tonight, because the text is only known then (and, for a
sitemap, title and date). Fewer than expected is an issue, one per source, that closes by itself and fails nothing.
What extract reports of owners (`crawlers.documents.ownership`) is reported once and closes, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from core.config import SourceFile
from core.records import Run
from core.store import Store
from crawlers.documents.ownership import KINDS as OF_OWNERS

KIND = "filled"
LEAST = 3  # documents: with fewer, a share means nothing

SHARES = """
SELECT a.source, count(*) AS documents, avg(d.title <> '') AS title, avg(d.published IS NOT NULL) AS published,
       avg(d.text <> '') AS text
FROM sighting g JOIN appearance a ON a.entry = g.entry JOIN document d ON d.id = a.document
WHERE g.run = ? GROUP BY a.source"""


class ShareRow(TypedDict):
    """A source's documents of tonight, and the share of them (0 to 1) in which a field is filled."""

    source: str
    documents: int
    title: float
    published: float
    text: float


def judge_filled(work: Store, run: Run, sources: Iterable[SourceFile]) -> int:
    """Raise or close the issues. Returns how many sources fall short."""
    shares = {row["source"]: row for row in work.select(ShareRow, SHARES, (run.id,))}
    short = 0
    with work.writing():
        work.resolve_issues(run, kinds=OF_OWNERS)
        for source in sources:
            row, wanted = shares.get(source.id), source.expect.filled
            if row is None or row["documents"] < LEAST:
                continue
            found = {
                "title": (row["title"], wanted.title),
                "published": (row["published"], wanted.published),
                "text": (row["text"], wanted.text),
            }
            lacking = [f"{name} in {share:.0%} of them, {least:.0%} is expected"
                       for name, (share, least) in found.items() if share < least]  # fmt: skip
            if not lacking:
                work.resolve_issues(run, kinds=[KIND], source=source.id)
                continue
            short += 1
            text = f"{row['documents']} documents: {'; '.join(lacking)}"
            work.raise_issue(run, kind=KIND, subject=source.id, source=source.id, text=text)
    return short
