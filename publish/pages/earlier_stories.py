"""Earlier stories of the same paper, the same trial, or the institution that did the work.

A story is earlier if its first document came before the first one of this story. Those of the same paper come first,
then those of the same trial, then those of the institution; each story is given once, with what it has in common. Of an
institution the newest LOOKED documents before that day are looked through.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.rows import OpenEdition

SHOWN = 8
LOOKED = 60

COLUMNS = 't.id, t."key", t.slug, t.title, t.first, t.last, t.documents'
OF_WORK = f"""
SELECT {COLUMNS}, l.relation AS tie, '' AS concept, '' AS name
FROM json_each(:works) j CROSS JOIN link l ON l.other = j.value AND l.relation IN ('paper', 'published', 'trial')
JOIN member m ON m.document = l.document JOIN story t ON t.id = m.story
WHERE t.id <> :story AND t.first < :first GROUP BY t.id, l.relation ORDER BY t.last DESC LIMIT 20"""
OF_INSTITUTION = f"""
SELECT {COLUMNS}, 'institution' AS tie, e.concept, e.name
FROM (SELECT x.document, x.entity FROM entity_document x JOIN entity i ON i.id = x.entity
      WHERE i.concept = :concept AND x.about = 1 AND x.day < :first ORDER BY x.day DESC LIMIT {LOOKED}) x
JOIN entity e ON e.id = x.entity JOIN member m ON m.document = x.document JOIN story t ON t.id = m.story
WHERE t.id <> :story AND t.first < :first GROUP BY t.id ORDER BY t.last DESC LIMIT 6"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierStory:
    """A story that was there before. `tie`: paper, published, trial or institution, the latter with its name."""

    id: int
    key: str
    slug: str
    title: str
    first: str
    last: str
    documents: int
    tie: str
    concept: str
    name: str


async def find_earlier(
    edition: OpenEdition, *, story: int, first: str, works: Sequence[int], institutions: Sequence[str]
) -> list[EarlierStory]:
    """Earlier stories. `works` are numbers of papers and trials, `institutions` concepts."""
    asked = {"story": story, "first": first, "works": json.dumps(list(works))}
    found = await edition.rows(EarlierStory, OF_WORK, asked) if works else []
    for concept in institutions:
        found += await edition.rows(EarlierStory, OF_INSTITUTION, {**asked, "concept": concept})
    return put_in_order(found)


def put_in_order(found: Sequence[EarlierStory]) -> list[EarlierStory]:
    """Each story once, by its closest tie; the closest first, of one tie the newest first."""
    rank = {"paper": 0, "published": 0, "trial": 1, "institution": 2}
    once = {one.id: one for one in sorted(found, key=lambda one: -rank[one.tie])}
    newest = sorted(once.values(), key=lambda one: one.last, reverse=True)
    return sorted(newest, key=lambda one: rank[one.tie])[:SHOWN]
