"""The kind of study that an abstract reports, by rule: animal, in vitro, RCT, other clinical, case report, review,
protocol, remaining.

What is shipped: nothing here was learned from abstracts. In order: a protocol speaks of what will be done; a review
names itself or its search; a case is one patient with an age; then who was studied (animals, people, cells), by what
stands in the title and by what is counted most; people are an RCT where they were drawn by lot, other clinical where
something was done to them, remaining otherwise.
"""

from __future__ import annotations

import re

_PROTOCOL = re.compile(r"(?i)\b(?:study |trial )?protocol\b")
_WILL = re.compile(r"(?i)\bwill (?:be|receive|recruit|include|undergo|assess|evaluate|compare|enrol)")
_REVIEW = re.compile(
    r"(?i)\b(?:systematic(?:ally)? review|meta-analys[ei]s|scoping review|literature review"
    r"|this (?:\w+ )?(?:review|chapter|article (?:reviews|discusses|summari[sz]es))|we (?:review|discuss"
    r"|summari[sz]e)"
    r"|(?:are|is) (?:reviewed|discussed|summari[sz]ed)|recent advances|overview of|an update|state of the art"
    r"|review of)\b"
)
_CASE = re.compile(
    r"(?i)\b(?:case reports?|a case of|we (?:report|describe|present) (?:a|an|the|two|three)\b.{0,40}\b(?:case"
    r"|patient|man|woman|boy|girl|infant|family)|\d+-(?:year|month|week|day)-old)\b"
)
_ANIMAL = re.compile(
    r"(?i)\b(?:mice|mouse|murine|rats?|rabbits?|piglets?|pigs?|porcine|monkeys?|macaques?|dogs?|canine|cats?"
    r"|sheep|lambs?|zebrafish|drosophila|rodents?|gerbils?|hamsters?|guinea pigs?|wistar|sprague[- ]dawley"
    r"|c57bl\S*|transgenic|knockout)\b"
)
_PEOPLE = re.compile(
    r"(?i)\b(?:patients?|participants?|volunteers?|subjects|children|adults|women|men|adolescents|infants"
    r"|individuals|people|students|controls)\b"
)
_CELLS = re.compile(
    r"(?i)\b(?:cell lines?|cultured|cell cultures?|in vitro|fibroblasts|HEK ?293\w*|SH-SY5Y|PC12|U87\w*|iPSCs?"
    r"|organoids?|transfected|primary (?:cortical |hippocampal )?(?:neurons|astrocytes))\b"
)
_LOT = re.compile(
    r"(?i)\brandomi[sz](?:ed|ation|ly (?:assign|allocat))|\bdouble-blind|\bplacebo-controlled|\brandomly assigned"
)
_DONE = re.compile(
    r"(?i)\b(?:treated with|received|underwent|treatment with|therapy|surgery|intervention|administ\w+|open-label"
    r"|phase I+|pilot (?:study|trial)|efficacy|stimulation|program|training|implantation|postoperative)\b"
)


def study_of(title: str, abstract: str) -> str:
    whole = f"{title}. {abstract}"
    will = len(_WILL.findall(abstract))
    if (_PROTOCOL.search(title) and will) or will >= 3:
        return "protocol"
    if _REVIEW.search(title) or len(_REVIEW.findall(abstract)) >= 2:
        return "review"
    if _CASE.search(title) or (_CASE.search(abstract) and len(_PEOPLE.findall(abstract)) < 6):
        return "case report"
    animals, people, cells = (len(pattern.findall(whole)) for pattern in (_ANIMAL, _PEOPLE, _CELLS))
    animals += 2 * bool(_ANIMAL.search(title))
    cells += 2 * bool(_CELLS.search(title))
    if animals >= 2 and animals > people:
        return "animal"
    if cells >= 2 and cells > people:
        return "in vitro"
    if people >= 2:
        if _LOT.search(whole):
            return "RCT"
        if len(_DONE.findall(whole)) >= 3 or _DONE.search(title):
            return "other clinical"
        return "remaining"
    return "review" if _REVIEW.search(abstract) else "remaining"
