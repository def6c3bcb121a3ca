"""Numbers that are not quantities: dates, headings, names with a number, identifiers, statistics of a result.

`EXCLUSIONS` names each kind with its regular expression. A number that begins inside a match of one is left out.
"""

from __future__ import annotations

import re
from functools import cache

from nlp.quantities.money import get_codes
from nlp.quantities.numbers import COMMA_FOR_POINT

_CODES = "|".join(map(re.escape, get_codes()))  # "EUR10" is no name
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"

EXCLUSIONS = {
    "day, month first": rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b",
    "day, day first": rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.?(?: of)? {_MONTH}\.?,?(?: \d{{4}})?\b",
    "day in digits": r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b",
    "time of day": r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2} ?[ap]\.?m\b",
    "year, unless it counts something": r"\b(?:19|20)\d{2}(?:[-–/](?:\d{2}|\d{4}))?s?\b"
    r"(?!\s?(?:patients|people|mice|cells|trials|cases|participants|건|명|개))",
    "Korean date, quarter, ordinal": r"\d{1,2}월(?:\s?\d{1,2}일)?|\d{1,2}일(?!\s?(?:간|동안))|\d{4}년"
    r"|\d+년(?!\s?(?:간|동안))|\d{1,2}분기|\d+[차회기호층](?![가-힣]?\s?[투주])",
    "Chinese or Japanese date, ordinal": r"\d{1,2}月(?:\d{1,2}日)?|\d{4}年|\d{1,2}日(?!間)|第\s?\d+|제\s?\d+",
    "item of a list": r"(?m:^\s*\(?\d{1,2}(?:-\d{1,2})?[.)]\s)",
    "figure, table, part, room": r"\b(?:PART|Part|Fig(?:ure|s)?\.?|Tables?|Section|Chapter|No\.?|Vol\.?|pp?\.|Step"
    r"|Day|Ref\.?|Room|Article|Question|Q) ?"
    r"\d+(?:[-–.]\d+)*[a-z]?\b",
    "numbered type, phase, group": r"\b(?:types?|phases?|stages?|grades?|class|levels?|arms?|groups?|cohorts?|days?"
    r"|weeks?|passages?|steps?|parts?|chapters?"
    r"|versions?|top|number|page|line|point|room|factor|interleukin|lot|batch) "
    r"(?:\d+(?:[-–/.]\d+)*[a-z]?|one|two|three|four|ten)"
    r"(?:(?:,| and| or|/| to)+ ?(?:\d+[a-z]?|two|three|four))*\b(?!%| ?per ?cent)",
    "confidence interval": r"\b\d{2} ?% ?(?:CI\b|confidence\b)[^.;)]{0,12}?[-−]?\d+(?:\.\d+)?(?: ?%)?"
    r"(?: ?(?:to|[-–,]) ?[-−]?\d+(?:\.\d+)?(?: ?%)?)?"
    r"|\b\d{2} ?% ?(?:CI\b|confidence\b)",
    "p-value": r"\b[pP] ?(?:-?value)? ?[=<>≤] ?0?\.\d+",
    "how often": r"\b(?:once|twice|thrice|(?:two|three|four|\d+) times) (?:a|an|per|each|every)"
    r" (?:year|month|week|day|night|hour)",
    "telephone, DOI, URL": r"^\s*0\d\b|\+?\d{2,4}(?:[- ]\d{3,4}){2,}|\b10\.\d{4,9}/\S+|\bhttps?://\S+",
    "accession number, ordinal, name": r"\b(?:NCT|PMC|ISRCTN|GSE|MONDO:|CL:)\d+|\b\d+(?:st|nd|rd|th)\b"
    rf"|\b(?!(?:{_CODES})\d)[A-Za-z]+-?\d+(?:[-./]\w+)*\b|(?<![$€£¥₩])\b\d+[a-z]\b(?<![gmhls])",
    "version": r"\bv?\d+\.\d+\.\d+\b(?!,)",
    "citation": r"\[\d+(?:[,–-] ?\d+)*\]",
    "views and likes of a page": r"(?:조회수?|댓글|추천|좋아요)\s?[\d,]+(?:회|건|개)?"
    r"|\b(?:Views|Likes|Comments|Shares):? [\d,]+|\b[\d,]+ (?:views|shares|likes|comments)\b",
}
MARKED_VERSION = r"\bv\d+\.\d+\.\d+\b"  # where a point separates thousands, 1.234.567 is a number


@cache
def get_exclusions(lang: str | None) -> re.Pattern[str]:
    """All kinds as one pattern, for a text of that language."""
    kinds = EXCLUSIONS | {"version": MARKED_VERSION} if lang in COMMA_FOR_POINT else EXCLUSIONS
    return re.compile("|".join(kinds.values()))
