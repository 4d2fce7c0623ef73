"""What norms would have raised on the clinic's own past: counted by hand, and shown before they are used."""

import uuid
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from goldseam import (
    Norms,
    ScaleNorms,
    SimulationModel,
    check_norms,
    fit_norms,
    measured_error_rates,
    simulate,
)
from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.accounts.services import add_supervision
from goldseam_web.alerts import alert_budget as budget_of_alerts
from goldseam_web.alerts.alert_budget import (
    WATCHING,
    PastRating,
    PastRatings,
    alert_budget,
    check_of_norms,
    own_norms,
    past_ratings,
)
from goldseam_web.alerts.models import Episode, NormsVersion
from goldseam_web.alerts.rules import WITH_THERAPIST
from goldseam_web.alerts.services import say_strain, store_norms
from goldseam_web.alerts.services.norms import norms_of
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.office import detection_rules
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db
URL = "/office/rules/"
# Under an own SD of 6 points nothing in these ratings is low.
WIDE = Norms(
    "wide",
    "1",
    "points",
    (ScaleNorms("*", (9.0,), between_sd=1.0, within_sd=6.0),),
    "Made for a test.",
    False,
)


@pytest.fixture
@kept
def fallen(cast, now):
    """Five clients of two therapists, eight sessions each; the ratings of the first fall by five points at the last."""
    for number in range(5):
        therapist = (cast.ines, cast.colleague)[number % 2]
        who = NewMember(f"Client{number}", "Made", "client", email=f"client{number}@example.org")
        case = people.case(therapist, CaseKind.INDIVIDUAL, [who], now)
        last = 3.0 if number == 0 else 8.0
        histories.history(case, therapist, case.members.get(), (*histories.STEADY, last), now)
    return cast


def past(cast, now):
    return past_ratings(viewer_of(cast.administrator.user, at=now), at=now)


def kind(budget):
    [one] = [each for each in budget.scales if each.rule.scale == SELF_THERAPIST]
    return one


class TestTheCount:
    def test_is_what_was_raised_in_as_many_cases_a_week(self, fallen, now):
        """By hand: one fall among five cases; two therapists in each of eight weeks."""
        budget = alert_budget(past(fallen, now), Norms.default())
        found = kind(budget)
        assert (found.raised, found.cases, found.of_cases) == (1, 1, 5)
        assert budget.therapist_weeks == 16
        assert budget.a_week == pytest.approx(1 / 16)

    def test_says_how_many_confirmed_strains_it_would_have_found(self, fallen, now):
        assert kind(alert_budget(past(fallen, now), Norms.default())).confirmed == 0
        say_strain(
            viewer=viewer_of(fallen.ines.user, at=now), episode=Episode.objects.get(), there_was=True, at=now
        )
        with_shipped, with_wide = (
            kind(alert_budget(past(fallen, now), norms)) for norms in (Norms.default(), WIDE)
        )
        assert (with_shipped.caught, with_shipped.confirmed) == (1, 1)
        assert (with_wide.raised, with_wide.caught, with_wide.confirmed) == (0, 0, 1)

    def test_sets_chance_beside_it(self, now):
        """Simulated courses with no strain in them: what is found lies where chance puts it."""
        found, _ = made_past(230, now, model=SimulationModel().without_episodes())
        chance = kind(alert_budget(found, Norms.default())).chance
        assert chance.chance_events.low <= chance.events <= chance.chance_events.high
        assert chance.chance_prevalence.low <= chance.prevalence.value <= chance.chance_prevalence.high

    def test_leaves_out_what_is_longer_ago_than_half_a_year(self, fallen, now):
        later = now + timedelta(weeks=30)
        found = past(fallen, later)
        assert (found.cases, found.therapist_weeks) == (0, 0)
        assert kind(alert_budget(found, Norms.default())).raised == 0

    def test_of_another_clinic_nothing_is_counted(self, fallen, now):
        stranger = viewer_of(fallen.stranger.user, at=now)
        assert past_ratings(stranger, at=now).cases == 0


def made_past(cases, now, model="items"):
    """Simulated courses as a clinic would have them, and the table they are of."""
    table = simulate(cases=cases, sessions=6, seed=4, model=model).ratings
    names = {case: uuid.uuid5(uuid.NAMESPACE_OID, str(case)) for case in table["case"].unique()}
    rows = [
        PastRating(names[row["case"]], names[row["case"]], "post", row["session"], now, row["value"])
        for row in table.iter_rows(named=True)
    ]
    by_scale = {rule.scale: (rows if rule.scale == SELF_THERAPIST else []) for rule in WATCHING}
    ranges = dict.fromkeys(names.values(), (0.0, 10.0))
    nothing = {rule.scale: [] for rule in WATCHING}
    return PastRatings(now - timedelta(weeks=26), by_scale, ranges, 0, nothing), table


class TestOwnNorms:
    def test_are_those_that_the_science_fits_to_the_same_ratings(self, now):
        found, table = made_past(230, now)
        by_hand = fit_norms(table.drop_nulls("value").with_columns(scale=pl.lit(SELF_THERAPIST)))
        [own, shipped] = own_norms(found, day="2026-11-28").content()["scales"]
        for figure in ("between_sd", "within_sd"):
            assert own[figure] == pytest.approx(by_hand.content()["scales"][0][figure], rel=1e-9)
        assert shipped == Norms.default().content()["scales"][0]

    def test_are_none_of_fewer_than_two_hundred_courses(self, now):
        found, _ = made_past(150, now)
        assert own_norms(found, day="2026-11-28") is None


class TestWhetherTheyFit:
    def test_is_what_the_science_says_of_the_same_ratings(self, now):
        found, table = made_past(230, now)
        by_hand = check_norms(table.drop_nulls("value"), norms=Norms.default())
        looked = check_of_norms(found, Norms.default())
        assert (looked.outcome, looked.n_ratings) == (by_hand.outcome, by_hand.n_ratings)
        assert looked.lower_tail == pytest.approx(by_hand.lower_tail, rel=1e-9)

    def test_is_held_out_for_norms_fitted_here_and_not_said_of_few_courses(self, now):
        found, _ = made_past(230, now)
        assert check_of_norms(found, own_norms(found, day="2026-11-28")).held_out
        few, _ = made_past(150, now)
        assert check_of_norms(few, Norms.default()) is None


class TestThePage:
    def test_shows_the_norms_in_use_beside_others_and_takes_these_into_use(self, fallen, now):
        store_norms(clinic=fallen.clinic, norms=WIDE, at=now)
        client = confirmed(signed_in(fallen.administrator))
        page = client.get(URL, {"norms": "shipped"})
        shown = page.context["page"]
        assert (shown.columns, shown.a_week) == (("wide 1", "goldseam-default 1"), ("0.00", "0.06"))
        assert shown.groups[0].rows[0] == ("Raised in 26 weeks", ("0", "1"))
        looked_at = page.context["page"].looked_at
        assert client.post(URL, {"norms": "shipped", "looked_at": looked_at}).status_code == 302
        assert NormsVersion.objects.get(in_use=True).content_hash == Norms.default().content_hash
        assert AuditEntry.objects.filter(action="norms.store", actor_id=fallen.administrator.pk).exists()

    def test_fits_norms_to_own_ratings(self, fallen, now, monkeypatch):
        """As many courses as a clinic has after a year or two are simulated; all else is the page's."""
        found, _ = made_past(230, now)
        monkeypatch.setattr(detection_rules, "past_ratings", lambda *_, **__: found)
        monkeypatch.setattr(budget_of_alerts, "MEASURED_CASES", 100)
        client = confirmed(signed_in(fallen.administrator))
        page = client.get(URL, {"norms": "own"})
        assert "made-up courses drawn from them" in words(page)
        looked_at = page.context["page"].looked_at
        client.post(URL, {"norms": "own", "looked_at": looked_at})
        stored = NormsVersion.objects.get(in_use=True)
        assert (stored.name, stored.content_hash) == ("own-ratings", looked_at)
        rates = measured_error_rates(norms_of(stored), SELF_THERAPIST, version=WITH_THERAPIST.version)
        assert (rates.cases, rates.norms_hash) == (100, looked_at)
        page = words(client.get(URL))
        assert "Fitted to the ratings of this clinic." in page
        assert "Each half of the cases is judged by norms fitted to the other." in page

    def test_measures_norms_that_were_in_use_before_that_was_measured(self, fallen, now, monkeypatch):
        """How often a finding is right is kept with them; their hash, and so what was found with them, stays."""
        monkeypatch.setattr(budget_of_alerts, "MEASURED_CASES", 100)
        entry = replace(WIDE.scales[0], scale=SELF_THERAPIST, minimum=0.0, maximum=10.0)
        own = replace(WIDE, name="own-ratings", scales=(entry,))
        kept = store_norms(clinic=fallen.clinic, norms=own, at=now)
        client = confirmed(signed_in(fallen.administrator))
        page = client.get(URL)
        assert "this was not measured, and a finding says so" in words(page)
        given = {"norms": "measure", "looked_at": page.context["page"].to_measure}
        assert client.post(URL, {**given, "looked_at": "0" * 64}).status_code == 409
        assert client.post(URL, given).status_code == 302
        stored = NormsVersion.objects.get(in_use=True)
        assert (stored.pk, stored.content_hash) == (kept.pk, own.content_hash)
        measured = Norms.from_content(stored.content)
        rates = measured_error_rates(measured, SELF_THERAPIST, version=WITH_THERAPIST.version)
        assert (rates.cases, rates.norms_hash) == (100, own.content_hash)
        assert "Measure it" not in words(client.get(URL))
        client.post(URL, given)
        assert NormsVersion.objects.get(in_use=True).content == stored.content

    def test_says_where_norms_cannot_be_measured(self, fallen, now):
        """Of norms in points that do not say the range of the scale no course can be drawn."""
        norms = replace(WIDE, scales=(replace(WIDE.scales[0], scale=SELF_THERAPIST),))
        store_norms(clinic=fallen.clinic, norms=norms, at=now)
        client = confirmed(signed_in(fallen.administrator))
        given = {"norms": "measure", "looked_at": norms.content_hash}
        assert "It cannot be measured" in words(client.post(URL, given, follow=True))
        assert NormsVersion.objects.get(in_use=True).content == norms.content()

    def test_does_not_measure_what_is_shipped(self, fallen):
        assert "Measure it" not in words(confirmed(signed_in(fallen.administrator)).get(URL))

    def test_changes_nothing_where_the_norms_are_not_those_looked_at(self, fallen, now):
        store_norms(clinic=fallen.clinic, norms=WIDE, at=now)
        client = confirmed(signed_in(fallen.administrator))
        answer = client.post(URL, {"norms": "shipped", "looked_at": "0" * 64})
        assert answer.status_code == 409
        assert "Nothing was changed" in words(answer)
        assert NormsVersion.objects.get(in_use=True).name == "wide"

    def test_asks_for_the_password_before_it_changes_anything(self, fallen, now):
        store_norms(clinic=fallen.clinic, norms=WIDE, at=now)
        given = {"norms": "shipped", "looked_at": Norms.default().content_hash}
        assert signed_in(fallen.administrator).post(URL, given).status_code == 302
        assert NormsVersion.objects.get(in_use=True).name == "wide"

    def test_counts_nothing_where_few_cases_are_left_of_those_the_reader_does_not_know(self, fallen, now):
        """Whoever supervises Ines knows three of six cases; of the other three, of two therapists, nothing is told."""
        day = local_day(fallen.clinic, now)
        third = people.staff(fallen.clinic, "Third Made", [Role.THERAPIST], now)
        who = NewMember("Another", "Made", "client", email="another@example.org")
        people.meet(people.case(third, CaseKind.INDIVIDUAL, [who], now), third, now - timedelta(hours=2))
        client = signed_in(fallen.administrator)
        assert client.get(URL).context["page"].columns != ()
        fallen.administrator.roles.create(clinic=fallen.clinic, role=Role.SUPERVISOR, starts_on=day)
        add_supervision(supervisor=fallen.administrator, therapist=fallen.ines, starts_on=day, at=now)
        assert client.get(URL).context["page"].columns == ()

    def test_counts_nothing_of_few_cases_or_of_one_therapist(self, cast, now):
        client = signed_in(cast.administrator)
        assert "Of fewer than 5 cases" in words(client.get(URL))
        assert client.get(URL, {"norms": "own"}).context["page"].columns == ()
