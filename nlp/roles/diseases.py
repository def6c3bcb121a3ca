"""The role of each mention of a disease.

In order:

1. a phrase beside the mention (`cues.tsv`): denied, a side effect, an advert, background, a risk, a cause;
2. the subject of the text (`topics.py`), or its name in other words: `treated` where the text is about a treatment,
   else `studied`. A risk, a cause or a comparison of the subject itself is the subject ("lowers the risk of breast
   cancer"); what is denied, a side effect or an advert stays so;
3. anything else is background.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.roles.spots import Text
from nlp.roles.topics import Group, choose_subjects, make_groups, relate

KEPT = frozenset({"denied", "side_effect", "advert"})

_TREATED = re.compile(
    r"\b(?:treat(?:s|ed|ing|ments?|able)?|therap(?:y|ies|eutics?)|cur(?:e[sd]?|ing|ative)|drugs?|medic(?:ation|ine)s?|"
    r"implant(?:s|ed|ation)?|transplant\w*|surg(?:ery|eries|ical)|vaccines?|infusions?|inject(?:s|ed|ions?|ing)|"
    r"revers(?:e[sd]?|ing)|repair(?:s|ed|ing)?|heal(?:s|ed|ing)?|restor(?:e[sd]?|ing)|clinical trials?|"
    r"phase (?:[1-3]|I{1,3})|regenerat\w+|stem[- ]cells?|patch|laser|stents?|pill|dos(?:e|es|ed|ing)|approv(?:al|ed)|"
    r"relie(?:f|ves?)|combat|fight(?:s|ing)?|kill(?:s|ed|ing)?|destroy\w*|benefits?|thwart)\b"
    r"|치료|이식|수술|임상시험|투여|완치|治療|移植|手術|投与|治験|治疗|治愈|手术|注射|临床试验",
    re.I,
)
_STUDIED = re.compile(
    r"\b(?:biomarkers?|diagnos\w+|detect(?:s|ed|ion|ing)?|predict\w*|blood tests?|screening|test for|risks?"
    r"|prevent(?:s|ed|ion|ing)?|lower(?:s|ed|ing)?|reduc(?:e[sd]?|ing)|linked?|associat(?:ed|ion)|genes?|genetic|"
    r"mutations?|mechanism|mice|model|origins?|causes?|cohort|check|scans?|protect\w*|plaque|imaging|recurrence)\b"
    r"|진단|예측|원인|위험|유전자|바이오마커|기전|診断|予測|原因|遺伝子|機序|诊断|预测|基因|机制|风险",
    re.I,
)


def find_roles(text: Text, told: Sequence[str | None]) -> tuple[list[str | None], list[Group]]:
    """A role for each spot of a disease (None for others), and the groups that are the subject."""
    groups = make_groups(text.spots, told, "DISEASE")
    subjects = choose_subjects(groups)
    own = relate(groups, subjects)
    main = "treated" if is_treatment(text) else "studied"
    roles: list[str | None] = []
    for spot, role in zip(text.spots, told, strict=True):
        m = spot.mention
        if m.type != "DISEASE":
            roles.append(None)
        elif role in KEPT:
            roles.append(role)
        elif (m.concept or m.surface.casefold()) in own:
            roles.append(main)
        else:
            roles.append(role or "background")
    return roles, subjects


def is_treatment(text: Text) -> bool:
    """Whether title and lead speak of treating more than of finding out."""
    head = f"{text.title} {text.lead}"
    treated = 2 * len(_TREATED.findall(text.title)) + len(_TREATED.findall(head))
    studied = 2 * len(_STUDIED.findall(text.title)) + len(_STUDIED.findall(head))
    return treated >= studied
