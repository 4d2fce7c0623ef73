"""The data set in the form of BIDS that an export holds: by the rules of its schema, and of the same people."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentWay, Purpose
from goldseam_web.cases.models import Attendance, CaseKind, Ending, Presence
from goldseam_web.cases.services import NewMember, close_case
from goldseam_web.research.pseudonyms import Pseudonyms
from tests.web import histories, people
from tests.web.bids_rules import broken_rules
from tests.web.kept_rows import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def rated(cast, now):
    """Both of a couple and one seen alone, who agreed to research, and one who did not.

    Lea was away from the second of three sessions and rates the third with another therapist; Otto's case is over.
    """
    lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
    held = histories.sessions(cast.couple, cast.ines, 2, now)
    histories.rate(held[0], lea, 7.0)
    for encounter in held:
        histories.rate(encounter, tomas, 5.0)
    Attendance.objects.update_or_create(
        encounter=held[1], member=lea, defaults={"clinic": cast.couple.clinic, "presence": Presence.AWAY}
    )
    histories.rate(people.meet(cast.couple, cast.colleague, now), lea, 8.0, given={"goal": 10})
    otto = people.case(
        cast.ines, CaseKind.INDIVIDUAL, [NewMember("Otto", "Made", "client", email="o@example.org")], now
    )
    for session, encounter in enumerate(histories.sessions(otto, cast.ines, 3, now)):
        before = people.asked(encounter, otto.members.get(), Phase.PRE)
        people.answer(before, encounter.starts_at, 2 + 2 * session)
        histories.rate(encounter, otto.members.get(), 6.0)
    close_case(case=otto, ending=Ending.PLANNED, at=now, actor=SYSTEM)
    for member in (lea, tomas, otto.members.get()):
        people.agree(member, now, research=True)
    return lea, tomas, otto.members.get()


def export(into, **options):
    call_command("export", study=into, clinic="Larkfield", stdout=StringIO(), **options)
    return into / "bids"


def table(path: Path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


def called(member):
    return "sub-" + Pseudonyms("goldseam").name("M", member.pk)


def test_it_breaks_no_rule_of_the_schema(rated, tmp_path):
    assert broken_rules(export(tmp_path / "out")) == set()


def test_every_column_is_told_in_full(rated, tmp_path):
    folder = export(tmp_path / "out")
    tables = [folder / "participants.tsv", *sorted((folder / "phenotype").glob("*.tsv"))]
    assert len(tables) > 8
    for path in tables:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        columns = list(table(path)[0])[1:]
        assert all(about[column]["LongName"] and about[column]["Description"] for column in columns)
        if path.parent.name == "phenotype":
            assert "not yet validated" in about["MeasurementToolMetadata"]["Description"]
    about = json.loads((folder / "phenotype" / "tension_post.json").read_text(encoding="utf-8"))
    assert about["session_001"]["Levels"] == {"0": "no", "1": "a little", "2": "clearly"}
    assert about["minimum"]["Units"] == "points"


def test_participants_are_those_who_agreed(rated, tmp_path):
    lea, tomas, otto = rated
    folder = export(tmp_path / "out")
    rows = {row["participant_id"]: row for row in table(folder / "participants.tsv")}
    assert set(rows) == {called(lea), called(tomas), called(otto)}
    assert (
        rows[called(lea)]["case"]
        == rows[called(tomas)]["case"]
        == Pseudonyms("goldseam").name("C", lea.case_id)
    )
    assert (rows[called(lea)]["modality"], rows[called(lea)]["ending"]) == ("couple", "ongoing")
    assert (rows[called(otto)]["modality"], rows[called(otto)]["ending"]) == ("individual", "planned")


def test_ratings_stand_by_participant_and_session(rated, tmp_path):
    """She was away from the second session; with another therapist a second series begins, in a table of its own."""
    lea, tomas, _ = rated
    folder = export(tmp_path / "out") / "phenotype"
    rows = {row["participant_id"]: row for row in table(folder / "self_therapist_post.tsv")}
    assert [rows[called(lea)][f"session_{number:03}"] for number in (1, 2)] == ["7", "n/a"]
    assert [rows[called(tomas)][f"session_{number:03}"] for number in (1, 2)] == ["5", "5"]
    [second] = table(folder / "self_therapist_post_series-2.tsv")
    assert (second["participant_id"], second["session_003"], second["maximum"]) == (called(lea), "8.5", "10")


def test_values_and_days_are_those_of_the_other_tables(rated, tmp_path):
    folder = export(tmp_path / "out")
    ratings = [row for row in table(folder.parent / "ratings.csv") if row["value"]]
    for row in ratings:
        member, _, place = row["rater"].partition("-")
        path = (
            folder / "phenotype" / f"{row['scale']}_{row['phase']}{f'_series-{place}' if place else ''}.tsv"
        )
        [found] = [each for each in table(path) if each["participant_id"] == f"sub-{member}"]
        assert float(found[f"session_{int(row['session']):03}"]) == float(row["value"])
        assert found["case"] == row["case"]
        attended = table(folder / f"sub-{member}" / f"sub-{member}_sessions.tsv")
        assert {"session_id": f"ses-{int(row['session']):03}", "date": row["date"]} in attended
    filled = sum(
        cell not in {"n/a"}
        for path in (folder / "phenotype").glob("*_p*.tsv")
        for row in table(path)
        for column, cell in row.items()
        if column.startswith("session_")
    )
    assert filled == len(ratings)


def test_outcomes_have_a_row_a_participant(rated, tmp_path):
    _, _, otto = rated
    [row] = table(export(tmp_path / "out") / "phenotype" / "outcomes.tsv")
    assert (row["participant_id"], row["before"], row["after"], row["after_session"]) == (
        called(otto),
        "2",
        "6",
        "3",
    )


def test_nothing_is_left_of_who_took_it_back_since_an_earlier_export(rated, tmp_path, now):
    lea, *_ = rated
    folder = export(tmp_path / "out")
    assert (folder / called(lea)).is_dir()
    ConsentRecord.objects.create(
        clinic=lea.clinic,
        member=lea,
        purpose=Purpose.RESEARCH,
        answer=ConsentAnswer.WITHDRAWN,
        way=ConsentWay.PHONE,
        said_on=now.date(),
        at=now,
        position=99,
    )
    with pytest.raises(CommandError, match=r"bids, export\.json is there already; --force replaces it"):
        export(tmp_path / "out")
    export(tmp_path / "out", force=True)
    assert called(lea) not in "".join(str(path) for path in folder.rglob("*"))
    assert all(
        called(lea) not in path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()
    )
    assert broken_rules(folder) == set()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_that_name_that_no_export_wrote_is_left_alone(rated, tmp_path):
    (tmp_path / "out" / "bids").mkdir(parents=True)
    (tmp_path / "out" / "bids" / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(CommandError, match="bids is there already, and was written by something else"):
        export(tmp_path / "out", force=True)
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["bids", "mine.txt"]
