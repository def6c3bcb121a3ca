"""Identifiers in a search: which they are, and the SQL that finds their record and what cites it.

`find_alone` tells whether a text is nothing but an identifier: bare, with its name before it, or in an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from core.ids import Found, find_ids, ids_of_url, normalise
from publish.search.fold import fold_words

BARE = ("doi", "pmcid", "nct", "isrctn", "ctis", "eudract", "geo", "rrid", "ror", "orcid")  # known without their names
_NAMES = re.compile(
    r"\b(?:doi|pmid|pmcid|pubmed|pmc|id|nct|isrctn|eudract|eu ct|ctis|geo|rrid|ror|orcid|trial|number|no|https?|www)\b",
    re.I,
)
# place: 0 the record itself, 1 what links it, 2 what names it, 3 what else has the number
LANDING = """
WITH record AS (
    SELECT d.id, CASE WHEN d.ident = :ident OR :own THEN 0 ELSE 3 END AS place
    FROM identifier i JOIN document d ON d.id = i.document WHERE i.value = :value AND i.scheme = :scheme)
SELECT id, min(place) AS place FROM (
    SELECT id, place FROM record
    UNION ALL SELECT l.document, 1 FROM record r JOIN link l ON l.other = r.id WHERE r.place = 0
    UNION ALL SELECT l.document, 1 FROM link l WHERE l.ident = :ident
    UNION ALL SELECT x.document, 2 FROM entity e JOIN entity_document x ON x.entity = e.id
        WHERE e.concept IN (:ident, :concept)
    UNION ALL SELECT rowid, 2 FROM search WHERE search MATCH :phrase
) GROUP BY id ORDER BY 2, 1 DESC LIMIT 5000"""
OWN = ("doi", "pmid", "pmcid", "isrctn")  # a document has such a number only as its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """An identifier that was searched for alone. `places`: documents, the record first (place 0).

    `sure` is false of bare digits: they are a number of PubMed only where a record here has it.
    """

    scheme: str
    value: str
    places: tuple[tuple[int, int], ...] = ()
    sure: bool = True

    @property
    def params(self) -> dict[str, object]:
        return {
            "scheme": self.scheme, "value": self.value, "ident": f"{self.scheme}:{self.value}",
            "concept": f"{self.scheme.upper()}:{self.value}", "own": self.scheme in OWN,
            "phrase": f'{{title body}} : "{fold_words(self.value)}"',
        }  # fmt: skip

    @property
    def records(self) -> tuple[int, ...]:
        """The records that have this number as their own."""
        return tuple(ident for ident, _ in takewhile(lambda row: row[1] == 0, self.places))


def find_alone(text: str) -> Landing | None:
    """The identifier that a text consists of, or None where it says anything else."""
    text = text.strip().strip("<>()[].,;")
    if not text or len(text) > 400:
        return None
    if re.match(r"https?://\S+$", text) and (said := ids_of_url(text)):
        scheme, value = next(iter(said.items()))
        return Landing(scheme=scheme, value=value)
    for scheme in BARE:
        if any(map(str.isdigit, text)) and (known := normalise(scheme, text)):
            return Landing(scheme=scheme, value=known)
    if number := re.fullmatch(r"(?:pubmed|medline)(?: id)?[\s:#]*([1-9]\d{3,7})|([1-9]\d{5,7})", text, re.IGNORECASE):
        return Landing(scheme="pmid", value=number[1] or number[2], sure=bool(number[1]))
    found = find_ids(text)
    if len(found) != 1:
        return None
    rest = text[: found[0].start] + " " + text[found[0].end :]
    return None if re.search(r"\w", _NAMES.sub(" ", rest)) else Landing(scheme=found[0].scheme, value=found[0].value)


def find_in(text: str) -> tuple[Found, ...]:
    """Identifiers in a word of a search."""
    return find_ids(text) if any(map(str.isdigit, text)) else ()
