"""STAGE document -> mentions. An entity type is one TOML here, one lexicon and one golden file.

`load(section)` gives a `Reader`; spaCy is imported then and not before. `Reader.read(...)` is pure: text in,
mentions and concepts out. See `reader.py` for the order of the steps.
"""

from nlp.entities.reader import Reader, Reading, find_version, load

__all__ = ["Reader", "Reading", "find_version", "load"]
