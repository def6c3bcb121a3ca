"""How strong a claim is: none, correlation, conditional cause or cause (`LADDER`), in headlines, texts and abstracts.

`find_strength` reads the cues of a sentence in their order (`claim_words.tsv`):

- a word of linking (associated, predicts, more likely, than) makes a correlation, unless a verb of change comes before
  it and acts on something ("reduces the risk");
- a verb of change makes a cause, with a hedge (may, might, could, appears to) a conditional one;
- a sentence that only asks, aims or recommends claims nothing.

Labels: `claim_headline`; `claim_body`, the strongest claim of the sentences that report a finding; `claim_about`,
whether such a claim is about people, animals or cells; and with a linked paper `claim_gap`: `says more than the paper`
when headline or text claim more than everything in the title and at the end of its abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.records import Label
from nlp.classify.claim_words import tag_words
from nlp.classify.page import Page, Paper, Sentence, label_at, make_paper_page, sentences_of

COMPONENT = "claims/1"
LADDER = ("none", "correlation", "conditional cause", "cause")
BRIEF = 6  # sentences of an abstract from which on only its end is read
LATE = 0.4  # share of an abstract after which its end begins
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
_RECOMMENDS = re.compile(r"(?i)\b(?:should be|is needed|are needed|warranted|remains? unclear|aimed to|the aim)\b")
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


Claim = tuple[int, Sentence]  # (place on LADDER, the sentence that claims it)


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facets `claim_headline`, `claim_body`, `claim_about` and `claim_gap`."""
    if page.kind in ("trial", "clinic") or page.source_kind == "clinic":
        return
    best = find_claims(page)
    for facet, (step, sentence) in best.items():
        if step or facet == "claim_headline":
            yield label_at(page, facet, LADDER[step], COMPONENT, sentence, 0.6)
            if step and (about := _find_subject(sentence.words)):
                yield label_at(page, "claim_about", about, COMPONENT, sentence, 0.6)
    if best and page.kind not in ("paper", "preprint"):
        yield from _compare_with_papers(page, max(best.values(), key=lambda claim: claim[0]))


def find_claims(page: Page) -> dict[str, Claim]:
    """Facet -> the strongest claim of the headline and of the sentences that report a finding."""
    best: dict[str, Claim] = {}
    for sentence in sentences_of(page):
        headline = sentence.start is None
        if not headline and not _FINDING.search(sentence.words):
            continue
        step = LADDER.index(find_strength(sentence.words))
        facet = "claim_headline" if headline else "claim_body"
        if facet not in best or step > best[facet][0]:
            best[facet] = (step, sentence)
    return best


def _compare_with_papers(page: Page, claim: Claim) -> Iterator[Label]:
    """The gap between the page's strongest claim and those of its linked papers."""
    papers = [paper for paper in page.papers if paper.kind != "trial" and paper.text]
    step, sentence = claim
    if papers and step > max(find_strongest(paper) for paper in papers):
        yield label_at(page, "claim_gap", "says more than the paper", f"{COMPONENT}:{papers[0].id}", sentence, 0.5)


def find_strength(sentence: str) -> str:
    """How strong the claim of one sentence is, one of `LADDER`."""
    link, change = _LINK.search(sentence), _CHANGE.search(sentence)
    if sentence.rstrip('"” ').endswith("?") or (_ASKS.search(sentence) and not (link or change)):
        return "none"
    if _RECOMMENDS.search(sentence):
        return "none"
    if link and (not change or link.start() < change.start()):
        return "correlation"
    if change:
        hedge = _HEDGE.search(sentence)
        return "conditional cause" if hedge and hedge.start() < change.end() + 40 else "cause"
    moods = {tag for tag, _ in tag_words(sentence)}
    return "correlation" if moods & {"ASSOC", "PRED"} and "AIM" not in moods else "none"


def find_strongest(paper: Paper) -> int:
    """The place on `LADDER` of the strongest claim in the title and the last part of an abstract."""
    found = sentences_of(make_paper_page(paper))
    read = [s for s in found if s.start is None or len(found) < BRIEF or s.place > LATE]
    return max((LADDER.index(find_strength(sentence.words)) for sentence in read), default=0)


def _find_subject(sentence: str) -> str | None:
    """Whether a sentence is about animals, people or cells."""
    for value, pattern in (("animals", _ANIMALS), ("people", _PEOPLE), ("cells", _CELLS)):
        if pattern.search(sentence):
            return value
    return None
