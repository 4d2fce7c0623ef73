"""How a case stands, as a pure function: each case of the state table by hand, and what must hold of any facts."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam import SimulationModel, simulate
from goldseam_web.alerts.models import AcknowledgeChoice, EpisodeStatus, OnsetKind, RepairDoubt, SignalKind
from goldseam_web.alerts.states import (
    EARLY_FALL,
    EARLY_FALL_ONCE_IN,
    Asked,
    CaseFacts,
    FindingFacts,
    Group,
    MemberFacts,
    RatingFacts,
    Relation,
    State,
    StrainFacts,
    case_state,
)

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
LEA, TOMAS = uuid.UUID(int=1), uuid.UUID(int=2)


def week(number: int, of: int) -> datetime:
    """When the session of that number ended, the last of them an hour ago."""
    return NOW - timedelta(hours=1) - timedelta(weeks=of - number)


def rating(session: int, value: float | None = 8.0, **facts: object) -> RatingFacts:
    """A rating that was judged and lies in its usual range of 7 to 9, unless said otherwise."""
    usual = {"usual_low": 7.0, "usual_high": 9.0} if session > 3 else {}
    known = {"asked": Asked.RATED, "earlier": session - 1, **usual, **facts}
    return RatingFacts(session=session, value=value, **known)  # type: ignore[arg-type]


def unrated(session: int, asked: Asked, **facts: object) -> RatingFacts:
    return RatingFacts(session=session, asked=asked, **facts)  # type: ignore[arg-type]


def finding(kind: SignalKind = SignalKind.STRAIN, session: int = 8, **facts: object) -> FindingFacts:
    relation = Relation.WITHIN if kind == SignalKind.STRAIN_BETWEEN else Relation.THERAPIST
    known: dict[str, object] = {"raised_at": NOW - timedelta(minutes=30), "unopened": False, **facts}
    return FindingFacts(id=uuid.uuid4(), kind=kind, relation=relation, session=session, **known)  # type: ignore[arg-type]


def strain(status: EpisodeStatus = EpisodeStatus.OPEN, onset: int = 8, **facts: object) -> StrainFacts:
    known: dict[str, object] = {"relation": Relation.THERAPIST, "baseline": 8.0, "nadir": 3.0, **facts}
    return StrainFacts(id=uuid.UUID(int=99), status=status, onset=onset, **known)  # type: ignore[arg-type]


def case(*members: MemberFacts, sessions: int = 8, **facts: object) -> CaseFacts:
    return CaseFacts(members, [week(k, sessions) for k in range(1, sessions + 1)], **facts)  # type: ignore[arg-type]


def lea(ratings: list[RatingFacts] | None = None, **facts: object) -> MemberFacts:
    rated = [rating(k) for k in range(1, 9)] if ratings is None else ratings
    return MemberFacts(LEA, {Relation.THERAPIST: rated}, **facts)  # type: ignore[arg-type]


def tomas(ratings: list[RatingFacts] | None = None, **facts: object) -> MemberFacts:
    rated = [rating(k) for k in range(1, 9)] if ratings is None else ratings
    return MemberFacts(TOMAS, {Relation.THERAPIST: rated}, **facts)  # type: ignore[arg-type]


def first(*members: MemberFacts, sessions: int = 8) -> State | None:
    state = case_state(case(*members, sessions=sessions), NOW).first
    return state.state if state else None


LAST_LOW = [*[rating(k) for k in range(1, 8)], rating(8, 3.0)]


def strained(status: EpisodeStatus = EpisodeStatus.OPEN, **said: object) -> MemberFacts:
    episode = strain(status)
    return lea(LAST_LOW, findings=[finding(strain=episode.id, **said)], strains=[episode])


class TestStrains:
    def test_a_fall_is_worth_a_word_until_somebody_answers(self):
        assert first(strained()) == State.STRAIN

    def test_what_is_seen_differently_is_looked_at_and_neither_waiting_nor_steady(self):
        state = case_state(case(strained(choice=AcknowledgeChoice.DIFFERENT, chosen_at=NOW)), NOW).first
        assert state is not None
        assert (state.state, state.group) == (State.SET_ASIDE, Group.LOOKED_AT)

    def test_what_the_client_said_stands_beside_what_the_therapist_sees(self):
        episode = strain(confirmed=True, client_said=True)
        seen = finding(strain=episode.id, choice=AcknowledgeChoice.DIFFERENT, chosen_at=NOW)
        assert first(lea(LAST_LOW, findings=[seen], strains=[episode])) == State.SEEN_TWO_WAYS

    def test_a_later_finding_of_the_same_strain_is_open_again(self):
        episode = strain()
        answered = finding(strain=episode.id, choice=AcknowledgeChoice.DIFFERENT, chosen_at=NOW)
        further = finding(session=9, strain=episode.id, unopened=True)
        member = lea(LAST_LOW, findings=[further, answered], strains=[episode])
        assert first(member, sessions=9) == State.STRAIN

    @pytest.mark.parametrize(("rated_since", "state"), [(0, State.REPAIR_UNDER_WAY), (2, State.STRAIN)])
    def test_a_talk_counts_until_two_ratings_have_not_moved(self, rated_since, state):
        total = 8 + rated_since
        episode = strain()
        talked = finding(strain=episode.id, choice=AcknowledgeChoice.TALKED, chosen_at=week(8, total))
        ratings = [*LAST_LOW, *[rating(k, 3.0) for k in range(9, total + 1)]]
        assert first(lea(ratings, findings=[talked], strains=[episode]), sessions=total) == state

    def test_exactly_half_of_the_fall_regained_is_on_the_way_back(self):
        episode = strain()
        half = lea([*LAST_LOW, rating(9, 5.5)], findings=[finding(strain=episode.id)], strains=[episode])
        below = lea([*LAST_LOW, rating(9, 5.49)], findings=[finding(strain=episode.id)], strains=[episode])
        assert first(half, sessions=9) == State.ON_THE_WAY_BACK
        assert first(below, sessions=9) == State.STRAIN

    @pytest.mark.parametrize(
        ("facts", "state"),
        [
            ({"confirmed": True, "mended": True}, State.REPAIRED),
            ({"confirmed": True}, State.BACK_NOT_SAID),
            ({"confirmed": True, "doubt": RepairDoubt.CEILING}, State.BACK_IN_RANGE),
            ({}, State.BACK_IN_RANGE),
            ({"confirmed": True, "contradicted": True}, State.CONTRADICTED),
        ],
    )
    def test_ratings_that_are_back_are_called_what_people_said(self, facts, state):
        episode = strain(EpisodeStatus.REPAIRED, onset=6, repair=7, **facts)
        assert first(lea(strains=[episode])) == state

    @pytest.mark.parametrize(("sessions", "state"), [(10, State.REPAIRED), (11, State.STEADY)])
    def test_a_repair_stays_in_sight_for_three_sessions(self, sessions, state):
        episode = strain(EpisodeStatus.REPAIRED, onset=6, repair=7, confirmed=True, mended=True)
        ratings = [rating(k) for k in range(1, sessions + 1)]
        assert first(lea(ratings, strains=[episode]), sessions=sessions) == state

    @pytest.mark.parametrize("status", [EpisodeStatus.HANDOVER, EpisodeStatus.MEASURE_CHANGED])
    def test_what_ended_otherwise_is_history_once_opened(self, status):
        assert first(strained(status)) == State.BELOW_USUAL
        assert first(strained(status, unopened=True)) == State.PAST

    def test_a_slow_one_has_its_own_word_until_somebody_confirms_it(self):
        assert first(lea(LAST_LOW, strains=[strain(onset_kind=OnsetKind.EROSION)])) == State.EROSION
        assert (
            first(lea(LAST_LOW, strains=[strain(onset_kind=OnsetKind.EROSION, confirmed=True)]))
            == State.STRAIN
        )


class TestPlans:
    def test_a_plan_belongs_to_one_session_and_is_open_again_when_that_is_over(self):
        planned = {"choice": AcknowledgeChoice.TAKE_UP, "plans": 1}
        assert first(strained(**planned, chosen_at=NOW)) == State.STRAIN
        assert first(strained(**planned, chosen_at=week(8, 8) - timedelta(days=1))) == State.NOT_TAKEN_UP

    def test_not_yet_is_a_plan_for_the_next_session(self):
        assert first(strained(choice=AcknowledgeChoice.NOT_YET, chosen_at=NOW, plans=2)) == State.STRAIN

    def test_a_plan_that_no_longer_fits_closes_what_was_seen(self):
        assert first(strained(choice=AcknowledgeChoice.NO_LONGER, chosen_at=NOW)) == State.SET_ASIDE

    def test_waiting_for_the_next_rating_ends_with_it(self):
        waits = {"choice": AcknowledgeChoice.WAIT, "chosen_at": week(8, 9)}
        episode = strain()
        before = lea(LAST_LOW, findings=[finding(strain=episode.id, **waits)], strains=[episode])
        after = lea(
            [*LAST_LOW, rating(9, 3.5)], findings=[finding(strain=episode.id, **waits)], strains=[episode]
        )
        assert first(before, sessions=9) == State.WAITS_FOR_RATING
        assert first(after, sessions=9) == State.STRAIN

    def test_it_comes_before_everything_else(self):
        overdue = finding(SignalKind.ASKED, choice=AcknowledgeChoice.TAKE_UP, plans=2, chosen_at=week(7, 8))
        found = case_state(case(strained(unopened=True), tomas(findings=[overdue])), NOW)
        assert found.first is not None
        assert (found.first.member, found.first.state, found.further) == (TOMAS, State.NOT_TAKEN_UP, 1)


class TestNothingIsHidden:
    def test_what_one_member_said_does_not_hide_what_was_seen_of_the_other(self):
        asked = tomas(findings=[finding(SignalKind.ASKED)])
        found = case_state(case(asked, strained(unopened=True)), NOW)
        assert found.first is not None
        assert (found.first.member, found.first.unopened, found.further) == (LEA, True, 1)

    def test_an_open_link_hides_no_low_rating(self):
        low = lea(
            [
                *[rating(k, 2.8) for k in range(1, 9)],
                unrated(9, Asked.ASKED, closes_at=NOW + timedelta(days=1)),
            ],
            findings=[finding(SignalKind.LOW, choice=AcknowledgeChoice.TALKED, chosen_at=NOW, cut_off=5.0)],
        )
        state = case_state(case(low, sessions=9), NOW).first
        assert state is not None
        assert (state.state, state.group) == (State.STILL_LOW, Group.LOOKED_AT)

    def test_a_low_rating_ends_when_ratings_are_back_and_is_past_until_it_was_opened(self):
        def back(*, unopened: bool) -> MemberFacts:
            low = finding(SignalKind.LOW, session=6, cut_off=5.0, unopened=unopened)
            ratings = [rating(k, 2.0 if k == 6 else 8.0) for k in range(1, 13)]
            return lea(ratings, findings=[low])

        assert first(back(unopened=False), sessions=12) == State.STEADY
        past = case_state(case(back(unopened=True), sessions=12), NOW).first
        assert past is not None
        assert (past.state, past.group) == (State.PAST, Group.WORTH)

    def test_a_second_relation_is_a_state_of_its_own(self):
        between = strain(relation=Relation.WITHIN)
        low = finding(SignalKind.LOW, cut_off=5.0)
        member = lea(
            LAST_LOW,
            findings=[low, finding(SignalKind.STRAIN_BETWEEN, strain=between.id)],
            strains=[between],
        )
        found = case_state(case(member), NOW)
        assert {(s.relation, s.state) for s in found.states} == {
            (Relation.WITHIN, State.STRAIN_BETWEEN),
            (Relation.THERAPIST, State.LOW),
        }

    def test_of_who_has_left_only_what_nobody_opened_is_told(self):
        assert first(lea(LAST_LOW, has_left=True)) is None
        gone = strained(unopened=True)
        state = case_state(case(replace(gone, has_left=True)), NOW).first
        assert state is not None
        assert (state.state, state.group) == (State.STRAIN, Group.WORTH)
        assert first(replace(strained(), has_left=True)) is None


class TestNoRatingIsNoRating:
    @pytest.mark.parametrize("asked", [Asked.SKIPPED, Asked.LATE, Asked.ASKED])
    def test_the_last_session_without_a_rating_is_not_steady(self, asked):
        ratings = [*[rating(k) for k in range(1, 8)], unrated(8, asked, closes_at=NOW - timedelta(hours=1))]
        assert first(lea(ratings)) == State.NO_RATING

    def test_who_was_away_is_as_they_were(self):
        assert first(lea([*[rating(k) for k in range(1, 8)], unrated(8, Asked.NOT_ASKED)])) == State.STEADY

    def test_an_open_link_is_waited_for_until_it_closes(self):
        closes = NOW + timedelta(hours=3)
        facts = case(lea([*[rating(k) for k in range(1, 8)], unrated(8, Asked.ASKED, closes_at=closes)]))
        before, after = case_state(facts, NOW), case_state(facts, closes)
        assert before.changes_at == closes
        assert before.first is not None
        assert after.first is not None
        assert (before.first.state, after.first.state) == (State.WAITING, State.NO_RATING)

    def test_three_sessions_without_any_answer_are_not_heard_from(self):
        silent = tomas([unrated(k, Asked.ASKED, closes_at=NOW - timedelta(hours=1)) for k in (1, 2, 3)])
        assert first(lea([rating(k) for k in (1, 2, 3)]), silent, sessions=3) == State.NOT_HEARD_FROM

    def test_three_sessions_without_a_rating_after_some_are_fewer_answers(self):
        ratings = [rating(k) for k in range(1, 6)] + [unrated(k, Asked.SKIPPED) for k in (6, 7, 8)]
        assert first(lea(ratings)) == State.FEWER_ANSWERS

    def test_asking_that_is_paused_tells_nothing(self):
        silent = [unrated(k, Asked.ASKED, closes_at=NOW - timedelta(hours=1)) for k in (1, 2, 3)]
        assert first(lea(silent, is_asked=False), sessions=3) is None


class TestTheFirstSessions:
    @pytest.mark.parametrize(
        ("values", "state"),
        [
            ([9.0], State.NOT_ENOUGH),
            ([9.0, 6.0], State.EARLY_FALL),
            ([8.0, 6.0], State.EARLY_FALL),
            ([8.0, 6.1], State.NOT_ENOUGH),
            ([8.0, 8.0, 6.0], State.EARLY_FALL),
            ([8.0, 6.0, 8.0], State.NOT_ENOUGH),
        ],
    )
    def test_a_clear_fall_is_worth_a_word_before_anything_can_be_compared(self, values, state):
        assert (
            first(lea([rating(k, v) for k, v in enumerate(values, start=1)]), sessions=len(values)) == state
        )

    @pytest.mark.parametrize("word", ["little", "unsure"])
    def test_so_is_a_word_of_the_client(self, word):
        assert first(lea([rating(1, tension=word)]), sessions=1) == State.EARLY_WORD

    def test_one_is_steady_though_the_other_has_few_ratings(self):
        assert first(lea(), tomas([rating(8, earlier=0, usual_low=None, usual_high=None)])) == State.STEADY


@pytest.mark.parametrize("number", [2, 3])
def test_how_often_chance_alone_makes_an_early_fall(number):
    """Counted anew in simulated cases with nothing wrong; four standard errors of so many cases are 25%."""
    model = SimulationModel(missing_share=0.0).without_episodes()
    ratings = simulate(cases=8_000, sessions=number, seed=3, model=model).ratings
    wide = ratings.pivot(on="session", index="case", values="value")
    before = sum(wide[str(k)] for k in range(1, number)) / (number - 1)
    share = (before - wide[str(number)] >= EARLY_FALL).mean()
    assert 1 / share == pytest.approx(EARLY_FALL_ONCE_IN[number], rel=0.25)


class TestSteady:
    @pytest.mark.parametrize(
        ("value", "state"),
        [(7.0, State.STEADY), (6.9, State.BELOW_USUAL), (9.0, State.STEADY), (9.1, State.GROWING)],
    )
    def test_steady_is_what_lies_in_the_usual_range(self, value, state):
        assert first(lea([*[rating(k) for k in range(1, 8)], rating(8, value)])) == state

    def test_a_case_is_not_steady_while_one_member_is_not(self):
        assert first(lea(), tomas([*[rating(k) for k in range(1, 8)], rating(8, 6.5)])) == State.BELOW_USUAL


# ---------- whatever the facts ----------

EPISODES_OPEN = (SignalKind.STRAIN, SignalKind.STRAIN_BETWEEN, SignalKind.EROSION)
FINDINGS = st.sampled_from(list(SignalKind)).flatmap(
    lambda kind: st.builds(
        finding,
        st.just(kind),
        st.integers(1, 12),
        unopened=st.booleans(),
        choice=st.none() | st.sampled_from(list(AcknowledgeChoice)),
        chosen_at=st.sampled_from([week(4, 12), week(11, 12), NOW]),
        plans=st.integers(0, 3),
        strain=st.just(uuid.UUID(int=99) if kind in EPISODES_OPEN else None),
        cut_off=st.just(5.0),
    )
)
STRAINS = st.builds(
    strain,
    st.sampled_from(list(EpisodeStatus)),
    st.integers(4, 12),
    relation=st.sampled_from(list(Relation)),
    repair=st.none() | st.integers(5, 12),
    confirmed=st.booleans(),
    mended=st.booleans(),
    contradicted=st.booleans(),
)
RATINGS = st.lists(
    st.builds(
        lambda asked, value: (asked, value if asked in (Asked.RATED, Asked.LATE) else None),
        st.sampled_from(list(Asked)),
        st.floats(0, 10),
    ),
    max_size=12,
).map(
    lambda rows: [
        RatingFacts(k, asked, value, 7.0, 9.0, k - 1) for k, (asked, value) in enumerate(rows, start=1)
    ]
)
MEMBERS = st.builds(
    lambda ratings, findings, strains: lea(ratings, findings=findings, strains=strains),
    RATINGS,
    st.lists(FINDINGS, max_size=4),
    st.lists(STRAINS, max_size=1),
)


@given(MEMBERS)
def test_nothing_unopened_is_hidden(member):
    """Every finding nobody opened belongs to a state of the first group, unless later answers took it away."""
    found = case_state(case(member, sessions=12), NOW)
    standing = {s.id for s in member.strains if s.status != EpisodeStatus.WITHDRAWN}
    for each in member.findings:
        if each.unopened and (each.strain is None or each.strain in standing):
            about = [
                s
                for s in found.states
                if s.to_open is not None
                and (s.to_open.strain or s.to_open.kind) == (each.strain or each.kind)
            ]
            assert [s.group for s in about] == [Group.WORTH]


@given(MEMBERS)
def test_the_most_urgent_comes_first_and_steady_stands_alone(member):
    found = case_state(case(member, sessions=12), NOW)
    groups = [list(Group).index(s.group) for s in found.states if s.state != State.NOT_ENOUGH]
    assert groups == sorted(groups)
    if found.first is not None and found.first.state == State.STEADY:
        last = member.ratings[Relation.THERAPIST][-1:]
        assert all(s.group == Group.STEADY for s in found.states)
        assert last
        assert all(r.asked == Asked.NOT_ASKED or 7.0 <= (r.value or 0) <= 9.0 for r in last)
