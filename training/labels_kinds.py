"""Recipe: press release or news, and what is no cue for it.

A release and the story of it share their subject; they differ in how they speak: who is quoted how, whose findings
they are, funding and contacts, dates. So the texts are laid out without what only names a source or a time: outlets
and agencies, addresses, datelines and bylines, years and other numbers, and the subject's nouns count little compared
with the words of speaking. What is left is words in pairs, and counts of ways of speaking (`labels_kinds.tsv`)."""

from __future__ import annotations

import re

from training.labels_model import LETTERS, WORDS, Item, Member, signs_of

OUTLETS = re.compile(
    r"(?i)\b(?:eurekalert!?|newswise|pr ?newswire|prweb|business ?wire|globe ?newswire|science ?daily|medical ?xpress"
    r"|reuters(?: health)?|associated press|cnn|nbc(?: news)?|cbs(?: news)?|abc(?: news)|fox news|npr|shots"
    r"|kaiser health news"
    r"|healthday(?: news)?|health ?day|web ?md|time\.com|usa today|bloomberg|stat(?: news)?|us news|today\.com"
    r"|livescience|bbc(?: news)?"
    r"|(?:the )?(?:new york|los angeles|washington|wall street|boston|chicago|philadelphia|financial) (?:times"
    r"|post|journal|globe|tribune|inquirer)"
    r"|(?:the )?guardian|cleveland plain dealer|star tribune|newsday|medscape|verywell|everyday health|vox"
    r"|huffington post|huffpost"
    r"|daily mail|daily telegraph|afp|upi|cision|newsweek|buzzfeed(?: news)?|philly\.com|the atlantic|wired"
    r"|forbes|techcrunch|mailchimp"
    r"|health ?news ?review|follow @\w+|@\w+)\b"
)
ADDRESS = re.compile(r"(?i)\bhttps?://\S+|\bwww\.\S+|\b\S+@\S+\.\w+|\b[\w-]+\.(?:com|org|edu|gov|net|co\.uk)\b\S*")
DATELINE = re.compile(
    r"^\s*(?:\([A-Z][^)]{1,40}\)\s*[-–—]+"
    r"|(?:[A-Z][\w.’' ]{2,40},? ?(?:[A-Z][\w.]+)?,? ?)?(?:\([^)]{2,30}\))?[^.\n]{0,60}?\s(?:--|–|—)\s)"
    r"|(?im:^by [A-Z][^\n]{2,60}$)|(?i:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,? (?=\w+ \d))"
)
NUMBER = re.compile(r"\d[\d,.:]*")


def stripped(title: str, text: str) -> str:
    """A text without what only says where it comes from and when."""
    body = DATELINE.sub(" ", text, count=1)
    body = re.sub(r"(?m)^\s*(?:by|written by|posted by) [A-Z][^\n]{2,60}$", " ", body)
    return NUMBER.sub("0", OUTLETS.sub(" ", ADDRESS.sub(" ", f"{title}\n{body}")))


def item_of(title: str, text: str) -> Item:
    plain = stripped(title, text)
    words = max(40, len(plain.split()))
    facts: dict[str, float] = {}
    for name, pattern in signs_of("labels_kinds").items():
        many = len(pattern.findall(plain))
        facts[name] = many * 100 / words
        facts[f"any_{name}"] = float(many > 0)
    paragraphs = [part for part in text.split("\n") if part.strip()]
    facts["paragraph"] = min(120.0, words / max(1, len(paragraphs)))
    facts["words"] = min(1500.0, words) / 100
    facts["sentence"] = words / max(1, len(re.findall(r"[.!?]", plain)))
    facts["title_words"] = len(title.split())
    facts["title_caps"] = sum(word[:1].isupper() for word in title.split()) / max(1, len(title.split()))
    ends = plain[:700] + " … " + plain[-700:]
    return Item(views={"text": plain, "ends": ends}, facts=facts, words=plain)


def members() -> list[Member]:
    """Linear ones only: with some hundred texts, forests and kernels learn what chance put there."""
    return [
        Member(views={"text": (1.0, WORDS)}, facts=0.05),
        Member(views={"text": (0.5, WORDS), "ends": (0.5, LETTERS)}, facts=0.1, cost=0.5),
        Member(views={"text": (1.0, LETTERS)}, facts=0.1, cost=0.5),
    ]
