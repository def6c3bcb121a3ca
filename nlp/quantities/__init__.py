"""Quantities in a text, and what they are quantities of: by rules (`rules.py`, any of our languages, with their
values) and by a small trained model (`spans.py`, `subjects.py`, English, spans only). See the modules for how they
decide.
"""

from nlp.quantities.numbers import read_number
from nlp.quantities.rules import TIME, UNITS, Quantity, find_quantities

__all__ = ["TIME", "UNITS", "Quantity", "find_quantities", "read_number"]
