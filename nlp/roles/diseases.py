"""The role of each mention of a disease.

In order:

1. a phrase next to the mention (`cues.tsv`): denied, a side effect, an advert, background, a risk, a cause;
2. the subject of the text (`topics.py`), or its name in other words: `treated` where the text is about a treatment,
   else `studied`. A risk, a cause or a comparison of the subject itself is the subject ("lowers the risk of breast
   cancer"); what is denied, a side effect or an advert stays so;
3. what somebody has, is treated for or is kept from, in the words next to the mention, likewise; so is what the text
   comes back to, and in a survey of many diseases what is in a list of those that are treated;
4. anything else is background.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nlp.roles.spots import Spot, Text
from nlp.roles.topics import Group, choose_subjects, make_groups, relate

SHORT = 20  # sentences of a text in which one mention can be the subject
MORE = 1.5  # times as many words of finding out as of treating make a text one that studies
KEPT = frozenset({"denied", "side_effect", "advert"})

_TREATED = re.compile(
    r"\b(?:treat(?:s|ed|ing|ments?|able)?|therap(?:y|ies|eutics?)|cur(?:e[sd]?|ing|ative)|drugs?|medic(?:ation|ine)s?|"
    r"implant(?:s|ed|ation)?|transplant\w*|surg(?:ery|eries|ical)|vaccines?|infusions?|inject(?:s|ed|ions?|ing)|"
    r"revers(?:e[sd]?|ing)|repair(?:s|ed|ing)?|heal(?:s|ed|ing)?|restor(?:e[sd]?|ing)|clinical trials?|"
    r"phase (?:[1-3]|I{1,3})|regenerat\w+|stem[- ]cells?|patch|laser|stents?|pill|dos(?:e|es|ed|ing)|approv(?:al|ed)|"
    r"relie(?:f|ves?)|combat|fight(?:s|ing)?|chemo\w*|radiation|radiotherapy|immunotherap\w+|antibod(?:y|ies)|remission|procedures?|"
    r"placebo|efficacy|effective(?:ness)?|prescri\w+|tablets?|antidepressants?|FDA|kill(?:s|ed|ing)?|destroy\w*|benefits?|thwart)\b"
    r"|치료|이식|수술|임상시험|투여|완치|治療|移植|手術|投与|治験|治疗|治愈|手术|注射|临床试验",
    re.I,
)
_STUDIED = re.compile(
    r"\b(?:biomarkers?|diagnos\w+|detect(?:s|ed|ion|ing)?|predict\w*|blood tests?|screening|test for|risks?"
    r"|prevent(?:s|ed|ion|ing)?|lower(?:s|ed|ing)?|reduc(?:e[sd]?|ing)|linked?|associat(?:ed|ion)|genes?|genetic|"
    r"mutations?|mechanism|mice|model|biops(?:y|ies)|examin\w+|outcomes?|survey\w*|origins?|causes?|cohort|check|scans?|protect\w*|plaque|imaging|recurrence)\b"
    r"|진단|예측|원인|위험|유전자|바이오마커|기전|診断|予測|原因|遺伝子|機序|诊断|预测|基因|机制|风险",
    re.I,
)

_FOR = re.compile(  # what is treated, prevented, or had by patients: the words end where the mention begins
    r"(?:\b(?:treat(?:s|ed|ing|ments? (?:of|for))?|therap(?:y|ies) for|drugs? for|cures? for|cure[sd]?"
    r"|revers(?:e[sd]?|ing)"
    r"|fight(?:s|ing)?|relieve[sd]?|alleviate[sd]?|improve[sd]?|heal(?:s|ing)?"
    r"|(?:patients?|people|those|children|men|women|adults|someone) (?:\w+ )?(?:with|who (?:have|had|suffer from)"
    r"|suffering from|living with|diagnosed with)) (?:[\w-]+ ){0,3})$",
    re.I,
)
_AFTER = re.compile(
    r"^(?: (?:patients?|treatments?|therap(?:y|ies)|drugs?|sufferers?|survivors?|medications?)\b"
    r"| ?환자|을 치료|를 치료| ?치료|の?患者|の?治療|患者|的?治疗)",
    re.I,
)
_LISTED = re.compile(
    r"\b(?:treat\w*|therap(?:y|ies)|patients? with|people with|cure\w*|trials? (?:in|for|of))\b[^.;]{0,160}$", re.I
)
_LESS = re.compile(r"\b(?:reduc|lower|cut|prevent|decreas|slash|halv|avert|delay|slow)\w* [^.;,]{0,45}$", re.I)


def find_roles(text: Text, told: Sequence[str | None]) -> tuple[list[str | None], list[Group]]:
    """A role for each spot of a disease (None for others), and the groups that are the subject."""
    groups = make_groups(text.spots, told, "DISEASE", text.bare)
    subjects = choose_subjects(groups, alone_counts=len(text.sentences) <= SHORT)
    own = relate(groups, subjects)
    main = "treated" if is_treatment(text) else "studied"
    sizes = {group.key: len(group.fair()) for group in groups}
    roles: list[str | None] = []
    for spot, role in zip(text.spots, told, strict=True):
        m = spot.mention
        if m.type != "DISEASE":
            roles.append(None)
        elif role == "risk" and _LESS.search(spot.before):
            roles.append(main)
        elif role in KEPT:
            roles.append(role)
        elif (
            (m.concept or m.surface.casefold()) in own
            or (role is None and is_beside(spot))
            or _comes_back(spot, role, sizes)
            or (not subjects and _is_listed(spot, role, main))
        ):
            roles.append(main)
        else:
            roles.append(role or "background")
    return roles, subjects


def _comes_back(spot: Spot, role: str | None, sizes: Mapping[str, int]) -> bool:
    """Whether a text comes back to a disease, or names it as the cause of its subject where a reader looks first."""
    again = sizes[spot.mention.concept or spot.mention.surface.casefold()] > 1
    return (role is None and again) or (role == "cause" and spot.lead)


def _is_listed(spot: Spot, role: str | None, main: str) -> bool:
    """Whether it is in a list of what is treated, in a text that is about no single disease."""
    return main == "treated" and role in (None, "background") and bool(_LISTED.search(spot.before))


def is_treatment(text: Text) -> bool:
    """Whether title and lead speak of treating. The title decides; where it does not, the lead must say otherwise."""
    treated, studied = len(_TREATED.findall(text.title)), len(_STUDIED.findall(text.title))
    if treated != studied:
        return treated > studied
    return len(_STUDIED.findall(text.lead)) <= MORE * len(_TREATED.findall(text.lead))


def is_beside(spot: Spot) -> bool:
    """Whether the words next to a mention say that it is treated, or that people have it."""
    return bool(_FOR.search(spot.before) or _AFTER.search(spot.behind))
