"""What one of two therapists reads first, and the other only later: what a form about a session of both says of one.

The one whom the form named reads it at once. The other of the two reads it once the first has opened what was found,
and after a day in any case; earlier where the first is away, treats the case no more, or is passed by because nobody
looked. It is the same whether anything was found or not, so that nothing tells the other that there is something to
wait for.

A form names whom it rates, but the other where the client said there was tension with that one alone. Where it names
both, nobody waits: the client said with both, or did not say with whom, or something was found with each.

Whoever supervises the first reads it at once too, as does whoever is neither of the two.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from goldseam_web.accounts.leaves import leaves_on
from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer, local_day, on_day, supervised_through
from goldseam_web.alerts.models import ESCALATED, AlertSignal, Seen
from goldseam_web.cases.models import Case, CaseTherapist
from goldseam_web.measures.models import Response
from goldseam_web.measures.own_measures import ALLIANCE_MEASURE
from goldseam_web.measures.request_rows import RequestRow
from goldseam_web.outbox.models import Message

READ_FIRST = timedelta(days=1)


def unread_by(
    reader: uuid.UUID, supervised: Collection[uuid.UUID], *, day: date, at: datetime
) -> "QuerySet[Response]":
    """What this member of staff does not read yet, of sessions they held beside the therapist whom a form named.

    Part of every page's statements: SQLite parses conditions no deeper than a hundred levels in all.
    """
    named = OuterRef("read_first_by")
    treats = CaseTherapist.objects.filter(
        on_day(day), case=OuterRef("occasion__case"), therapist=named, therapist__active=True
    )
    opened = Seen.objects.filter(signal__response=OuterRef("pk"), staff=named)
    passed_on = Message.objects.filter(purpose=ESCALATED, subject=OuterRef("pk"))
    escalated = AlertSignal.objects.filter(Exists(passed_on), response=OuterRef("pk"))
    of_reader = AlertSignal.objects.filter(response=OuterRef("pk"), series__therapist=reader)
    return Response.objects.filter(
        Q(occasion__encounter__therapist=reader) | Q(occasion__encounter__beside=reader),
        ~Q(read_first_by__in=[reader, *supervised]),
        Exists(treats),
        ~Exists(leaves_on(day).filter(staff=named)),
        ~Exists(opened),
        ~Exists(escalated),
        ~Exists(of_reader),
        read_first_by__isnull=False,
        rated_at__gt=at - READ_FIRST,
        occasion__encounter__beside__isnull=False,
        occasion__respondent__isnull=False,
    )


def not_read(viewer: Viewer) -> "QuerySet[Response]":
    """The same of whoever is told: the viewer, or the therapist whose page another one reads."""
    reader = viewer.told_to or viewer.staff_id
    return unread_by(reader, viewer.supervised, day=viewer.today, at=viewer.at)


def readable_signals(viewer: Viewer) -> Q:
    """Of a row of a signal: whether the viewer reads it by now."""
    return ~Q(Exists(not_read(viewer).filter(pk=OuterRef("response"))))


def readable_ratings(viewer: Viewer) -> Q:
    """Of a row of a score: the same. How somebody is doing is nobody's first."""
    lately = Q(series__measure_key=ALLIANCE_MEASURE, response__rated_at__gt=viewer.at - READ_FIRST)
    return ~(lately & Q(Exists(not_read(viewer).filter(pk=OuterRef("response")))))


def unread_requests(viewer: Viewer, cases: Iterable[Case]) -> list[RequestRow]:
    """What was answered in cases that were read for this viewer and is not read by them yet."""
    forms = not_read(viewer).filter(occasion__case__in=[case.pk for case in cases])
    return [
        RequestRow(
            form.occasion.encounter_id,
            form.occasion.respondent_id,
            form.occasion.phase,
            form.occasion.state,
            form.occasion.closes_at,
            form.occasion.therapist_id,
            "",
            form.rated_at,
        )
        for form in forms.select_related("occasion")
        if form.occasion.encounter_id is not None and form.occasion.respondent_id is not None
    ]


def answered_unread(viewer: Viewer) -> Combinable:
    """Of a row of a request: when it was answered, where the viewer does not read that yet."""
    found = not_read(viewer).filter(occasion=OuterRef("pk")).order_by("-revision")
    return Subquery(found.values("rated_at")[:1])


def is_read_first(signal: AlertSignal, *, by: uuid.UUID) -> bool:
    """Whether somebody is the one of two therapists whom the form behind a signal named."""
    return signal.meeting.beside_id is not None and signal.form.read_first_by_id == by


def reads_later(signal: AlertSignal, *, at: datetime) -> uuid.UUID | None:
    """Which of the two therapists of its session does not read a signal yet; None where nobody has to wait."""
    if signal.response_id is None:
        return None
    form = Response.objects.filter(pk=signal.response_id, occasion__encounter__beside__isnull=False)
    held = form.values_list("occasion__encounter__therapist", "occasion__encounter__beside").first()
    day = local_day(signal.clinic, at)
    for one in held or ():
        supervised = supervised_through(Staff(pk=one), day).values_list("pk", flat=True)
        if unread_by(one, list(supervised), day=day, at=at).filter(pk=signal.response_id).exists():
            return one
    return None
