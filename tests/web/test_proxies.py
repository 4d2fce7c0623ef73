"""A parent answers about a child on a form of its own, for a time; nothing of it is among anybody's own answers."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest

from goldseam_web.accounts.models import Clinic, Phase
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.read_first import answered_unread
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import CaseKind, MemberRole, ProxyGrant
from goldseam_web.cases.services import NewMember, join_case
from goldseam_web.cases.services.guardians_named import name_guardian
from goldseam_web.cases.services.proxies import grant_proxy
from goldseam_web.measures.links import LinkState, link_state
from goldseam_web.measures.models import OccasionState, Score, Series
from goldseam_web.measures.own_measures import CHILD_MEASURE
from goldseam_web.measures.proxy_views import views_of_children
from goldseam_web.measures.queries import occasions_of, questionnaire, ratings_of
from goldseam_web.measures.request_rows import requests_about
from goldseam_web.measures.services.occasions import end_encounter
from goldseam_web.measures.services.proxy_forms import answer_no_more_about, let_answer_about
from goldseam_web.measures.services.who_is_asked import (
    member_died,
    member_left,
    pause_member,
    record_agreement,
)
from goldseam_web.measures.whose_view import of_themselves
from tests.web import people
from tests.web.staff_pages import queries, signed_in, words

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHILD_ITEMS = ["child_distress", "child_functioning", "child_household"]


@pytest.fixture
def family(ines, now):
    return people.family(ines, now)


@pytest.fixture
def karin(family):
    return people.member(family, "Karin")


@pytest.fixture
def nils(family):
    return people.member(family, "Nils")


@pytest.fixture
def freja(family):
    return people.member(family, "Freja")


@pytest.fixture
def today(ines, now):
    return local_day(ines.clinic, now)


@pytest.fixture
def home(family, karin, nils, freja, ines, today, now):  # noqa: PLR0917
    """The family, who treats it, and when."""
    return SimpleNamespace(
        family=family, karin=karin, nils=nils, freja=freja, ines=ines, today=today, now=now
    )


def let(who, child, today, now, *, days=30):
    return let_answer_about(
        respondent=who,
        subject=child,
        starts_on=today,
        ends_on=today + timedelta(days=days),
        at=now,
        actor=SYSTEM,
    )


def asked_before(session, who):
    """What somebody is asked before a session: about whom, and by which measures."""
    found = session.occasions.filter(respondent=who, phase=Phase.PRE).exclude(state=OccasionState.CANCELLED)
    return sorted(
        (one.subject_id == who.pk, *sorted(version.key for version in one.measures.all())) for one in found
    )


def items(occasion):
    return [question.item.key for question in questionnaire(occasion, None).questions]


def about(session, who, child):
    return session.occasions.exclude(state=OccasionState.CANCELLED).get(respondent=who, subject=child)


class TestWhatIsAsked:
    def test_the_form_about_the_child_stands_in_for_the_week_of_the_parent(self, home):
        family, karin, nils, freja, ines, today, now = (
            home.family,
            home.karin,
            home.nils,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        let(karin, freja, today, now)
        session = people.plan(family, ines, now + DAY, at=now)
        assert asked_before(session, karin) == [(False, CHILD_MEASURE)]
        assert asked_before(session, nils) == [(True, "goldseam-progress")]
        assert asked_before(session, freja) == [(True, "goldseam-progress")]
        form = about(session, karin, freja)
        assert items(form) == CHILD_ITEMS
        own = sum(
            question.item.shown_after is None
            for question in questionnaire(people.asked(session, karin, Phase.POST), None).questions
        )
        assert own + len(items(form)) == 12

    def test_sessions_that_are_planned_already_ask_about_the_child_too_and_no_more_when_it_is_taken_back(
        self, home
    ):
        family, karin, freja, ines, today, now = (
            home.family,
            home.karin,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        session = people.plan(family, ines, now + DAY, at=now)
        beyond = people.plan(family, ines, now + 60 * DAY, at=now)
        assert asked_before(session, karin) == [(True, "goldseam-progress")]
        grant = let(karin, freja, today, now)
        assert asked_before(session, karin) == [(False, CHILD_MEASURE)]
        assert asked_before(beyond, karin) == [(True, "goldseam-progress")]
        link = about(session, karin, freja)
        answer_no_more_about(grant=grant, at=now, actor=SYSTEM)
        assert asked_before(session, karin) == [(True, "goldseam-progress")]
        link.refresh_from_db()
        assert link_state(link, None, at=now + 2 * HOUR) == LinkState.PAUSED

    def test_taken_back_and_given_again_it_can_be_answered(self, home):
        """By the link there was, if that was handed out before."""
        session = people.plan(home.family, home.ines, home.now + DAY, at=home.now)
        first = let(home.karin, home.freja, home.today, home.now)
        answer_no_more_about(grant=first, at=home.now, actor=SYSTEM)
        again = let(home.karin, home.freja, home.today, home.now, days=20)
        link = about(session, home.karin, home.freja)
        assert (link.proxy_grant, link_state(link, None, at=home.now + 2 * HOUR)) == (again, LinkState.OPEN)

    def test_who_pauses_meanwhile_is_asked_no_more_than_twelve(self, home):
        """Where all is asked before: what was called off before the right was given is not asked as it stood then."""
        Clinic.objects.update(alliance_phase=Phase.PRE)
        people.meet(home.family, home.ines, home.now - 3 * DAY)
        session = people.plan(home.family, home.ines, home.now + DAY, at=home.now)
        pause_member(member=home.karin, paused=True, at=home.now, actor=SYSTEM)
        let(home.karin, home.freja, home.today, home.now)
        pause_member(member=home.karin, paused=False, at=home.now, actor=SYSTEM)
        assert asked_before(session, home.karin) == [
            (False, CHILD_MEASURE),
            (True, "goldseam-alliance"),
        ]

    def test_where_all_is_asked_before_the_alliance_stays(self, home):
        family, karin, freja, ines, today, now = (
            home.family,
            home.karin,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        Clinic.objects.update(alliance_phase=Phase.PRE)
        people.meet(family, ines, now - 3 * DAY)
        session = people.plan(family, ines, now + DAY, at=now)
        grant = let(karin, freja, today, now)
        assert asked_before(session, karin) == [(False, CHILD_MEASURE), (True, "goldseam-alliance")]
        answer_no_more_about(grant=grant, at=now, actor=SYSTEM)
        assert asked_before(session, karin) == [(True, "goldseam-alliance", "goldseam-progress")]

    def test_from_the_parents_link_nobody_learns_what_the_child_said_to_being_asked(self, client, home):
        family, karin, freja, ines, today, now = (
            home.family,
            home.karin,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        let(karin, freja, today, now)
        link = people.link(about(people.plan(family, ines, now + 3 * HOUR, at=now), karin, freja))
        before = client.get(link).content
        record_agreement(member=freja, to_be_asked=False, way=ConsentWay.TOLD_STAFF, at=now, actor=SYSTEM)
        name_guardian(young=freja, name="Somebody", at=now, actor=SYSTEM)
        assert client.get(link).content == before
        later = people.plan(family, ines, now + 2 * DAY, at=now)
        assert asked_before(later, karin) == [(False, CHILD_MEASURE)]
        assert asked_before(later, freja) == []

    @pytest.mark.parametrize("goes", [member_left, member_died])
    def test_nothing_is_asked_about_a_child_who_is_gone(self, client, goes, home):
        family, karin, freja, ines, today, now = (
            home.family,
            home.karin,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        let(karin, freja, today, now)
        session = people.plan(family, ines, now + 3 * HOUR, at=now)
        form = about(session, karin, freja)
        goes(member=freja, **{goes.__name__.removeprefix("member_"): True}, at=now, actor=SYSTEM)
        form.refresh_from_db()
        assert form.state == OccasionState.CANCELLED
        assert client.get(people.link(form)).status_code == 410


class TestWhoMay:
    def test_reasons_for_a_no(self, home):
        family, karin, nils, freja, ines, today, now = (
            home.family,
            home.karin,
            home.nils,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        ruth = people.member(people.individual(ines, now), "Ruth")
        with people.refused("Somebody answers about a child alone; others speak for themselves."):
            let(karin, nils, today, now)
        with people.refused("A child does not answer about another."):
            let(freja, freja_sibling(family, now), today, now)
        with people.refused("Nobody answers about themselves here; they are asked anyway."):
            let(karin, karin, today, now)
        with people.refused("Somebody answers about a child only within their own family."):
            let(karin, ruth, today, now)
        with people.refused("The last day has to be today or later, and not before the first."):
            let(karin, freja, today, now, days=-1)
        with people.refused("A year at most; then look again whether it is still right."):
            let(karin, freja, today, now, days=400)
        assert not ProxyGrant.objects.exists()

    def test_one_child_at_a_time_and_the_same_twice_is_one(self, family, karin, freja, today, now):
        per = freja_sibling(family, now)
        assert let(karin, freja, today, now) == let(karin, freja, today, now)
        with people.refused("In that time they answer about a child already; one at a time."):
            let(karin, per, today, now)
        with people.refused("In that time they answer about a child already; one at a time."):
            grant_proxy(
                respondent=karin,
                subject=freja,
                starts_on=today + 30 * DAY,
                ends_on=today + 31 * DAY,
                at=now,
                actor=SYSTEM,
            )


def freja_sibling(family, now):
    per = NewMember("Per", "Lindqvist", MemberRole.CHILD)
    return join_case(case=family, member=per, at=now, actor=SYSTEM, member_id=uuid.uuid5(family.pk, "per"))


class TestToldApart:
    """Karin rates Freja's week 2, her own alliance 9; Freja rates her own week 7."""

    @pytest.fixture
    def viewer(self, ines, now):
        return viewer_of(ines.user, at=now)

    @pytest.fixture
    def answered(self, family, karin, freja, ines, now):
        begun = now - 2 * DAY
        let_answer_about(
            respondent=karin,
            subject=freja,
            starts_on=local_day(ines.clinic, begun),
            ends_on=local_day(ines.clinic, now + 30 * DAY),
            at=begun,
            actor=SYSTEM,
        )
        session = people.plan(family, ines, now - 2 * HOUR, at=begun)
        people.answer(about(session, karin, freja), now - 5 * HOUR, level=2)
        people.answer(people.asked(session, freja, Phase.PRE), now - 5 * HOUR, level=7)
        end_encounter(encounter=session, at=now - HOUR, actor=Actor.staff(ines.id))
        people.answer(people.asked(session, karin), now - HOUR / 2, level=9)
        return session

    def test_a_series_of_its_own(self, answered, karin, freja):
        of_child = Series.objects.filter(rater=karin, subject=freja)
        assert set(of_child.values_list("scale", flat=True)) == set(CHILD_ITEMS)
        assert not Series.objects.filter(rater=karin, subject=karin, scale__startswith="child_").exists()
        assert not Series.objects.filter(rater=freja, subject=freja, scale__startswith="child_").exists()

    def test_nothing_that_reads_ratings_of_members_reads_it(self, answered, family, karin, viewer):
        rows = ratings_of(viewer, [family])
        assert {row.scale for row in rows}.isdisjoint(CHILD_ITEMS)
        assert {row.value for row in rows if row.rater_id == karin.pk and row.scale != "tension"} == {9.0}
        # Whatever its scale were called: whose view it is decides.
        Score.objects.filter(scale="child_distress").update(scale="distress")
        Series.objects.filter(scale="child_distress").update(scale="distress")
        rows = ratings_of(viewer, [family])
        assert {row.value for row in rows if row.rater_id == karin.pk and row.scale != "tension"} == {9.0}

    def test_nor_what_reads_requests(self, answered, family, karin, freja, viewer):
        form = about(answered, karin, freja)
        assert form in occasions_of(viewer, [family])
        assert form not in of_themselves(occasions_of(viewer, [family]))
        pre = [
            row
            for row in requests_about(viewer, [answered.pk], answered_unread(viewer))
            if row.phase == Phase.PRE
        ]
        assert karin.pk not in {row.member_id for row in pre}

    def test_it_has_its_own_place_on_the_page_of_the_case(self, answered, viewer, home):
        family, karin, freja, ines = home.family, home.karin, home.freja, home.ines
        found = views_of_children(viewer, family)
        assert [(v.respondent_id, v.child_id, v.scale, list(v.values.values())) for v in found] == [
            (karin.pk, freja.pk, scale, [2.0]) for scale in CHILD_ITEMS
        ]
        people.answer(people.asked_therapist(answered), answered.ends_at + HOUR / 4)
        page = signed_in(ines).get(f"/cases/{family.pk}/")
        text = words(page)
        assert "Freja, as Karin sees it" in text
        assert "It is Karin’s view, and in nothing that Freja or Karin answers about themselves." in text
        [card] = page.context["page"].child_views
        assert [figure.chart.value for figure in card.figures] == ["2.0", "2.0", "2.0"]
        others = [
            figure for figure in page.context["page"].progress.figures if figure.name.startswith("Karin")
        ]
        assert others == []

    def test_the_map_of_relations_knows_nothing_of_it(self, answered, family, ines):
        page = words(signed_in(ines).get(f"/cases/{family.pk}/relations/"))
        assert "2.0" not in page

    def test_before_the_therapists_own_guess_the_last_session_is_kept_back(self, answered, family, ines):
        assert signed_in(ines).get(f"/cases/{family.pk}/").context["page"].child_views == ()

    def test_the_session_lists_it_by_both_names_where_the_child_cannot_look_on(self, answered, ines):
        page = f"/encounters/{answered.pk}/"
        assert "about Freja" not in words(signed_in(ines, alone=False).get(page))
        assert "Karin, about Freja" in words(signed_in(ines).get(page))


class TestOnThePhone:
    @pytest.fixture
    def link(self, home):
        family, karin, freja, ines, today, now = (
            home.family,
            home.karin,
            home.freja,
            home.ines,
            home.today,
            home.now,
        )
        let(karin, freja, today, now)
        session = people.plan(family, ines, now + 3 * HOUR, at=now)
        return people.link(about(session, karin, freja))

    def test_it_asks_about_the_child_by_name(self, client, link):
        page = words(client.get(link))
        assert "Hello Karin. How has the last week been for Freja?" in page
        assert "Three questions" in page
        question = words(client.get(f"{link}1/"))
        assert "Think of Freja, and of the last week as you saw it." in question
        assert "The child seemed all right." in question

    def test_it_asks_the_database_as_little_as_others(self, client, link):
        for address in (link, f"{link}1/"):
            client.get(address)
            assert queries(lambda address=address: client.get(address)) <= 8, address


class TestThePage:
    @pytest.fixture
    def page(self, family):
        return f"/cases/{family.pk}/proxies/"

    def test_granting_and_taking_back(self, page, home):
        family, karin, ines, today, now = (
            home.family,
            home.karin,
            home.ines,
            home.today,
            home.now,
        )
        session = people.plan(family, ines, now + DAY, at=now)
        staff = signed_in(ines)
        assert "nobody has more than twelve questions" in words(staff.get(page))
        form = {"respondent": "1", "subject": "3", "starts_on": today, "ends_on": today + 30 * DAY}
        done = words(staff.post(page, form, follow=True))
        assert "Karin answers about Freja" in done
        assert asked_before(session, karin) == [(False, CHILD_MEASURE)]
        grant = ProxyGrant.objects.get()
        done = words(staff.post(page, {"end": str(grant.pk)}, follow=True))
        assert "Karin was to answer about Freja" in done
        assert staff.post(page, {"end": "not-one"}).status_code == 404

    @pytest.mark.parametrize(
        ("form", "reason"),
        [
            ({}, "Choose who answers, and about whom."),
            ({"respondent": "1", "subject": "3"}, "Give the first day and the last."),
            (
                {"respondent": "1", "subject": "9", "starts_on": "2026-01-01", "ends_on": "2027-01-01"},
                "Choose who",
            ),
        ],
    )
    def test_what_is_missing_is_said(self, page, ines, form, reason):
        assert reason in words(signed_in(ines).post(page, form, follow=True))

    def test_a_couple_is_told_that_it_is_none(self, ines, now):
        couple = people.couple(ines, now)
        assert couple.kind == CaseKind.COUPLE
        assert "only in a family" in words(signed_in(ines).get(f"/cases/{couple.pk}/proxies/"))
