"""The kind of a text: paper, preprint, press release, news, bank/registry release, explainer/Q&A, clinic marketing,
opinion or notice.

The source's TOML decides (`source.kind`, `document.kind`). Only news can become an opinion or an explainer, by its
headline. A paper or preprint whose record only retracts or corrects another is a notice. A text without a source is
judged by its words, in order: marketing cues (`marketing.py`); a line at the top that says that it is a release; the
sections of an abstract, or the "we found" of a paper; the headline of an opinion; questions as headings; the cues of a
release against those of news (`kinds.tsv`). Names of outlets and agencies are never cues.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from core.records import Label
from nlp.classify.cues import Hit, find_hits
from nlp.classify.marketing import score_marketing
from nlp.classify.notices import is_notice
from nlp.classify.page import Page, label_at, sentences_of

COMPONENT = "kinds/1"
BY_SOURCE = {
    "press_release": "press release", "explainer": "explainer/Q&A", "clinic": "clinic marketing", "journal": "paper",
    "preprint": "preprint", "registry": "bank/registry release", "stem_cell_bank": "bank/registry release",
    "news": "news",
}  # fmt: skip
_OPINION = re.compile(
    r"(?i)^(?:opinion|editorial|commentary|comment|viewpoint|column|op-ed|perspective|letter)\b|\|\s*opinion|사설"
    r"|칼럼|\[기고\]|社説"
)
_EXPLAINER = re.compile(
    r"(?i)^(?:background|explainer|explained|q ?& ?a|faq|what (?:is|are)|how (?:do|does|to)|everything you"
    r"|a guide|guide|ten questions|five (?:things|questions|short answers)|\d+ (?:questions|things|facts"
    r"|answers))\b|\bexplained$|\bfrequently asked\b|\bshort answers\b|\bquestions (?:to|about)\b"
)
_ABSTRACT = re.compile(
    r"(?im)(?:^|[.\s])(?:background|objectives?|purpose|aims?|methods?|materials and methods|results|findings"
    r"|conclusions?|interpretation)\s?[:.]\s"
)
_WE = re.compile(
    r"(?i)\b(?:we (?:\w+ )?(?:found|find|show\w*|report\w*|investigat\w+|examin\w+|conclude\w*|demonstrat\w+"
    r"|analy[sz]\w+"
    r"|stud\w+|measur\w+|used?|perform\w+|identif\w+|aim\w*|assess\w*|evaluat\w+|compar\w+|hypothesi\w+|describe\w*"
    r"|present\w*|develop\w*|propose\w*|observ\w+|test\w*|determin\w+|explor\w+|sought|review\w*|discuss\w*|summari\w+)"
    r"|our (?:results|data|findings|study|work))\b"
)
_RELEASE_LINE = re.compile(
    r"(?im)^\W*(?:(?:press|news|media) release|for immediate release|pressemitteilung|medienmitteilung"
    r"|communiqué de presse|보도 ?자료|プレスリリース|报道资料|新闻稿|新聞稿)\b"
)
TOP = 600  # characters in which a line can say that the text is a release
_QUOTE = re.compile(r"[“”\"「]")


def find_labels(page: Page) -> Iterator[Label]:
    known = BY_SOURCE.get(page.source_kind)
    if known == "paper" and page.kind == "preprint":
        known = "preprint"
    if known in ("paper", "preprint") and is_notice(page.title, page.extra):
        known = "notice"
    if known:
        title = sentences_of(page)[0] if page.title else None
        if known == "news" and _OPINION.search(page.title):
            yield label_at(page, "source_kind", "opinion", COMPONENT, title, 0.8)
        elif known == "news" and _is_explainer(page):
            yield label_at(page, "source_kind", "explainer/Q&A", COMPONENT, title, 0.7)
        else:
            yield label_at(page, "source_kind", known, f"{COMPONENT}:source", None, 1.0)
        return
    yield _read_text(page)


def _read_text(page: Page) -> Label:
    sentences = sentences_of(page)
    title = sentences[0] if page.title and sentences else None
    sold = score_marketing(page)
    if sold >= 0.5:
        return label_at(page, "source_kind", "clinic marketing", COMPONENT, title, sold)
    if _RELEASE_LINE.search(page.body[:TOP]):
        return label_at(page, "source_kind", "press release", COMPONENT, title, 0.9)
    quotes = len(_QUOTE.findall(page.body))
    parts = {part.lower().strip(" .:\n") for part in _ABSTRACT.findall(page.body)}
    if quotes < 2 and len(page.body.split()) < 700 and (len(parts) >= 2 or len(_WE.findall(page.body)) >= 2):
        return label_at(page, "source_kind", "paper", COMPONENT, title, 0.7)
    if _OPINION.search(page.title):
        return label_at(page, "source_kind", "opinion", COMPONENT, title, 0.8)
    if _is_explainer(page):
        return label_at(page, "source_kind", "explainer/Q&A", COMPONENT, title, 0.7)
    score, hit = score_release(page)
    value = "press release" if score >= 0.5 else "news"
    return label_at(page, "source_kind", value, COMPONENT, hit.sentence if hit else None, max(score, 1 - score))


def score_release(page: Page) -> tuple[float, Hit | None]:
    """0 news .. 1 release, and the strongest sign of the side that won."""
    hits: dict[str, list[Hit]] = {"release": [], "news": []}
    for hit in find_hits("kinds", sentences_of(page), guarded=False):
        hits[hit.value].append(hit)
    total = sum(h.weight for h in hits["release"]) - sum(h.weight for h in hits["news"])
    side = hits["release" if total >= 0 else "news"]
    return 1 / (1 + math.exp(0.2 - total)), max(side, key=lambda hit: hit.weight, default=None)


def is_explainer_title(title: str) -> bool:
    """Whether a headline announces answers: "Background: …", "What is …"."""
    return bool(_EXPLAINER.search(title))


def _is_explainer(page: Page) -> bool:
    if is_explainer_title(page.title):
        return True
    lines = [line for line in page.body.splitlines() if line.strip()]
    asked = [line for line in lines if line.rstrip().endswith(("?", "？")) and len(line.split()) <= 14]
    return len(asked) >= 3 and len(asked) >= len(lines) / 6
