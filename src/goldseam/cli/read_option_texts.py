"""What was said of a file on the command line, as `ReadOptions`."""

import json
from collections.abc import Mapping
from pathlib import Path

from goldseam.exceptions import MeasureError, ParameterError
from goldseam.series.read_options import ReadOptions

MAPPING_FILES = (".json", ".yaml", ".yml")
TAB = ("tab", "\\t")


def read_options(said: Mapping[str, str | None]) -> ReadOptions:
    """The options in the words of the command line.

    Parameters
    ----------
    said : mapping of str to str or None
        By the names of `goldseam.cli.input_output.READING`.

    Returns
    -------
    ReadOptions

    Raises
    ------
    ParameterError
        A text is not what the option is written as.
    """
    delimiter = said["delimiter"]
    if delimiter is not None:
        delimiter = "\t" if delimiter.lower() in TAB else delimiter
        if len(delimiter) != 1:
            raise ParameterError(
                "not a delimiter", where="--delimiter", given=delimiter, allowed="one character, or tab"
            )
    if said["decimal"] not in (None, ".", ","):
        raise ParameterError("no such choice", where="--decimal", given=said["decimal"], allowed=". or ,")
    return ReadOptions(
        columns=_pairs("--columns", said["columns"]),
        constants=_pairs("--constants", said["constants"]),
        value_range=_range(said["range"]),
        delimiter=delimiter,
        **{
            name: said[name]
            for name in ("wide", "layout", "sessions", "date_format", "decimal", "encoding", "sheet")
        },
    )


def _pairs(option: str, text: str | None) -> dict[str, str]:
    """``name=text`` pairs with commas between them, or those in a file."""
    if not text:
        return {}
    if Path(text).suffix.lower() in MAPPING_FILES and "=" not in text:
        return _mapping_file(option, Path(text))
    pairs: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not (name and equals and value) or name in pairs:
            allowed = (
                "name=text pairs with commas between them, each name once; or a .yaml or .json file of them"
            )
            raise ParameterError("not pairs of names", where=option, given=text, allowed=allowed)
        pairs[name] = value
    return pairs


def _mapping_file(option: str, path: Path) -> dict[str, str]:
    from goldseam.instruments.yaml_reader import LONGEST_TEXT, read_yaml

    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(LONGEST_TEXT + 1)
        is_json = path.suffix.lower() == ".json" and len(text) <= LONGEST_TEXT
        content = json.loads(text) if is_json else read_yaml(text, file=path)
    except MeasureError as error:
        raise ParameterError(error.fault, where=f"{option} {path}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ParameterError(f"cannot be read ({type(error).__name__})", where=f"{option} {path}") from None
    if not isinstance(content, dict) or not all(
        isinstance(word, str) for pair in content.items() for word in pair
    ):
        raise ParameterError("not a mapping", where=f"{option} {path}", allowed="our names, each with a text")
    return content


def _range(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = (float(word) for word in text.split(":"))
    except ValueError:
        low, high = 0.0, 0.0
    if not low < high:
        raise ParameterError(
            "not a range", where="--range", given=text, allowed="minimum:maximum, such as 1:7"
        )
    return low, high
