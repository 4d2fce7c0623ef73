"""Holds a folder to the BIDS schema: what it says of participants, sessions and phenotypes, in the validator's codes.

The rules are read from `tests/core/reference/bids_schema.json`, taken unchanged from the published schema.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "core/reference/bids_schema.json").read_text(encoding="utf-8")
)
MISSING = "n/a"


def broken_rules(folder: Path) -> set[str]:
    """The codes of all rules that a folder breaks; of recommended things only that each column is described."""
    if not (folder / "dataset_description.json").is_file():
        return {"MISSING_DATASET_DESCRIPTION"}
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = {"NOT_INCLUDED" for path in files if not _has_a_place(path.relative_to(folder))}
    found |= {"EMPTY_FILE" for path in files if path.stat().st_size == 0}
    found |= set(_description(json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))))
    for path in files:
        if path.suffix == ".tsv":
            found |= set(_table(path, folder))
        elif path.parent.name == "phenotype" and not path.with_suffix(".tsv").exists():
            found.add("SIDECAR_WITHOUT_DATAFILE")
    return found | set(_participants(folder))


def _has_a_place(path: Path) -> bool:
    core, tables = SCHEMA["files"]["core"], SCHEMA["files"]["tables"]
    names = {rule["path"] for rule in core.values() if "path" in rule}
    for rule in (*core.values(), tables["participants"]):
        names |= {rule["stem"] + ending for ending in rule["extensions"]} if "stem" in rule else set()
    suffix, endings = tables["sessions"]["suffixes"][0], tables["sessions"]["extensions"]
    label = path.parts[0]
    of_subject = {f"{label}/{label}_{suffix}{ending}" for ending in endings} if _is_label(label) else set()
    phenotype = tables["phenotype"]
    patterns = {
        f"{phenotype['datatypes'][0]}/{phenotype['stem']}{ending}" for ending in phenotype["extensions"]
    }
    # By the inheritance principle a dictionary of all the subjects' tables lies above them.
    return path.as_posix() in names | of_subject | {f"{suffix}.json"} or any(
        fnmatch(path.as_posix(), pattern) for pattern in patterns
    )


def _is_label(text: str) -> bool:
    return re.fullmatch(SCHEMA["columns"]["participant_id"]["pattern"], text) is not None


def _description(about: dict[str, Any]) -> Iterator[str]:
    fields = SCHEMA["dataset_description"]
    if any(level == "required" and field not in about for field, level in fields.items()):
        yield "JSON_KEY_REQUIRED"
    if any(_breaks(field, value) for field, value in about.items() if field in fields):
        yield "JSON_SCHEMA_VALIDATION_ERROR"


def _breaks(field: str, value: Any) -> bool:
    return not Draft202012Validator(SCHEMA["metadata"][field]).is_valid(value)


def _table(path: Path, folder: Path) -> Iterator[str]:
    kind = {"participants.tsv": "Participants"}.get(
        path.name, "Phenotype" if path.parent.name == "phenotype" else "Sessions"
    )
    rule = SCHEMA["tables"][kind]
    [index] = rule["index_columns"]
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    columns, rows = (lines[0], lines[1:]) if lines else ([], [])
    if index not in columns:
        yield "TSV_COLUMN_MISSING"
    elif columns[0] != rule["initial_columns"][0]:
        yield "TSV_COLUMN_ORDER_INCORRECT"
    if any(len(row) != len(columns) for row in rows):
        yield from ("TSV_EQUAL_ROWS", "TSV_COLUMN_MISSING")
        return
    cells = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    if len(set(cells.get(index, ()))) < len(cells.get(index, ())):
        yield "TSV_INDEX_VALUE_NOT_UNIQUE"
    told = folder / "sessions.json" if kind == "Sessions" else path.with_suffix(".json")
    about = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    for column, values in cells.items():
        yield from _column(column, values, about)
    if "MeasurementToolMetadata" in about and _breaks(
        "MeasurementToolMetadata", about["MeasurementToolMetadata"]
    ):
        yield "JSON_SCHEMA_VALIDATION_ERROR"


def _column(column: str, values: list[str], about: dict[str, Any]) -> Iterator[str]:
    given = [value for value in values if value != MISSING]
    if column in SCHEMA["columns"]:
        if not all(re.fullmatch(SCHEMA["columns"][column]["pattern"], value) for value in given):
            yield "TSV_VALUE_INCORRECT_TYPE"
        return
    if column not in about:
        yield "TSV_ADDITIONAL_COLUMNS_UNDEFINED"
        return
    told = about[column]
    if any(_breaks(field, value) for field, value in told.items()):
        yield "JSON_SCHEMA_VALIDATION_ERROR"
        return
    of_levels = "Levels" not in told or set(given) <= set(told["Levels"])
    if not of_levels or (told.get("Format") == "date" and not all(_is_day(value) for value in given)):
        yield "TSV_VALUE_INCORRECT_TYPE"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _participants(folder: Path) -> Iterator[str]:
    """Checks of the schema across tables: subject folders, and subjects of phenotypes, are among the participants."""
    path = folder / "participants.tsv"
    if not path.exists():
        return
    known = {line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()[1:]}
    folders = {each.name for each in folder.glob("sub-*")}
    if not folders or not folders <= known:
        yield "PARTICIPANT_ID_MISMATCH"
    for table in (folder / "phenotype").glob("*.tsv"):
        lines = list(csv.reader(table.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
        if lines and "participant_id" in lines[0]:
            place = lines[0].index("participant_id")
            if not {line[place] for line in lines[1:]} <= known:
                yield "PHENOTYPE_SUBJECTS_MISSING"
