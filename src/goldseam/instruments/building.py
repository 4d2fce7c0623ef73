"""The parts of a measure, texts, response options, items and scales, from the parts of a checked document."""

from collections.abc import Mapping

from goldseam.instruments.items import Condition, Item, ShownAfter
from goldseam.instruments.options import Anchor, Choice, ChoiceOptions, NumericOptions, Options
from goldseam.instruments.scales import CutOff, KeyedItem, Scale
from goldseam.instruments.schema import Document
from goldseam.instruments.texts import Text


def text_from(document: Document) -> Text:
    """A text from its wordings by language and kind of case."""
    return Text(
        tuple(
            (language, case_kind, wording)
            for language, wordings in sorted(document.items())
            for case_kind, wording in sorted(wordings.items())
        )
    )


def options_from(document: Document) -> Options:
    """Response options, numeric or by choice."""
    if document["kind"] == "numeric":
        anchors = tuple(Anchor(entry["value"], text_from(entry["label"])) for entry in document["anchors"])
        return NumericOptions(document["minimum"], document["maximum"], document["step"], anchors)
    return ChoiceOptions(
        tuple(Choice(entry["key"], entry["code"], text_from(entry["label"])) for entry in document["choices"])
    )


def item_from(document: Document, options: Mapping[str, Options]) -> Item:
    """An item, its response options taken from those of the measure by their name."""
    follow_up = document.get("shown_after")
    return Item(
        key=document["key"],
        rater=document["rater"],
        relation=document["relation"],
        facet=document["facet"],
        options=options[document["options"]],
        asked_when=tuple(_condition(entry) for entry in document.get("asked_when", ())),
        shown_after=ShownAfter(follow_up["item"], tuple(follow_up["values"])) if follow_up else None,
        text=text_from(document["text"]),
        note=text_from(document["note"]) if "note" in document else None,
    )


def _condition(document: Document) -> Condition:
    case_kind, role = document.get("case_kind"), document.get("role")
    return Condition(
        case_kind=tuple(case_kind) if case_kind else None,
        role=tuple(role) if role else None,
        partnered=document.get("partnered"),
        parent=document.get("parent"),
        others_present=document.get("others_present"),
    )


def scale_from(document: Document) -> Scale:
    """A scale with its items and cut-off."""
    simple = {key: document[key] for key in document if key not in {"title", "items", "cut_off"}}
    return Scale(
        title=text_from(document["title"]),
        items=tuple(KeyedItem(entry["item"], entry.get("reverse", False)) for entry in document["items"]),
        cut_off=CutOff(**document["cut_off"]) if document["cut_off"] else None,
        **simple,
    )
