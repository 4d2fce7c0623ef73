"""What leaves for research: of whom, under which names, and that the science reads it as it stands."""

import csv
import json
import uuid
from datetime import date, timedelta
from io import StringIO

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from typer.testing import CliRunner

from goldseam import TableError, fit_evidence, read_ratings
from goldseam.cli import app as goldseam_app
from goldseam.cohort.case_crossover import sessions_table
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.emulated_trials import outcomes_table
from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.lot_tables import SessionLot
from goldseam_web.alerts.models import Episode
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentWay, Purpose
from goldseam_web.cases.models import Attendance, Case, CaseKind, Ending, Member, Presence, RecordState
from goldseam_web.cases.services import NewMember, close_case
from goldseam_web.lib.file_rights import is_open_to_others
from goldseam_web.measures.models import Response, Score
from goldseam_web.research.pseudonyms import Pseudonyms
from goldseam_web.research.study_tables import study_tables
from tests.web import histories, people
from tests.web.kept_rows import kept

pytestmark = pytest.mark.django_db
FALL = (*histories.STEADY, 3.0)


@pytest.fixture
@kept
def couple(cast, now):
    """Lea and Tomas of one case: eight sessions, rated by both, and hers fall at the last; she agreed to research."""
    lea = people.member(cast.couple, "Lea")
    tomas = people.member(cast.couple, "Tomas")
    held = histories.sessions(cast.couple, cast.ines, len(FALL), now)
    for encounter, level in zip(held, FALL, strict=True):
        histories.judge([histories.rate(encounter, lea, level)])
        histories.rate(encounter, tomas, 9.0)
    people.agree(lea, now - timedelta(weeks=20), research=True)
    return cast.couple


def rows_of(clinic, table, project="one"):
    found = study_tables(clinic, project).tables[table]
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def takes_back(member, now):
    ConsentRecord.objects.create(
        clinic=member.clinic,
        member=member,
        purpose=Purpose.RESEARCH,
        answer=ConsentAnswer.WITHDRAWN,
        way=ConsentWay.PHONE,
        said_on=now.date(),
        at=now,
        position=99,
    )


class TestWhose:
    def test_only_who_agreed_to_research_is_in_it(self, couple):
        rows = rows_of(couple.clinic, "ratings")
        assert len({row["rater"] for row in rows}) == 1
        mine = [row["value"] for row in rows if row["scale"] == "self_therapist" and row["phase"] == "post"]
        assert mine == list(FALL)
        assert 9.0 not in mine[:4]
        found = study_tables(couple.clinic, "one")
        assert found.members == 1
        assert found.left_out == Member.objects.filter(clinic=couple.clinic).count() - 1

    def test_nothing_is_left_of_who_took_it_back(self, couple, now):
        takes_back(people.member(couple, "Lea"), now)
        assert study_tables(couple.clinic, "one").members == 0

    def test_nor_of_who_is_too_young_to_agree_alone(self, couple):
        Member.objects.filter(case=couple).update(needs_guardian=True)
        assert study_tables(couple.clinic, "one").members == 0

    def test_nor_of_cases_opened_by_mistake_or_erased(self, couple):
        Case.objects.filter(pk=couple.pk).update(ending=Ending.OPENED_IN_ERROR)
        assert study_tables(couple.clinic, "one").members == 0
        Case.objects.filter(pk=couple.pk).update(ending="", state=RecordState.ERASED)
        assert study_tables(couple.clinic, "one").members == 0

    def test_an_answer_given_in_company_is_no_rating(self, couple, now):
        encounter = couple.encounters.order_by("starts_at")[3]
        Response.objects.filter(
            occasion__encounter=encounter, occasion__respondent=people.member(couple, "Lea")
        ).update(in_company_at=now)
        values = [
            row["value"]
            for row in rows_of(couple.clinic, "ratings")
            if (row["scale"], row["phase"], row["session"]) == ("self_therapist", "post", 4)
        ]
        assert values == [None]

    def test_a_session_without_the_member_has_no_row(self, couple):
        encounter = couple.encounters.order_by("starts_at")[0]
        lea = people.member(couple, "Lea")
        Attendance.objects.update_or_create(
            encounter=encounter, member=lea, defaults={"clinic": couple.clinic, "presence": Presence.AWAY}
        )
        assert 1 not in {row["session"] for row in rows_of(couple.clinic, "sessions")}


class TestNames:
    def test_no_name_or_number_of_the_clinic_is_in_any_file(self, couple, tmp_path):
        call_command("export", study=tmp_path / "out", clinic=couple.clinic.name, stdout=StringIO())
        text = "".join(
            path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()
        )
        lea = people.member(couple, "Lea")
        identity = [str(couple.pk), str(lea.pk), couple.pk.hex, "Lea", "Okafor", couple.clinic.name]
        assert [word for word in identity if word in text] == []

    def test_days_are_those_of_the_sessions_moved(self, couple):
        days = [Pseudonyms("one").day(couple.pk, each.local_date) for each in couple.encounters.all()]
        told = {row["date"] for row in rows_of(couple.clinic, "ratings")}
        assert told == {day.isoformat() for day in days}

    def test_a_project_has_its_own_and_keeps_them(self, couple):
        one, again, two = (rows_of(couple.clinic, "ratings", name) for name in ("one", "one", "two"))
        assert one == again
        assert {row["case"] for row in one}.isdisjoint(row["case"] for row in two)
        assert {row["rater"] for row in one}.isdisjoint(row["rater"] for row in two)

    def test_days_of_a_case_move_together_by_whole_weeks(self):
        """Over a thousand cases every shift from -52 to 52 weeks comes, and none beyond."""
        day, shifts = date(2026, 3, 4), set()
        names = Pseudonyms("one")
        for number in range(2000):
            case = uuid.UUID(int=number)
            moved = names.day(case, day)
            assert names.day(case, day + timedelta(days=9)) - moved == timedelta(days=9)
            assert moved.weekday() == day.weekday()
            shifts.add((moved - day).days // 7)
        assert shifts == set(range(-52, 53))


class TestTheTables:
    def test_the_strain_is_there_with_what_people_said_of_it(self, couple, now):
        [episode] = rows_of(couple.clinic, "episodes")
        assert (episode["session"], episode["confirmed"], episode["client_said_repaired"]) == (8, "", "")
        Episode.objects.update(client_confirmed_at=now)
        [episode] = rows_of(couple.clinic, "episodes")
        assert episode["confirmed"] == "yes"

    def test_the_strain_is_of_the_rater_whose_ratings_fell(self, couple, cast, now):
        """Another therapist begins another series; each strain is told of its own."""
        ben = people.meet(couple, cast.colleague, now - timedelta(minutes=10))
        histories.rate(ben, people.member(couple, "Lea"), 8.0)
        raters = [
            row["rater"]
            for row in rows_of(couple.clinic, "ratings")
            if (row["scale"], row["phase"], row["session"])
            in {("self_therapist", "post", 8), ("self_therapist", "post", 9)}
        ]
        [episode] = rows_of(couple.clinic, "episodes")
        assert [each.removeprefix(episode["rater"]) for each in raters] == ["", "-2"]

    def test_endings_are_told_as_the_study_reads_them(self, couple):
        [case] = rows_of(couple.clinic, "cases")
        assert (case["modality"], case["ending"], case["members_in_data"]) == ("couple", "ongoing", 1)
        for ending, told in (("planned", "planned"), ("dropout", "dropout"), ("moved", "")):
            Case.objects.filter(pk=couple.pk).update(
                ending=ending, ended_on=date(2026, 11, 1), state="closed"
            )
            assert rows_of(couple.clinic, "cases")[0]["ending"] == told

    def test_an_attended_session_that_was_not_rated_is_a_row_without_a_value(self, couple, cast, now):
        people.meet(couple, cast.ines, now - timedelta(minutes=10))
        last = [row for row in rows_of(couple.clinic, "ratings") if row["session"] == 9]
        assert [(row["scale"], row["phase"], row["value"]) for row in last] == [
            ("self_therapist", "post", None)
        ]


class TestTheCommand:
    def run(self, into, **options):
        said = StringIO()
        call_command("export", study=into, clinic="Larkfield", stdout=said, **options)
        return said.getvalue()

    def test_writes_what_the_study_reads(self, couple, tmp_path):
        said = self.run(tmp_path / "out")
        assert "Members: 1 agreed to research" in said
        ratings = read_ratings(tmp_path / "out" / "ratings.csv")
        post = ratings.filter(pl.col("scale") == "self_therapist", pl.col("phase") == "post")
        assert post["value"].to_list() == list(FALL)
        about = json.loads((tmp_path / "out" / "export.json").read_text(encoding="utf-8"))
        assert (about["members"], about["cases"], about["project"]) == (1, 1, "goldseam")

    def test_a_study_reads_ratings_cases_and_sessions(self, couple, tmp_path):
        """By what `goldseam study` reads and checks them with."""
        self.run(tmp_path / "out")
        files = {
            name: tmp_path / "out" / f"{name}.csv" for name in ("ratings", "cases", "episodes", "sessions")
        }
        cohort = read_cohort(files["ratings"], files["cases"], scale="self_therapist", phase="post")
        assert (cohort.n_cases, cohort.rated, cohort.cautions) == (1, 8, ())
        assert cohort.cases.row(0)[1] == "couple"
        assert sessions_table(files["sessions"]).rows.height == 8

    def test_says_what_every_column_means(self, couple, tmp_path):
        self.run(tmp_path / "out")
        with (tmp_path / "out" / "codebook.csv").open(encoding="utf-8", newline="") as book:
            told = {(row["file"], row["column"]) for row in csv.DictReader(book)}
        for table in ("ratings", "cases", "episodes", "evidence", "sessions", "outcomes"):
            with (tmp_path / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                assert {(f"{table}.csv", column) for column in next(csv.reader(file))} <= told

    def test_says_which_way_a_scale_goes(self, couple, tmp_path):
        """More tension is worse; all else in the alliance form is better the higher it is."""
        self.run(tmp_path / "out")
        with (tmp_path / "out" / "codebook.csv").open(encoding="utf-8", newline="") as book:
            rows = [row for row in csv.DictReader(book) if row["file"] == "ratings.csv"]
        [told] = [row["values"] for row in rows if row["column"] == "scale"]
        directions = dict(each.split(" = ") for each in told.split("; "))
        assert [scale for scale, way in directions.items() if way == "lower is better"] == ["tension"]

    def test_is_on_record_and_writes_over_nothing(self, couple, tmp_path):
        self.run(tmp_path / "out")
        entry = AuditEntry.objects.get(action="research.export")
        assert entry.details == {"project": "goldseam", "cases": 1, "members": 1}
        assert entry.actor_kind == SYSTEM.kind
        kept_as_was = (tmp_path / "out" / "ratings.csv").read_bytes()
        with pytest.raises(CommandError, match="is there already; --force replaces it"):
            self.run(tmp_path / "out")
        self.run(tmp_path / "out", force=True)
        assert (tmp_path / "out" / "ratings.csv").read_bytes() == kept_as_was
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]

    def test_nobody_else_on_the_machine_reads_it(self, couple, tmp_path):
        self.run(tmp_path / "out")
        written = [tmp_path / "out", *(path for path in (tmp_path / "out").rglob("*"))]
        assert [path for path in written if is_open_to_others(path)] == []

    def test_writes_nothing_where_nobody_agreed(self, cast, tmp_path):
        with pytest.raises(CommandError, match="Nobody has agreed to research"):
            self.run(tmp_path / "out")
        assert not (tmp_path / "out").exists()
        assert not AuditEntry.objects.filter(action="research.export").exists()


@pytest.fixture
def asked_about(cast, now):
    """Ruth, seen alone, who agreed to research: her ratings fall at the eighth session, which Ines confirms.

    Of two calm ones Ines was asked by lot: of the fifth she says that there was none, of the sixth that there was.
    """
    ruth = people.member(cast.individual, "Ruth")
    histories.history(cast.individual, cast.ines, ruth, FALL, now)
    people.agree(ruth, now - timedelta(weeks=20), research=True)
    Episode.objects.filter(case=cast.individual).update(therapist_confirmed_at=now)
    for place, answer in ((4, "no"), (5, "yes"), (6, "cannot_say")):
        lot = people.asked_by_lot(cast.individual.encounters.order_by("starts_at")[place], now)
        SessionLot.objects.filter(pk=lot.pk).update(answer=answer, answered_at=now)
    return cast.individual


class TestEvidence:
    def said(self, case):
        rows = rows_of(case.clinic, "evidence")
        return {row["session"]: (row["strain_confirmed"], row["asked_by_chance"]) for row in rows}

    def test_sessions_that_were_asked_about_stand_beside_the_others(self, asked_about):
        assert self.said(asked_about) == {
            **dict.fromkeys((1, 2, 3, 4, 7), (None, None)),
            5: (0, 1),
            6: (1, 1),
            8: (1, 0),
        }
        [first, *_] = rows_of(asked_about.clinic, "evidence")
        items = [first[f"item_{facet}"] for facet in ("goal", "task", "bond", "safety")]
        assert (items, first["tension"], first["value"]) == ([8.0] * 4, 0, 8.0)

    def test_a_clients_word_counts_where_the_therapist_says_no(self, asked_about):
        fifth = asked_about.encounters.order_by("starts_at")[4]
        Score.objects.filter(encounter=fifth, scale="tension").update(value=1)
        assert self.said(asked_about)[5] == (1, 1)

    def test_where_several_are_seen_together_no_session_by_lot_is_told(self, asked_about):
        Case.objects.filter(pk=asked_about.pk).update(kind="couple")
        assert self.said(asked_about)[5] == (None, None)
        assert self.said(asked_about)[8] == (1, 0)

    def test_it_is_what_strengths_are_fitted_from(self, asked_about, tmp_path, monkeypatch):
        """As `goldseam fit-evidence` reads it: three ratings have to lie before, the highest one is left out.

        Confirmed are the sixth and the eighth; ordinary the fourth, the fifth and the seventh.
        """
        call_command("export", study=tmp_path, clinic="Larkfield", force=True, stdout=StringIO())
        with pytest.raises(TableError, match="too few confirmed sessions; given 2"):
            fit_evidence(tmp_path / "evidence.csv")
        monkeypatch.setattr("goldseam.detection.evidence_fit.FEWEST_CONFIRMED", 2)
        monkeypatch.setattr("goldseam.detection.evidence_fit.FEWEST_ORDINARY", 3)
        fitted = fit_evidence(tmp_path / "evidence.csv")
        assert (fitted.confirmed, fitted.ordinary) == (2, 3)


@pytest.fixture
@kept
def three_rated(cast, now):
    """Three clients rate progress before and the alliance after each of three sessions; two of their cases end."""
    for number in range(3):
        who = NewMember(f"Client{number}", "Made", "client", email=f"client{number}@example.org")
        case = people.case(cast.ines, CaseKind.INDIVIDUAL, [who], now)
        member = case.members.get()
        people.agree(member, now - timedelta(weeks=20), research=True)
        for session, encounter in enumerate(histories.sessions(case, cast.ines, 3, now)):
            before = people.asked(encounter, member, Phase.PRE)
            people.answer(before, encounter.starts_at - timedelta(hours=1), number + 2 * session)
            histories.rate(encounter, member, 7.0 + (number * session) % 3)
        if number:
            close_case(case=case, ending=Ending.PLANNED, at=now, actor=SYSTEM)
    return cast


class TestOutcomes:
    def test_are_progress_at_the_first_and_last_rated_session_of_what_is_over(self, three_rated):
        rows = sorted(rows_of(three_rated.clinic, "outcomes"), key=lambda row: row["before"])
        assert [(row["before"], row["after"]) for row in rows] == [(0, None), (1, 5), (2, 6)]
        assert {(row["before_session"], row["after_session"]) for row in rows[1:]} == {(1, 3)}
        days = {
            row["case"]: row["date"] for row in rows_of(three_rated.clinic, "ratings") if row["session"] == 3
        }
        assert all(row["after_date"] == days[row["case"]] for row in rows[1:])
        assert rows[0]["after_session"] is None

    def test_of_several_members_it_is_the_mean_of_those_in_the_data(self, couple, now):
        lea, tomas = people.member(couple, "Lea"), people.member(couple, "Tomas")
        held = list(couple.encounters.order_by("starts_at"))
        for who, levels in ((lea, {0: 2, 4: 6}), (tomas, {1: 5, 7: 9})):
            for place, level in levels.items():
                asked = people.asked(held[place], who, Phase.PRE)
                people.answer(asked, held[place].starts_at - timedelta(hours=1), level)
        Case.objects.filter(pk=couple.pk).update(ended_on=now.date(), ending=Ending.PLANNED)
        [row] = rows_of(couple.clinic, "outcomes")
        assert (row["before"], row["after"], row["members_rated"]) == (2, 6, 1), (
            "he did not agree to research"
        )
        people.agree(tomas, now - timedelta(days=1), research=True)
        [row] = rows_of(couple.clinic, "outcomes")
        assert (row["before"], row["after"], row["members_rated"]) == (3.5, 7.5, 2)
        assert (row["before_session"], row["after_session"]) == (1, 8)
        Case.objects.filter(pk=couple.pk).update(ended_on=None, ending="")
        Member.objects.filter(pk=lea.pk).update(left_on=now.date())
        [row] = rows_of(couple.clinic, "outcomes")
        assert (row["before"], row["after"], row["members_rated"]) == (2, 6, 1), "it is over for her alone"

    def test_a_study_reads_the_export_as_it_stands(self, three_rated, tmp_path):
        """By the command that stands in the description of the export."""
        call_command("export", study=tmp_path / "out", clinic="Larkfield", stdout=StringIO())
        about = json.loads((tmp_path / "out" / "export.json").read_text(encoding="utf-8"))
        words = about["read_with"].removeprefix("goldseam ").split()
        named = [str(tmp_path / "out" / word) if "." in word else word for word in words]
        named[named.index("report")] = str(tmp_path / "report")
        quick = ["--fast", "--draws", "20", "--others", "", "--no-specifications", "--jobs", "1"]
        done = CliRunner().invoke(goldseam_app, [*named, *quick], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        report = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
        assert "Do cases end better where ratings came back soon?" in report
        assert "outcomes.csv, SHA-256" in report
        given = outcomes_table(tmp_path / "out" / "outcomes.csv")
        assert sorted(given.numbers("after").drop_nulls()) == [5, 6]
        assert given.cautions(pl.read_csv(tmp_path / "out" / "cases.csv").select("case")) == ()

    def test_are_labelled_for_spss(self, three_rated, tmp_path):
        call_command("export", study=tmp_path / "out", clinic="Larkfield", stdout=StringIO())
        labels = (tmp_path / "out" / "labels.sps").read_text(encoding="utf-8")
        assert 'FILE="outcomes.csv"' in labels
        assert "after_date SDATE10" in labels
