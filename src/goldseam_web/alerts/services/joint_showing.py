"""Switching the joint view of a case on and off, and showing it: by whoever treats the case, when alone.

It is shown only while each member who takes part has released something, has been seen alone, and said that all may
speak of it. Who released and who did not is told to nobody: until all have, every reader reads the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac

from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.speaking_openly import single_time_of
from goldseam_web.audit.services import record
from goldseam_web.cases.guardians import is_too_young
from goldseam_web.cases.joint_tables import JointRelease, JointState, JointView
from goldseam_web.cases.models import Case, Member, RecordState
from goldseam_web.cases.queries import may_change
from goldseam_web.cases.services.joint_endings import end_showing
from goldseam_web.cases.single_time import SingleTime, sees_several
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.released_ratings import RatedTogether, rated_together

SHOWN_AT_MOST = timedelta(hours=3)
NOT_YOURS = "The joint view is for whoever treats the case."
ENDED = "This case has ended; nothing of it is shown."
LOOK_AGAIN = "It is no longer what you looked at; look once more."


@dataclass(frozen=True)
class Together:
    """What there is to show of a case: empty unless each member who takes part released a session that all rated.

    ``mark`` stands for exactly this; ``held``: somebody is still to be seen alone, or has not said yes there.
    """

    members: tuple[Member, ...]
    held: bool
    ratings: tuple[RatedTogether, ...] = ()
    mark: str = ""


def joint_view_of(case: Case) -> JointView:
    """The row of a case that was read for a viewer; one that is off where nobody has switched it on."""
    found = JointView.objects.filter(case=case.pk).select_related("shown_by").first()
    return found or JointView(case=case, clinic_id=case.clinic_id)


def released_together(viewer: Viewer, case: Case, *, shown: bool = False) -> Together:
    """What all of them have released and is not shown yet, or what is ``shown``, of a case read for this viewer."""
    asked = single_time_of(viewer, case)
    releases = list(
        JointRelease.objects.filter(member__case=case.pk, shown=shown).select_related("up_to").order_by("pk")
    )
    return _together(asked, releases, viewer.today)


def _together(asked: SingleTime, releases: Sequence[JointRelease], today: date) -> Together:
    """Who is too young to be asked has nothing to release, and is among those with whom it is looked at."""
    members, held = tuple(m for m in asked.members if not is_too_young(m, today)), asked.holds_joint_room
    everybody = {member.pk for member in members}
    with_them = sorted(str(member.pk) for member in asked.members)
    in_force = [one for one in releases if one.member_id in everybody and one.with_members == with_them]
    if held or not everybody or len(in_force) < len(everybody) or len(releases) != len(in_force):
        return Together(members, held)
    ratings = rated_together(releases)
    if not ratings:
        return Together(members, held)
    said = repr([(one.pk, one.up_to_id, one.at) for one in releases] + [_as_text(one) for one in ratings])
    return Together(members, held, tuple(ratings), salted_hmac("goldseam.joint_view", said).hexdigest())


def _as_text(one: RatedTogether) -> str:
    values = sorted((str(rater), given) for rater, given in one.values.items())
    return repr((one.scale, one.therapist, one.days, values))


@one_transaction
def switch_joint_view(*, viewer: Viewer, case: Case, on: bool, at: datetime) -> None:
    """Let it open once all have released something, or not; off ends what is shown, and with it those releases.

    Raises ValidationError for whoever does not treat the case, for a case of one, and for one that has ended.
    """
    case = _locked_case(viewer, case)
    if on:
        JointView.objects.get_or_create(case=case, defaults={"clinic_id": case.clinic_id})
    view = locked(JointView.objects.filter(case=case)).first()
    if view is None or on == (view.state != JointState.OFF):
        return
    if on:
        view.state = JointState.ON
        view.save(update_fields=["state"])
    else:
        end_showing(view)
    _on_record(viewer, case, at, "joint_view.on" if on else "joint_view.off")


@one_transaction
def show_joint_view(*, viewer: Viewer, case: Case, mark: str, at: datetime) -> JointView:
    """Show what the viewer has looked at, and use up each release of it. Shown again (a double click) it stays so.

    Raises ValidationError where it is not exactly that any more: switched off, taken back, somebody is to be seen
    alone, or has joined.
    """
    case = _locked_case(viewer, case)
    # Behind this lock nobody releases, takes back, is noted as seen alone, or leaves.
    present = [member.pk for member in locked(case.members.filter(left_on=None))]
    view = locked(JointView.objects.filter(case=case)).first()
    if view is not None and view.state == JointState.SHOWN and view.shown_by_id == viewer.staff_id:
        return view
    if view is None or view.state != JointState.ON:
        raise ValidationError(LOOK_AGAIN)
    asked = single_time_of(viewer, case)
    found = JointRelease.objects.filter(member__in=present, shown=False)
    releases = list(locked(found).select_related("up_to"))
    together = _together(asked, releases, viewer.today)
    if not together.mark or not constant_time_compare(together.mark, mark):
        raise ValidationError(LOOK_AGAIN)
    JointRelease.objects.filter(pk__in=[release.pk for release in releases]).update(shown=True)
    view.state, view.shown_by_id, view.shown_at = JointState.SHOWN, viewer.staff_id, at
    view.save(update_fields=["state", "shown_by", "shown_at"])
    _on_record(viewer, case, at, "joint_view.show")
    return view


def _locked_case(viewer: Viewer, case: Case) -> Case:
    """The case as it is now. Raises ValidationError where the viewer may do nothing with its joint view."""
    case = locked(Case.objects.filter(pk=case.pk)).get()
    if not may_change(viewer, case) or not sees_several(case):
        raise ValidationError(NOT_YOURS)
    if case.ended_on is not None or case.state != RecordState.ACTIVE:
        raise ValidationError(ENDED)
    return case


def _on_record(viewer: Viewer, case: Case, at: datetime, action: str) -> None:
    """Without telling open pages: a page that loads anew in the room would say that something was done."""
    record(
        clinic_id=case.clinic_id,
        at=at,
        actor=viewer.actor,
        action=action,
        object_kind="case",
        object_id=case.pk,
    )
