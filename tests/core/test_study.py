"""A whole study: its report, its files, its refusals; the same seed gives the same bytes."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import goldseam
from goldseam.cli import app
from goldseam.cohort.whole_study import Study

QUESTIONS = [
    "data",
    "prevalence",
    "corrected",
    "phase",
    "groups",
    "therapists",
    "onset",
    "episodes",
    "repair",
    "dropout",
    "one-with-many",
]


def tables(cases: int = 150, sessions: int = 12) -> tuple[pl.DataFrame, pl.DataFrame]:
    ratings = goldseam.simulate(cases=cases, sessions=sessions, seed=3).ratings
    names = ratings.get_column("case").unique().sort()
    random = np.random.default_rng(1)
    known = pl.DataFrame(
        {
            "case": names,
            "modality": random.choice(["individual", "couple"], len(names)),
            "therapist": [f"<b>T{number % 12}</b>" for number in range(len(names))],
            "ending": random.choice(["planned", "dropout", "ongoing"], len(names)),
        }
    )
    return ratings, known


@pytest.fixture(scope="module")
def whole() -> Study:
    return goldseam.study(*tables(), draws=20, confirmed=(70, 100))


def test_every_question_is_answered_or_says_why_not(whole: Study) -> None:
    assert [each.name for each in whole.answers] == QUESTIONS
    for each in whole.answers:
        assert each.sentence.endswith(".")
        assert each.refused == each.sentence.startswith("Not answered") or each.name == "corrected"
        assert each.refused or each.estimand


def test_no_answer_but_the_data_and_the_spread_stands_without_chance(whole: Study) -> None:
    for each in whole.answers[1:]:
        columns = {name for table in each.tables.values() for name in table.columns}
        if each.name == "corrected":
            assert "chance" in each.estimand
        elif not each.refused:
            assert any(name.startswith("chance") for name in columns), each.name


def test_the_report_opens_offline_and_holds_what_it_says(whole: Study) -> None:
    page = whole.html()
    assert "<script" not in page
    fetched = re.findall(r'(?:src|href)="(?!#)([^"]+)"', page)
    assert fetched == []
    assert page.count("<svg") >= 5
    assert "<b>T0</b>" not in page
    for each in whole.answers:
        assert each.question in page
    for heading in ("Methods", "What each question needs", "Checklist for reporting"):
        assert f"<h2>{heading}</h2>" in page
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_source_is_set_beside_and_no_effect_of_repair_is_claimed(whole: Study) -> None:
    page = whole.html()
    assert "20 to 50%" in page
    assert "no effect of repair on outcome is estimated" in page


def test_the_same_seed_gives_the_same_bytes(whole: Study) -> None:
    again = goldseam.study(*tables(), draws=20, confirmed=(70, 100)).files()
    for name, content in whole.files().items():
        same = again[name]
        assert same == content if isinstance(content, str) else content.equals(same), name


def test_the_json_says_everything_a_rerun_needs(whole: Study) -> None:
    content = json.loads(str(whole.files()["study.json"]))
    assert content["seed"] == 1
    assert content["draws"] == 20
    assert content["criteria"][0]["id"] == "predictive"
    assert content["criteria"][0]["parameters"]
    assert content["software"]["goldseam"] == goldseam_version()
    assert content["norms"]["hash"]
    assert len(content["corrected_figure"]) == 3


def goldseam_version() -> str:
    from importlib.metadata import version

    return version("goldseam")


def test_a_notebook_shows_the_whole_of_it(whole: Study) -> None:
    shown = whole._repr_html_()
    assert shown.startswith("<div><h1>")
    assert "<svg" in shown


def test_thin_data_are_refused_question_by_question() -> None:
    found = goldseam.study(tables(cases=20, sessions=6)[0], draws=20)
    assert [each.refused for each in found.answers] == [False] + [True] * (len(found.answers) - 1)
    assert "20, at least 50 needed" in found.html()
    assert {"report.html", "study.json", "data.csv"} <= {*found.files()}
    assert "recompute.R" not in found.files()


def test_a_table_that_cannot_be_read_is_one_error() -> None:
    with pytest.raises(goldseam.TableError):
        goldseam.study(pl.DataFrame({"colour": ["red"]}))


class TestPlan:
    def test_what_deviates_is_said_and_the_hash_is_that_of_the_file(self, tmp_path: Path) -> None:
        plan = tmp_path / "study.toml"
        plan.write_text(
            'criterion = "predictive"\ndraws = 2000\nquestions = ["prevalence", "noted"]\nexclusions = "<none>"\n'
        )
        found = goldseam.study(tables(cases=60, sessions=8)[0], draws=20, fast=True, others=(), plan=plan)
        assert found.deviations is not None
        said = {row["part"]: row["deviates"] for row in found.deviations.to_dicts()}
        assert said["criterion"] == "as planned"
        assert said["draws"] == "deviates"
        assert said["question prevalence"] == "as planned"
        assert said["question noted"] == "deviates"
        assert said["question onset"] == "exploratory"
        page = found.html()
        assert hashlib.sha256(plan.read_bytes()).hexdigest() in page
        assert "<none>" not in page
        assert "deviations.csv" in found.files()

    @pytest.mark.parametrize("text", ["colour = 1", "criterion = ", "\xff"])
    def test_what_is_no_plan_is_refused(self, tmp_path: Path, text: str) -> None:
        plan = tmp_path / "study.toml"
        plan.write_bytes(text.encode("latin-1"))
        with pytest.raises(goldseam.InputError):
            goldseam.study(tables(cases=4, sessions=4)[0], draws=20, plan=plan)


class TestCommand:
    def written(self, folder: Path, *options: str) -> int:
        ratings, cases = tables(cases=60, sessions=8)
        ratings.write_csv(folder / "ratings.csv")
        cases.write_csv(folder / "cases.csv")
        words = ["study", str(folder / "ratings.csv"), "--cases", str(folder / "cases.csv")]
        done = CliRunner().invoke(
            app, [*words, "--out", str(folder / "out"), "--draws", "20", "--fast", *options]
        )
        return done.exit_code

    def test_it_writes_report_tables_charts_and_script(self, tmp_path: Path) -> None:
        assert self.written(tmp_path) == 0
        names = {path.name for path in (tmp_path / "out").iterdir()}
        assert {"report.html", "study.json", "prevalence.csv", "prevalence.svg", "recompute.R"} <= names
        first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        assert self.written(tmp_path, "--force") == 0
        assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == first

    def test_it_does_not_write_over_a_report(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out/report.html").write_text("mine")
        assert self.written(tmp_path) != 0
        assert (tmp_path / "out/report.html").read_text() == "mine"

    @pytest.mark.parametrize("words", ["52", "52/x", "80/52"])
    def test_confirmed_cases_are_two_counts(self, tmp_path: Path, words: str) -> None:
        assert self.written(tmp_path, "--confirmed", words) != 0
        assert not (tmp_path / "out").exists()
