"""Numbers made once with R and lme4: `change_and_growth.R` says how."""

import json
from pathlib import Path
from typing import Any

import polars as pl

NUMBERS: dict[str, Any] = json.loads(
    Path(__file__).with_name("change_and_growth.json").read_text(encoding="utf-8")
)


def thirty_persons(values: str = "value") -> pl.DataFrame:
    """Thirty persons at five times, some ratings missing."""
    return pl.DataFrame({"id": NUMBERS["id"], "time": NUMBERS["time"], "value": NUMBERS[values]})


def sleepstudy() -> pl.DataFrame:
    """Reaction times of 18 people kept from sleep (Belenky et al. 2003), as lme4 has them."""
    return pl.DataFrame(
        {
            "Subject": NUMBERS["sleep_subject"],
            "Days": NUMBERS["sleep_days"],
            "Reaction": NUMBERS["sleep_reaction"],
        }
    )
