"""One response, one alert: its findings on one page, answered together or one by one, told to whoever reads."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from goldseam_web.accounts.models import Role
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.audit.models import AuditEntry
from tests.web import people
from tests.web.histories import STEADY, judge, judge_calm, rate, sessions
from tests.web.kept_rows import kept
from tests.web.postbox import messages_of, send_next
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db

FOUR = ["asked", "strain", "strain_between", "low"]


def url_of(signal):
    return reverse("dashboard:signal", args=[signal.id])


@pytest.fixture
@kept
def couple_session(cast, now):
    """Lea: 8 or so seven times, then 2 for everything and "yes, clearly": the four signals of one response."""
    held = sessions(cast.couple, cast.ines, 8, now)
    lea = people.member(cast.couple, "Lea")
    judge_calm([rate(encounter, lea, level) for encounter, level in zip(held, STEADY, strict=False)])
    judge(
        [rate(held[-1], lea, 2.0, {"within_goal": 2.0, "within_safety": 2.0, "tension": "clearly"})],
        notify=True,
    )
    return held


@pytest.fixture
def alert(couple_session):
    """The findings of Lea's response, by kind."""
    found = {signal.kind: signal for signal in AlertSignal.objects.filter(encounter=couple_session[-1])}
    assert sorted(found) == sorted(FOUR)
    return found


def also_tomas(cast, encounter):
    """Tomas rates the same session low; it is his first answer."""
    judge([rate(encounter, people.member(cast.couple, "Tomas"), 3.0)])
    return AlertSignal.objects.get(member=people.member(cast.couple, "Tomas"))


def later_finding(signal):
    """Another finding of the same response, as when the form was continued."""
    fresh = AlertSignal.objects.get(pk=signal.pk)
    fresh.pk, fresh.kind, fresh._state.adding = uuid.uuid4(), "erosion", True
    fresh.save()
    return fresh


def form_of(page):
    """What the form of a page names: hidden fields and how many choices for single findings."""
    html = page.content.decode()
    shown = re.findall(r'name="finding" value="([^"]+)"', html)
    return shown, re.findall(r'<select class="input" name="choice-([^"]+)"', html)


def test_all_findings_of_a_response_stand_on_one_page_whichever_is_asked_for(alert, cast):
    client = signed_in(cast.ines)
    for signal in alert.values():
        page = words(client.get(url_of(signal)))
        assert "Four things stand out in Lea’s answers about session 8." in page
        assert "After session 8 Lea said there clearly was tension" in page
        assert "Since session 8 Lea rates the work with you lower" in page
        assert "Since session 8 Lea rates being here with Tomas lower" in page
        assert "At session 8 Lea rated the work with you 2.0 of 10, below the middle." in page
        assert page.count("What Lea answered") == 1
        assert page.count("What will you do?") == 1


def test_each_option_stands_once_under_the_relation_it_is_for(alert, cast):
    text = words(signed_in(cast.ines).get(url_of(alert["low"])))
    offered = text[text.index("What might help") : text.index("What will you do?")]
    assert (
        offered.index("In the work with you") < offered.index("Between them") < offered.index("Fair to all")
    )
    for title in ("Ask, and hear it out", "Look at the room you give", "Leave the next step to Lea"):
        assert offered.count(title) == 1


def test_the_facets_of_a_series_stand_once(alert, cast):
    page = words(signed_in(cast.ines).get(url_of(alert["low"])))
    assert page.count("Speaking up 2 ") == 2  # with the therapist, and between the two


def test_opening_marks_all_findings_shown_and_one_click_answers_all_of_them(alert, cast):
    client = signed_in(cast.ines)
    shown, single = form_of(client.get(url_of(alert["strain"])))
    assert sorted(shown) == sorted(single) == sorted(str(signal.id) for signal in alert.values())
    assert all([s.staff for s in signal.seen.all()] == [cast.ines] for signal in alert.values())
    page = client.post(url_of(alert["low"]), {"finding": shown, "choice": "take_up"}, follow=True)
    assert words(page).count("You will take it up, said today") == 1
    for signal in alert.values():
        assert [given.choice for given in signal.acknowledgements.all()] == ["take_up"]
    assert AuditEntry.objects.filter(action="signal.acknowledge").count() == 4


def test_a_single_finding_may_be_answered_otherwise(alert, cast):
    client = signed_in(cast.ines)
    shown, _ = form_of(client.get(url_of(alert["strain"])))
    given = {"finding": shown, "choice": "take_up", f"choice-{alert['low'].id}": "different"}
    page = words(client.post(url_of(alert["low"]), given, follow=True))
    assert [given.choice for given in alert["low"].acknowledgements.all()] == ["different"]
    assert [given.choice for given in alert["strain"].acknowledgements.all()] == ["take_up"]
    assert "Low rating: You see it differently, said today" in page


def test_choices_for_each_need_none_for_all(alert, cast):
    client = signed_in(cast.ines)
    shown, _ = form_of(client.get(url_of(alert["strain"])))
    each = {f"choice-{key}": "talked" for key in shown}
    assert client.post(url_of(alert["low"]), {"finding": shown, **each}).status_code == 302
    some = {f"choice-{key}": "different" for key in shown[:2]}
    assert client.post(url_of(alert["low"]), {"finding": shown, **some}).status_code == 400
    assert alert["low"].acknowledgements.get().choice == "talked"


def test_a_finding_that_came_later_is_neither_seen_nor_answered(alert, cast):
    client = signed_in(cast.ines)
    shown, _ = form_of(client.get(url_of(alert["strain"])))
    late = later_finding(alert["low"])
    assert client.post(url_of(alert["low"]), {"finding": shown, "choice": "talked"}).status_code == 302
    assert not late.acknowledgements.exists()
    assert not late.seen.exists()
    page = words(client.get("/alerts/"))
    assert "One alert you have not opened yet." in page
    client.get(url_of(alert["low"]))
    assert late.seen.count() == 1
    assert "You have opened every alert." in words(client.get("/alerts/"))


def test_what_answered_only_some_findings_says_which(alert, cast):
    client = signed_in(cast.ines)
    shown, _ = form_of(client.get(url_of(alert["strain"])))
    client.post(url_of(alert["low"]), {"finding": shown, "choice": "talked"})
    later_finding(alert["low"])
    said = "Strain, confirmed, Possible strain between them, Low rating: You already talked about it"
    assert said in words(client.get(url_of(alert["low"])))


def test_a_form_that_names_no_finding_or_another_alerts_is_refused(alert, cast, couple_session):
    other = also_tomas(cast, couple_session[-1])
    client = signed_in(cast.ines)
    for named in ([], [str(other.id)], [str(alert["low"].id), str(other.id)], ["x"]):
        page = client.post(url_of(alert["low"]), {"finding": named, "choice": "talked"})
        assert page.status_code == 400
        assert "look again before you choose" in words(page)
    assert not any(signal.acknowledgements.exists() for signal in AlertSignal.objects.all())


def test_two_members_responses_are_two_alerts_and_next_leads_from_one_to_the_other(
    alert, cast, couple_session
):
    other = also_tomas(cast, couple_session[-1])
    client = signed_in(cast.ines)
    listed = client.get("/alerts/").content.decode()
    assert listed.count('<li class="case-row alert-row">') == 2
    assert "Two alerts you have not opened yet." in listed
    assert '<span class="count">2<span' in listed
    first = client.get(url_of(alert["strain"])).content.decode()
    assert f'id="next-alert" href="{url_of(other)}"' in first
    assert "next-alert" not in client.get(url_of(other)).content.decode()
    assert "Tomas" not in form_of(client.get(url_of(alert["strain"])))[0]


def test_one_message_tells_of_the_alert(alert):
    assert sum(messages_of(signal).count() for signal in alert.values()) == 1


# --- who reads ------------------------------------------------------------------------------------

TO_A_THERAPIST = re.compile(r"\b(with|by|about|disagree with) you\b|\byou work\b|\byour? ", re.IGNORECASE)


def told(page):
    """The words of a page but for what is quoted and what might help."""
    text = words(page)
    return re.sub(r"“[^”]*”", "", text[: text.index("What might help")])


def test_a_supervisor_reads_of_the_therapist_by_name(alert, cast, now):
    send_next(worker="test", at=now)
    page = signed_in(cast.supervisor).get(url_of(alert["strain"]))
    assert "Since session 8 Lea rates the work with Ines Okafor lower" in words(page)
    assert "tension or a misunderstanding with Ines Okafor" in words(page)
    assert "It says nothing about Ines Okafor." in words(page)
    assert "Written for Ines Okafor, whose session it was." in words(page)
    # The direct question is quoted as the client read it.
    assert not TO_A_THERAPIST.search(told(page).replace("between you and Ines", ""))
    assert "told: Ines Okafor" in words(page)
    assert "also told" not in words(page)


def test_after_a_handover_the_new_therapist_reads_of_the_former_one_by_name(alert, cast, now):
    successor = people.staff(cast.clinic, "Noa Weiss", [Role.THERAPIST], now)
    cast.couple.therapists.create(
        clinic=cast.clinic, therapist=successor, starts_on=now.date() - timedelta(days=1)
    )
    client = signed_in(successor)
    page = client.get(url_of(alert["strain"]))
    assert "Since session 8 Lea rates the work with Ines Okafor lower" in words(page)
    assert "What will you do?" in words(page)
    listed = words(client.get("/alerts/"))
    assert "Lea rates the work with Ines Okafor 2.0 of 10." in listed
    on_the_case = words(client.get(reverse("dashboard:case", args=[cast.couple.id])))
    assert "Lea said there clearly was tension with Ines Okafor." in on_the_case
    shown, _ = form_of(page)
    client.post(url_of(alert["strain"]), {"finding": shown, "choice": "different"})
    assert "Noa Weiss sees it differently" in words(signed_in(cast.ines).get("/alerts/"))
    assert "You see it differently" in words(client.get("/alerts/"))
