"""The folder that leaves the clinic: tables, what their columns mean, and the same for SPSS and in the form of BIDS."""

import csv
import io
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from goldseam_web.lib.file_rights import close_to_others
from goldseam_web.research.study_tables import Exported, Row

# What each column holds: its meaning, and the words that may stand in it where they are few.
_SCALE = "which relation or condition was rated"
MEANINGS: Mapping[str, Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "ratings": {
        "case": ("one treatment of an individual, a couple or a family", {}),
        "rater": (
            "a member of the case, rating one therapist (-2: the next); in another case a person has another name",
            {},
        ),
        "scale": (_SCALE, {}),
        "phase": (
            "when it was asked",
            {"pre": "before the session, about the time since the last one", "post": "after the session"},
        ),
        "session": ("number of the session among those that took place", {}),
        "value": ("mean of the items of the scale; empty: the session was attended and not rated", {}),
        "minimum": ("lowest possible value", {}),
        "maximum": ("highest possible value", {}),
        "date": ("day of the session, all days of a case moved by the same number of whole weeks", {}),
    },
    "cases": {
        "case": ("as in ratings", {}),
        "modality": (
            "who is treated",
            {"individual": "one person", "couple": "a couple", "family": "a family"},
        ),
        "therapist": ("who held the last session", {}),
        "ending": (
            "how it ended; empty: for another reason",
            {
                "planned": "as planned",
                "dropout": "clients stopped coming",
                "ongoing": "had not ended on the day of the export",
            },
        ),
        "members_in_data": ("members who agreed to research, whose ratings are here", {}),
    },
    "episodes": {
        "case": ("as in ratings", {}),
        "session": ("session at which it was found", {}),
        "rater": ("whose ratings fell", {}),
        "confirmed": (
            "whether client or therapist said that there was strain; empty: nobody said anything",
            {"yes": "one of them said so", "no": "the therapist said that there was none"},
        ),
        "status": ("how the ratings went on by the day of the export", {}),
        "repair_session": ("session from which on ratings were back; empty: not", {}),
        "client_said_repaired": ("the client's own word after the return", {"yes": "said that it was"}),
    },
    "evidence": {
        **{
            name: ("as in ratings", {})
            for name in ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum")
        },
        "item_goal": ("what the value is the mean of: we worked toward what the client wants changed", {}),
        "item_task": ("what the value is the mean of: the way of working fitted", {}),
        "item_bond": ("what the value is the mean of: understood, on their side", {}),
        "item_safety": ("what the value is the mean of: could say it when something did not fit", {}),
        "tension": (
            "the direct question; empty: not sure, or left out",
            {"0": "no", "1": "a little", "2": "clearly"},
        ),
        "strain_confirmed": (
            "whether there was strain, as client or therapist said when asked; empty: nobody was asked, or answered",
            {"1": "one of them said so", "0": "there was none"},
        ),
        "asked_by_chance": (
            "why the session was asked about; empty as strain_confirmed",
            {"1": "by lot, with nothing found; of clients seen alone", "0": "a strain was found"},
        ),
    },
    "outcomes": {
        "case": ("as in ratings", {}),
        "after": (
            "well-being (0 to 10, higher is better) at the last rated session; empty: not over, or rated once",
            {},
        ),
        "before": ("well-being at the first rated session", {}),
        "members_rated": ("members in the data whose mean both are", {}),
        "before_session": ("number of the first rated session", {}),
        "before_date": ("its day, moved as in ratings", {}),
        "after_session": (
            "number of the last rated session; where somebody left early it is no end of treatment",
            {},
        ),
        "after_date": ("its day, moved as in ratings", {}),
    },
    "sessions": {
        "case": ("as in ratings", {}),
        "session": ("as in ratings", {}),
        "members_there": ("members in the data who were there", {}),
        "another_therapist": (
            "another therapist than at the session before",
            {"yes": "another", "no": "the same, or the first session"},
        ),
    },
}
_NUMBERS = {
    *("session", "value", "minimum", "maximum", "members_in_data", "repair_session", "members_there"),
    *("item_goal", "item_task", "item_bond", "item_safety", "tension", "strain_confirmed", "asked_by_chance"),
    *("after", "before", "members_rated", "before_session", "after_session"),
}


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
    there = [name for name in texts if (into / name).exists()]
    if there and not force:
        raise FileExistsError(", ".join(there))
    into.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=into.parent, prefix=".study-"))
    try:
        for name, text in texts.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            close_to_others(path)
        for name in texts:
            target = into / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (made / name).replace(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return [into / name for name in texts]


def _texts(found: Exported, project: str, day: date) -> dict[str, str]:
    texts = {f"{name}.csv": _csv(table.columns, table.rows) for name, table in found.tables.items()}
    texts["codebook.csv"] = _csv(
        ("file", "column", "type", "meaning", "values"),
        [
            (f"{name}.csv", column, _type(column), meaning, "; ".join(f"{k} = {v}" for k, v in words.items()))
            for name in found.tables
            for column, (meaning, words) in _meanings(name, found).items()
        ],
    )
    texts["labels.sps"] = _spss(found)
    texts |= _phenotypes(found) | _own_outcomes(found)
    texts["export.json"] = _json(_about(found, project, day))
    return texts


def _csv(columns: Sequence[str], rows: Sequence[Row], delimiter: str = ",", missing: str = "") -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([missing if cell is None or cell == "" else cell for cell in row] for row in rows)
    return written.getvalue()


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _type(column: str) -> str:
    if column.endswith("date"):
        return "date"
    return "number" if column in _NUMBERS else "text"


def _meanings(name: str, found: Exported) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """What the columns of a table hold; of scales, which way they go."""
    if name != "ratings":
        return MEANINGS[name]
    scales = {scale: _direction(higher) for scale, higher in found.higher_is_better.items()}
    return {**MEANINGS[name], "scale": (_SCALE, scales)}


def _direction(higher_is_better: bool) -> str:  # noqa: FBT001 - what it is about is in its name
    return "higher is better" if higher_is_better else "lower is better"


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


def _phenotypes(found: Exported) -> dict[str, str]:
    """A table and a data dictionary a phase, a row for each rater and session, as BIDS has its `phenotype/` folder."""
    by_phase: dict[str, dict[tuple[str, str, int], dict[str, float]]] = defaultdict(dict)
    ranges: dict[tuple[str, str], tuple[float, float]] = {}
    for case, rater, scale, phase, session, value, low, high, _date in found.tables["ratings"].rows:
        cells = by_phase[phase].setdefault((rater, case, session), {})
        if value is not None:
            cells[scale] = value
        ranges[phase, scale] = low, high
    texts = {}
    for phase, rows in by_phase.items():
        scales = sorted(scale for of, scale in ranges if of == phase)
        table = [
            (f"sub-{rater}", f"ses-{session:03}", case, *(cells.get(scale) for scale in scales))
            for (rater, case, session), cells in sorted(rows.items())
        ]
        name = f"phenotype/goldseam_{phase}"
        columns = ("participant_id", "session_id", "case", *scales)
        texts[f"{name}.tsv"] = _csv(columns, table, "\t", "n/a")
        texts[f"{name}.json"] = _json(
            {
                "MeasurementToolMetadata": {
                    "Description": f"Goldseam's own session measures, asked {_when(phase)}; not yet validated"
                },
                "case": {"Description": MEANINGS["cases"]["case"][0]},
                **{
                    scale: {
                        "Description": f"{_SCALE}: {scale.replace('_', ' ')}; mean of its items, "
                        + _direction(found.higher_is_better[scale]),
                        "Units": f"points from {ranges[phase, scale][0]:g} to {ranges[phase, scale][1]:g}",
                    }
                    for scale in scales
                },
            }
        )
    return texts


def _own_outcomes(found: Exported) -> dict[str, str]:
    """Progress at the first and at the last rated session, a row a member, in the same form."""
    if not found.own_outcomes.rows:
        return {}
    name, meanings = "phenotype/goldseam_outcomes", MEANINGS["outcomes"]
    columns = ("participant_id", *found.own_outcomes.columns[1:])
    rows = [(f"sub-{rater}", *rest) for rater, *rest in found.own_outcomes.rows]
    about = {column: {"Description": meanings[column][0]} for column in columns[1:]}
    about["before"]["Description"] = "well-being at the first rated session"
    about["after"]["Description"] = "well-being at the last rated session; n/a: not over, or rated once"
    for column in ("before", "after"):
        about[column]["Units"] = "points from 0 to 10"
    measured = {"Description": "Goldseam's own session measure of progress; not yet validated"}
    return {
        f"{name}.tsv": _csv(columns, rows, "\t", "n/a"),
        f"{name}.json": _json({"MeasurementToolMetadata": measured, **about}),
    }


def _when(phase: str) -> str:
    return MEANINGS["ratings"]["phase"][1].get(phase, phase)


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
