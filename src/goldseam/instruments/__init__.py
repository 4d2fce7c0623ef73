"""Measures: questionnaires as data files, who is asked what, and what their scales are made of."""

from goldseam.instruments.items import Condition, Item, Question, Respondent, ShownAfter
from goldseam.instruments.loading import list_measures, load_measure
from goldseam.instruments.measure import Measure
from goldseam.instruments.options import Anchor, Answer, Choice, ChoiceOptions, NumericOptions
from goldseam.instruments.scales import CutOff, KeyedItem, Scale
from goldseam.instruments.schema import measure_schema
from goldseam.instruments.texts import Text

__all__ = [
    "Anchor",
    "Answer",
    "Choice",
    "ChoiceOptions",
    "Condition",
    "CutOff",
    "Item",
    "KeyedItem",
    "Measure",
    "NumericOptions",
    "Question",
    "Respondent",
    "Scale",
    "ShownAfter",
    "Text",
    "list_measures",
    "load_measure",
    "measure_schema",
]
