"""The role of each mention of an institution.

In order:

1. an outlet (`lexicons/hand/media.tsv`) publishes, a regulator (`REGULATORS`) regulates;
2. a phrase next to the mention or in its sentence (`cues.tsv`). Institutions that are named as parts of one another
   ("the Heart Centre at the University of X") share what is said of one of them;
3. the institution of a person whose work it is further on ("Kim and his colleagues") did the work;
4. what only says that somebody speaks makes a comment; in a release (dateline, `###`, "About …") who speaks did it;
5. a mention without a phrase has the role that the institution has elsewhere in the text; who did the work did it at
   every mention; else `mentioned`, and `makes` of a company.
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
LEAD = 2  # sentences in which a text brings in its own people
ORDER = ("comments", "did_the_work", "makes", "treats", "funds", "regulates", "publishes")  # where several are said
REGULATORS = re.compile(
    r"(?:U\.?S\.? )?(?:Food and Drug Administration|FDA|F\.D\.A\.)|European Medicines Agency|EMA|MHRA"
    r"|Medicines and Healthcare products Regulatory Agency|PMDA|Pharmaceuticals and Medical Devices Agency|MFDS"
    r"|Ministry of Food and Drug Safety|Health Canada|Therapeutic Goods Administration|TGA|NMPA"
    r"|National Medical Products Administration"
    r"|Swissmedic"
    r"|식약처|식품의약품안전처|厚生労働省|厚労省|医薬品医療機器総合機構|国家药监局|国家药品监督管理局|药监局",
)
_OWN_WORK = (
    r"{0}(?:, (?:MD|PhD|M\.D\.|Ph\.D\.))?,? and (?:his|her|their) (?:colleagues?|team|co-?\w+|group|students?|lab)"
    r"|{0}[’']s? (?:team|group|lab|laboratory|study|research|colleagues|work|trial)"
    r"|{0} (?:and \w+ )?(?:led|leads|conducted|headed|developed|discovered|found|invented|designed|launched) "
    r"|{0},? (?:the|a) (?:study|paper|report)[’']?s? (?:lead|senior|first|co-|principal)|"
    r"(?:led|headed|conducted) by (?:\w+\.? )*{0}"
)
_RELEASE = re.compile(  # a dateline that is not an agency's, and what ends a release
    r"^[A-Z][A-Z .,]{3,40}(?:\((?!Reuters|AP|AFP|CNN|Health|UPI|Xinhua|dpa)|,? [A-Z][a-z]+\.? ?\d|--|[–—])"
    r"|PRNewswire|GLOBE NEWSWIRE|EurekAlert|^###|^About [A-Z]|^SOURCE |[Mm]edia [Cc]ontact|FOR IMMEDIATE RELEASE",
    re.M,
)
_OTHERS_OF_BEFORE = re.compile(  # a group that the text only now brings in, and a year: what others did before
    r"^(?:Earlier,? |Before that,? )?(?:A|Another) (?:\w+ )?(?:group|team)s? (?:at|of|from|in|led by)\b"
    r".*\b(?:in|since|by) (?:19|20)\d\d\b"
)
_NOT_INVOLVED = re.compile(
    r"\b(?:not|n[’']t|never|no) (?:\w+ )?(?:involved|part in|part of the (?:study|research|work|trial|team)"
    r"|connected with|affiliated with)|\bindependent (?:expert|researcher|scientist)",
    re.I,
)
_COMPANY = re.compile(
    r"\b(?:Inc|Corp|Ltd|LLC|GmbH|AG|S\.A|Therapeutics|Pharma\w*|Biotech\w*|Biologics|Bio[Ss]ciences?)\b"
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
    told = [role or _find_persons_role(spot, text) for spot, role in zip(text.spots, told, strict=True)]
    said = _find_said(text, told)
    roles: list[str | None] = []
    for spot, role in zip(text.spots, told, strict=True):
        if spot.mention.type != "INSTITUTION":
            roles.append(None)
        else:
            whole = said.get(_key(spot), "makes" if _COMPANY.search(spot.mention.surface) else "mentioned")
            roles.append(whole if whole == "did_the_work" or role in (None, "says") else role)
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
    if cue and cue.role == "did_the_work" and spot.number > LEAD and _OTHERS_OF_BEFORE.search(spot.sentence):
        return "mentioned"
    return cue.role if cue else None


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


def _find_persons_role(spot: Spot, text: Text) -> str | None:
    """`did_the_work` if the team or study of a person there comes up elsewhere, `comments` if not involved."""
    speaks = "says" if spot.mention.type == "INSTITUTION" and _SAYS.search(spot.sentence) and not spot.titled else None
    if spot.mention.type != "INSTITUTION" or spot.titled:
        return speaks
    people = [
        m.mention.surface.split()[-1] for m in text.spots if m.mention.type == "PERSON" and m.number == spot.number
    ]
    for surname in people:
        if any(surname in sentence and _NOT_INVOLVED.search(sentence) for sentence in text.sentences):
            return "comments"
        own = _OWN_WORK.format(re.escape(surname))
        if any(re.search(own, sentence) for sentence in text.sentences):
            return "did_the_work"
    return speaks


def _find_said(text: Text, told: Sequence[str | None]) -> dict[str, str]:
    """The role of each institution of which one is said; of one that only speaks what that means."""
    counts: dict[str, Counter[str]] = {}
    speaks: list[str] = []
    for spot, role in zip(text.spots, told, strict=True):
        if role == "says":
            speaks.append(_key(spot))
        elif role and role != "mentioned":
            counts.setdefault(_key(spot), Counter())[role] += 1
    said = {key: max(roles, key=lambda r: (roles[r], -ORDER.index(r))) for key, roles in counts.items()}
    for key, roles in counts.items():
        if roles["did_the_work"] and said[key] != "comments":
            said[key] = "did_the_work"
    release = bool(_RELEASE.search("\n".join([*text.sentences[:3], *text.sentences[-12:]])))
    for key in speaks:
        said.setdefault(key, "did_the_work" if release else "comments")
    return said


def _key(spot: Spot) -> str:
    return spot.mention.concept or spot.mention.surface.casefold()


@cache
def _load_media() -> frozenset[str]:
    with MEDIA.open(encoding="utf-8", newline="") as file:
        return frozenset(row["surface"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
