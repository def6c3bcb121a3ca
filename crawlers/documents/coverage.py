"""After the pages are read: does a source still fill its fields as `[expect] filled` says?

Judged on the documents of what the source listed tonight, since only then the text is known (and of a sitemap, also
title and date). Fewer than expected is an issue, one per source, that closes by itself; it fails nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.config import SourceFile
from core.records import Run
from core.store import Store

KIND = "filled"
LEAST = 3  # documents: below it a share says nothing

SHARES = """
SELECT a.source, count(*) AS documents, avg(d.title <> '') AS title, avg(d.published IS NOT NULL) AS published,
       avg(d.text <> '') AS text
FROM sighting g JOIN appearance a ON a.entry = g.entry JOIN document d ON d.id = a.document
WHERE g.run = ? GROUP BY a.source"""


def judge_filled(work: Store, run: Run, sources: Iterable[SourceFile]) -> int:
    """Raise or close the issues. Returns how many sources fall short."""
    shares = {row["source"]: row for row in work.rows(SHARES, (run.id,))}
    short = 0
    with work.writing():
        for source in sources:
            row, wanted = shares.get(source.id), source.expect.filled.model_dump()
            if row is None or row["documents"] < LEAST:
                continue
            lacking = [name for name, share in wanted.items() if row[name] < share]
            if not lacking:
                work.resolve_issues(run, kinds=[KIND], source=source.id)
                continue
            short += 1
            said = "; ".join(f"{name} in {row[name]:.0%} of them, {wanted[name]:.0%} is expected" for name in lacking)
            work.raise_issue(
                run, kind=KIND, subject=source.id, source=source.id, text=f"{row['documents']} documents: {said}"
            )
    return short
