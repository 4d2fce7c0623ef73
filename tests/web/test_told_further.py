"""When answers may have to be told further stands in the clinic's words wherever clients read who can open them."""

from datetime import timedelta

import pytest

from goldseam_web.alerts.readiness import readiness
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.consent_tables import ConsentText
from goldseam_web.cases.consent_wording import LONGEST_LIMITS, SHIPPED_WORDING
from goldseam_web.cases.consents import text_in_force
from goldseam_web.lib.clinical_words import clinical_words
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PAGE = "/office/consent/"
DRAFT = "A court may order Larkfield to hand over what is on record."
OWN = "A judge may ask Larkfield for it.\nThe insurer sees dates alone."


def given(limits):
    """The words in force with other limits, as a browser sends them."""
    kept = {name: getattr(SHIPPED_WORDING, name) for name in ("care", "feedback", "research")}
    return {name: text.replace("\n", "\r\n") for name, text in {**kept, "limits": limits}.items()}


def is_met(clinic, now):
    [need] = [n for n in readiness(clinic, at=now) if n.subject == "when it may have to be told further"]
    assert not need.stops, "a draft that promises nothing is in force"
    return need.is_met


@pytest.fixture
def lea(cast):
    return people.member(cast.couple, "Lea")


@pytest.fixture
def link(cast, lea, now):
    return people.link(people.asked(people.meet(cast.couple, cast.ines, now - HOUR), lea))


def test_a_draft_stands_on_every_page_that_says_who_reads(client, cast, lea, link, now):
    card = f"/c/card/{people.card_given_to(lea, cast.ines, now)}/"
    for address in (link, f"{link}privacy/", card):
        assert DRAFT in words(client.get(address)), address
    lea.consents.all().delete()
    assert DRAFT in words(client.get(link))
    staff = signed_in(cast.ines)
    assert DRAFT in words(staff.get("/office/leaflet/"))
    assert DRAFT in words(staff.get(f"/cases/{cast.couple.pk}/members/1/consent/"))
    assert clinical_words(SHIPPED_WORDING.limits.format(clinic="")) == []


def test_kept_as_it_is_it_is_the_clinics_and_nobody_is_asked_again(client, cast, link, now):
    assert not is_met(cast.clinic, now)
    before = text_in_force(cast.clinic).number
    said = words(signed_in(cast.administrator).post(PAGE, given(SHIPPED_WORDING.limits), follow=True))
    assert f"Kept as they are: version {before} holds, and nobody is asked again." in said
    assert is_met(cast.clinic, now)
    assert ConsentText.objects.filter(clinic=cast.clinic).count() == 1
    assert AuditEntry.objects.filter(action="consent.text_kept").count() == 1
    assert "Yes, start" in words(client.get(link))
    signed_in(cast.administrator).post(PAGE, given(SHIPPED_WORDING.limits))
    assert AuditEntry.objects.filter(action="consent.text_kept").count() == 1


def test_other_words_are_a_version_that_everybody_reads_first(client, cast, link, now):
    assert "Version 2 is in force." in words(
        signed_in(cast.administrator).post(PAGE, given(OWN), follow=True)
    )
    assert is_met(cast.clinic, now)
    page = client.get(link)
    assert "Do you agree to these words?" in words(page)
    assert "A judge may ask Larkfield for it. The insurer sees dates alone." in words(page)
    client.post(link, {"shown": page.context["page"].shown, "agree": "yes"})
    assert "The insurer sees dates alone." in words(client.get(link))
    assert "The insurer sees dates alone." in words(signed_in(cast.ines).get("/office/leaflet/"))


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ("", "This field is required."),
        ("x" * (LONGEST_LIMITS + 1), "701 characters given; at most 700 can be read on a phone."),
        ("{therapist} may have to tell.", "{therapist} given; allowed is {clinic}."),
        ("Your treatment is on record.", "“treatment” tells whoever sees the phone"),
    ],
)
def test_what_cannot_be_shown_is_refused(cast, limits, why):
    refused = signed_in(cast.administrator).post(PAGE, given(limits))
    assert refused.status_code == 400
    assert why in words(refused)


def test_the_longest_words_fit_the_page(client, cast, lea, link):
    """60 KB is what the issue allows a page of a client."""
    form = given("x" * LONGEST_LIMITS) | dict.fromkeys(("care", "feedback", "research"), "y" * 1200)
    signed_in(cast.administrator).post(PAGE, form)
    assert len(client.get(link).content) < 60_000
