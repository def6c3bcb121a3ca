"""Labels: what a document is about, what kind of text it is and what it rests on, each with the sentence that says
so.

A module here that defines `find_labels(page)` is a family of facets and is found by looking (`stage.py`); `page.py`
is what it sees, `cues.py` how words are found and held back. `as_labels` makes of labels the object that
`pipeline.py read --json` prints.
"""

from nlp.classify.page import Page, page_of_text
from nlp.classify.shown import as_labels
from nlp.classify.stage import label_text, stage

__all__ = ["Page", "as_labels", "label_text", "page_of_text", "stage"]
