"""The measures as a data set of their own in the form of BIDS, with a data dictionary beside each table.

BIDS 1.11: a table of `phenotype/` has one row a participant, so that sessions are columns; which sessions somebody
attended, and when, is a table of that participant. Labels are letters and digits alone. What it asks is held in
`tests/core/reference/bids_schema.json`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from goldseam_web.research.column_meanings import MEANINGS, SCALE, direction
from goldseam_web.research.study_tables import Exported, Row
from goldseam_web.research.text_tables import as_json, delimited

FOLDER = "bids"
# The newest version that the validator of BIDS knows by its number; the tests hold the export to its schema.
BIDS_VERSION = "1.11.1"
MADE_BY = "goldseam-web"
_NOT_YET_VALIDATED = "not yet validated"
# A member, and which series of theirs on a scale: 1, or 2 with the next therapist or version of the questions.
_Series = tuple[str, int]


def bids_files(found: Exported, *, project: str) -> dict[str, str]:
    """The files of the folder by their path in it.

    Parameters
    ----------
    found : Exported
        What leaves: the same members, names and days as in the tables beside it.
    project : str
        Named in the description.

    Returns
    -------
    dict of str to str
        ``dataset_description.json``, ``README.md``, ``participants`` and ``phenotype/*`` as table and dictionary, and a
        table of sessions for each participant.
    """
    return {
        "dataset_description.json": as_json(_about(project)),
        "README.md": _readme(),
        **_participants(found),
        **_sessions(found),
        **_phenotypes(found),
        **_outcomes(found),
    }


def _about(project: str) -> dict[str, Any]:
    return {
        "Name": f"Session ratings of the alliance and of progress: {project}",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "License": "none: confidential, for the project named above",
        "GeneratedBy": [{"Name": MADE_BY, "Version": version("goldseam")}],
    }


def _readme() -> str:
    return (
        "# What is in here\n\n"
        "Ratings that clients in psychotherapy gave session by session, of whoever agreed to research, under\n"
        "pseudonyms and with the days of each treatment moved.\n\n"
        "- `participants.tsv`: who rated, in which case, and how it ended.\n"
        "- `sub-*/sub-*_sessions.tsv`: the sessions each of them attended.\n"
        "- `phenotype/`: a table for each scale and time of asking (`pre`: before the session, `post`: after it)\n"
        "  with a row a participant and a column a session; n/a: not attended, not asked or not answered.\n"
        "  `_series-2`: of whoever went on with another therapist, or with a new version of the questions.\n"
        "- `phenotype/outcomes.tsv`: well-being at the first and at the last rated session.\n\n"
        "The JSON file beside each table says what its columns hold. `Authors` of `dataset_description.json` are\n"
        "the project's own to name.\n"
    )


def _named(table: str, column: str, name: str, **more: Any) -> dict[str, Any]:
    """What a column of an exported table holds, as BIDS describes one."""
    meaning, words = MEANINGS[table][column]
    return {
        "LongName": name,
        "Description": meaning.replace("empty:", "n/a:"),
        **({"Levels": dict(words)} if words else {}),
        **more,
    }


def _table(
    path: str, columns: Sequence[str], rows: Sequence[Row], about: Mapping[str, Any]
) -> dict[str, str]:
    return {
        f"{path}.tsv": delimited(columns, [[_cell(cell) for cell in row] for row in rows], "\t", "n/a"),
        f"{path}.json": as_json(about),
    }


def _cell(value: Any) -> Any:
    """Whole numbers without a point: as they stand among the levels of a column."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _participants(found: Exported) -> dict[str, str]:
    cases = {case: facts for case, *facts in found.tables["cases"].rows}
    rows = [(_subject(member), case, *cases[case][:3]) for member, case in found.participants.rows]
    about = {
        "case": _named("ratings", "case", "Case"),
        "modality": _named("cases", "modality", "Modality"),
        "therapist": _named("cases", "therapist", "Therapist"),
        "ending": _named("cases", "ending", "Ending"),
    }
    return _table("participants", ("participant_id", *about), sorted(rows), about)


def _sessions(found: Exported) -> dict[str, str]:
    """A table for each participant, and what its columns hold once for all of them."""
    attended: dict[str, list[Row]] = {member: [] for member, _ in found.participants.rows}
    for member, session, day in found.attended.rows:
        attended[member].append((f"ses-{session:03}", day))
    texts = {
        f"{_subject(member)}/{_subject(member)}_sessions.tsv": delimited(
            ("session_id", "date"), rows, "\t", "n/a"
        )
        for member, rows in attended.items()
        if rows
    }
    if texts:
        texts["sessions.json"] = as_json(
            {"date": _named("ratings", "date", "Day of the session", Format="date")}
        )
    return texts


def _phenotypes(found: Exported) -> dict[str, str]:
    """A table for each scale, time of asking and place among a member's series."""
    by_file: dict[tuple[str, str, int], dict[str, tuple[str, float, float, dict[int, float | None]]]]
    by_file = defaultdict(dict)
    for case, rater, scale, phase, session, value, low, high, _ in found.tables["ratings"].rows:
        member, place = _series(rater)
        course = by_file[scale, phase, place].setdefault(member, (case, low, high, {}))
        course[3][session] = value
    texts: dict[str, str] = {}
    for (scale, phase, place), courses in sorted(by_file.items()):
        last = max(session for *_, values in courses.values() for session in values)
        sessions = range(1, last + 1)
        rows = [
            (_subject(member), case, low, high, *(values.get(session) for session in sessions))
            for member, (case, low, high, values) in sorted(courses.items())
        ]
        about = _of_scale(scale, phase, place, found.higher_is_better[scale], sessions)
        name = f"phenotype/{scale}_{phase}" + (f"_series-{place}" if place > 1 else "")
        texts |= _table(name, ("participant_id", *list(about)[1:]), rows, about)
    return texts


def _of_scale(scale: str, phase: str, place: int, higher: bool, sessions: range) -> dict[str, Any]:  # noqa: FBT001
    """The dictionary of a scale: the measure first, then each column."""
    words, asked = scale.replace("_", " "), MEANINGS["ratings"]["phase"][1].get(phase, phase)
    which = (
        "" if place == 1 else f"; of a member's series number {place}: another therapist, or new questions"
    )
    levels = MEANINGS["evidence"]["tension"][1] if scale == "tension" else {}
    return {
        "MeasurementToolMetadata": {
            "Description": f"{words}, a scale of Goldseam's session measures ({_NOT_YET_VALIDATED}), asked {asked}; "
            f"mean of its items, {direction(higher)}{which}"
        },
        "case": _named("ratings", "case", "Case"),
        "minimum": _named("ratings", "minimum", "Lowest possible value", Units="points"),
        "maximum": _named("ratings", "maximum", "Highest possible value", Units="points"),
        **{
            f"session_{session:03}": {
                "LongName": f"{words}, {phase}, session {session}",
                "Description": f"{SCALE}: {words}; {direction(higher)}; n/a: not attended, not asked or not answered",
                **({"Levels": dict(levels)} if levels else {"Units": "points"}),
            }
            for session in sessions
        },
    }


def _outcomes(found: Exported) -> dict[str, str]:
    """Progress at the first and at the last rated session."""
    if not found.own_outcomes.rows:
        return {}
    names = {
        "case": "Case",
        "before": "Well-being at the first rated session",
        "before_session": "First rated session",
        "before_date": "Day of the first rated session",
        "after": "Well-being at the last rated session",
        "after_session": "Last rated session",
        "after_date": "Day of the last rated session",
    }
    more: dict[str, dict[str, Any]] = defaultdict(dict)
    day = MEANINGS["ratings"]["date"][0]
    more["before"] = more["after"] = {"Units": "points"}
    more["before_date"] = more["after_date"] = {"Description": day, "Format": "date"}
    more["case"] = {"Description": MEANINGS["ratings"]["case"][0]}
    about = {
        "MeasurementToolMetadata": {
            "Description": "Well-being (0 to 10, higher is better) of Goldseam's measure of progress; "
            + _NOT_YET_VALIDATED
        },
        **{column: _named("outcomes", column, name, **more[column]) for column, name in names.items()},
    }
    rows = [(_subject(_series(rater)[0]), *rest) for rater, *rest in found.own_outcomes.rows]
    return _table("phenotype/outcomes", ("participant_id", *names), sorted(rows, key=str), about)


def _series(rater: str) -> _Series:
    member, _, place = rater.partition("-")
    return member, int(place or 1)


def _subject(member: str) -> str:
    return f"sub-{member}"
