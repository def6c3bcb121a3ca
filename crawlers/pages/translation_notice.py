"""The page's own notice that it is a translation ("This article has been translated by AI").

It is searched for in the page's short texts, in English, Korean, Japanese, Chinese and German, and goes into a field of
its own; the line is not part of the article's text.
"""

from __future__ import annotations

import re

from crawlers.pages.clean_text import clean_line

_NOTICE = re.compile(
    r"(?:this|the) (?:article|story|content|text|page|post|report|news(?: article)?|release)[\w ]{0,30}?"
    r"\b(?:was|has been|is|were)\b[\w ,-]{0,40}?\b(?:machine[- ])?translated\b[^.。!]{0,120}"
    r"|\b(?:machine|ai|automatic(?:ally)?|google)[- ]translat(?:ed|ion)\b[^.。!]{0,80}"
    r"|\btranslated (?:by|with|using|through) (?:ai|artificial intelligence|a machine|machine|google|deepl|papago"
    r"|chatgpt|openai)\b[^.。!]{0,80}"
    r"|(?:이|본) (?:기사|글|콘텐츠)[는은]?[^.]{0,40}(?:AI|인공지능|기계|자동)[^.]{0,20}번역[^.]{0,40}"
    r"|(?:AI|人工知能|機械|自動)翻訳[^。]{0,40}|(?:本文|此文)由?(?:AI|人工智能|机器)翻译[^。]{0,40}"
    r"|dieser (?:artikel|text|beitrag) wurde[\w ,-]{0,40}übersetzt[^.]{0,80}",
    re.IGNORECASE,
)
_MOST = 300


def find_translation_notice(paragraph: str) -> str | None:
    """The notice in a paragraph, if the paragraph contains little else; None otherwise."""
    text = clean_line(paragraph)
    if len(text) > _MOST:
        return None
    match = _NOTICE.search(text)
    if match is None:
        return None
    lead = text[: match.start()].strip(" *※☞()[]•-–—")
    if len(lead) > 60:
        return None
    return clean_line(match[0]).strip(" .()[]")
