"""Labels: what a document is about, what kind of text it is and what it rests on, each with its sentence.

Each module here that defines `find_labels(page)` is a family of facets; `stage.py` finds it by that function. A family
reads a `Page` (`page.py`) and may use tables of cues (`cues.py`). `make_label_json` gives the object that
`pipeline.py read --json` prints.
"""

from nlp.classify.label_json import make_label_json, make_unsure_json
from nlp.classify.page import Page, make_text_page
from nlp.classify.stage import label_text, stage

__all__ = ["Page", "label_text", "make_label_json", "make_text_page", "make_unsure_json", "stage"]
