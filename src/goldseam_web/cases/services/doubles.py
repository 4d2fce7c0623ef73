"""One person entered twice: found, made one, and two again if that was a mistake."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.services import record_change
from goldseam_web.cases.access import own_cases
from goldseam_web.cases.contacts import likely_mailbox
from goldseam_web.cases.guardians import birth_year_of
from goldseam_web.cases.merge_tables import PersonMerge
from goldseam_web.cases.models import ContactKind, Member, Person, RestReason, SafeWays
from goldseam_web.cases.names import alike
from goldseam_web.cases.safe_ways import ways_of
from goldseam_web.cases.services.guardians_named import look_again_everywhere
from goldseam_web.cases.services.opening import check_told_apart
from goldseam_web.lib.transactions import locked, one_transaction

SAID = ("never", "by_mail", "by_phone", "voicemail", "reminders", "not_before", "not_after")


@dataclass(frozen=True)
class Double:
    """Another entry that may be the same person, with one place of theirs in a case of the viewer's."""

    member: Member
    same_name: bool
    same_contact: bool


def possible_doubles(viewer: Viewer, member: Member) -> list[Double]:
    """Entries in the viewer's own cases, ended ones too, that share both names or a contact with this one.

    None that takes part in somebody else's case too: it could not be made one, and why would tell of that case.
    """
    others: dict[object, Double] = {}
    mine, names = _reached_at(member.person), _names(member.person)
    for other in _own_members(viewer).exclude(person=member.person_id):
        double = Double(other, _names(other.person) == names, bool(mine & _reached_at(other.person)))
        if double.same_name or double.same_contact:
            others.setdefault(other.person_id, double)
    return list(others.values())


def _own_members(viewer: Viewer) -> "QuerySet[Member]":
    own = own_cases(viewer)
    elsewhere = Member.objects.filter(person=OuterRef("person")).exclude(case__in=own)
    found = Member.objects.filter(case__in=own).exclude(person__identity=None).exclude(Exists(elsewhere))
    return (
        found.select_related("person__identity", "case")
        .prefetch_related("person__contacts")
        .order_by("joined_on", "pk")
    )


def _names(person: Person) -> tuple[str, str]:
    return alike(person.identity.display_name), alike(person.identity.family_name)


def _reached_at(person: Person) -> set[str]:
    return {
        likely_mailbox(contact.value.strip().lower())
        if contact.kind == ContactKind.EMAIL
        else contact.value_hash
        for contact in person.contacts.all()
    }


@one_transaction
def merge_people(*, viewer: Viewer, member: Member, other: Member, at: datetime) -> None:
    """Say that ``other`` is the same person as ``member``, whose names, contacts and safe ways hold from now on.

    Every place of the other entry goes over; answers stay where they were given. Raises ValidationError where it is not
    the viewer's to say, or the two cannot be one.
    """
    kept, was = _both(member, other)
    places = list(locked(Member.objects.filter(person=was)).select_related("case"))
    _check_own(viewer, [member, *places])
    _check_one_person(kept, was, places)
    for place in places:
        place.person = kept
        place.save(update_fields=["person"])
        PersonMerge.objects.create(
            clinic_id=place.clinic_id, member=place, was=was, kept=kept, by_id=viewer.staff_id, at=at
        )
        record_change(place, at=at, actor=viewer.actor, action="person.merge", object_kind="member")
    look_again_everywhere(member, at)


def _both(member: Member, other: Member) -> tuple[Person, Person]:
    persons = {p.pk: p for p in locked(Person.objects.filter(pk__in=[member.person_id, other.person_id]))}
    if len(persons) < 2:
        raise ValidationError("These two are one person already.")
    return persons[member.person_id], persons[other.person_id]


def _check_own(viewer: Viewer, members: list[Member]) -> None:
    cases = {member.case_id for member in members}
    if own_cases(viewer).filter(pk__in=cases).count() != len(cases):
        raise ValidationError(
            "One of the two is in a case that you do not treat; its therapist has to look at it with you."
        )


def _check_one_person(kept: Person, was: Person, places: list[Member]) -> None:
    if Member.objects.filter(person__in=[kept, was], rests_because=RestReason.DIED).exists():
        raise ValidationError(
            "It is noted that one of the two has died; take that back first if it is wrong."
        )
    if Member.objects.filter(person=kept, case__in=[place.case_id for place in places]).exists():
        raise ValidationError("Both take part in the same case, so they are two people.")
    if any(place.needs_guardian for place in places) and birth_year_of(kept) != birth_year_of(was):
        raise ValidationError(
            "By the year of birth of the other entry somebody else may have to agree for this person; put the same "
            "year in here first, or put it right there."
        )
    one, two = ways_of(kept), ways_of(was)
    if one is not None and two is not None and _said(one) != _said(two):
        raise ValidationError(
            "What was said of how they may be reached differs between the two; ask them alone, put both right, then "
            "make them one."
        )
    for place in places:
        beside = Member.objects.filter(case=place.case_id).exclude(pk=place.pk).exclude(person__identity=None)
        for other in beside.select_related("person__identity").prefetch_related("person__contacts"):
            check_told_apart([kept.identity.display_name, other.person.identity.display_name])
            if _reached_at(kept) & _reached_at(other.person):
                raise ValidationError(
                    f"{other.person.identity.display_name}, in a case of the other entry, is reached where this person "
                    "is; give each a way of their own first."
                )


def _said(ways: SafeWays) -> tuple[object, ...]:
    return tuple(getattr(ways, name) for name in SAID)


def merges_of(viewer: Viewer, member: Member) -> "QuerySet[PersonMerge]":
    """What was made one with this person and still stands, the newest first.

    Nothing to whoever does not treat every case of theirs: that there is another one is not for them to learn.
    """
    stands = PersonMerge.objects.filter(kept=member.person_id, taken_back_at=None)
    elsewhere = Member.objects.filter(person=member.person_id).exclude(case__in=own_cases(viewer))
    found = stands.exclude(Exists(elsewhere))
    return found.select_related("member__case", "was__identity").order_by("-at")


@one_transaction
def take_back_merge(*, viewer: Viewer, merge: PersonMerge, at: datetime) -> None:
    """They are two people after all: each place that went over goes back to the entry it was of."""
    together = PersonMerge.objects.filter(
        was=merge.was_id, kept=merge.kept_id, at=merge.at, taken_back_at=None
    )
    places = list(locked(Member.objects.filter(merges__in=together, person=merge.kept_id)))
    _check_own(viewer, list(Member.objects.filter(person=merge.kept_id)))
    for place in places:
        place.person_id = merge.was_id
        place.save(update_fields=["person"])
        record_change(
            place, at=at, actor=viewer.actor, action="person.merge_taken_back", object_kind="member"
        )
    for place in places:
        look_again_everywhere(place, at)
    together.update(taken_back_at=at)
