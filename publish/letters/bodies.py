"""The text and the HTML of a letter and of a confirmation, from the templates of this package.

* Both forms say the same, in the same order.
* The text has 70 columns. Addresses are on lines of their own; one that would make a line of more than WIDEST columns
  is left out, because the letter's own page and the page of its story have it too.
* The HTML carries its styles (`templates/letter.css`) in its elements, as mail programs need them, and a sheet for dark
  screens and narrow ones (`letter_dark.css`). It loads nothing: no picture, no font, no script.
* Matched words are set off: by stars in the text, by <mark> in the HTML.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from core.facets import facets
from core.text import one_line
from publish.letters.letter import Held, Letter, Line, Marked, Part, Update
from publish.letters.rendering import RHYTHMS, day_of, days_of, harmless, subject_of, tidy_letter, web_address
from publish.letters.wrapping import columns_of, wrap

TEMPLATES = Path(__file__).with_name("templates")
WIDEST = 76
GRAVE = ("retraction", "concern")
FIRST = (
    "This is your first letter. It shows what your searches find today; from now on you get what is new or has changed."
)


def text_of(letter: Letter) -> str:
    """The letter as plain text; lines end in a line feed."""
    return _squeezed(environment().get_template("letter.txt").render(_context(letter)))


def body_of(letter: Letter) -> Markup:
    """The letter as an <article>, without a frame and without styles."""
    return Markup(environment().get_template("letter_body.html").render(_context(letter)))  # escaped by the template


def html_of(letter: Letter) -> str:
    """The letter as a whole HTML page for a mail."""
    return _framed(subject_of(letter), body_of(letter))


def confirmation_of(site: str, home: str, name: str, query: str, link: str) -> tuple[str, str]:
    """The question whether letters are wanted, as text and as HTML. `name` and `query` may come from somebody else."""
    told = {
        "site": one_line(site), "home": web_address(home) or "", "name": harmless(name, 80), "query": harmless(query),
        "link": web_address(link) or "",
    }  # fmt: skip
    text = _squeezed(environment().get_template("confirm.txt").render(told))
    body = Markup(environment().get_template("confirm.html").render(told))  # escaped by the template
    return text, _framed("Do you want these letters?", body)


def read_styles() -> tuple[str, str]:
    """The sheets of a letter: the styles, and what changes on dark and on narrow screens."""
    return tuple((TEMPLATES / name).read_text("utf-8") for name in ("letter.css", "letter_dark.css"))  # type: ignore[return-value]


def _context(letter: Letter) -> dict[str, object]:
    letter = tidy_letter(letter)
    foot = (
        ("Change, add or pause searches", letter.manage),
        ("This letter as a page", letter.page),
        ("No more of these letters", letter.stop),
    )
    return {
        "letter": letter, "subject": subject_of(letter), "rhythm": RHYTHMS[letter.every], "first_words": FIRST,
        "widest": WIDEST, "foot": [(label, address) for label, address in foot if address],
    }  # fmt: skip


def _framed(title: str, body: Markup) -> str:
    light, dark = read_styles()
    page = environment().get_template("frame.html")
    return str(_inliner().inline(page.render(title=title, body=body, light=Markup(light), dark=Markup(dark))))


def _squeezed(text: str) -> str:
    """At most one empty line between paragraphs, two before a heading; the templates need not count them."""
    lines: list[str] = []
    for line in text.splitlines():
        if line or (lines and lines[-1]):
            lines.append(line if line == "-- " else line.rstrip())
    return "\n".join(lines).rstrip("\n") + "\n"


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


# --- words ------------------------------------------------------------------------------------------------------------


def starred(marked: Marked) -> str:
    """The text with stars around what is set off.

    >>> starred(Marked(text="makes pigment cells", marks=((6, 13),)))
    'makes *pigment* cells'
    """
    return "".join(f"*{piece}*" if set_off else piece for piece, set_off in _cut(marked))


def marked(text: Marked) -> Markup:
    """The text with <mark> around what is set off, escaped."""
    pieces = (Markup("<mark>{}</mark>").format(piece) if set_off else escape(piece) for piece, set_off in _cut(text))
    return Markup("").join(pieces)


def _cut(marked: Marked) -> list[tuple[str, bool]]:
    pieces, place = [], 0
    for start, end in marked.marks:
        pieces += [(marked.text[place:start], False), (marked.text[start:end], True)]
        place = end
    return [piece for piece in (*pieces, (marked.text[place:], False)) if piece[0]]


def origin(line: Line) -> list[str]:
    """Where a text is from: kind, source, day."""
    kinds = facets().by_name["column", "kind"].values
    said = [
        kinds.get(line.kind, line.kind.replace("_", " ")),
        line.source,
        line.old or (day_of(line.published) if line.published else ""),
    ]
    return [one for one in said if one]


def titled(part: Part) -> str:
    """The heading of a search."""
    name = part.name or part.query or "Your search"
    return f"New: {name}" if part.lines else name


def rest(part: Part) -> str:
    """How many more there are."""
    return f"{part.more:,} more new {'story' if part.more == 1 else 'stories'} of this search"


def there(part: Part) -> str:
    """What the first letter says before it shows what was there already."""
    if part.found_before <= len(part.before):
        return "What it finds today:"
    return f"{len(part.before)} of the {part.found_before:,} documents that it finds today:"


def is_set_up(part: Part) -> bool:
    """Whether the letter must say that it sets the search up, because nothing that it shows does."""
    return part.first and not part.before


def state(part: Part) -> str:
    """What the letter that sets a search up says of it."""
    return "This search is set up." if part.lines else "This search is set up. It finds nothing yet."


def sent(update: Update, near: str) -> str:
    """When a person was sent what has changed."""
    count = len(update.held)
    what = "this" if count == 1 else f"these {count} texts"
    days = days_of((held.day for held in update.held), near=near)
    return f"We sent you {what} on {days}:" if days else f"We sent you {what}:"


def on(update: Update, held: Held, near: str) -> str:
    """The day of one text, where they were sent on several."""
    return f" ({day_of(held.day, near=near)})" if len({one.day for one in update.held}) > 1 else ""


def quiet(letter: Letter) -> str:
    """The searches that have nothing new."""
    return f"Nothing new for: {'; '.join(letter.nothing_on)}."


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def heading(text: str) -> str:
    """A heading of the text form."""
    lines = wrap(text)
    return f"{lines}\n{'=' * max(columns_of(line) for line in lines.splitlines())}"


@cache
def environment() -> Environment:
    """The templates of this package, with the words of letters as filters. HTML and XML are escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith((".html", ".xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "capital": capital, "columns": columns_of, "day": _day, "heading": heading, "marked": marked,
        "on": on, "origin": origin, "quiet": quiet, "rest": rest, "sent": sent, "starred": starred, "state": state,
        "there": there, "titled": titled, "wrap": _wrap,
    }  # fmt: skip
    made.tests |= {"full": is_full, "grave": is_grave, "set_up": is_set_up}
    return made


def is_full(part: Part) -> bool:
    """Whether a search has something to show."""
    return bool(part.lines or part.before or part.covers or part.first)


def is_grave(update: Update) -> bool:
    """Whether a change casts doubt on what was sent."""
    return update.kind in GRAVE


def _day(day: str, near: str | None = None) -> str:
    return day_of(day, near=near)


def _wrap(text: str, first: str = "") -> str:
    return wrap(text, first=first)
