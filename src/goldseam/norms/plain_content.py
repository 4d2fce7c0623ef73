"""Norms as plain JSON content, and the part of it that decides about ratings."""

import json
from typing import Any

NORMS_FORMAT = "goldseam-norms-1"
PEOPLE = ("person", "scored_person")
_LATER_FIGURES = ("error_shift", "error_skew", "dips", "dips_log_sd", "points", "scores")


def plain_content(fields: dict[str, Any]) -> dict[str, Any]:
    """As the schema ``norms.schema.json`` describes it, from the fields of norms and of all that is in them."""
    content = deciding_content(fields)
    for entry, given in zip(content["scales"], fields["scales"], strict=True):
        if given["error_rates"]:
            entry["error_rates"] = json.loads(json.dumps(given["error_rates"]))
    return content


def deciding_content(fields: dict[str, Any]) -> dict[str, Any]:
    """The content without what was measured of the norms afterwards, which decides about no rating."""
    entries = [{name: entry[name] for name in entry if name != "error_rates"} for entry in fields["scales"]]
    figures: dict[str, Any] = json.loads(json.dumps({**fields, "scales": entries}), parse_int=float)
    for entry in figures["scales"]:
        # what earlier norms could not say leaves no trace, so that their hash stays
        for name in (*PEOPLE, "ceiling_share", "measure"):
            if entry[name] is None:
                del entry[name]
        if entry["rater"] == "*":
            del entry["rater"]
        for person in (entry[name] for name in PEOPLE if name in entry):
            for name in _LATER_FIGURES:
                if not person[name]:
                    del person[name]
    return {"format": NORMS_FORMAT, **figures}
