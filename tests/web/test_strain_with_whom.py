"""The direct question of a session that two therapists held: with either of them, or with both."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import RAISED, AlertSignal, Episode, SignalKind
from goldseam_web.alerts.services import open_alert
from goldseam_web.cases.models import Encounter
from goldseam_web.measures.models import Audience, Response, Score, StrainWith
from goldseam_web.measures.services import choose_audience, save_answer
from goldseam_web.measures.services.left_forms import close_idle_responses
from goldseam_web.outbox.models import Message
from goldseam_web.research.study_tables import study_tables
from tests.web import people
from tests.web.histories import judge, judge_calm, rate
from tests.web.kept_rows import kept
from tests.web.shown_form import shown_form
from tests.web.staff_pages import signed_in, words
from tests.web.test_told_of_the_named import FINE, LOW, held_by_two, named, page, two  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
@kept
def asked(two, now):  # noqa: F811
    """What Lea is asked about a session of both that ended two hours ago: about Ines."""
    held = held_by_two(two.couple, two.ines, two.colleague, now - timedelta(hours=2))
    lea = people.member(two.couple, "Lea")
    assert named(held, lea) == two.ines
    return people.asked(held, lea)


def walk(client, occasion, whom, tension="clearly"):
    """Answer every page as a browser would; the pages of the direct question and of what follows it, and the last."""
    address, seen = client.post(people.link(occasion)).headers["Location"], {}
    while not address.endswith("/done/"):
        response = client.get(address)
        if address.endswith("/who/"):
            seen["who"] = response
            address = client.post(address, {"audience": "therapist", "whom": whom}).headers["Location"]
            continue
        form = shown_form(response)
        seen[form.item] = response
        given = {"tension": tension, "worked_out": "partly"}.get(form.item, "9")
        sent = {"item": form.item, "shown": form.shown, "answer": given, "go": "next"}
        address = client.post(address, sent).headers["Location"]
    return seen


def says_tension(client, occasion):
    """Answer the direct question alone; where that leads."""
    address = client.post(people.link(occasion)).headers["Location"]
    numbered = (f"{address.removesuffix('1/')}{number}/" for number in range(1, 13))
    at = next(url for url in numbered if b"between you and" in client.get(url).content)
    return client.post(at, {"item": "tension", "answer": "clearly", "go": "next"}).headers["Location"]


def said(occasion, whom, now, tension="clearly"):
    """The same, judged."""
    walk(Client(), occasion, whom, tension)
    response = Response.objects.get(occasion=occasion)
    judge([response], notify=True)
    return response


def about(signals):
    return set(signals.values_list("series__therapist", flat=True))


def told():
    return set(Message.objects.filter(purpose=RAISED).values_list("staff", flat=True))


class TestTheForm:
    def test_it_names_both_and_asks_with_whom_it_was(self, client, asked):
        seen = walk(client, asked, "both")
        assert "between you and Ines or Ben?" in words(seen["tension"])
        assert "Ines understood me" in words(seen["bond"])
        who = words(seen["who"])
        assert re.search(r"With whom was it\? Ines Ben Both of them Who may take it up\?", who)
        assert "Ines or Ben may raise it with me alone" in who
        assert "Just so that Ines and Ben know" in who
        assert "checked" not in seen["who"].content.decode().split("Who may take it up?")[0]
        assert Response.objects.get(occasion=asked).strain_with == StrainWith.BOTH

    def test_whoever_chooses_nobody_is_asked_again_and_loses_nothing(self, client, asked):
        address = says_tension(client, asked)
        for sent in ({}, {"whom": ""}, {"whom": "either"}, {"whom": "somebody"}):
            response = client.post(address, {"audience": "know_only", **sent})
            assert response.status_code == 400
            assert "Choose with whom it was." in words(response)
            assert re.search(r'value="know_only" checked', response.content.decode())
        assert Response.objects.get(occasion=asked).strain_with == StrainWith.EITHER

    def test_taken_back_it_is_with_nobody(self, client, asked):
        at = asked.opens_at + MINUTE
        save_answer(occasion=asked, item="tension", given="little", at=at)
        choose_audience(
            occasion=asked, audience=Audience.THERAPIST, strain_with=StrainWith.OTHER, at=at + MINUTE
        )
        assert Response.objects.get(occasion=asked).strain_with == StrainWith.OTHER
        save_answer(occasion=asked, item="tension", given="no", at=at + 2 * MINUTE)
        response = people.answer(asked, at + 3 * MINUTE, FINE)
        assert (response.strain_with, response.read_first_by_id) == ("", asked.therapist_id)

    def test_who_comes_to_hold_it_while_the_form_is_answered_waits_as_well(self, two, now):  # noqa: F811
        encounter = people.meet(two.couple, two.ines, now - timedelta(hours=2))
        occasion = people.asked(encounter, people.member(two.couple, "Lea"))
        save_answer(occasion=occasion, item="bond", given=8, at=now)
        Encounter.objects.filter(pk=encounter.pk).update(beside=two.colleague)
        occasion = type(occasion).objects.get(pk=occasion.pk)
        assert people.answer(occasion, now + MINUTE, FINE).read_first_by == two.ines

    def test_where_one_held_the_session_nothing_is_asked_of_it(self, client, cast, now):
        encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=2))
        occasion = people.asked(encounter, people.member(cast.couple, "Lea"))
        seen = walk(client, occasion, "both")
        assert "between you and Ines?" in words(seen["tension"])
        assert "With whom" not in words(seen["who"])
        response = Response.objects.get(occasion=occasion)
        assert (response.strain_with, response.read_first_by_id) == ("", None)

    def test_nor_can_it_be_said(self, cast, now):
        encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=2))
        occasion = people.asked(encounter, people.member(cast.couple, "Lea"))
        with pytest.raises(ValidationError, match="one therapist held the session"):
            choose_audience(
                occasion=occasion, audience=Audience.THERAPIST, strain_with=StrainWith.BOTH, at=now
            )

    def test_another_device_sees_nothing_of_it_and_what_it_says_is_kept_beside(self, two, asked, now):  # noqa: F811
        said(asked, "rated", now)
        other = Client()
        who = says_tension(other, asked)
        assert b"checked" not in other.get(who).content.split(b"Who may take it up?")[0]
        other.post(who, {"audience": "therapist", "whom": "other"})
        assert Response.objects.get(occasion=asked).strain_with == StrainWith.RATED
        assert re.search(r'value="other" checked', other.get(who).content.decode())
        signal = AlertSignal.objects.get(kind=SignalKind.ASKED)
        shown = page(two.ines, "signal", signal.pk)
        assert "With whom there was tension first with Ines, later with Ben" in shown


class TestWhoIsNamed:
    def test_with_the_other_alone_that_one_reads_it_first(self, two, asked, now):  # noqa: F811
        said(asked, "other", now)
        signal = AlertSignal.objects.get(kind=SignalKind.ASKED)
        assert signal.course.therapist == two.colleague
        assert told() == {two.colleague.pk}
        assert "reads it first" in page(two.ines, "case", two.couple.pk)
        tomas = people.asked(asked.encounter, people.member(two.couple, "Tomas"))
        people.answer(tomas, now, FINE)
        listed = page(two.ines, "caseload")
        assert "No answer about the latest session can be read yet." in listed
        assert "No check-ins are open" not in listed
        assert signed_in(two.ines).get(reverse("dashboard:signal", args=[signal.pk])).status_code == 404
        mine = page(two.colleague, "signal", signal.pk)
        assert "Lea said there clearly was tension or a misunderstanding with you." in mine
        assert "Yes, clearly, with Ben" in mine
        assert "You are the first to read this. Ines Okafor" in mine
        theirs = page(two.ines, "signal", signal.pk)
        assert "tension or a misunderstanding with Ben Adeyemi." in theirs

    def test_with_the_one_the_form_rates_it_is_as_ever(self, two, asked, now):  # noqa: F811
        said(asked, "rated", now)
        assert about(AlertSignal.objects.filter(kind=SignalKind.ASKED)) == {two.ines.pk}
        assert told() == {two.ines.pk}
        signal = AlertSignal.objects.get(kind=SignalKind.ASKED)
        assert signed_in(two.colleague).get(reverse("dashboard:signal", args=[signal.pk])).status_code == 404

    def test_with_both_there_is_a_finding_of_each_and_nobody_waits(self, two, asked, now):  # noqa: F811
        said(asked, "both", now)
        found = AlertSignal.objects.filter(kind=SignalKind.ASKED)
        assert about(found) == {two.ines.pk, two.colleague.pk} == told()
        for reader, other in ((two.ines, "Ben Adeyemi"), (two.colleague, "Ines Okafor")):
            shown = page(reader, "signal", found[0].pk)
            assert "tension or a misunderstanding with you." in shown
            assert (
                f"tension or a misunderstanding with {other}." in shown.split("misunderstanding with you.")[1]
            )
            assert "Written for" not in shown
            assert "Yes, clearly, with both" in shown

    def test_not_said_with_whom_it_is_told_so_to_both(self, two, asked, now):  # noqa: F811
        """A form that was left before the page that asks."""
        at = asked.opens_at + MINUTE
        save_answer(occasion=asked, item="tension", given="clearly", at=at)
        assert close_idle_responses(at=at + timedelta(hours=1)) == 1
        judge([Response.objects.get(occasion=asked)], notify=True)
        signal = AlertSignal.objects.get(kind=SignalKind.ASKED)
        assert told() == {two.ines.pk, two.colleague.pk}
        for reader in (two.ines, two.colleague):
            shown = page(reader, "signal", signal.pk)
            assert "did not say with whom" in shown
            assert "not said with whom" in shown
            assert "did not say with whom" in page(reader, "caseload")

    def test_a_form_with_something_of_each_is_read_by_both(self, two, asked, now):  # noqa: F811
        """Ines is rated low, and there was tension with Ben: neither finding waits for the other."""
        response = people.answer(
            asked,
            now,
            LOW,
            {"within_goal": 8.0, "within_safety": 8.0, "tension": "clearly", "strain_with": "other"},
        )
        judge([response], notify=True)
        assert about(AlertSignal.objects.filter(kind=SignalKind.LOW)) == {two.ines.pk}
        assert about(AlertSignal.objects.filter(kind=SignalKind.ASKED)) == {two.colleague.pk}
        assert told() == {two.ines.pk, two.colleague.pk}

    def test_a_no_stands_for_both(self, two, asked, now):  # noqa: F811
        said(asked, "both", now, tension="no")
        found = Score.objects.filter(scale="tension").values_list("series__therapist", "value")
        assert dict(found) == {two.ines.pk: 0.0, two.colleague.pk: 0.0}

    def test_the_exported_table_of_the_rated_holds_no_word_about_the_other(self, two, asked, now):  # noqa: F811
        for who in two.couple.members.all():
            people.agree(who, now, research=True)
        said(asked, "other", now)
        rows = study_tables(two.clinic, "one").tables["ratings"].rows
        assert [row for row in rows if row[2] == "tension"] == []
        assert any(row[2] == "self_therapist" for row in rows)


class TestTheRepair:
    @pytest.mark.parametrize(("whom", "stands"), [("other", True), ("rated", False), ("both", False)])
    def test_only_a_word_about_the_same_therapist_contradicts_it(self, two, now, whom, stands):  # noqa: F811
        """Tomas' strain with Ben is back in range; then there is tension, with whom differs."""
        tomas = people.member(two.couple, "Tomas")
        ends = [now - timedelta(hours=3) - timedelta(weeks=14 - k) for k in range(15)]
        held = [held_by_two(two.couple, two.ines, two.colleague, at) for at in ends]
        of_ben = [e for e in held if named(e, tomas) == two.colleague]
        judge_calm([rate(e, tomas, FINE) for e in of_ben[:5]])
        judge([rate(of_ben[5], tomas, LOW)])
        judge([rate(of_ben[6], tomas, FINE)])
        last = of_ben[7]
        judge([rate(last, tomas, FINE, {"tension": "clearly", "strain_with": whom, "worked_out": "not_yet"})])
        episode = Episode.objects.get(case=two.couple, series__therapist=two.colleague)
        assert (episode.contradicted_at is None) == stands


def test_forms_of_before_are_of_whom_they_rated(two, asked, now):  # noqa: F811
    response = people.answer(
        asked, now, FINE, {"within_goal": 8.0, "within_safety": 8.0, "tension": "little"}
    )
    Response.objects.update(strain_with="", read_first_by=None)
    import_module("goldseam_web.measures.migrations.0009_strain_with").name_whom_they_rated(apps, None)
    response.refresh_from_db()
    assert (response.strain_with, response.read_first_by) == (StrainWith.RATED, two.ines)


def test_who_opened_it_first_lets_the_other_read(two, asked, now):  # noqa: F811
    said(asked, "other", now)
    signal = AlertSignal.objects.get(kind=SignalKind.ASKED)
    open_alert(viewer=viewer_of(two.colleague.user, at=now), findings=[signal], at=now)
    assert "with Ben Adeyemi" in page(two.ines, "signal", signal.pk)
