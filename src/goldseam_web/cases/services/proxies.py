"""A dated right of one member of a family to answer about a child of it, beside what the child says."""

import uuid
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError

from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.guardians import is_under_age
from goldseam_web.cases.models import Case, CaseKind, Member, MemberRole, ProxyGrant
from goldseam_web.lib.transactions import locked, one_transaction

# A right that nobody looks at again goes on for nobody.
LONGEST_GRANT = timedelta(days=366)


@one_transaction
def grant_proxy(
    *, respondent: Member, subject: Member, starts_on: date, ends_on: date, at: datetime, actor: Actor
) -> ProxyGrant:
    """Let a member answer about a child of the same family from one day to another.

    One child at a time, so that nobody is asked more than twelve questions about a session. The same right granted
    twice is one. Raises ValidationError, with the reason, for what cannot be.
    """
    case = locked(Case.objects.select_related("clinic").filter(pk=respondent.case_id)).get()
    _check_members(case, respondent, subject, local_day(case.clinic, at))
    _check_days(starts_on, ends_on, local_day(case.clinic, at))
    same = {"respondent": respondent, "subject": subject, "starts_on": starts_on, "ends_on": ends_on}
    if stands := ProxyGrant.objects.filter(**same).first():
        return stands
    overlapping = ProxyGrant.objects.filter(
        respondent=respondent, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    if overlapping.exists():
        raise ValidationError("In that time they answer about a child already; one at a time.")
    grant = ProxyGrant.objects.create(clinic_id=case.clinic_id, **same)
    record_change(subject, at=at, actor=actor, action="proxy.grant", object_kind="member")
    return grant


def _check_members(case: Case, respondent: Member, subject: Member, today: date) -> None:
    if case.kind != CaseKind.FAMILY or subject.case_id != case.pk:
        raise ValidationError("Somebody answers about a child only within their own family.")
    if respondent.pk == subject.pk:
        raise ValidationError("Nobody answers about themselves here; they are asked anyway.")
    if subject.role != MemberRole.CHILD:
        raise ValidationError("Somebody answers about a child alone; others speak for themselves.")
    if respondent.role == MemberRole.CHILD or is_under_age(respondent, today):
        raise ValidationError("A child does not answer about another.")
    if respondent.left_on is not None or subject.left_on is not None:
        raise ValidationError("One of the two takes no more part in this case.")


def _check_days(starts_on: date, ends_on: date, today: date) -> None:
    if not starts_on <= ends_on or ends_on < today:
        raise ValidationError("The last day has to be today or later, and not before the first.")
    if ends_on - starts_on > LONGEST_GRANT:
        raise ValidationError("A year at most; then look again whether it is still right.")


@one_transaction
def end_proxy(*, grant: ProxyGrant, at: datetime, actor: Actor) -> None:
    """Nothing is answered about the child from today on; what was answered stays that member's view."""
    subject = locked(Member.objects.select_related("clinic")).get(pk=grant.subject_id)
    yesterday = local_day(subject.clinic, at) - timedelta(days=1)
    if ProxyGrant.objects.filter(pk=grant.pk, ends_on__gt=yesterday).update(ends_on=yesterday):
        record_change(subject, at=at, actor=actor, action="proxy.end", object_kind="member")


def grants_of_case(case: Case) -> list[ProxyGrant]:
    """Every right of a case that was read for a viewer, the newest first."""
    found = ProxyGrant.objects.filter(subject__case=case)
    related = found.select_related("respondent__person__identity", "subject__person__identity")
    return list(related.order_by("-starts_on", "pk"))


def grants_on(case_id: uuid.UUID, day: date) -> dict[uuid.UUID, ProxyGrant]:
    """By who answers, about whom they do on that day."""
    running = ProxyGrant.objects.filter(subject__case=case_id, starts_on__lte=day, ends_on__gte=day)
    return {grant.respondent_id: grant for grant in running.select_related("subject__person")}
