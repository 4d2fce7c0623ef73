"""The folder that leaves the clinic: tables, what their columns mean, and the same for SPSS and in the form of BIDS."""

import errno
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from goldseam_web.lib.file_rights import close_to_others
from goldseam_web.research.bids_dataset import FOLDER, MADE_BY, bids_files
from goldseam_web.research.column_meanings import MEANINGS, NUMBERS, SCALE, direction
from goldseam_web.research.study_tables import Exported
from goldseam_web.research.text_tables import as_json, delimited


def write_study(found: Exported, into: Path, *, project: str, day: date, force: bool) -> list[Path]:
    """Write the folder: all of it, or nothing; its files are their owner's alone.

    Parameters
    ----------
    found : Exported
        What leaves.
    into : Path
        The folder; made where it is not there.
    project : str
        Named in the description.
    day : date
        Of the export.
    force : bool
        Whether files of an earlier export may be replaced.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileExistsError
        One of the files is there, and may not be replaced.
    OSError
        The folder cannot be written.
    """
    texts = _texts(found, project, day)
    first = list(dict.fromkeys(name.split("/")[0] for name in texts))
    there = [name for name in first if (into / name).exists()]
    if there and not force:
        raise FileExistsError(", ".join(there))
    if FOLDER in there and not _written_by_us(into / FOLDER):
        raise OSError(errno.ENOTEMPTY, f"{FOLDER} is there already, and was written by something else")
    into.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=into.parent, prefix=".study-"))
    try:
        for name, text in texts.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            close_to_others(path)
        close_to_others(*(path for path in made.rglob("*") if path.is_dir()))
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        # With all that an earlier export had there: somebody in it may have taken their agreement back since.
        if FOLDER in there:
            (into / FOLDER).rename(made / "earlier")
        for name in first:
            (made / name).replace(into / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return [into / name for name in texts]


def _written_by_us(folder: Path) -> bool:
    """Whether an earlier export wrote a folder, so that it may be replaced with what is in it."""
    try:
        about = json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))
        return any(one["Name"] == MADE_BY for one in about["GeneratedBy"])
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _texts(found: Exported, project: str, day: date) -> dict[str, str]:
    texts = {
        f"{name}.csv": delimited(table.columns, table.rows, ",", "") for name, table in found.tables.items()
    }
    texts["codebook.csv"] = delimited(
        ("file", "column", "type", "meaning", "values"),
        [
            (f"{name}.csv", column, _type(column), meaning, "; ".join(f"{k} = {v}" for k, v in words.items()))
            for name in found.tables
            for column, (meaning, words) in _meanings(name, found).items()
        ],
        ",",
        "",
    )
    texts["labels.sps"] = _spss(found)
    texts |= {f"{FOLDER}/{name}": text for name, text in bids_files(found, project=project).items()}
    texts["export.json"] = as_json(_about(found, project, day))
    return texts


def _type(column: str) -> str:
    if column.endswith("date"):
        return "date"
    return "number" if column in NUMBERS else "text"


def _meanings(name: str, found: Exported) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """What the columns of a table hold; of scales, which way they go."""
    if name != "ratings":
        return MEANINGS[name]
    scales = {scale: direction(higher) for scale, higher in found.higher_is_better.items()}
    return {**MEANINGS[name], "scale": (SCALE, scales)}


def _spss(found: Exported) -> str:
    """Syntax that reads each table beside it and labels its variables."""
    forms = {"date": "SDATE10", "number": "F8.2", "text": "A40"}
    lines = ["* Run in the folder of the tables: each is read, labelled and kept as a .sav file.", ""]
    for name, table in found.tables.items():
        meanings = _meanings(name, found)
        lines += [
            f'GET DATA /TYPE=TXT /FILE="{name}.csv" /ENCODING="UTF8" /DELIMITERS="," /QUALIFIER=\'"\' /FIRSTCASE=2',
            "  /VARIABLES=" + " ".join(f"{column} {forms[_type(column)]}" for column in table.columns) + ".",
            "VARIABLE LABELS",
        ]
        lines += [f"  {column} {_quoted(meanings[column][0])}" for column in table.columns]
        lines[-1] += "."
        for column in table.columns:
            if words := meanings[column][1]:
                labels = " ".join(f"{_quoted(word)} {_quoted(label)}" for word, label in words.items())
                lines.append(f"VALUE LABELS {column} {labels}.")
        lines += [f'SAVE OUTFILE="{name}.sav".', ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _about(found: Exported, project: str, day: date) -> dict[str, Any]:
    return {
        "made_by": f"goldseam-web {version('goldseam')}",
        "project": project,
        "exported_on": day.isoformat(),
        "cases": found.cases,
        "members": found.members,
        "members_left_out": found.left_out,
        "who": "Members who agreed to research, and have not taken it back, on the day of the export.",
        "names": "Pseudonyms of this project; another project gives others.",
        "days": "All days of a case are moved by the same number of whole weeks, up to 52 either way.",
        "left_out": (
            "Texts that anybody typed, names, contacts, ages, and process notes, but for what therapists answered "
            "about sessions by lot: joined with the client's word, without who said it."
        ),
        "read_with": (
            "goldseam study ratings.csv --scale self_therapist --phase post --cases cases.csv "
            "--sessions-table sessions.csv --outcomes outcomes.csv --out report"
        ),
        "fitted_with": "goldseam fit-evidence evidence.csv --out evidence.json",
    }
