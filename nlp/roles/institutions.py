"""The role of each mention of an institution.

In order:

1. an outlet (`lexicons/hand/media.tsv`) publishes, a regulator (`REGULATORS`) regulates, unless a phrase says that the
   work is its own;
2. a phrase beside the mention or in its sentence (`cues.tsv`). Institutions that are named as parts of one another
   ("the Heart Centre at the University of X") share what is said of one of them;
3. what only says that somebody speaks (`says`, `according to`) makes a comment if another institution did the work;
   where none is said to have done it, the first that speaks did;
4. a mention without a phrase has the role that the institution has elsewhere in the text, else `mentioned`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from nlp.roles.cues import find_cue
from nlp.roles.spots import Spot, Text

MEDIA = Path(__file__).parents[1] / "lexicons" / "hand" / "media.tsv"
ORDER = ("comments", "did_the_work", "makes", "treats", "funds", "regulates", "publishes")  # where several are said
REGULATORS = re.compile(
    r"(?:U\.?S\.? )?(?:Food and Drug Administration|FDA)|European Medicines Agency|EMA|MHRA|Medicines and Healthcare"
    r" products Regulatory Agency|PMDA|Pharmaceuticals and Medical Devices Agency|MFDS|Ministry of Food and Drug Safety"
    r"|Health Canada|Therapeutic Goods Administration|TGA|NMPA|National Medical Products Administration|Swissmedic"
    r"|식약처|식품의약품안전처|厚生労働省|厚労省|医薬品医療機器総合機構|国家药监局|国家药品监督管理局|药监局",
)
_PICTURES = re.compile(r"Getty|Shutterstock|iStock|AFP Photo|Unsplash")
_SAYS = re.compile(
    r"\b(?:says?|said|told|tells|comment(?:s|ed)?|warn(?:s|ed)|argue[sd]?|recommend(?:s|ed)?|advise[sd]?|adds|added"
    r"|according to|notes|noted|explain(?:s|ed)|believes|thinks|urge[sd]?)\b"
    r"|말했다|밝혔다|설명했다|話す|述べ|表示|认为",
    re.I,
)
_JOINS = re.compile(r"(?:[’']s|,)? ?(?:at|of|in|and|with|,|\(|part of|within)? ?(?:the|its)? ?", re.I)


def find_roles(text: Text) -> list[str | None]:
    """A role for each spot of an institution, None for others."""
    told = _share(text.spots, [_find_told(spot, text) for spot in text.spots])
    said = _find_said(text.spots, told)
    roles: list[str | None] = []
    for spot, role in zip(text.spots, told, strict=True):
        if spot.mention.type != "INSTITUTION":
            roles.append(None)
        else:
            roles.append(role if role and role != "says" else said.get(_key(spot), "mentioned"))
    return roles


def _find_told(spot: Spot, text: Text) -> str | None:
    """What the text says of one mention: a role, "says" for one that only speaks, or None."""
    m = spot.mention
    if m.type != "INSTITUTION":
        return None
    if _PICTURES.match(m.surface):
        return "mentioned"
    cue = find_cue(spot, text)
    if m.surface in _load_media():
        return "publishes"
    if REGULATORS.fullmatch(m.surface):
        return "regulates"
    if cue:
        return cue.role
    return "says" if _SAYS.search(spot.sentence) and not spot.titled else None


def _share(spots: Sequence[Spot], told: list[str | None]) -> list[str | None]:
    """What is said, also of the institution that a named one is a part of or has as a part."""
    shared = list(told)
    order = [n for n, spot in enumerate(spots) if spot.mention.type == "INSTITUTION"]
    order.sort(key=lambda n: (spots[n].mention.part != "title", spots[n].mention.start))
    for one, two in pairwise(order):
        first, second = spots[one], spots[two]
        gap = first.behind[: second.mention.start - first.mention.end]
        near = first.mention.part == second.mention.part and first.number == second.number
        if not near or len(gap) > 24 or not _JOINS.fullmatch(gap):
            continue
        if shared[one] not in (None, "says") and shared[two] in (None, "says"):
            shared[two] = shared[one]
        elif shared[two] not in (None, "says") and shared[one] in (None, "says"):
            shared[one] = shared[two]
    return shared


def _find_said(spots: Sequence[Spot], told: Sequence[str | None]) -> dict[str, str]:
    """The role of each institution of which one is said; those that only speak comment on another's work."""
    counts: dict[str, Counter[str]] = {}
    speaks: dict[str, int] = {}
    for n, (spot, role) in enumerate(zip(spots, told, strict=True)):
        if role == "says":
            speaks.setdefault(_key(spot), n)
        elif role and role != "mentioned":
            counts.setdefault(_key(spot), Counter())[role] += 1
    said = {key: max(roles, key=lambda r: (roles[r], -ORDER.index(r))) for key, roles in counts.items()}
    for key, roles in counts.items():
        if roles["did_the_work"] and said[key] != "comments":
            said[key] = "did_the_work"
    worked = "did_the_work" in said.values()
    for key in sorted(speaks, key=lambda key: speaks[key]):
        if key not in said:
            said[key] = "comments" if worked else "did_the_work"
            worked = True
    return said


def _key(spot: Spot) -> str:
    return spot.mention.concept or spot.mention.surface.casefold()


@cache
def _load_media() -> frozenset[str]:
    with MEDIA.open(encoding="utf-8", newline="") as file:
        return frozenset(row["surface"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
