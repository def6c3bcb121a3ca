"""Claim strength on one ladder: none, correlation, conditional cause, cause; of headline, body, release and abstract
alike.

`ladder_of` reads a sentence's cues in their order (`claim_words.tsv`): a word of linking (associated, predicts, more
likely, than) makes a correlation, unless a verb of change stands before it and acts on something ("reduces the
risk"); a verb of change makes a cause, and a hedge before it (may, might, could, appears to) a conditional one; what
only asks, aims or recommends claims nothing. Labels: `claim_headline`; `claim_body`, the strongest claim of the
sentences that report a finding; `claim_about` people, animals or cells, as the sentence says; and where a paper is
linked, `claim_gap`: `says more than the paper` when headline or body stand higher on the ladder than everything in
title and end of its abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.records import Label
from nlp.classify.claim_words import tags_of
from nlp.classify.page import Page, Paper, Sentence, label_at, page_of_paper, sentences_of

COMPONENT = "claims/1"
LADDER = ("none", "correlation", "conditional cause", "cause")
_FINDING = re.compile(
    r"(?i)\b(?:found|finds?|findings?|show(?:s|ed|n)?|suggest(?:s|ed)?|demonstrat\w+|conclu\w+|report(?:s|ed)?"
    r"|reveal\w*|results?|according to|stud(?:y|ies)|trial|researchers|scientists|discover\w*)\b"
)
_PEOPLE = re.compile(r"(?i)\b(?:patients?|people|women|men|children|adults|participants|volunteers|humans?)\b")
_ANIMALS = re.compile(r"(?i)\b(?:mice|mouse|rats?|pigs?|monkeys?|rabbits?|dogs?|sheep|animals?|zebrafish|rodents?)\b")
_CELLS = re.compile(r"(?i)\b(?:cells?|organoids?|in vitro|dish|cultures?)\b")
_ASKS = re.compile(
    r"(?i)^(?:we|the (?:aim|purpose|objective)|this study (?:aim|examin|investigat|evaluat|assess)|to (?:evaluate"
    r"|examine|investigate|assess|determine|explore|compare))"
    r"|\b(?:further|future|more|additional|larger) (?:[\w-]+ )?(?:research|stud(?:y|ies)|trials?|work"
    r"|investigations?)\b.*\b(?:need|require|warrant|necessary|should)"
    r"|\b(?:should be|is needed|are needed|are warranted|is warranted|remains? unclear|remains? unknown)\b"
)
_LINK = re.compile(
    r"(?i)\b(?:associat\w+|correlat\w+|link(?:s|ed)?(?: to| with| between)|relat(?:ed|ionship|ion)\w*|tied to"
    r"|predict\w*|risk factors?|(?:more|less|as) likely"
    r"|compared (?:with|to)|than (?:those|in|among|people|patients|women|men|controls|their|the|did|with)"
    r"|prevalence|odds|at (?:higher|increased|greater|lower) risk|(?:higher|lower|increased|decreased|greater"
    r"|elevated|reduced) (?:[\w-]+ ){0,2}?(?:risk|rates?|levels?|odds|incidence|likelihood|mortality) (?:of|for"
    r"|in|among)"
    r"|differ(?:s|ed|ent|ences?)|similar|marker|no (?:difference|association)|independent\w*"
    r"|significantly (?:higher|lower|more|less|greater)|times (?:more|higher|as)|prognos\w+)\b"
)
_HEDGE = re.compile(
    r"(?i)\b(?:may|might|could|appears? to|seems? to|appeared to|possibl[ey]|potential(?:ly)?|probabl[ey]"
    r"|likely (?:to|that)|perhaps|promis\w+|hope)\b"
)
_CHANGE = re.compile(
    r"(?i)\b(?:caus(?:e[sd]?|ing)|(?:lead|leads|led|leading) to|result(?:s|ed|ing)? in|increas(?:e[sd]?|ing)"
    r"|decreas(?:e[sd]?|ing)|reduc(?:e[sd]?|ing)|improv(?:e[sd]?|ing)"
    r"|prevent(?:s|ed|ing)?|protect(?:s|ed|ing)?|affect(?:s|ed|ing)?|boost\w*|lower(?:s|ed|ing)|rais(?:es|ed|ing)"
    r"|cuts?|help(?:s|ed|ing)?|enhanc\w+|promot(?:e[sd]?|ing)|inhibit\w*|induc\w+|trigger\w*|contribut\w+"
    r"|influenc(?:e[sd]?|ing)|impact(?:s|ed)|delay(?:s|ed|ing)?|slow(?:s|ed|ing)|worsen\w*|harm(?:s|ed|ing)?"
    r"|benefit(?:s|ed|ing)?|alleviat\w+|attenuat\w+|suppress\w*|restor(?:e[sd]?|ing)|repair(?:s|ed|ing)?"
    r"|regrow\w*|regenerat(?:e[sd]?|ing)|extend(?:s|ed)?|save[sd]?"
    r"|effective(?:ly|ness)?|efficacious|efficacy|beneficial|superior|safe|makes?|effects? (?:of|on)"
    r"|impacts? (?:of|on)|heal(?:s|ed|ing)?|cures?|revers(?:e[sd]?|ing)|treats?|supports?(?! group)|due to"
    r"|because of|responsible for)\b"
)


def find_labels(page: Page) -> Iterator[Label]:
    if page.kind in ("trial", "clinic") or page.source_kind == "clinic":
        return
    sentences = sentences_of(page)
    best: dict[str, tuple[int, Sentence]] = {}
    for sentence in sentences:
        headline = sentence.start is None
        if not headline and not _FINDING.search(sentence.words):
            continue
        step = LADDER.index(ladder_of(sentence.words))
        facet = "claim_headline" if headline else "claim_body"
        if facet not in best or step > best[facet][0]:
            best[facet] = (step, sentence)
    for facet, (step, sentence) in best.items():
        if step or facet == "claim_headline":
            yield label_at(page, facet, LADDER[step], COMPONENT, sentence, 0.6)
            if step and (about := _about(sentence.words)):
                yield label_at(page, "claim_about", about, COMPONENT, sentence, 0.6)
    highest = max((step for step, _ in best.values()), default=0)
    papers = [paper for paper in page.papers if paper.kind != "trial" and paper.text]
    if highest and papers and page.kind not in ("paper", "preprint"):
        said = max(strongest(paper) for paper in papers)
        if highest > said:
            sentence = max(best.values(), key=lambda one: one[0])[1]
            yield label_at(page, "claim_gap", "says more than the paper", f"{COMPONENT}:{papers[0].id}", sentence, 0.5)


def ladder_of(sentence: str) -> str:
    """The step of one sentence."""
    link, change = _LINK.search(sentence), _CHANGE.search(sentence)
    if sentence.rstrip('"” ').endswith("?") or (_ASKS.search(sentence) and not (link or change)):
        return "none"
    if re.search(r"(?i)\b(?:should be|is needed|are needed|warranted|remains? unclear|aimed to|the aim)\b", sentence):
        return "none"
    if link and (not change or link.start() < change.start()):
        return "correlation"
    if change:
        hedge = _HEDGE.search(sentence)
        return "conditional cause" if hedge and hedge.start() < change.end() + 40 else "cause"
    moods = {tag for tag, _ in tags_of(sentence)}
    return "correlation" if moods & {"ASSOC", "PRED"} and "AIM" not in moods else "none"


def strongest(paper: Paper) -> int:
    """The highest step in the title and the last third of an abstract."""
    found = sentences_of(page_of_paper(paper))
    brief = len(found) < 6
    return max(
        (LADDER.index(ladder_of(s.words)) for s in found if s.start is None or brief or s.place > 0.4), default=0
    )


def _about(sentence: str) -> str | None:
    for value, pattern in (("animals", _ANIMALS), ("people", _PEOPLE), ("cells", _CELLS)):
        if pattern.search(sentence):
            return value
    return None
