"""A couple and somebody who comes alone at the end of their meetings, each with one mending that is gold."""

import re
from datetime import time, timedelta

from django.test import Client

from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.look_back_links import token_of_look_back
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.models import Episode, EpisodeStatus, OnsetKind
from goldseam_web.alerts.services.look_back_offers import queue_look_backs
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import WayAsked
from goldseam_web.cases.services.endings import set_last_phase
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.measures.mending_tables import Mended, MendingTap
from goldseam_web.measures.models import Response, Series, TakenUp
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.measures.services.own_words import choose_own_word
from tests.web import people

WEEK, DAY, HOUR = timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
WORDS = {"Lea": "copper kettle", "Tomas": "seven herons"}
LEVELS = (8.0, 4.0, 8.0)


def mended(cast, now):
    """Three sessions each, the second of them low; both partners have a word, and were seen alone."""
    for case, names in ((cast.couple, WORDS), (cast.individual, ("Ruth",))):
        for k, level in enumerate(LEVELS):
            meeting = people.meet(case, cast.ines, now - (len(LEVELS) - k) * WEEK)
            for name in names:
                occasion = people.asked(meeting, people.member(case, name))
                people.answer(occasion, meeting.ends_at + timedelta(minutes=9), level=level)
        for name in names:
            gold(people.member(case, name), now)
    for name, word in WORDS.items():
        choose_own_word(member=people.member(cast.couple, name), word=word, at=now - 30 * DAY, actor=SYSTEM)
    people.seen_alone(cast.couple, cast.ines, now)
    return cast


def gold(who, now):
    """As it stands once it has been found, confirmed and held, and they have said yes: test_alerts_gold.py."""
    series = Series.objects.get(rater=who, scale=SELF_THERAPIST)
    first, low, back = who.case.encounters.filter(state="held").order_by("starts_at")
    begun = Episode.objects.filter(member=who).exists()
    Response.objects.filter(occasion__respondent=who, occasion__encounter=back).update(
        taken_up=TakenUp.MENDED
    )
    return Episode.objects.create(
        clinic=who.clinic,
        case=who.case,
        member=who,
        series=series,
        number=1 + who.case.episodes.count(),
        onset=first if begun else low,
        onset_kind=OnsetKind.PRECIPITOUS,
        onset_grade="clear",
        nadir_encounter=low,
        repair_encounter=back,
        status=EpisodeStatus.REPAIRED,
        client_confirmed_at=now,
        client_said_repaired_at=now,
        opened_at=now,
        closed_at=now,
    )


def tapped(who, now, *what):
    """What they tapped for whom they work with, with their yes."""
    response = Response.objects.get(occasion__respondent=who, taken_up=TakenUp.MENDED)
    for tap in what or (Mended.UNDERSTAND_BETTER,):
        MendingTap.objects.create(clinic_id=who.clinic_id, response=response, what=tap, said_at=now)


def mail_is_safe(who, now, **more):
    ways = GivenWays(**{"by_mail": True, "not_before": time.min, "not_after": time.max, **more})
    set_safe_ways(member=who, ways=ways, how_asked=WayAsked.ALONE, at=now, actor=SYSTEM)


def all_can_be_mailed(cast, now):
    for case in (cast.couple, cast.individual):
        for who in case.members.all():
            mail_is_safe(who, now)


def announced(case, now, *, days=1):
    """The end has been spoken of, for so many days."""
    since = local_day(case.clinic, now) - timedelta(days=days)
    set_last_phase(case=case, since=since, at=now, actor=SYSTEM)


def queued(now):
    return queue_look_backs(at=now, is_ready=lambda _clinic: True)


def offered(who, now):
    """Their page, made without a message."""
    by_word = who.case.kind != "individual"
    return LookBack.objects.create(clinic=who.clinic, member=who, by_word=by_word, offered_at=now)


def link(page):
    return f"/c/look/{token_of_look_back(page)}/"


def asked(page, word, browser=None):
    """As a browser does: a tap, and the word where it is asked for."""
    browser = browser or Client()
    form = browser.post(link(page))
    if b'name="shown"' not in form.content:
        return form
    return browser.post(link(page), {"word": word, "shown": field("shown", form)})


def field(name, page):
    return re.search(rf'name="{name}" value="([^"]*)"', page.content.decode()).group(1)


def does(page, word, act, browser=None, **given):
    """Open their page anew, and do one thing there."""
    browser = browser or Client()
    mine = field("mine", asked(page, word, browser))
    return browser.post(link(page), {"mine": mine, "act": act, **given})


def bare(page):
    """Without what differs from one second to the next."""
    return page.status_code, re.sub(r'name="(shown|mine)" value="[^"]*"', "", page.content.decode())
