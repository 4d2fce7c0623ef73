"""What was mended, on a client's own page at the end: gold where they said yes, and nothing where nothing was mended.

When an episode is gold is tested in test_alerts_gold.py; here it is written as it stands then.
"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goldseam_web.alerts.models import Episode, EpisodeStatus, OnsetKind
from goldseam_web.alerts.own_mendings import own_mendings
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Ending
from goldseam_web.cases.services.endings import close_case, set_last_phase
from goldseam_web.measures.mending_tables import Elsewhere, MetElsewhere
from goldseam_web.measures.models import Response, Series, TakenUp
from goldseam_web.measures.own_measures import SELF_THERAPIST
from tests.web import histories, people
from tests.web.test_after_the_form import words
from tests.web.test_own_course import HER_WORD, asked, bare, choose


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


VALUES = [7.0, 4.0, 5.5, 7.0, 7.0]
LOWEST, BACK = 1, 3


@pytest.fixture
def judged(couple, ines, lea, now):
    """Five ratings of hers and one strain, as it stands once it is gold."""
    choose(lea, now)
    responses = []
    for session, value in zip(histories.sessions(couple, ines, len(VALUES), now), VALUES, strict=True):
        responses.append(histories.rate(session, lea, 5.0))
        histories.set_score(responses[-1], value)
    Episode.objects.create(
        clinic=couple.clinic,
        case=couple,
        member=lea,
        series=Series.objects.get(rater=lea, scale=SELF_THERAPIST),
        number=1,
        onset=responses[LOWEST].occasion.encounter,
        onset_kind=OnsetKind.PRECIPITOUS,
        onset_grade="clear",
        nadir_encounter=responses[LOWEST].occasion.encounter,
        repair_encounter=responses[BACK].occasion.encounter,
        status=EpisodeStatus.REPAIRED,
        client_confirmed_at=now,
        client_said_repaired_at=now,
        opened_at=now,
        closed_at=now,
    )
    return responses


def ending(case, now):
    set_last_phase(case=case, since=now.date(), at=now, actor=SYSTEM)


def met(response, place, now):
    Response.objects.filter(pk=response.pk).update(taken_up=TakenUp.MENDED)
    MetElsewhere.objects.create(
        clinic_id=response.clinic_id, response=response, is_of_sender=True, place=place, said_at=now
    )


class TestWhatIsShown:
    def test_gold_lies_between_the_lowest_rating_and_the_one_that_was_back(self, judged, lea):
        episode = Episode.objects.get()
        assert episode.mended
        (mending,) = own_mendings(lea.pk)
        assert (mending.lowest, mending.back) == (episode.nadir_encounter_id, episode.repair_encounter_id)
        assert mending.back == judged[BACK].occasion.encounter_id

    def test_on_their_own_page_once_the_end_was_announced(self, judged, couple, now):
        assert "mended" not in words(asked(judged[-1].occasion, HER_WORD))
        ending(couple, now)
        page = asked(judged[-1].occasion, HER_WORD)
        assert "It got harder once, and it was mended." in words(page)
        assert re.search(r"With Ines: lowest on [^,]*, mended by \d+ \w+ \d{4}\.", words(page))
        assert page.content.decode().count("seam-body") == BACK - LOWEST, "one between neighbouring ratings"

    def test_and_still_once_it_ended_as_planned_and_not_where_it_ended_otherwise(self, judged, couple, now):
        close_case(case=couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        assert "it was mended" in words(asked(judged[-1].occasion, HER_WORD))
        type(couple).objects.update(ending=Ending.DROPOUT)
        assert "it was mended" not in words(asked(judged[-1].occasion, HER_WORD))

    def test_beside_it_stands_where_they_have_met_it_if_they_named_a_place(self, judged, couple, now):
        ending(couple, now)
        met(judged[-1], Elsewhere.WORK, now)
        assert "You tapped for yourself where you have met it: at work." in words(
            asked(judged[-1].occasion, HER_WORD)
        )
        for nowhere in (Elsewhere.NO, Elsewhere.RATHER_NOT_SAY):
            MetElsewhere.objects.update(place=nowhere)
            assert "where you have met it" not in words(asked(judged[-1].occasion, HER_WORD))


class TestWhereNothingIsShown:
    def test_nothing_was_mended_by_their_own_yes(self, judged, couple, now):
        """Silence, and a no that came later, are the page of somebody in whose course nothing ever fell."""
        ending(couple, now)
        pages = set()
        for unsaid in ({"client_said_repaired_at": None}, {"contradicted_at": now}, {"status": "open"}):
            before = Episode.objects.values(*unsaid).get()
            Episode.objects.update(**unsaid)
            pages.add(bare(asked(judged[-1].occasion, HER_WORD)))
            Episode.objects.update(**before)
        (page,) = pages
        assert "mended" not in page
        assert "seam-body" not in page

    def test_another_member_of_the_case_reads_none_of_it(self, judged, couple, ines, now):
        daniel = next(m for m in couple.members.all() if m.pk != judged[0].occasion.respondent_id)
        choose(daniel, now)
        his = people.asked(judged[-1].occasion.encounter, daniel)
        people.answer(his, now)
        ending(couple, now)
        with_hers = bare(asked(his, HER_WORD))
        Episode.objects.update(client_said_repaired_at=None)
        assert bare(asked(his, HER_WORD)) == with_hers
        assert "mended" not in with_hers

    def test_a_wrong_word_is_the_same_page_and_the_same_work_whatever_was_mended(self, judged, couple, now):
        ending(couple, now)
        found = set()
        for said in (now, None):
            Episode.objects.update(client_said_repaired_at=said)
            with CaptureQueriesContext(
                connection,
            ) as read:
                page = asked(judged[-1].occasion, "another word", Client())
            found.add((bare(page), len(read)))
        assert len(found) == 1
