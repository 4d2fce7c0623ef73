"""What was said of consent before texts had versions, or limits, is all there, and nobody is asked again for that."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from goldseam_web.cases.consent_tables import ConsentRecord, ConsentText
from goldseam_web.cases.consent_wording import ConsentWording
from goldseam_web.measures.links import CareConsent, care_consent
from tests.web import people

BEFORE = [("cases", "0007_safe_ways")]
WITHOUT_LIMITS = [("cases", "0014_safety_notes")]
DAY = timedelta(days=1)


def migrate(targets):
    return MigrationExecutor(connection).migrate(targets).apps


@pytest.mark.django_db(transaction=True)
def test_every_word_becomes_a_row_of_its_own(ines, now):
    if not MigrationExecutor(connection).loader.migrated_apps:
        pytest.skip("needs the migrations")
    members = list(people.family(ines, now).members.order_by("position"))
    ConsentRecord.objects.all().delete()
    try:
        old = migrate(BEFORE).get_model("cases", "Consent")
        agreed, took_back, never = (member.pk for member in members)
        common = {"clinic_id": ines.clinic_id, "purpose": "care"}
        old.objects.create(member_id=agreed, version="said to staff", given_at=now, **common)
        old.objects.create(
            member_id=took_back, version="1", given_at=now - 2 * DAY, withdrawn_at=now - DAY, **common
        )
        old.objects.create(member_id=never, version="", given_at=now, withdrawn_at=now, **common)
    finally:
        migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    rows = ConsentRecord.objects.order_by("member__position", "position")
    assert [(row.member_id, row.answer, row.at, row.text) for row in rows] == [
        (agreed, "given", now, None),
        (took_back, "given", now - 2 * DAY, None),
        (took_back, "withdrawn", now - DAY, None),
        (never, "declined", now, None),
    ]
    stands = [care_consent(member) for member in members]
    assert stands == [CareConsent.OUTDATED, CareConsent.REFUSED, CareConsent.REFUSED]


@pytest.mark.django_db(transaction=True)
def test_words_keep_the_sentence_that_was_read_beside_them(clinic, now):
    """The sentence is the one that every client page had before clinics could write their own."""
    if not MigrationExecutor(connection).loader.migrated_apps:
        pytest.skip("needs the migrations")
    own = {"care": "{clinic} asks.", "feedback": "{therapist} reads.", "research": "For research."}
    try:
        old = migrate(WITHOUT_LIMITS).get_model("cases", "ConsentText")
        old.objects.create(clinic_id=clinic.pk, number=2, since=now, content_hash="of three", **own)
    finally:
        migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    [text] = ConsentText.objects.all()
    assert text.limits == "Where somebody is in danger, it may have to be told further."
    assert text.content_hash == ConsentWording(**own, limits=text.limits).content_hash
    assert text.looked_over_at is None
