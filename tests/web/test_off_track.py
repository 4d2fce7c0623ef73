"""Progress not on track: told once by a clinic that looked at it first, ended when it is back, never a strain."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from goldseam_web.accounts.models import Phase
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.alerts.off_track_budget import telling_budget
from goldseam_web.alerts.off_track_tables import OffTrack
from goldseam_web.alerts.services.kept_tracks import set_telling, stop_tracks, store_tracks
from goldseam_web.alerts.services.off_track import PAUSE, follow_courses, look_at_course
from goldseam_web.alerts.services.worker import tidy
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentWay, Purpose
from goldseam_web.cases.models import Case, EncounterState, Member
from goldseam_web.cases.services import record_consent
from goldseam_web.measures.models import Response, Score
from goldseam_web.office import detection_rules
from goldseam_web.outbox.models import Message
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.staff_pages import confirmed, signed_in, words
from tests.web.test_tracks import URL, guesses, rule_by_hand

pytestmark = pytest.mark.django_db
LEVELS = (6, 6, 7, 6, 7, 1)


@pytest.fixture
@kept
def rated(cast, now):
    """Six sessions of a couple: Lea's well-being falls at the last, Tomas's stays; the rule is in use and tells."""
    lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
    for k, encounter in enumerate(histories.sessions(cast.couple, cast.ines, 6, now)):
        for who, level in ((lea, LEVELS[k]), (tomas, 6)):
            people.answer(
                people.asked(encounter, who, Phase.PRE), encounter.starts_at - timedelta(hours=1), level
            )
    guesses().update(state="unanswered")
    store_tracks(clinic=cast.clinic, tracks=rule_by_hand(), at=now, actor=SYSTEM)
    tell(now)
    return cast


def tell(at, tells=True):
    set_telling(stored=TracksVersion.objects.get(in_use=True), tells=tells, at=at, actor=SYSTEM)


def viewer(staff, at):
    return viewer_of(staff.user, at=at)


def states():
    return list(OffTrack.objects.order_by("told_at", "pk").values_list("state", flat=True))


def last_score():
    return Score.objects.filter(scale="wellbeing", value__lt=2)


class TestTelling:
    def test_tells_once_with_what_was_known(self, rated, now):
        assert follow_courses(at=now) == 1
        told = OffTrack.objects.get()
        assert (told.state, told.member_id) == ("told", people.member(rated.couple, "Lea").pk)
        known = told.evidence
        assert (known["scale"], known["session"], known["value"]) == ("wellbeing", 6, 1.0)
        assert (known["start"], known["start_session"]) == (6.0, 1)
        assert known["limit"] > 1.0
        assert known["rate"]["per_case"] == 0.09, "up to session 10, which is the next that is told for"
        assert follow_courses(at=now + PAUSE) == 0
        assert follow_courses(at=now + timedelta(seconds=1)) == 0
        assert OffTrack.objects.count() == 1
        assert AuditEntry.objects.filter(action="off_track.tell").count() == 1

    def test_ends_when_a_rating_is_in_the_band_and_may_be_told_again(self, rated, now):
        follow_courses(at=now)
        [encounter] = histories.sessions(rated.couple, rated.ines, 1, now + timedelta(weeks=3))
        asked = people.asked(encounter, people.member(rated.couple, "Lea"), Phase.PRE)
        people.answer(asked, encounter.starts_at - timedelta(hours=1), 7)
        later = now + timedelta(weeks=3)
        assert follow_courses(at=later) == 1
        assert states() == ["back"]
        Score.objects.filter(response__occasion=asked, scale="wellbeing").update(value=0)
        assert follow_courses(at=later + PAUSE) == 1
        assert states() == ["back", "told"], "another answer took its end away: it is told anew"

    def test_an_answer_that_does_not_count_after_all_ends_it_as_corrected(self, rated, now):
        follow_courses(at=now)
        Response.objects.filter(scores__in=last_score()).update(in_company_at=now)
        follow_courses(at=now + PAUSE)
        assert states() == ["corrected"]

    def test_waits_for_the_session_to_have_taken_place(self, rated, now):
        rated.couple.encounters.filter(scores__in=last_score()).update(state=EncounterState.CANCELLED)
        assert follow_courses(at=now) == 0

    @pytest.mark.parametrize("how", ["paused", "left", "withdrew", "ended", "record only", "quiet"])
    def test_nothing_is_told_of_who_is_not_asked_or_where_it_is_not_wanted(self, rated, now, settings, how):
        lea = people.member(rated.couple, "Lea")
        if how == "paused":
            Member.objects.filter(pk=lea.pk).update(paused_on=now.date())
        elif how == "left":
            Member.objects.filter(pk=lea.pk).update(left_on=now.date())
        elif how == "withdrew":
            record_consent(
                member=lea, agrees={Purpose.CARE: False}, way=ConsentWay.PHONE, at=now, actor=SYSTEM
            )
        elif how == "ended":
            Case.objects.filter(pk=rated.couple.pk).update(ended_on=now.date())
        elif how == "record only":
            settings.GOLDSEAM_RECORD_ONLY = True
        else:
            tell(now, tells=False)
        assert follow_courses(at=now) == 0
        assert not OffTrack.objects.exists()

    def test_is_over_with_what_it_was_told_by(self, rated, now):
        for stop in (
            lambda: tell(now, tells=False),
            lambda: stop_tracks(clinic=rated.clinic, at=now, actor=SYSTEM),
            lambda: store_tracks(clinic=rated.clinic, tracks=rule_by_hand(n_called=9), at=now, actor=SYSTEM),
        ):
            store_tracks(clinic=rated.clinic, tracks=rule_by_hand(), at=now, actor=SYSTEM)
            tell(now)
            follow_courses(at=now)
            stop()
            assert set(states()) == {"not_compared"}
            assert not TracksVersion.objects.filter(tells=True).exists(), "what is new is looked at first"
        assert follow_courses(at=now + PAUSE) == 0

    def test_the_worker_tells_and_the_database_keeps_one_at_a_time(self, rated, now):
        tidy(at=now)
        told = OffTrack.objects.get()
        told.pk = told.id = people.member(rated.couple, "Tomas").pk
        with pytest.raises(IntegrityError), transaction.atomic():
            told.save(force_insert=True)

    def test_is_no_strain_and_writes_to_nobody(self, rated, now):
        before = Message.objects.count()
        follow_courses(at=now)
        assert OffTrack.objects.exists()
        assert not AlertSignal.objects.exists()
        assert not Episode.objects.exists()
        assert Message.objects.count() == before


class TestWhoReadsIt:
    def page(self, cast, who=None, url=None):
        return words(signed_in(who or cast.ines).get(url or f"/cases/{cast.couple.pk}/"))

    def test_the_caseload_leads_to_the_case_which_says_it_with_both_rates(self, rated, now):
        follow_courses(at=now)
        assert "Lea, well-being, since session 6." in self.page(rated, url="/")
        page = self.page(rated)
        assert "Not on track: Lea" in page
        assert "Lea, well-being: rated 1.0 at session 6, where" in page
        assert "By this rule 2% of single looks and 9% of courses" in page
        assert "it is no strain, and nobody was written to" in page
        assert "Bring it to supervision" in page
        assert "Not on track: Tomas" not in page
        for url in (f"/cases/{rated.couple.pk}/relations/", "/alerts/"):
            assert "not on track" not in self.page(rated, url=url)

    def test_whoever_treats_says_that_they_looked_and_nobody_else(self, rated, now):
        follow_courses(at=now)
        told = OffTrack.objects.get()
        url = f"/courses/{told.pk}/"
        for who in (rated.supervisor, rated.colleague, rated.administrator, rated.stranger):
            assert signed_in(who).post(url).status_code == 404
        with pytest.raises(PermissionDenied):
            look_at_course(viewer=viewer(rated.supervisor, now), off_track_ids=[told.pk], at=now)
        client = signed_in(rated.ines)
        assert client.get(url).status_code == 405
        assert client.post(url).status_code == 302
        told.refresh_from_db()
        assert (told.state, told.looked_by) == ("looked_at", rated.ines)
        first = told.looked_at
        client.post(url)
        told.refresh_from_db()
        assert told.looked_at == first
        assert "Not on track" not in self.page(rated, url="/")
        assert f"Looked at by {rated.ines.full_name}" in self.page(rated)
        assert "I have looked at it" not in self.page(rated, rated.supervisor)

    def test_after_a_week_it_stands_before_whoever_supervises(self, rated, now):
        follow_courses(at=now)
        assert "is not on track" not in self.page(rated, rated.supervisor, "/supervised/")
        assert "Not on track: Lea" in self.page(rated, rated.supervisor)
        OffTrack.objects.update(told_at=now - timedelta(days=8))
        assert "is not on track, and has not been looked at since" in self.page(
            rated, rated.supervisor, "/supervised/"
        )

    def test_no_page_of_a_client_and_no_room_holds_anything_of_it(self, rated, now):
        """Every page of the two clients and of the room is the same, byte for byte, with it and without."""
        encounter = rated.couple.encounters.latest("starts_at")
        links = [
            people.link(people.asked(encounter, people.member(rated.couple, who))) for who in ("Lea", "Tomas")
        ]

        def shown():
            found = [words(Client().get(link, follow=True)) for link in links]
            client = signed_in(rated.ines)
            client.post("/room-view/")
            return [*found, *(words(client.get(url)) for url in ("/", f"/cases/{rated.couple.pk}/"))]

        before = shown()
        follow_courses(at=now)
        assert OffTrack.objects.exists()
        signed_in(rated.ines)
        after = shown()
        assert [page for page in after if "track" in page] == []
        assert after[:2] == before[:2]

    def test_is_kept_back_with_the_answers_until_the_therapist_has_guessed(self, rated, now):
        follow_courses(at=now)
        guesses().update(state="waiting")
        assert "Not on track: Lea" not in self.page(rated)

    def test_of_who_rests_it_is_told_no_more(self, rated, now):
        follow_courses(at=now)
        Member.objects.filter(pk=people.member(rated.couple, "Lea").pk).update(paused_on=now.date())
        assert "well-being, since session 6" not in self.page(rated, url="/")


class TestSwitchingItOn:
    def test_it_is_looked_at_first_with_what_scatter_alone_would_bring(self, rated, now, monkeypatch):
        tell(now, tells=False)
        budget = telling_budget(viewer(rated.administrator, now), rule_by_hand(), at=now)
        [scale] = budget.scales
        assert (scale.told, scale.courses, scale.of_courses, scale.back) == (1, 1, 2, 0)
        assert 0 <= scale.by_chance[1] <= scale.by_chance[0] <= scale.by_chance[2] <= 4
        assert budget.a_week == pytest.approx(1 / budget.therapist_weeks)
        client = confirmed(signed_in(rated.administrator))
        few = words(client.get(URL, {"tell": "yes"}))
        assert "figures of a person" in few
        assert "Tell those who treat from now on" not in few
        looked_at = TracksVersion.objects.get().content_hash
        assert client.post(URL, {"do": "tell", "looked_at": looked_at}).status_code == 409
        assert not TracksVersion.objects.filter(tells=True).exists()

        monkeypatch.setattr(detection_rules, "FEWEST_CASES", 0)
        monkeypatch.setattr(
            detection_rules,
            "cases_asked_about",
            lambda *_, **__: type("Asked", (), {"others": 2, "may_be_shown": True})(),
        )
        page = words(client.get(URL, {"tell": "yes"}))
        assert "By scatter alone" in page
        assert "Well-being: 0.75" in page
        assert client.post(URL, {"do": "tell", "looked_at": "other"}).status_code == 409
        assert client.post(URL, {"do": "tell", "looked_at": looked_at}).status_code == 302
        assert TracksVersion.objects.get().tells
        assert AuditEntry.objects.filter(action="tracks.tell").latest("at").actor_id == rated.administrator.pk
        assert "Told to those who treat" in words(client.get(URL))
        assert client.post(URL, {"do": "quiet", "looked_at": looked_at}).status_code == 302
        assert not TracksVersion.objects.get().tells
