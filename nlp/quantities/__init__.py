"""Quantities in a text, and what they count or measure.

By rules, in all our languages, with values: `expressions.py` finds quantities, `subject_rules.py` their subjects,
`periods.py` the years that they are of. By small trained models, in English, spans only: `span_model.py` finds
quantities, `subject_model.py` their subjects.
"""

from nlp.quantities.expressions import find_quantities
from nlp.quantities.numbers import parse_number
from nlp.quantities.quantity import Quantity
from nlp.quantities.units import TIME, UNITS

__all__ = ["TIME", "UNITS", "Quantity", "find_quantities", "parse_number"]
