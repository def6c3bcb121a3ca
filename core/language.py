"""The language of a text, ISO 639-1. Decided once, before anything reads the text.

In order:
1. a script that one language has (Korean; Japanese, by its syllables) decides alone;
2. py3langid reads the text, among the languages that news is written in (`LEFT_OUT` are those that it takes for a
   headline's English). Where it is not sure of another language, English function words decide;
3. what the publisher declares is believed if the text does not say otherwise: where the text is too short to tell, and
   between neighbours (Norwegian's two forms, Bosnian and Croatian). Themes declare `en-US` on Korean pages.

None: the text is too short. Nobody's English is assumed then.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ = 3000  # characters that are enough
SURE = 0.8  # of another language than English
CERTAIN = 0.99  # of one inside an English text
SCRIPTS = {
    "ko": re.compile("[\uac00-\ud7a3]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
SHARE = {"ko": 0.3, "ja": 0.05}  # of the letters; Japanese has more Chinese characters than its own
ALONE = frozenset({"ko", "ja", "th", "el"})  # scripts of one language
NEIGHBOURS = (
    {"no", "da"}, {"no", "sv"}, {"bs", "hr", "sr", "sh", "me"}, {"id", "ms"}, {"gl", "pt"}, {"gl", "es"}, {"ca", "es"},
    {"cs", "sk"}, {"ru", "uk", "bg", "sr", "mk", "be", "kk", "mn", "ky", "tg"}, {"ar", "fa", "ur", "ps", "ku"},
    {"hi", "mr", "ne"}, {"zh", "yue", "wuu"}, {"nl", "af"}, {"he", "iw", "yi"},
)  # fmt: skip
SAME = {"nb": "no", "nn": "no", "iw": "he", "wuu": "zh", "yue": "zh"}
LEFT_OUT = frozenset({
    "an", "wa", "vo", "la", "eo", "oc", "lb", "br", "jv", "rw", "se", "lg", "qu", "ht", "fo", "gd",
    "fy", "om", "ln", "so", "ig", "mg", "ha", "sn", "st", "sa", "tk", "tt", "ba", "nn",
})  # fmt: skip
ONLY_ENGLISH = re.compile(r"\b(?:the|of|and|with|from|this|which|for|to)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(?:the|of|and|with|from|was|were|has|have|that|this|which|said|by)\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
MARKS = re.compile(r"https?://\S+|\S+@\S+|[\d_]+")  # say nothing about a language


def find_language(text: str, declared: str | None = None) -> str | None:
    """The language of a text; `declared` is what its publisher says. None where it is not known."""
    said = _code_of(declared)
    sample = MARKS.sub(" ", text[:READ])
    script = _find_script(sample)
    if script in ALONE:
        return script
    read = _read(sample, script)
    if read is None:
        return said if _fits_script(said, script) else None
    return said if said is not None and any({said, read} <= group for group in NEIGHBOURS) else read


def find_other_language(paragraph: str) -> str | None:
    """The language of a paragraph in an English text, where it is certainly another one than English."""
    sample = MARKS.sub(" ", paragraph[:READ])
    if ONLY_ENGLISH.search(sample) or not WORD.search(sample):
        return None
    code, sure = _identifier().classify(sample)
    return SAME.get(code, code) if code != "en" and sure >= CERTAIN else None


def _code_of(declared: str | None) -> str | None:
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_,; ]|$)", declared or "")
    return SAME.get(match[1].lower(), match[1].lower()) if match else None


def _find_script(text: str) -> str | None:
    letters = sum(map(str.isalpha, text)) or 1
    shares = ((lang, len(letter.findall(text)) / letters) for lang, letter in SCRIPTS.items())
    return next((lang for lang, share in shares if share > SHARE.get(lang, 0.3)), None)


def _fits_script(said: str | None, script: str | None) -> bool:
    if said is None or script is None:
        return said not in SCRIPTS
    return said == script or (script == "zh" and said == "ja") or any({said, script} <= group for group in NEIGHBOURS)


def _read(text: str, script: str | None) -> str | None:
    """What the text itself says, if it is sure."""
    if script == "zh":
        return "zh" if text.strip() else None
    if not WORD.search(text):
        return None
    code, sure = _identifier().classify(text)
    if code == "en" or sure >= SURE:
        return "en" if code == "en" else SAME.get(code, code)
    return "en" if script is None and ENGLISH.search(text) else None


@cache
def _identifier() -> LanguageIdentifier:
    """Loaded when the first text needs it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages({code for code in identifier.labels if len(code) == 2} - LEFT_OUT)
    return identifier
