"""A letter as a page of the letters desk: the same content as the mail, in the styles of the site.

`show` gives what is inside <main>; the desk puts its frame around it. The page has no styles and no script of its own:
`datasette/styles/letter.css` has the classes.
"""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from publish.letters.bodies import body_of
from publish.letters.letter import Letter
from publish.letters.rendering import subject_of, tidy_letter


def title_of(letter: Letter) -> str:
    """The title of the page."""
    return subject_of(tidy_letter(letter))


def show(letter: Letter) -> Markup:
    """The letter, its <h1> included, escaped. It does not link to itself."""
    return body_of(replace(letter, page=""))
