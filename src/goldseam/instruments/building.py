"""From a checked document to frozen objects."""

from collections.abc import Mapping
from typing import Any

from goldseam.instruments.items import Item, ShownAfter
from goldseam.instruments.measure import Measure
from goldseam.instruments.options import Anchor, Choice, ChoiceOptions, NumericOptions, Options
from goldseam.instruments.respondents import Condition
from goldseam.instruments.scales import CutOff, KeyedItem, Scale
from goldseam.instruments.texts import Text

Document = Mapping[str, Any]


def build(document: Document, canonical_json: str) -> Measure:
    """Build the measure of a document that has passed every check."""
    options = {key: _options(entry) for key, entry in document["response_options"].items()}
    return Measure(
        key=document["key"],
        version=document["version"],
        title=_text(document["title"]),
        languages=tuple(document["languages"]),
        licence=document["licence"],
        source=document["source"],
        validation_status=document["validation"]["status"],
        validation_note=document["validation"]["note"],
        case_kinds=tuple(document["for_whom"]["case_kinds"]),
        minimum_age=document["for_whom"]["minimum_age"],
        phase=document["phase"],
        introductions=tuple((rater, _text(text)) for rater, text in sorted(document["introduction"].items())),
        items=tuple(_item(entry, options) for entry in document["items"]),
        scales=tuple(_scale(entry) for entry in document["scales"]),
        canonical_json=canonical_json,
    )


def _text(document: Document) -> Text:
    return Text(
        tuple(
            (language, case_kind, wording)
            for language, wordings in sorted(document.items())
            for case_kind, wording in sorted(wordings.items())
        )
    )


def _options(document: Document) -> Options:
    if document["kind"] == "numeric":
        anchors = tuple(Anchor(entry["value"], _text(entry["label"])) for entry in document["anchors"])
        return NumericOptions(document["minimum"], document["maximum"], document["step"], anchors)
    return ChoiceOptions(
        tuple(Choice(entry["key"], entry["code"], _text(entry["label"])) for entry in document["choices"])
    )


def _item(document: Document, options: Mapping[str, Options]) -> Item:
    follow_up = document.get("shown_after")
    return Item(
        key=document["key"],
        rater=document["rater"],
        relation=document["relation"],
        facet=document["facet"],
        options=options[document["options"]],
        asked_when=tuple(_condition(entry) for entry in document.get("asked_when", ())),
        shown_after=ShownAfter(follow_up["item"], tuple(follow_up["values"])) if follow_up else None,
        text=_text(document["text"]),
        note=_text(document["note"]) if "note" in document else None,
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


def _scale(document: Document) -> Scale:
    simple = {key: document[key] for key in document if key not in {"title", "items", "cut_off"}}
    return Scale(
        title=_text(document["title"]),
        items=tuple(KeyedItem(entry["item"], entry.get("reverse", False)) for entry in document["items"]),
        cut_off=CutOff(**document["cut_off"]) if document["cut_off"] else None,
        **simple,
    )
