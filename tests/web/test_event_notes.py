"""What happened beside the scores: at its place on the chart, and read by nobody but those its author chose."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.event_tables import EventNote
from goldseam_web.cases.models import CaseTherapist, TherapistPart
from goldseam_web.cases.services.event_notes import event_notes, take_back_event, write_event
from goldseam_web.dashboard.drawing import NARROW, WIDE, ChartData, EventMark, Line, Point, draw_chart
from tests.web import people
from tests.web.staff_pages import signed_in, words

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


def viewer(staff, now):
    return viewer_of(staff.user, at=now)


@pytest.fixture
def today(cast, now):
    return local_day(cast.clinic, now)


@pytest.fixture
def beside(cast, today):
    """Ben treats the couple together with Ines."""
    CaseTherapist.objects.create(
        clinic=cast.clinic,
        case=cast.couple,
        therapist=cast.colleague,
        part=TherapistPart.CO_THERAPIST,
        starts_on=today - timedelta(days=9),
    )
    return cast.colleague


def note(cast, now, text, *, shared, days_ago=0, by=None):
    return write_event(
        viewer=viewer(by or cast.ines, now),
        case=cast.couple,
        day=local_day(cast.clinic, now) - timedelta(days=days_ago),
        text=text,
        shared=shared,
        at=now,
        key=uuid.uuid4(),
    )


class TestTheWall:
    @pytest.fixture
    def both(self, cast, now):
        note(cast, now, "Lost the job", shared=False, days_ago=2)
        note(cast, now, "Moved house", shared=True, days_ago=1)

    def test_the_author_reads_both_and_who_treats_with_her_the_shared_one(self, cast, both, beside, now):
        page = f"/cases/{cast.couple.pk}/"
        own, other = (words(signed_in(staff).get(page)) for staff in (cast.ines, beside))
        assert "Lost the job" in own
        assert "read by you alone" in own
        assert "Moved house" in own
        assert "read by everybody who treats this case" in own
        assert "Moved house" in other
        assert "by Ines Okafor" in other
        assert "Lost the job" not in other

    def test_who_supervises_reads_neither(self, cast, both):
        reply = signed_in(cast.supervisor).get(f"/cases/{cast.couple.pk}/")
        assert reply.status_code == 200
        page = reply.content.decode()
        assert "Lost the job" not in page
        assert "Moved house" not in page

    def test_nor_anybody_in_the_room(self, cast, both):
        page = signed_in(cast.ines, alone=False)
        page.post("/room-view/", {"alone": "no"})
        for address in ("/", f"/cases/{cast.couple.pk}/"):
            text = page.get(address).content.decode()
            assert "Lost the job" not in text
            assert "Moved house" not in text

    def test_the_number_of_letters_tells_nothing_of_what_is_not_read(self, cast, both, beside):
        shown = signed_in(beside).get(f"/cases/{cast.couple.pk}/").context["page"].events
        assert [line.letter for line in shown] == ["a"]

    def test_a_private_note_moves_nobody_elses_page(self, cast, beside, now):
        with_now = people.heard_by(beside)
        note(cast, now, "Lost the job", shared=False)
        assert people.heard_by(beside) == with_now

    def test_no_table_that_leaves_the_case_has_it(self, cast, both):
        table = signed_in(cast.ines).get(f"/cases/{cast.couple.pk}/consent.csv").content.decode()
        assert "Lost the job" not in table

    def test_it_is_on_record_that_it_was_written_and_not_what(self, cast, both):
        entries = AuditEntry.objects.filter(action="event.write")
        assert entries.count() == 2
        assert all("job" not in str(entry.details) for entry in entries)

    def test_it_is_encrypted(self, both):
        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM cases_eventnote")
            stored = " ".join(row[0] for row in cursor.fetchall())
        # Three letters may stand by chance in what is encrypted.
        assert "Lost the" not in stored
        assert "house" not in stored


class TestWriting:
    def test_what_is_refused(self, cast, now, today):
        with people.refused("Nothing is written; say in a few words what happened."):
            note(cast, now, "  ", shared=True)
        with people.refused("121 characters given; 120 at most."):
            note(cast, now, "x" * 121, shared=True)
        with people.refused("This day is still to come."):
            note(cast, now, "Moves house", shared=True, days_ago=-1)
        with people.refused("Notes are written by whoever treats the case."):
            note(cast, now, "Moved house", shared=True, by=cast.supervisor)
        assert not EventNote.objects.exists()

    def test_its_author_alone_takes_it_back_and_the_words_are_gone(self, cast, beside, now):
        written = note(cast, now, "Moved house", shared=True)
        with people.refused("A note is taken back by whoever wrote it."):
            take_back_event(viewer=viewer(beside, now), note=written, at=now)
        take_back_event(viewer=viewer(cast.ines, now), note=written, at=now)
        written.refresh_from_db()
        assert (written.text, written.taken_back_at) == ("", now)
        assert not event_notes(viewer(cast.ines, now), cast.couple, treats=True)

    def test_from_the_page(self, cast, today, now):
        staff, address = signed_in(cast.ines), f"/cases/{cast.couple.pk}/"
        key = staff.get(address).context["form_key"]
        form = {"form_key": key, "day": today.isoformat(), "text": "Moved house"}
        assert "Say who reads it" in words(staff.post(f"{address}events/", form, follow=True))
        assert not EventNote.objects.exists()
        form["who_reads"] = "private"
        for _ in range(2):  # a double click
            done = words(staff.post(f"{address}events/", form, follow=True))
        assert "Moved house read by you alone" in done
        [written] = EventNote.objects.all()
        assert not written.shared
        again = {**form, "text": "Started a new job"}  # from the form as it stood, by the button Back
        done = words(staff.post(f"{address}events/", again, follow=True))
        assert "Started a new job read by you alone" in done
        assert EventNote.objects.count() == 2
        done = words(staff.post(f"{address}events/", {"take_back": str(written.pk)}, follow=True))
        assert "Moved house" not in done
        assert (
            "checked"
            not in staff.get(address).content.decode().split('id="events"')[1].split("</section>")[0]
        )

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"who_reads": ""}, "Say who reads it: you alone, or everybody who treats this case."),
            ({"day": "31 November"}, "Give the day on which it happened."),
            ({"day": "2999-01-01"}, "This day is still to come."),
        ],
    )
    def test_what_is_refused_is_there_again_as_it_was_typed(self, cast, today, wrong, says):
        staff, address = signed_in(cast.ines), f"/cases/{cast.couple.pk}/"
        key = staff.get(address).context["form_key"]
        typed = {"form_key": key, "day": today.isoformat(), "text": "Lost “the” <job>", "who_reads": "shared"}
        reply = staff.post(f"{address}events/", typed | wrong)
        assert reply.status_code == 400
        page = reply.content.decode()
        assert says in page
        form = page.split("Note what happened")[1].split("</form>")[0]
        assert 'value="Lost “the” &lt;job&gt;"' in form
        assert f'value="{(typed | wrong)["day"]}"' in form
        assert ('value="shared" checked' in form) == ("who_reads" not in wrong)
        assert f'name="form_key" value="{key}"' in form
        assert AuditEntry.objects.filter(action="case.view").count() == 2
        assert not EventNote.objects.exists()
        # No link on it leads to the address of the form; that one leads back to the case (a reload, an unlocked page).
        assert 'href="?' not in page
        assert staff.get(f"{address}events/").url == address

    def test_nobody_takes_back_what_they_cannot_read(self, cast, beside, now):
        written = note(cast, now, "Lost the job", shared=False)
        reply = signed_in(beside).post(f"/cases/{cast.couple.pk}/events/", {"take_back": str(written.pk)})
        assert reply.status_code == 404


class TestOnTheChart:
    """Ten sessions and one planned on 52 to 644: a step of 59.2. Places worked out by hand."""

    @pytest.mark.parametrize(
        ("mark", "x"),
        [
            (EventMark("a", 3, on_the_day=True), "170.4"),  # 52 + 2 x 59.2
            (EventMark("a", 3, on_the_day=False), "200"),  # half a step later
            (EventMark("a", 10, on_the_day=False), "614.4"),  # 52 + 9.5 x 59.2
            (EventMark("a", 0, on_the_day=False), "42"),  # 22.4 would lie left of the axis, which is at 36
        ],
    )
    def test_at_its_place(self, mark, x):
        points = tuple(Point(k, 8.0) for k in range(1, 11))
        data = ChartData(tuple(range(1, 11)), (Line(1, "Lea", points),), 0, 10, planned=11, events=(mark,))
        [drawn] = draw_chart(data, WIDE, "").events
        assert (float(drawn.x), drawn.letter) == (float(x), "a")

    def test_two_at_one_place_stand_beside_each_other(self):
        points = tuple(Point(k, 8.0) for k in range(1, 11))
        marks = tuple(EventMark(letter, 3, on_the_day=False) for letter in "ab")
        data = ChartData(tuple(range(1, 11)), (Line(1, "Lea", points),), 0, 10, planned=11, events=marks)
        assert [float(each.x) for each in draw_chart(data, WIDE, "").events] == [200.0, 211.0]

    def test_what_lies_before_the_sessions_that_are_shown_is_left_to_the_list(self):
        points = tuple(Point(k, 8.0) for k in range(1, 31))
        mark = EventMark("a", 3, on_the_day=False)
        data = ChartData(tuple(range(1, 31)), (Line(1, "Lea", points),), 0, 10, events=(mark,))
        assert draw_chart(data, NARROW, "").events == ()  # it shows the last twenty

    def test_on_the_page_it_stands_between_the_sessions_it_fell_between(self, cast, now):
        for days in (20, 10):
            people.meet(cast.couple, cast.ines, now - days * DAY)
        note(cast, now, "Moved house", shared=True, days_ago=15)
        signed = signed_in(cast.ines)
        last = cast.couple.encounters.order_by("-starts_at").first()
        signed.post(f"/encounters/{last.pk}/guess/", {"skip": "yes"})
        chart = signed.get(f"/cases/{cast.couple.pk}/").context["page"].course.wide
        places = [float(tick.x) for tick in chart.ticks]
        [event] = chart.events
        assert places[0] < float(event.x) < places[1]
