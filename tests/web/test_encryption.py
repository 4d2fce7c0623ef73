"""Names, contacts and notes in the database are readable with the key alone, which changes hands in steps."""

import ast
import json
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

import goldseam_web
from goldseam_web.cases.contacts import contact_hash
from goldseam_web.cases.models import PersonContact, PersonIdentity
from goldseam_web.lib.ciphers import UnknownKeyError, decrypted, encrypted
from goldseam_web.management.commands import start
from goldseam_web.management.key_keeping import told_at_first_start
from goldseam_web.management.key_rotation import encrypted_columns
from goldseam_web.measures.outreach_tables import Outreach
from tests.web import people

OLD, NEW = "o" * 40, "n" * 40
SOURCE = Path(goldseam_web.__file__).parent


def raw(table, column):
    """What stands in the table, past the models."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY 1")  # noqa: S608  names of the test's own
        return [value for (value,) in cursor.fetchall()]


def test_the_same_text_is_encrypted_differently_each_time_and_opens_again():
    one, two = encrypted("Mara"), encrypted("Mara")
    assert one != two
    assert "Mara" not in one + two
    assert decrypted(one) == decrypted(two) == "Mara"


def test_a_key_in_front_encrypts_and_every_key_opens(settings):
    settings.GOLDSEAM_ENCRYPTION_KEYS = [OLD]
    before = encrypted("Mara")
    settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW, OLD]
    assert decrypted(before) == "Mara"
    after = encrypted("Mara")
    settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
    assert decrypted(after) == "Mara"
    with pytest.raises(UnknownKeyError, match="GOLDSEAM_ENCRYPTION_KEYS"):
        decrypted(before)


def test_no_name_and_no_contact_is_readable_in_the_database(brandts):
    stored = " ".join([*raw("cases_personidentity", "names"), *raw("cases_personcontact", "value")])
    # Three letters may stand by chance in what is encrypted.
    for word in ("Tomas", "Brandt", "lea@example.org", "example"):
        assert word not in stored
    assert {str(identity) for identity in PersonIdentity.objects.all()} == {"Lea Brandt", "Tomas Brandt"}
    assert {contact.value for contact in PersonContact.objects.all()} == {
        "lea@example.org",
        "tomas@example.org",
    }


def test_the_database_cannot_be_asked_for_a_name(db):
    for lookup in ("names", "names__icontains", "names__in"):
        with pytest.raises(FieldError, match="encrypted"):
            PersonIdentity.objects.filter(**{lookup: "Lea"}).exists()


def test_one_contact_is_kept_once_however_it_is_written(ruth):
    _, _, member = ruth
    kept = member.person.contacts.get()
    assert kept.value_hash == contact_hash("email", " Ruth@Example.ORG ", country="US")
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonContact.objects.create(
            person=member.person,
            clinic_id=kept.clinic_id,
            kind=kept.kind,
            value="x",
            value_hash=kept.value_hash,
        )


class TestRotation:
    @pytest.fixture
    def old_key(self, settings):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [OLD]

    def test_brings_everything_under_the_first_key_and_may_be_done_again(
        self, old_key, brandts, settings, capsys
    ):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW, OLD]
        call_command("rotate_keys")
        assert "6 values" in capsys.readouterr().out  # two people with their names, two contacts, two hashes
        call_command("rotate_keys")
        assert "0 values" in capsys.readouterr().out
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        assert {str(identity) for identity in PersonIdentity.objects.all()} == {"Lea Brandt", "Tomas Brandt"}
        assert {contact.value_hash for contact in PersonContact.objects.all()} == {
            contact_hash("email", "lea@example.org", country="US"),
            contact_hash("email", "tomas@example.org", country="US"),
        }

    def test_brings_every_column_of_encrypted_text_under_the_first_key(self):
        """Compared with where the source makes one, read as text and not through Django."""
        made = {
            (of.name, line.targets[0].id)
            for path in SOURCE.rglob("*.py")
            if "migrations" not in path.parts
            for of in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(of, ast.ClassDef)
            for line in of.body
            if isinstance(line, ast.Assign) and ast.unparse(line.value).startswith("EncryptedText(")
        }
        assert len(made) >= 8
        assert {(each.model.__name__, each.name) for each in encrypted_columns()} == made

    def test_brings_what_a_client_wrote_to_a_message_under_the_first_key(self, old_key, ruth, settings, now):
        ines, case, member = ruth
        Outreach.objects.create(
            clinic=case.clinic,
            member=member,
            sent_by=ines,
            gap=member.pk,
            asked_at=now,
            answer="stop_here",
            answered_at=now,
            reason="no_time",
        )
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW, OLD]
        call_command("rotate_keys")
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        assert Outreach.objects.get().reason == "no_time"

    def test_interrupted_it_leaves_everything_readable_and_goes_on(
        self, old_key, brandts, settings, monkeypatch
    ):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW, OLD]
        written = []

        def stop_at_the_third(*args, **kwargs):
            if len(written) == 2:
                raise KeyboardInterrupt
            written.append(args)
            return real(*args, **kwargs)

        from goldseam_web.management import key_rotation

        real = key_rotation.replace_value
        monkeypatch.setattr(key_rotation, "replace_value", stop_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_keys")
        assert {str(identity) for identity in PersonIdentity.objects.all()} == {"Lea Brandt", "Tomas Brandt"}
        monkeypatch.setattr(key_rotation, "replace_value", real)
        call_command("rotate_keys")
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        assert {contact.value for contact in PersonContact.objects.all()} == {
            "lea@example.org",
            "tomas@example.org",
        }

    def test_without_the_old_key_it_says_so_and_changes_nothing(self, old_key, brandts, settings):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        before = raw("cases_personidentity", "names")
        with pytest.raises(CommandError, match="No key in GOLDSEAM_ENCRYPTION_KEYS opens"):
            call_command("rotate_keys")
        assert raw("cases_personidentity", "names") == before

    def test_a_restore_without_the_key_is_told_before_anything_is_put_on_record(
        self, old_key, brandts, settings
    ):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        with pytest.raises(CommandError, match="No key in GOLDSEAM_ENCRYPTION_KEYS opens"):
            call_command("restored")


def test_a_server_without_the_key_is_not_started(ruth, settings, monkeypatch):
    """A folder without its key gets a new one: what is written under it is lost when the right one comes back."""
    monkeypatch.setattr(start, "bring_to_this_version", lambda **_: False)
    monkeypatch.setattr(start, "become_keeper", lambda *_: pytest.fail("it was started"))
    monkeypatch.setattr(start, "build_static_files", lambda: None)
    settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match="Not started: No key in GOLDSEAM_ENCRYPTION_KEYS opens"):
        call_command("start", no_browser=True)


def test_names_are_packed_as_text_that_any_program_reads(ruth):
    _, _, member = ruth
    assert json.loads(member.person.identity.names) == ["Ruth", "Osei"]
    assert people.cases_of("Ruth").get() == member.case


class TestKeySheet:
    @pytest.fixture
    def said(self, settings, tmp_path, db):
        settings.GOLDSEAM_DATA = tmp_path

        def check():
            said = StringIO()
            with suppress(CommandError):
                call_command("check", stdout=said)
            [line] = [line for line in said.getvalue().splitlines() if " keys: " in line]
            return line

        return check

    def test_holds_every_key(self, settings, capsys):
        settings.GOLDSEAM_ENCRYPTION_KEYS, settings.GOLDSEAM_AUDIT_KEYS = [NEW, OLD], ["a" * 40]
        call_command("key_sheet")
        sheet = capsys.readouterr().out
        assert f"GOLDSEAM_ENCRYPTION_KEYS={NEW},{OLD}" in sheet
        assert f"GOLDSEAM_AUDIT_KEYS={'a' * 40}" in sheet

    def test_the_first_start_shows_it_on_a_terminal_and_names_it_in_a_log(self, settings):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        assert f"GOLDSEAM_ENCRYPTION_KEYS={NEW}" in told_at_first_start(on_a_terminal=True)
        assert NEW not in told_at_first_start(on_a_terminal=False)

    def test_check_asks_for_it_until_somebody_keeps_it_and_again_after_a_change(self, said, settings):
        assert said().startswith("note   keys: nobody has said that they are kept")
        call_command("key_sheet", kept=True)
        assert said() == "good   keys: open what is stored"
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW, *settings.GOLDSEAM_ENCRYPTION_KEYS]
        assert said().startswith("note   keys: nobody")

    def test_check_says_when_no_key_opens_what_is_stored(self, said, ruth, settings):
        settings.GOLDSEAM_ENCRYPTION_KEYS = [NEW]
        assert said().startswith("WRONG  keys: No key in GOLDSEAM_ENCRYPTION_KEYS opens")
