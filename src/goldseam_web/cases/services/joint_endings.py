"""When what was released for looking at together falls away: its member stops, or with whom to look has changed."""

from collections.abc import Iterable
from uuid import UUID

from goldseam_web.cases.joint_tables import JointRelease, JointState, JointView
from goldseam_web.lib.transactions import locked


def end_joint_view(case_id: UUID) -> None:
    """Switch it off, and with it what is shown, in the transaction of whatever changes who looks at it.

    What others have released stays theirs to take back: it holds for certain people, and no more for these. That it
    went would tell them who came or left.
    """
    view = locked(JointView.objects.filter(case=case_id)).first()
    if view is not None and view.state != JointState.OFF:
        end_showing(view)


def end_showing(view: JointView) -> None:
    """Off, and without the releases that were used up for it."""
    view.state, view.shown_by, view.shown_at = JointState.OFF, None, None
    view.save(update_fields=["state", "shown_by", "shown_at"])
    _drop(JointRelease.objects.filter(member__case=view.case_id, shown=True).values_list("pk", flat=True))


def drop_release_of(member_id: UUID) -> None:
    """Drop what one member has released and is not shown yet."""
    _drop(JointRelease.objects.filter(member=member_id, shown=False).values_list("pk", flat=True))


def drop_releases_of_case(case_id: UUID) -> None:
    """Nothing of it is looked at any more."""
    _drop(JointRelease.objects.filter(member__case=case_id).values_list("pk", flat=True))


def _drop(found: Iterable[UUID]) -> None:
    ids = [row.pk for row in locked(JointRelease.objects.filter(pk__in=list(found)))]
    JointRelease.objects.filter(pk__in=ids).delete()
