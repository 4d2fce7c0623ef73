"""What may happen around a joint view, act by act through the services, and what has to hold as soon as one is shown.

A couple rates a session, each is seen alone, releases and takes back; whoever treats them switches on, looks and shows.
"""

from collections.abc import Iterator
from datetime import timedelta

from hypothesis import strategies as st

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.services.joint_showing import (
    released_together,
    show_joint_view,
    switch_joint_view,
)
from goldseam_web.alerts.services.worker import work_once
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.joint_tables import JointRelease, JointState, JointView
from goldseam_web.cases.models import Case, Encounter, Member, TherapistPart
from goldseam_web.cases.safety_tables import SpokenTogether
from goldseam_web.cases.services.safety_notes import note_safety
from goldseam_web.measures.services.joint_releases import release_up_to, take_release_back
from goldseam_web.measures.services.own_words import choose_own_word, opens_own_course
from tests.web import people
from tests.web.acts_by_lot import LotClinic


def _couple(c: LotClinic) -> Case:
    return Case.objects.get(pk=c.cast.couple.pk)


def _treats(c: LotClinic) -> Staff:
    """Ines, or whoever the case was handed over to."""
    main = _couple(c).therapists.filter(part=TherapistPart.MAIN).order_by("-starts_on").first()
    return main.therapist


def _one_of_them(c: LotClinic) -> Member:
    return c.one_of(_couple(c).members.order_by("position"))


def choose_words(c: LotClinic) -> None:
    """Each has a word, given when they were with staff."""
    for who in _couple(c).members.order_by("position"):
        choose_own_word(member=who, word=_word_of(who), at=c.now, actor=SYSTEM)


def _word_of(who: Member) -> str:
    return f"seven herons {who.position}"


def _opens_own_page(c: LotClinic, who: Member) -> Member:
    """What they do there is done on a page that their word opened now."""
    opens_own_course(member=who, word=_word_of(who), form_shown_at=c.now - timedelta(seconds=1), at=c.now)
    return who


def _couple_session(c: LotClinic) -> None:
    """They come, and mostly both rate it."""
    case = _couple(c)
    if case.ended_on is not None or case.encounters.filter(state="planned").exists():
        return
    encounter = people.meet(case, _treats(c), c.now)
    for asked in encounter.occasions.filter(respondent__isnull=False, phase="post").order_by(
        "respondent__position"
    ):
        if c.draw(st.integers(0, 5)):
            people.answer(asked, c.now, c.draw(st.sampled_from([8.0, 8.0, 7.0, 3.0])), {"tension": "no"})


def _is_seen_alone(c: LotClinic) -> None:
    spoken = c.draw(st.sampled_from([*[SpokenTogether.YES] * 5, SpokenTogether.NO, SpokenTogether.NOT_YET]))
    viewer = viewer_of(_treats(c).user, at=c.now)
    clinic_day = local_day(c.cast.clinic, c.now)
    note_safety(viewer=viewer, member=_one_of_them(c), seen_on=clinic_day, spoken=spoken, at=c.now)


def _releases(c: LotClinic) -> None:
    latest = Encounter.objects.filter(case=_couple(c), state="held").order_by("starts_at").last()
    if latest is not None:
        who = _opens_own_page(c, _one_of_them(c))
        release_up_to(member=who, session_id=latest.pk, opened_at=c.now, at=c.now)


def _takes_back(c: LotClinic) -> None:
    take_release_back(member=_opens_own_page(c, _one_of_them(c)), opened_at=c.now)


def _switches(c: LotClinic) -> None:
    on = bool(c.draw(st.integers(0, 3)))
    switch_joint_view(viewer=viewer_of(_treats(c).user, at=c.now), case=_couple(c), on=on, at=c.now)


def _shows(c: LotClinic) -> None:
    """Look, and show what was looked at; now and then what was looked at before somebody took it back."""
    viewer, case = viewer_of(_treats(c).user, at=c.now), _couple(c)
    mark = released_together(viewer, case).mark
    if not c.draw(st.integers(0, 3)):
        take_release_back(member=_opens_own_page(c, _one_of_them(c)), opened_at=c.now)
    show_joint_view(viewer=viewer, case=case, mark=mark, at=c.now)


def _look_together(c: LotClinic) -> None:
    """What each does by itself is seldom done by all in time: everybody seen alone, everybody's yes, and shown."""
    _couple_session(c)
    for _ in range(300):
        if not work_once(worker="worker 1", at=c.now):
            break
    case = _couple(c)
    people.seen_alone(case, _treats(c), c.now)
    latest = Encounter.objects.filter(case=case, state="held").order_by("starts_at").last()
    if latest is None:
        return
    for who in case.members.filter(left_on=None):
        release_up_to(member=_opens_own_page(c, who), session_id=latest.pk, opened_at=c.now, at=c.now)
    viewer = viewer_of(_treats(c).user, at=c.now)
    switch_joint_view(viewer=viewer, case=case, on=True, at=c.now)
    show_joint_view(viewer=viewer, case=case, mark=released_together(viewer, case).mark, at=c.now)


JOINT_ACTS = (
    *[_couple_session] * 3,
    *[_is_seen_alone] * 3,
    *[_releases] * 4,
    *[_shows] * 3,
    *[_switches] * 2,
    *[_look_together] * 3,
    _takes_back,
)


def shown_without_right(view: JointView) -> Iterator[str]:
    """Asked right after: each who takes part released something to just these, was seen alone, and said yes."""
    present = list(view.case.members.filter(left_on=None))
    everybody = sorted(str(one.pk) for one in present)
    for member in present:
        release = JointRelease.objects.filter(member=member, shown=True).first()
        if release is None or release.with_members != everybody:
            yield f"shown, and member {member.position} had not released it to just these"
        note = member.safety_notes.last()
        if note is None or note.spoken != SpokenTogether.YES:
            yield f"shown, and member {member.position} had not said yes alone"


def newly_shown(before: set[object]) -> tuple[set[object], list[JointView]]:
    """The showings there are by now, and those of them that were not there."""
    shown = JointView.objects.filter(state=JointState.SHOWN).select_related("case")
    now = {(view.pk, view.shown_at): view for view in shown}
    return set(now), [view for key, view in now.items() if key not in before]
