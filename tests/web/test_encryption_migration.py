"""Names, contacts and notes of an earlier version are encrypted by the upgrade, and plain nowhere in the file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from goldseam_web.cases.contacts import contact_hash

BEFORE = [("cases", "0003_paused_on"), ("alerts", "0002_repair_and_plans")]
AT = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = ("Friederike", "Ångström", "friederike@example.org", "+1 312 555 0147")
NOTE = "He looked at the floor."


def migrate(targets):
    """The models as they were there: what `migrate` returns for several targets backwards mixes their states."""
    MigrationExecutor(connection).migrate(targets)
    loader = MigrationExecutor(connection).loader
    there = [node for node in loader.applied_migrations if node in loader.graph.nodes]
    return loader.project_state(there).apps


def raw(table, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608  names of the test's own
        return [value for (value,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_plain_names_contacts_and_notes_are_encrypted_and_read_as_before():
    newest = [(app, name) for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes()]
    if not MigrationExecutor(connection).loader.migrated_apps:
        pytest.skip("needs the migrations")
    try:
        old = migrate(BEFORE)
        clinic = old.get_model("accounts", "Clinic").objects.create(
            name="Larkfield", time_zone="America/Chicago", created_at=AT
        )
        for k in range(3):
            person = old.get_model("cases", "Person").objects.create(clinic=clinic, created_at=AT)
            old.get_model("cases", "PersonIdentity").objects.create(
                person=person, clinic=clinic, called=f"{PLAIN[0]}{k}", family_name=PLAIN[1]
            )
            for kind, value in (("email", f"{k}{PLAIN[2]}"), ("phone", PLAIN[3])):
                old.get_model("cases", "PersonContact").objects.create(
                    clinic=clinic, person=person, kind=kind, value=value
                )
        user = old.get_model("accounts", "User").objects.create(email="ines@larkfield.example", password="!")
        ines = old.get_model("accounts", "Staff").objects.create(
            clinic=clinic, user=user, full_name="Ines Okafor"
        )
        case = old.get_model("cases", "Case").objects.create(clinic=clinic, kind="individual", opened_on=AT)
        for text in (NOTE, ""):
            old.get_model("alerts", "ProcessNote").objects.create(
                clinic=clinic, case=case, author=ines, kind="private", text=text, written_at=AT
            )
        assert NOTE in raw("alerts_processnote", "text")
        assert raw("cases_personidentity", "called")[0].startswith(PLAIN[0])
        migrate(newest)
        stored = " ".join([*raw("cases_personidentity", "names"), *raw("cases_personcontact", "value")])
        assert [word for word in PLAIN if word in stored] == []
        assert sorted(note.text for note in apps.get_model("alerts", "ProcessNote").objects.all()) == [
            "",
            NOTE,
        ]
        assert [text for text in raw("alerts_processnote", "text") if NOTE in text] == []
        identities = apps.get_model("cases", "PersonIdentity").objects.all()
        assert sorted(map(str, identities)) == [f"{PLAIN[0]}{k} {PLAIN[1]}" for k in range(3)]
        assert all(identity.told_apart_by == {} for identity in identities)
        contacts = apps.get_model("cases", "PersonContact").objects.filter(kind="email")
        assert sorted(contact.value for contact in contacts) == [f"{k}{PLAIN[2]}" for k in range(3)]
        assert {contact.value_hash for contact in contacts} == {
            contact_hash("email", f"{k}{PLAIN[2]}", country="US") for k in range(3)
        }
        if connection.vendor == "sqlite" and Path(connection.settings_dict["NAME"]).exists():
            content = Path(connection.settings_dict["NAME"]).read_bytes()
            assert [word for word in PLAIN if word.encode() in content] == []
    finally:
        migrate(newest)
