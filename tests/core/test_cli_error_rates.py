"""The commands about error rates: the same figures as in Python, and one clear line for whatever cannot be used."""

import json
from datetime import date
from pathlib import Path

import pytest

from goldseam import Norms, find_threshold, fit_norms, null_rate, operating_characteristics
from goldseam.operating import ErrorRates
from goldseam.simulate import simulate
from tests.core.test_cli import refused, run

OPERATING = ("operating", "--cases", "120", "--sessions", "8", "--seed", "4")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    simulate(cases=60, sessions=9, seed=1).ratings.write_csv("ratings.csv")
    return tmp_path


def report(*arguments: str) -> dict:
    code, out, _ = run(*OPERATING, "--format", "json", *arguments)
    assert code == 0
    return json.loads(out)


def test_criteria_are_measured_as_in_python() -> None:
    content = report("--criterion", "own-mean", "previous-drop", "--set", "own-mean.sds=2.5")
    assert content["format"] == "goldseam-operating-1"
    own, drop = (ErrorRates.from_content(each) for each in content["criteria"])
    day = date.fromisoformat(own.computed_on)
    given = {"cases": 120, "sessions": 8, "seed": 4, "computed_on": day}
    assert own.grades == operating_characteristics(criterion="own-mean", sds=2.5, **given).grades
    assert drop == operating_characteristics(criterion="previous-drop", **given)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--criterion", "own-mean", "--criterion", "xmr"),
        ("--criterion", "own-mean", "xmr"),
        ("own-mean", "xmr", "own-mean"),
    ],
)
def test_criteria_may_be_named_in_a_row_or_one_by_one(arguments: tuple[str, ...]) -> None:
    assert [each["criterion"] for each in report(*arguments)["criteria"]] == ["own-mean", "xmr"]


def test_the_text_has_a_column_for_every_criterion_and_an_error_with_every_share() -> None:
    code, out, _ = run(*OPERATING, "own-mean", "kalman", "--wanted-rate", "0.03", "--roc")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("simulated: kind items, 8 sessions, 120 cases a figure, seed 4, ")
    assert lines[1].startswith("norms goldseam-default 1 (assumed, not empirical)")
    assert lines[3].split("  ")[-1].strip() == "kalman 1, marked"
    table = lines[4 : lines.index("", 4)]
    shares = [line for line in table if line.startswith("  ") and "%" in line.split("  ")[-1]]
    assert shares
    assert all("±" in line for line in shares if "just beyond" not in line)
    for section in (
        "false alarms, nothing being wrong",
        "dips found, by when they begin",
        "delay, sessions from the true onset (95% Monte-Carlo interval)",
        "called repaired",
        "repair seen within a session of the true one",
        "events that are real",
        "cases without an event that have no dip",
        "events a week with 40 clients in courses of 8 sessions",
        "threshold for false alarms in 3% of sessions",
    ):
        assert section in table
    assert "own-mean: sensitivity against false alarms" in lines


def test_prevalences_caseload_norms_and_kind_of_data_are_passed_on() -> None:
    fit_norms("ratings.csv", name="clinic").write("norms.json")
    content = report(
        "own-mean",
        "--prevalence",
        "0.1,0.3",
        "--caseload",
        "25",
        "--norms",
        "norms.json",
        "--model",
        "ceiling",
    )
    (rates,) = (ErrorRates.from_content(each) for each in content["criteria"])
    assert (rates.model, rates.norms_name) == ("ceiling", "clinic")
    assert {row.prevalence for row in rates.grades["any"].predictive_values} == {0.1, 0.3}
    assert {row.caseload for row in rates.grades["any"].alerts} == {25}


def test_thresholds_are_found_as_in_python() -> None:
    content = report("own-mean", "xmr", "--wanted-rate", "0.03")
    own, xmr = content["thresholds"]
    search = find_threshold(criterion="own-mean", wanted_rate=0.03, seed=4, cases=120, sessions=8)
    assert search.point is not None
    assert own["point"]["thresholds"] == search.point.thresholds
    assert own["threshold_errors"] == search.threshold_errors
    assert (xmr["outcome"], xmr["point"]) == ("not applied", None)


def test_a_curve_is_written_for_every_criterion() -> None:
    curves = report("own-mean", "xmr", "--roc")["curves"]
    assert curves["xmr"] == []
    factors = [point["factor"] for point in curves["own-mean"]]
    assert factors == sorted(factors)
    assert 1.0 in factors


def test_limits_are_shown_at_the_wanted_rate_and_at_that_of_each_criterion() -> None:
    """Whoever knows everything finds no fewer dips than whoever learns the person: four errors allowed."""
    content = report("own-mean", "--wanted-rate", "0.03", "--limits")
    own = content["criteria"][0]["grades"]["any"]["false_alarms"]["value"]
    assert [row["wanted"] for row in content["limits"]] == [0.03, 0.03, own, own]
    oracle, learning = content["limits"][:2]
    assert (oracle["name"], learning["name"]) == ("oracle", "Bayes limit")
    for knows, learns in zip(oracle["sensitivity"], learning["sensitivity"], strict=True):
        error = knows["rate"]["standard_error"] + learns["rate"]["standard_error"]
        assert knows["rate"]["value"] > learns["rate"]["value"] - 4 * error
    _, out, _ = run(*OPERATING, "own-mean", "--wanted-rate", "0.03", "--limits")
    assert "limits at false alarms in 3.00% of sessions" in out.splitlines()


def test_a_report_is_written_whole_to_a_file() -> None:
    assert run(*OPERATING, "own-mean", "--out", "report.txt")[:2] == (0, "")
    assert Path("report.txt").read_text(encoding="utf-8").startswith("simulated: kind items")
    run("null-rate", "ratings.csv", "--replications", "5", "--format", "json", "--out", "null.json")
    assert json.loads(Path("null.json").read_text(encoding="utf-8"))["format"] == "goldseam-null-rate-1"


def test_null_rates_are_those_of_python() -> None:
    code, out, _ = run(
        "null-rate", "ratings.csv", "--criterion", "own-mean", "--set", "sds=1.8", "--replications", "20",
        "--seed", "7", "--format", "json",
    )  # fmt: skip
    content = json.loads(out)
    rates = null_rate("ratings.csv", criterion="own-mean", sds=1.8, replications=20, seed=7)
    assert code == 0
    assert rates.prevalence is not None
    assert rates.excess is not None
    assert content["prevalence"]["count"] == rates.prevalence.count
    assert content["excess"] == {
        "value": rates.excess.value,
        "low": rates.excess.low,
        "high": rates.excess.high,
    }
    assert content["seed"] == 7


def test_null_rates_are_printed_with_their_errors_and_what_these_cover() -> None:
    _, out, _ = run("null-rate", "ratings.csv", "--criterion", "own-mean", "--replications", "20")
    lines = out.splitlines()
    assert lines[0] == (
        "criterion own-mean version 1, norms goldseam-default 1 (assumed, not empirical), 20 replications, seed 1"
    )
    rates = null_rate("ratings.csv", criterion="own-mean", replications=20)
    assert rates.chance_prevalence is not None
    (chance, repair_chance) = (line for line in lines if ", by chance" in line)
    expected = (
        f"{100 * rates.chance_prevalence.value:.2f} ± {100 * rates.chance_prevalence.standard_error:.2f}"
    )
    assert expected in chance
    assert "Monte-Carlo" in repair_chance
    assert any(line.startswith("corrected: cases with such a dip") for line in lines)


def test_an_assumed_sensitivity_is_said_to_be_so() -> None:
    _, out, _ = run(
        "null-rate", "ratings.csv", "--criterion", "own-mean", "--replications", "5", "--sensitivity", "0.6"
    )
    (line,) = (line for line in out.splitlines() if line.startswith("cases with a true dip"))
    assert line.split("  ")[-1].strip() == "assumed, as given"


def test_too_few_ratings_are_not_enough_data() -> None:
    simulate(cases=5, sessions=5, seed=1).ratings.write_csv("short.csv")
    code, out, _ = run("null-rate", "short.csv", "--criterion", "own-mean")
    assert code == 0
    assert out.splitlines()[-1] == "not enough data"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("operating", "guess"), "unknown criterion; given 'guess'"),
        (
            ("operating", "own-mean", "xmr", "--set", "sds=2"),
            "criterion xmr has no such parameter; given 'sds'",
        ),
        (
            ("operating", "own-mean", "--set", "xmr.w1=false"),
            "--set: not a criterion of this run; given 'xmr'",
        ),
        (("operating", "own-mean", "--set", "sds"), "--set: not a setting; given 'sds'"),
        (("operating", "--cases", "1"), "cases: too few for an error; given 1"),
        (("operating", "--sessions", "4"), "sessions: too few to hold a dip; given 4"),
        (("operating", "--model", "rough"), "model: no such kind of simulated data; given 'rough'"),
        (("operating", "--prevalence", "half"), "--prevalence: not numbers; given 'half'"),
        (("operating", "--prevalence", "1.5"), "prevalences: not a share of cases; given 1.5"),
        (("operating", "--wanted-rate", "2"), "wanted_rate: not a rate; given 2.0"),
        (("operating", "--caseload", "0"), "caseload: no clients; given 0"),
        (("operating", "--norms", "none.json"), "none.json: cannot be read"),
        (("operating", "--out", "rates.csv"), "unknown kind of output file; given '.csv'"),
        (("null-rate", "none.csv"), "none.csv"),
        (("null-rate", "ratings.csv", "--replications", "1"), "replications: outside its range; given 1"),
        (("null-rate", "ratings.csv", "--out", "none/null.txt"), "no such folder"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    arguments: tuple[str, ...],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert message in refused(monkeypatch, capsys, *arguments)
    assert {path.name for path in Path.cwd().iterdir()} == {"ratings.csv"}


def test_the_shipped_norms_serve_where_none_are_given() -> None:
    (rates,) = report("own-mean")["criteria"]
    assert rates["norms_hash"] == Norms.default().content_hash


def test_evidence_is_simulated_where_it_is_asked_for() -> None:
    # On ratings alone it finds what version 2 of predictive does; with evidence more of the same dips.
    bare, told = (
        report("predictive", "fused", "--cases", "400", *flag)["criteria"] for flag in ((), ("--evidence",))
    )

    def found(rates: dict) -> list[float]:
        return [each["rate"]["value"] for each in rates["grades"]["any"]["sensitivity"]]

    alone = operating_characteristics(criterion="predictive", version=2, cases=400, sessions=8, seed=4)
    assert found(bare[1]) == [each.rate.value for each in alone.grades["any"].sensitivity]
    assert sum(found(told[1])) > sum(found(told[0]))
    assert [each["model"] for each in told] == ["items, with evidence"] * 2


def test_limits_and_evidence_exclude_each_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(monkeypatch, capsys, *OPERATING, "--limits", "--evidence")
    assert "limits: not both; given 'limits and evidence'" in line
