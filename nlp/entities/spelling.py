"""The form in which names and text are compared, and the other ways in which a name is written.

`fold(text)` gives a string of the same length, so offsets stay the same: lower case, every dash, middle dot, tab,
no-break space and single line break a space, the wide letters and digits of East Asia narrow, every apostrophe a
plain one, paragraph breaks and other controls "\\n" (which no name contains: nothing is found across paragraphs).

`variants(name, kinds)` gives further forms of a folded name:
- plural: the last word, by the usual endings ("injury" -> "injuries", "Crohn's disease" -> "…diseases");
- possessive: "parkinson's disease" also as "parkinson disease" and "parkinsons disease";
- spelling: British and American forms and Greek letters, from a short list of pairs;
- genus: "escherichia coli" also as "e. coli";
- dotted: a journal's abbreviation with dots after its shortened words is the same as without;
- spacing: a Korean name with any of its spaces left out ("중간엽 줄기 세포": 중간엽 줄기세포, 중간엽줄기세포 …).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

BLANKS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\t\u00a0\u2009\u202f\u3000"
MIDDLE_DOTS = "\u00b7\u30fb\u2027\uff65"
TABLE = {ord(char): " " for char in BLANKS + MIDDLE_DOTS}
TABLE |= {ord(char): "'" for char in "\u2018\u2019\u02bc\u2032\u00b4\u0060\uff07"}
TABLE |= {ord(char): "\n" for char in "\x0b\x0c\r\x1c\x1d\x1e\x85\u2028\u2029"}
TABLE |= {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
SPELLINGS = (  # British first: both directions are made
    ("haem", "hem"), ("anaem", "anem"), ("aemia", "emia"), ("tumour", "tumor"), ("oesoph", "esoph"),
    ("oedema", "edema"), ("paediatr", "pediatr"), ("foetal", "fetal"), ("orthopaed", "orthoped"),
    ("gynaec", "gynec"), ("coeliac", "celiac"), ("diarrhoea", "diarrhea"), ("ischaem", "ischem"),
    ("leucocyte", "leukocyte"), ("fibre", "fiber"), ("centre", "center"), ("oestr", "estr"), ("behaviour", "behavior"),
    ("β", "beta"), ("α", "alpha"), ("γ", "gamma"), ("δ", "delta"),
)  # fmt: skip


def fold(text: str) -> str:
    """The comparable form of a text, character for character."""
    folded = text.translate(TABLE)
    lowered = folded.lower()
    if len(lowered) != len(folded):  # a few capitals lower to two characters
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in folded)
    if "\n" in lowered:
        lowered = re.sub(r"(?<!\n)(?<!\n )\n(?! ?\n)", " ", lowered)
    return lowered


def find_whole(text: str, name: str, after: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where a name is in a text: no letter, digit, _ or - directly before it, and `after` matches directly after it.

    This replaces a pattern per name. To compile one takes longer than to search a page.
    """
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if (at and (text[at - 1].isalnum() or text[at - 1] in "_-")) or not after.match(text, end):
            end = at + 1
        else:
            yield at, end
        at = text.find(name, end)


def fold_name(surface: str) -> str:
    """A lexicon name as it is looked up: folded, single spaces."""
    return " ".join(fold(surface).split())


def variants(name: str, kinds: Iterable[str]) -> set[str]:
    """Other folded forms of a folded name, without the name itself."""
    forms = {name}
    for kind in kinds:
        if kind == "possessive":
            for form in tuple(forms):
                if "'s " in form:
                    forms |= {form.replace("'s ", " "), form.replace("'s ", "s ")}
        elif kind == "spelling":
            for form in tuple(forms):
                forms |= respell(form)
        elif kind == "plural":
            forms |= {plural for form in tuple(forms) for plural in plurals(form)}
        elif kind == "genus":
            genus, _, rest = name.partition(" ")
            if rest and len(genus) > 3 and genus.isalpha() and rest.replace(" ", "").isalpha():
                forms.add(f"{genus[0]}. {rest}")
        elif kind == "spacing":
            for form in tuple(forms):
                forms |= close_up(form)
        elif kind == "dotted":
            forms |= {form.replace(".", "") for form in tuple(forms) if "." in form}
    forms.discard(name)
    return {form for form in forms if form}


def close_up(name: str) -> set[str]:
    """The name with some or all of its spaces left out; only all, where it has more than four."""
    first, *words = name.split(" ")
    if len(words) > 4:
        return {name, name.replace(" ", "")}
    forms = {first}
    for word in words:
        forms = {form + joint + word for form in forms for joint in (" ", "")}
    return forms


def respell(name: str) -> set[str]:
    """The name with British and American spelling and Greek letters exchanged; only itself if there are too many."""
    forms = {name}
    for british, american in SPELLINGS:
        for form in tuple(forms):
            if british in form:
                forms.add(form.replace(british, american))
            elif len(american) > 3 and american in form and british not in form:
                forms.add(form.replace(american, british))
    return forms if len(forms) < 9 else {name}


def plurals(name: str) -> tuple[str, ...]:
    """Plural of the last word; nothing for names that are not Latin or already plural."""
    if not name[-1:].isascii() or not name[-1:].isalpha():
        return ()
    if name.endswith(("sis", "xis")):
        return (name[:-2] + "es",)
    if name.endswith(("onium", "atozoon", "phyton", "ngion")):
        return (name[:-2] + "a",)
    if name.endswith(("ss", "x", "ch", "sh")):
        return (name + "es",)
    if name.endswith("s"):
        return ()
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return (name[:-1] + "ies",)
    return (name + "s",)


def singulars(word: str) -> tuple[str, ...]:
    """Possible singulars of a folded word or phrase, the phrase itself first."""
    forms = [word]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if word.endswith("ses"):
        forms.append(word[:-2] + "is")
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
    return tuple(forms)
