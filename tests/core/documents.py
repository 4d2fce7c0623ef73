"""A small made-up measure for tests: three items from 1 to 5, one choice, one follow-up."""

from typing import Any


def text(wording: str) -> dict[str, Any]:
    return {"en": {"default": wording}}


def item(key: str, options: str = "one_to_five", **more: Any) -> dict[str, Any]:
    fixed = {"key": key, "rater": "client", "relation": "own_life", "facet": key, "options": options}
    return {**fixed, "text": text(f"Item {key}."), **more}


def scale(key: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    fixed: dict[str, Any] = {
        "key": key,
        "title": text(key.title()),
        "relation": "own_life",
        "facet": key,
        "items": [dict(entry) for entry in items],
        "aggregate": "mean",
        "needed": 2,
        "minimum": 1,
        "maximum": 5,
        "higher_is_better": True,
        "cut_off": None,
        "monitored": None,
        "reliability": None,
        "standard_deviation": None,
    }
    return {**fixed, **more}


def mood(**more: Any) -> dict[str, Any]:
    """The document of a measure that fits the schema and contradicts itself nowhere."""
    keyed = [{"item": "calm"}, {"item": "worry", "reverse": True}, {"item": "rest"}]
    document: dict[str, Any] = {
        "key": "mood",
        "version": "2.1.0",
        "title": text("Mood"),
        "languages": ["en"],
        "licence": "CC0-1.0",
        "source": "Made up.",
        "validation": {"status": "not yet validated", "note": "Made up."},
        "for_whom": {"case_kinds": ["individual", "couple", "family"], "minimum_age": 11},
        "phase": "pre",
        "introduction": {"client": text("Think of today.")},
        "response_options": {
            "one_to_five": {
                "kind": "numeric",
                "minimum": 1,
                "maximum": 5,
                "step": 1,
                "anchors": [{"value": 1, "label": text("Never")}, {"value": 5, "label": text("Always")}],
            },
            "quarrel": {
                "kind": "choice",
                "choices": [
                    {"key": "none", "code": 0, "label": text("None")},
                    {"key": "some", "code": 1, "label": text("Some")},
                    {"key": "unsure", "code": None, "label": text("Not sure")},
                ],
            },
        },
        "items": [
            item("calm"),
            item("worry"),
            item("rest"),
            item("quarrel", "quarrel"),
            item("settled", shown_after={"item": "quarrel", "values": ["some"]}),
        ],
        "scales": [
            scale("mean_mood", *keyed),
            scale("sum_mood", *keyed, aggregate="sum", minimum=3, maximum=15),
            scale("quarrel", {"item": "quarrel"}, aggregate="single", needed=1, minimum=0, maximum=1),
        ],
    }
    return {**document, **more}
