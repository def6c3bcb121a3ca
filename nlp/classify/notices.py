"""Notices: what says that a work was retracted, withdrawn, corrected or doubted, and reports no result of its own.

`is_notice` is of a work's record: the type that the record states, else the beginning of its title ("Retraction: …").
`RETRACTED: …` is the title of the work itself. `tells_of_notice` is of a headline: it names a paper, and that somebody
takes it back.
"""

from __future__ import annotations

import re

from core.records import Json
from nlp.classify.record_fields import get_list

_TYPES = re.compile(
    r"(?i)^(?:retraction(?: notice| of publication)?|(?:published )?erratum|corrigendum"
    r"|(?:author |publisher )?correction|expression of concern|withdrawal(?: notice)?|addendum)$"
)
_TITLE = re.compile(
    r"(?i)^(?:(?:notice of |partial )?retraction|(?:author |publisher )?correction|erratum|corrigendum"
    r"|(?:editorial )?expression of concern|withdrawal)(?: note| notice)?\b ?(?:to |for |of |on )?\s?(?::|[–—-] )"
    r"|^(?:notice of retraction|retraction (?:note|notice)|expression of concern|erratum|corrigendum)"
    r" (?:to|for|of|on)\b"
)
_WORK = r"(?:papers?|stud(?:y|ies)|articles?|publications?|preprints?|reports?)"
_TAKES = r"(?:retract(?:s|ed|ing|ions?)?|withdr[ae]w(?:s|n|ing|als?)?|pull(?:s|ed)?|expression of concern)"
_HEADLINE = re.compile(
    rf"(?i)\b{_TAKES}\b.*\b{_WORK}\b|\b{_WORK}\b.*"
    r"\b(?:retract(?:ed|ions?)|withdr[ae]wn?|is pulled|expression of concern)\b|\bretract(?:ed|ions?)\b"
    r"|논문.*(?:철회|취소)|論文.*(?:撤回|取り下げ)|撤回.*論文|撤稿|撤回.*论文|论文.*撤"
    r"|\b(?:Studie|Arbeit|Artikel|Fachartikel)\b.*\bzurückgezogen\b"
    r"|\bzieht\b.*\b(?:Studie|Arbeit|Artikel)\b.*\bzurück\b"
    r"|\b(?:étude|article)\b.*\brétract|\brétract\w*\b.*\b(?:étude|article)\b"
)


def is_notice(title: str, extra: Json) -> bool:
    """Whether a work's record is that of a notice about another work."""
    return any(_TYPES.match(kind) for kind in get_list(extra, "types")) or bool(_TITLE.match(title))


def tells_of_notice(title: str) -> bool:
    """Whether a headline tells of a paper that was taken back, or heads the notice itself."""
    return bool(_TITLE.match(title) or _HEADLINE.search(title))
