"""A case goes to another therapist, or has one beside for a while: rights, sessions, questions and findings follow."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.recipients import recipients
from goldseam_web.audit.services import Actor
from goldseam_web.cases.access import visible_cases
from goldseam_web.cases.models import TherapistPart
from goldseam_web.cases.services.treating import add_therapist, end_therapist
from goldseam_web.measures.models import Occasion
from goldseam_web.measures.services.handovers import hand_over_all, hand_over_case
from tests.web import people
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def opens(staff, case, at):
    return visible_cases(viewer_of(staff.user, at=at)).filter(pk=case.pk).exists()


def handed_over(cast, now):
    actor = Actor.staff(cast.ines.id)
    hand_over_case(case=cast.couple, giver=cast.ines, taker=cast.colleague, at=now, actor=actor)


def test_today_both_open_it_and_tomorrow_the_new_therapist_alone(cast, now):
    handed_over(cast, now)
    today, tomorrow = (
        (opens(cast.ines, cast.couple, at), opens(cast.colleague, cast.couple, at)) for at in (now, now + DAY)
    )
    assert (today, tomorrow) == ((True, True), (False, True))


def test_sessions_ahead_and_their_questions_are_the_new_therapists_by_the_links_there_are(cast, now):
    ahead = people.plan(cast.couple, cast.ines, now + 7 * DAY, at=now)
    before = set(ahead.occasions.values_list("pk", "nonce"))
    handed_over(cast, now)
    ahead.refresh_from_db()
    assert ahead.therapist == cast.colleague
    assert {o.therapist for o in ahead.occasions.all()} == {cast.colleague}
    assert people.asked_therapist(ahead).respondent_staff == cast.colleague
    assert set(ahead.occasions.values_list("pk", "nonce")) == before


def test_what_was_asked_about_the_old_therapist_stays_about_her(cast, now):
    past = people.meet(cast.couple, cast.ines, now - timedelta(hours=2))
    handed_over(cast, now)
    assert {o.therapist for o in Occasion.objects.filter(encounter=past)} == {cast.ines}


def test_findings_from_tomorrow_go_to_the_new_therapist(cast, now):
    handed_over(cast, now)
    assert recipients(cast.couple, (now + 2 * DAY).date()) == [cast.colleague]


def test_all_open_cases_in_one_go(cast, now):
    number = hand_over_all(
        giver=cast.ines, taker=cast.colleague, at=now, actor=Actor.staff(cast.administrator.id)
    )
    assert number == 3
    mine = visible_cases(viewer_of(cast.ines.user, at=now + DAY))
    assert not mine.exists()


def test_to_somebody_who_treats_nobody_here_it_is_refused(cast, now):
    for taker in (cast.administrator, cast.stranger, cast.ines):
        with pytest.raises(ValidationError):
            hand_over_case(
                case=cast.couple, giver=cast.ines, taker=taker, at=now, actor=Actor.staff(cast.ines.id)
            )
    assert opens(cast.ines, cast.couple, now + DAY)


def test_whoever_covers_hands_nothing_over(cast, now):
    """It is not theirs to give: whoever treats it would still treat it, and a stranger beside them."""
    today = now.date()
    cast.couple.therapists.create(
        clinic=cast.clinic,
        therapist=cast.colleague,
        part=TherapistPart.COVER,
        starts_on=today - DAY,
        ends_on=today + 5 * DAY,
    )
    third = people.staff(cast.clinic, "Ada Third", [Role.THERAPIST], now)
    actor = Actor.staff(cast.colleague.id)
    with pytest.raises(ValidationError, match="covers this case"):
        hand_over_case(case=cast.couple, giver=cast.colleague, taker=third, at=now, actor=actor)


class TestBeside:
    def add(self, cast, now, part=TherapistPart.COVER, first=0, last=5):
        today = local_day(cast.clinic, now)
        return add_therapist(
            case=cast.couple,
            therapist=cast.colleague,
            part=part,
            first=today + first * DAY,
            last=None if last is None else today + last * DAY,
            at=now,
            actor=Actor.staff(cast.ines.id),
        )

    def test_a_cover_opens_the_case_on_these_days_alone(self, cast, now):
        self.add(cast, now, first=2, last=3)
        found = [opens(cast.colleague, cast.couple, now + k * DAY) for k in range(6)]
        assert found[0] is False
        assert found[5] is False
        assert any(found)

    @pytest.mark.parametrize(("first", "last"), [(3, 2), (0, None)])
    def test_days_that_cannot_be_are_refused(self, cast, now, first, last):
        with pytest.raises(ValidationError):
            self.add(cast, now, first=first, last=last)

    def test_nobody_is_beside_twice(self, cast, now):
        self.add(cast, now)
        with pytest.raises(ValidationError, match="already in that time"):
            self.add(cast, now, first=3, last=9)
        self.add(cast, now, first=6, last=9)

    def test_a_co_therapist_who_takes_over_becomes_the_one_who_treats(self, cast, now):
        link = self.add(cast, now, part=TherapistPart.CO_THERAPIST, last=None)
        handed_over(cast, now)
        link.refresh_from_db()
        assert link.part == TherapistPart.MAIN

    def test_so_does_one_who_was_to_begin_later(self, cast, now):
        """A row of theirs without an end stood there already, and another one is refused by the database."""
        link = self.add(cast, now, part=TherapistPart.CO_THERAPIST, first=3, last=None)
        handed_over(cast, now)
        link.refresh_from_db()
        assert (link.part, opens(cast.colleague, cast.couple, now)) == (TherapistPart.MAIN, True)

    def test_it_ends_with_today_and_whoever_treats_it_hands_it_over(self, cast, now):
        link = self.add(cast, now, part=TherapistPart.CO_THERAPIST, last=None)
        end_therapist(case=cast.couple, link=link, at=now, actor=Actor.staff(cast.ines.id))
        assert not opens(cast.colleague, cast.couple, now + 2 * DAY)
        with pytest.raises(ValidationError, match="Hand the case over"):
            end_therapist(
                case=cast.couple,
                link=cast.couple.therapists.get(therapist=cast.ines),
                at=now,
                actor=Actor.staff(cast.ines.id),
            )


class TestPages:
    def test_a_therapist_hands_a_case_over(self, cast):
        url = f"/cases/{cast.couple.pk}/therapists/"
        page = signed_in(cast.ines).get(url)
        assert cast.colleague.full_name in words(page)
        signed_in(cast.ines).post(url, {"act": "hand_over", "therapist": str(cast.colleague.pk)})
        assert cast.couple.therapists.filter(therapist=cast.colleague, part="main").exists()

    def test_a_cover_with_its_days(self, cast, now):
        url = f"/cases/{cast.couple.pk}/therapists/"
        first, last = now.date(), now.date() + 6 * DAY
        form = {
            "act": "add",
            "part": "cover",
            "therapist": str(cast.colleague.pk),
            "first": first.isoformat(),
            "last": last.isoformat(),
        }
        client = signed_in(cast.ines)
        client.post(url, form)
        assert "covers" in words(client.get(url))
        assert cast.couple.therapists.get(therapist=cast.colleague).ends_on == last

    def test_what_is_not_allowed_is_said_and_nothing_changes(self, cast):
        url = f"/cases/{cast.couple.pk}/therapists/"
        client = signed_in(cast.ines)
        for form in (
            {"act": "hand_over"},
            {"act": "hand_over", "therapist": str(cast.stranger.pk)},
            {"act": "add"},
        ):
            assert client.post(url, form).status_code == 400
        assert cast.couple.therapists.count() == 1

    def test_an_administrator_hands_over_all_of_somebody_who_leaves_and_sees_no_case(self, cast):
        client = confirmed(signed_in(cast.administrator))
        page = words(client.get(f"/office/staff/{cast.ines.pk}/"))
        assert "treats 3 open cases" in page
        assert "Brandt" not in page
        client.post(
            f"/office/staff/{cast.ines.pk}/change/", {"act": "hand_over", "to": str(cast.colleague.pk)}
        )
        assert cast.couple.therapists.filter(therapist=cast.colleague).exists()
