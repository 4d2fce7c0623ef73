"""Arguments and options that several commands share, and how their texts are read."""

from pathlib import Path
from typing import Annotated, Any

import typer

from goldseam.exceptions import ParameterError

RatingsFile = Annotated[Path, typer.Argument(metavar="FILE", help="Ratings: a .csv or .parquet file.")]
LowerIsBetter = Annotated[
    bool, typer.Option("--lower-is-better", help="On these scales a low value is good.")
]
Direction = Annotated[
    bool | None,
    typer.Option(
        "--lower-is-better/--higher-is-better",
        help="Whether a low value is good on these scales; what the criterion is meant for if not given.",
    ),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the criterion.")
]
NormsFile = Annotated[
    Path | None, typer.Option("--norms", help="Norms file; the shipped default if not given.")
]


def parameters(settings: list[str] | None) -> dict[str, Any]:
    """``name=value`` pairs; the criterion reads the values."""
    pairs: dict[str, Any] = {}
    for setting in settings or []:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not (name and equals and value):
            raise ParameterError("not a setting", where="--set", given=setting, allowed="name=value")
        if name in pairs:
            raise ParameterError("set twice", where="--set", given=name, allowed="each parameter once")
        pairs[name.replace("-", "_")] = value
    return pairs


def numbers(option: str, texts: list[str]) -> tuple[float, ...]:
    """Numbers given with an option that may be repeated, or with commas between them."""
    words = [word.strip() for text in texts for word in text.split(",")]
    try:
        return tuple(float(word) for word in words)
    except ValueError:
        allowed = "numbers, with commas between them"
        raise ParameterError("not numbers", where=option, given=",".join(words), allowed=allowed) from None
