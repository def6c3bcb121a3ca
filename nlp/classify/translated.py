"""Whether a text is a translation, by a machine or a person, and from which language.

First the page's own notice (`document.translated`, kept from extraction), then a sentence at the beginning or the end
of the text that says so. The value is `machine` or `person`, with `from ` and the language where the notice names one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.records import Label
from nlp.classify.page import Page, Sentence, label_at, sentences_of

COMPONENT = "translated/1"
_NOTICE = re.compile(
    r"(?i)\b(?:this|the|is|was|been|an?|article|text|page|story|english|content)\b[^.]{0,60}\b(?:(?:machine"
    r"|auto(?:matically)?|AI)[- ]?)?translat(?:ed|ion)\b[^.]{0,80}|\btranslat(?:ed|ion) (?:from|by|with|using"
    r"|of the)\b"
    r"|(?:번역(?:되|한|기)|기계 ?번역|AI ?번역)|(?:機械翻訳|自動翻訳|AI翻訳|翻訳(?:記事|した))|(?:机器翻译|译自|编译)"
)
_NOT_TEXT = re.compile(
    r"(?i)\btranslat(?:ed|ion|e) (?:\w+ ){0,3}?(?:into|to) (?:\w+ ){0,3}?(?:clinic|patients|therap|treatment"
    r"|practice|human|benefit|medicine)|\bprotein|mRNA|\bRNA\b|lost in translation|translational"
)
_MACHINE = re.compile(r"(?i)\bAI\b|machine|automatic|auto-|google|deepl|papago|chatgpt|기계|機械|自動|机器|人工智能")
_LANGUAGES = {
    "korean": "ko", "japanese": "ja", "chinese": "zh", "german": "de", "french": "fr", "spanish": "es", "english": "en",
    "italian": "it", "portuguese": "pt", "russian": "ru",
    "dutch": "nl", "swedish": "sv", "polish": "pl", "arabic": "ar",
}  # fmt: skip
EDGE = 3  # sentences at either end


def find_labels(page: Page) -> Iterator[Label]:
    if page.translated:
        yield _make_label(page, page.translated, None, 1.0)
        return
    body = [sentence for sentence in sentences_of(page) if sentence.start is not None]
    edges = body[:EDGE] + [sentence for sentence in body[-EDGE:] if sentence not in body[:EDGE]]
    for sentence in edges:
        if len(sentence.words) < 250 and _NOTICE.search(sentence.words) and not _NOT_TEXT.search(sentence.words):
            yield _make_label(page, sentence.words, sentence, 0.9)
            return


def _make_label(page: Page, notice: str, sentence: Sentence | None, score: float) -> Label:
    who = "machine" if _MACHINE.search(notice) else "person"
    named = [code for name, code in _LANGUAGES.items() if re.search(rf"\b{name}\b", notice.lower())]
    other = [code for code in named if code != (page.lang or "en")[:2]]
    value = f"{who}, from {other[0]}" if other else who
    if sentence is None:
        sentence = Sentence(words=notice, start=None, end=None, place=0.0)
    return label_at(page, "translated", value, COMPONENT, sentence, score)
