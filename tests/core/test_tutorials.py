"""The tutorials run as they stand, show what they say, and what they teach works on files they have not seen."""

import json
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goldseam import SimulationModel, read_ratings, simulate
from scripts.tutorials import SVG, TUTORIALS, cells_of, notebooks, page, run

pytest.importorskip("altair", reason="the tutorials draw charts")

Ran = tuple[dict[str, Any], list[list[dict[str, Any]]]]
RESTORE = "run python scripts/tutorials.py and look at what changed"


@pytest.fixture(scope="module")
def ran() -> Callable[[str], Ran]:
    """Each tutorial, run once."""
    kept: dict[str, Ran] = {}

    def of(name: str) -> Ran:
        if name not in kept:
            kept[name] = run(TUTORIALS / f"{name}.ipynb")
        return kept[name]

    return of


def texts(outputs: list[dict[str, Any]]) -> list[str]:
    return ["".join(each.get("text") or each["data"]["text/plain"]) for each in outputs]


def code_of(name: str) -> list[dict[str, Any]]:
    return [cell for cell in cells_of(TUTORIALS / f"{name}.ipynb") if cell["cell_type"] == "code"]


@pytest.mark.parametrize("name", [path.stem for path in notebooks()])
def test_a_tutorial_shows_what_is_kept_in_it(name: str, ran: Callable[[str], Ran]) -> None:
    _names, outputs = ran(name)
    for cell, shown in zip(code_of(name), outputs, strict=True):
        assert texts(shown) == texts(cell["outputs"]), RESTORE
        kept = ["".join(each["data"][SVG]) for each in cell["outputs"] if SVG in each.get("data", {})]
        assert all(drawn.startswith("<svg") for drawn in kept)


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_tutorial_is_a_notebook_that_jupyter_reads(path: Path) -> None:
    """What version 4.5 of the format asks of a file and of its cells."""
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    cells = content["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        keys = {"cell_type", "id", "metadata", "source"}
        assert set(cell) == (keys | {"execution_count", "outputs"} if cell["cell_type"] == "code" else keys)


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_tutorial_is_a_page_with_its_charts(path: Path) -> None:
    text, charts = page(path)
    assert text.startswith("# ")
    assert len(charts) == 1
    assert all(f"]({name})" in text for name in charts)
    assert "## Your turn" in text


def answer_on(name: str, names: dict[str, Any], folder: Path) -> Any:
    """What the last cell of a tutorial answers, run once more where another file lies."""
    source = "".join(code_of(name)[-1]["source"])
    with chdir(folder), redirect_stdout(StringIO()):
        exec(compile(source, name, "exec"), names)  # noqa: S102
    return names["answer"]


def new_file(folder: Path, name: str, text: str) -> Path:
    (folder / "data").mkdir()
    (folder / "data" / name).write_text(text, encoding="utf-8")
    return folder


def test_the_task_of_one_course_is_answered_rightly(ran: Callable[[str], Ran], tmp_path: Path) -> None:
    """The course falls by three points in visit 6, is lowest in visit 8 and does not come back."""
    names, _outputs = ran("one-clients-course")
    assert names["answer"] == (10, 11, "repaired")  # as in the file: 8, 5.5, 4.75, 5.25, 8 from visit 9 on
    course = [8.25, 8, 8.5, 8.25, 8.5, 5.25, 5, 4.5, 5, 5.25]
    text = "visit,score\n" + "".join(f"{visit},{score}\n" for visit, score in enumerate(course, start=1))
    folder = new_file(tmp_path, "second-client.csv", text)
    assert answer_on("one-clients-course", dict(names), folder) == (6, 8, "open")


def weekly(courses: dict[str, list[str]]) -> str:
    """A clinic's table of dates, the newest first."""
    rows = [
        f"{client}\t{date(2026, 3, 2) + timedelta(weeks=week):%d.%m.%Y}\t{score}"
        for client, course in courses.items()
        for week, score in enumerate(course)
    ]
    return "\n".join(["client\tdate\talliance", *reversed(rows)]) + "\n"


def test_the_task_of_a_clinic_is_answered_rightly(ran: Callable[[str], Ran], tmp_path: Path) -> None:
    """Of three clients one falls and stays down, one comes back, one has a code that would be the deepest fall."""
    names, _outputs = ran("a-clinics-table")
    assert names["answer"] == ["C01", "C15", "C22"]
    courses = {
        "down": ["8", "7.75", "8", "8.25", "8", "4", "4.25", "4"],
        "back": ["8", "7.75", "8", "8.25", "8", "4", "8", "8.25"],
        "away": ["8", "7.75", "8", "8.25", "8", "8.25", "999", "8"],
    }
    folder = new_file(tmp_path, "other-clinic.csv", weekly(courses))
    with pytest.warns(Warning, match="sessions numbered by the dates"):
        assert answer_on("a-clinics-table", dict(names), folder) == ["down"]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, "no more than chance"), (1.0, "more than chance")], ids=["none", "all"]
)
def test_the_task_of_a_reviewer_is_answered_rightly(
    ran: Callable[[str], Ran], tmp_path: Path, share: float, expected: str
) -> None:
    """Simulated clients of whom none, and of whom each, has a true strain."""
    names, _outputs = ran("a-reviewers-questions")
    assert names["answer"] == "no more than chance"  # none has one: the test below
    made = simulate(cases=60, sessions=12, seed=8, model=SimulationModel(episode_share=share))
    text = made.ratings.select(
        pl.col("case").alias("id"), "session", pl.col("value").alias("score")
    ).write_csv()
    folder = new_file(tmp_path, "other-study.csv", text)
    assert answer_on("a-reviewers-questions", dict(names), folder) == expected


def simulated(name: str) -> pl.DataFrame:
    """What the simulator was asked for, as docs/tutorials/data/README.md says."""
    if name == "clinic.csv":
        return simulate(cases=220, sessions=12, seed=4).ratings
    if name == "other-clinic.csv":
        return simulate(cases=24, sessions=10, seed=21).ratings
    return simulate(cases=80, sessions=12, seed=5, model=SimulationModel(episode_share=0.0)).ratings


@pytest.mark.filterwarnings("ignore::goldseam.TableNote", "ignore::goldseam.TableWarning")
@pytest.mark.parametrize(
    ("name", "case", "more"),
    [
        ("clinic.csv", "code", {"wide": "S{session}", "missing": [-99]}),
        ("other-clinic.csv", "client", {"missing": [999]}),
        ("other-study.csv", "id", {}),
    ],
)
def test_the_files_of_the_tutorials_are_made_up(name: str, case: str, more: dict[str, Any]) -> None:
    """Nobody's ratings: each table is what the simulator makes of a seed."""
    value = {"other-clinic.csv": "alliance", "other-study.csv": "score"}.get(name)
    read = read_ratings(
        TUTORIALS / "data" / name,
        columns={"case": case, **({"value": value} if value else {})},
        constants={"rater": "client", "scale": "alliance"},
        value_range=(0, 10),
        **more,
    )
    made = simulated(name)
    assert read.sort("case", "session")["value"].to_list() == made["value"].to_list()
