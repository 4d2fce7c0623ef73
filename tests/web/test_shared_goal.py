"""The goal a couple or family agreed on, and goals that whoever treats them marks as hard to reconcile."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.models import Episode, EpisodeStatus, OnsetKind
from goldseam_web.alerts.services.case_deletion import InTheWay, in_the_way
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.event_tables import GoalNote, GoalNoteKind
from goldseam_web.cases.models import CaseTherapist, TherapistPart
from goldseam_web.cases.services.goal_notes import goal_notes, note_goal, take_back_goal_note
from goldseam_web.cases.shared_goal import shared_goal
from tests.web import people
from tests.web.histories import rate, sessions
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
FIRST, SECOND = "Talk about money without a row", "One evening a week for us"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def viewer(staff, now):
    return viewer_of(staff.user, at=now)


def noted(cast, now, kind=GoalNoteKind.AGREED, text="", *, days_ago=0, by=None, case=None, key=None):
    return note_goal(
        viewer=viewer(by or cast.ines, now),
        case=case or cast.couple,
        kind=kind,
        day=local_day(cast.clinic, now) - timedelta(days=days_ago),
        text=text,
        at=now,
        key=key or uuid.uuid4(),
    )


def standing(cast, now):
    return shared_goal(list(goal_notes(viewer(cast.ines, now), cast.couple, treats=True)))


def page_of(cast, staff=None):
    return words(signed_in(staff or cast.ines).get(f"/cases/{cast.couple.pk}/"))


class TestItsHistory:
    def test_the_newest_words_lead_and_the_older_stay(self, cast, now):
        noted(cast, now - DAY, text=FIRST, days_ago=30)
        noted(cast, now, text=SECOND)
        assert [each.note.text for each in standing(cast, now).agreed] == [SECOND, FIRST]

    def test_of_one_day_what_was_written_last_leads(self, cast, now):
        noted(cast, now - HOUR, text=FIRST)
        noted(cast, now, text=SECOND)
        assert standing(cast, now).current.note.text == SECOND

    def test_asked_again_it_still_stands_with_that_date(self, cast, now):
        noted(cast, now - DAY, text=FIRST, days_ago=30)
        noted(cast, now, GoalNoteKind.STILL)
        current = standing(cast, now).current
        assert [each.day for each in current.still] == [local_day(cast.clinic, now)]
        noted(cast, now, text=SECOND)
        assert not standing(cast, now).current.still

    def test_a_mark_runs_until_it_is_ended(self, cast, now):
        noted(cast, now - DAY, GoalNoteKind.APART, days_ago=10)
        assert standing(cast, now).mark is not None
        noted(cast, now, GoalNoteKind.NO_LONGER)
        assert standing(cast, now).mark is None
        assert "Hard to reconcile from" in page_of(cast)

    def test_its_author_takes_a_line_back_and_its_words_are_gone(self, cast, now):
        line = noted(cast, now, text=FIRST)
        take_back_goal_note(viewer=viewer(cast.ines, now), note=line, at=now)
        line.refresh_from_db()
        assert (line.text, line.taken_back_at) == ("", now)
        assert standing(cast, now).current is None

    def test_a_double_click_writes_one_line(self, cast, now):
        key = uuid.uuid4()
        assert noted(cast, now, text=FIRST, key=key) == noted(cast, now, text=FIRST, key=key)
        assert GoalNote.objects.count() == 1

    def test_what_is_refused(self, cast, now):
        with people.refused("Nothing is written; put the goal in the words all of them agreed on."):
            noted(cast, now, text="  ")
        with people.refused("241 characters given; 240 at most."):
            noted(cast, now, text="x" * 241)
        with people.refused("This day is still to come."):
            noted(cast, now, text=FIRST, days_ago=-1)
        with people.refused("There is nothing yet that this would answer."):
            noted(cast, now, GoalNoteKind.STILL)
        with people.refused("Notes are written by whoever treats the case."):
            noted(cast, now, text=FIRST, by=cast.supervisor)
        with people.refused("Goals are shared by two or more; one person takes part in this case."):
            noted(cast, now, text=FIRST, case=cast.individual)
        noted(cast, now, GoalNoteKind.APART)
        with people.refused("They are marked as hard to reconcile already."):
            noted(cast, now, GoalNoteKind.APART)
        with people.refused("This day lies before what it answers."):
            noted(cast, now, GoalNoteKind.NO_LONGER, days_ago=2)


class TestWhoReadsIt:
    @pytest.fixture
    def written(self, cast, now):
        noted(cast, now, text=FIRST)
        noted(cast, now, GoalNoteKind.APART)

    def test_whoever_treats_the_case_and_who_takes_it_over(self, cast, written, now):
        assert FIRST in page_of(cast)
        CaseTherapist.objects.create(
            clinic=cast.clinic,
            case=cast.couple,
            therapist=cast.colleague,
            part=TherapistPart.CO_THERAPIST,
            starts_on=local_day(cast.clinic, now) - DAY,
        )
        page = page_of(cast, cast.colleague)
        assert FIRST in page
        assert "Take these words back" not in page

    def test_not_who_supervises_and_nobody_in_the_room(self, cast, written):
        supervised = page_of(cast, cast.supervisor)
        assert FIRST not in supervised
        assert "hard to reconcile" not in supervised
        client = signed_in(cast.ines, alone=False)
        client.post("/room-view/", {"alone": "no"})
        room = client.get(f"/cases/{cast.couple.pk}/").content.decode()
        assert FIRST not in room
        assert "reconcile" not in room

    def test_it_is_on_record_without_its_words_and_encrypted(self, written):
        entries = AuditEntry.objects.filter(object_kind="goal_note")
        assert {entry.action for entry in entries} == {"goal.agreed", "goal.apart"}
        assert all("money" not in str(entry.details) for entry in entries)
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM cases_goalnote")
            assert all("without a row" not in row[0] for row in cursor.fetchall())

    def test_a_case_with_it_is_a_record_and_not_deleted(self, cast, written):
        assert in_the_way(cast.couple) == [InTheWay.NOTED] or InTheWay.NOTED in in_the_way(cast.couple)

    def test_the_clients_link_does_not_change_by_a_byte(self, client, cast, now):
        [encounter] = sessions(cast.couple, cast.ines, 1, now)
        link = people.link(people.asked(encounter, people.member(cast.couple, "Lea")))
        before = client.get(link).content
        noted(cast, now, text=FIRST)
        noted(cast, now, GoalNoteKind.APART)
        assert client.get(link).content == before


class TestAskedAgainAfterAMendedStrain:
    AGAIN = "Does the goal still stand?"

    def mended(self, cast, now, *, status=EpisodeStatus.REPAIRED, contradicted=None):
        [encounter] = sessions(cast.couple, cast.ines, 1, now)
        Episode.objects.create(
            clinic=cast.clinic,
            case=cast.couple,
            member=people.member(cast.couple, "Lea"),
            opened_by=cast.ines,
            number=1,
            onset=encounter,
            onset_kind=OnsetKind.UNKNOWN,
            onset_grade="",
            status=status,
            opened_at=now - DAY,
            closed_at=now - HOUR,
            contradicted_at=contradicted,
        )

    def test_the_page_asks_until_it_is_answered(self, cast, now):
        noted(cast, now - 2 * DAY, text=FIRST, days_ago=3)
        assert self.AGAIN not in page_of(cast)
        self.mended(cast, now)
        assert self.AGAIN in page_of(cast)
        noted(cast, now, GoalNoteKind.STILL)
        page = page_of(cast)
        assert self.AGAIN not in page
        assert "it still stands" in page

    def test_not_where_no_goal_was_agreed_on(self, cast, now):
        self.mended(cast, now)
        assert self.AGAIN not in page_of(cast)

    @pytest.mark.parametrize(
        "how",
        [{"status": EpisodeStatus.UNREPAIRED}, {"contradicted": True}],
        ids=["not mended", "contradicted"],
    )
    def test_nor_where_it_is_not_mended(self, cast, now, how):
        noted(cast, now - 2 * DAY, text=FIRST, days_ago=3)
        if how.pop("contradicted", None):
            how["contradicted"] = now
        self.mended(cast, now, **how)
        assert self.AGAIN not in page_of(cast)


def test_from_the_page(cast, now):
    client, address = signed_in(cast.ines), f"/cases/{cast.couple.pk}/"
    form = {"form_key": client.get(address).context["form_key"], "goal_day": str(local_day(cast.clinic, now))}
    refused = client.post(reverse("dashboard:goals", args=[cast.couple.pk]), {**form, "note": "agreed"})
    assert refused.status_code == 400
    assert "Nothing is written" in words(refused)
    for _ in range(2):
        done = client.post(f"{address}goals/", {**form, "note": "agreed", "goal": FIRST}, follow=True)
    assert f"What they come for {FIRST} Agreed on" in words(done)
    done = words(client.post(f"{address}goals/", {**form, "note": "apart"}, follow=True))
    assert "Marked as hard to reconcile on" in done
    assert "See each of them alone" in done
    assert "all of you could live with" not in done
    assert "%}" not in done
    line = GoalNote.objects.get(kind="agreed")
    assert "its words are gone" in words(client.post(f"{address}goals/", {"take_back": line.pk}, follow=True))


def test_options_for_a_mark_are_for_all_of_them_once_nothing_is_held(cast, now):
    noted(cast, now, GoalNoteKind.APART)
    people.seen_alone(cast.couple, cast.ines, now)
    assert "all of you could live with working on first?" in page_of(cast)


def test_who_was_rated_stands_beside_the_mark(cast, now):
    [encounter] = sessions(cast.couple, cast.ines, 1, now)
    rate(encounter, people.member(cast.couple, "Lea"), 9.0, {"within_goal": 7.0})
    noted(cast, now, GoalNoteKind.APART)
    kept_back = page_of(cast)
    signed_in(cast.ines).post(reverse("dashboard:guess", args=[encounter.id]), {"skip": "yes"})
    told = "Lea: 7, not below the middle nothing to compare with"
    assert told not in kept_back
    assert told in page_of(cast)
