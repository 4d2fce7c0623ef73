"""Whoever can write to the database, but holds neither the key nor the file of heads, changes nothing unseen."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from goldseam_web.audit.chain import FIRST_SEAL, new_seal
from goldseam_web.audit.heads import RESTORED, add_head, read_heads
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.queries import last_head_holds, verify_chain
from goldseam_web.audit.services import SYSTEM, record, record_restore, seal_entries

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
THIEF = "a key that is not ours, thirty-two characters"


def write(count=1, action="case.view"):
    return [
        record(clinic_id=None, at=AT, actor=SYSTEM, action=action, details={"n": n}) for n in range(count)
    ]


@pytest.fixture
def chain(db):
    """Five entries in two sealings."""
    rows = write(3)
    seal_entries(at=AT)
    rows += write(2)
    seal_entries(at=AT + timedelta(minutes=1))
    return rows


def entries():
    return AuditEntry.objects.all()


def verify_audit(*options):
    said = StringIO()
    call_command("verify_audit", *options, stdout=said)
    return said.getvalue()


class TestWhatIsFound:
    def test_nothing_where_nothing_was_done(self, chain):
        write()
        report = verify_chain()
        assert report.is_sound
        assert (report.sealed, report.unsealed, report.last_head.count) == (5, 1, 5)
        assert last_head_holds()

    def test_the_sealed_end_was_cut_off(self, chain):
        entries().filter(position__gt=3).delete()
        report = verify_chain()
        assert (report.broken, [head.count for head in report.lost_heads]) == ((), [5])
        assert not last_head_holds()
        with pytest.raises(
            CommandError, match="ends before entry 5, which was sealed at 2026-05-04T09:01:00"
        ):
            verify_audit()

    def test_everything_was_deleted(self, chain):
        entries().delete()
        assert [head.count for head in verify_chain().lost_heads] == [3, 5]
        with pytest.raises(CommandError, match="BROKEN"):
            verify_audit()

    @pytest.mark.parametrize("others", [1, 2, 4])
    def test_the_end_was_cut_off_and_others_written_since(self, chain, others):
        entries().filter(position__gt=3).delete()
        write(others)
        seal_entries(at=AT + timedelta(hours=1))
        assert [head.count for head in verify_chain().lost_heads] == [5]
        assert verify_chain().broken == ()

    def test_all_of_it_was_sealed_anew_with_another_key(self, chain, settings):
        ours = settings.GOLDSEAM_AUDIT_KEYS
        settings.GOLDSEAM_AUDIT_KEYS = [THIEF]
        seal = FIRST_SEAL
        for entry in entries().order_by("position"):
            entry.action = "case.close"
            entry.seal = seal = new_seal(
                previous=seal, position=entry.position, entry_id=entry.pk, mark=entry.mark
            )
            entry.save()
        settings.GOLDSEAM_AUDIT_KEYS = ours
        report = verify_chain()
        assert report.broken == (1, 2, 3, 4, 5)
        assert len(report.lost_heads) == 2

    def test_a_sealed_entry_was_edited(self, chain):
        entries().filter(position=2).update(action="case.close")
        assert verify_chain().broken == (2,)

    def test_an_entry_was_edited_before_it_was_sealed(self, chain):
        (row,) = write()
        entries().filter(pk=row.pk).update(details={"n": 9})
        assert verify_chain().forged == (row.pk,)
        with pytest.raises(CommandError, match=rf"unsealed entries that were not written here: {row.pk}"):
            verify_audit()
        seal_entries(at=AT)
        assert verify_chain().broken == (6,)

    def test_an_entry_was_forged_before_sealing(self, chain):
        AuditEntry.objects.create(at=AT, actor_kind="system", action="case.view", mark="f" * 64)
        seal_entries(at=AT)
        assert verify_chain().broken == (6,)

    def test_an_entry_was_copied_from_another(self, chain):
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditEntry.objects.create(at=AT, actor_kind="system", action="case.view", mark=chain[0].mark)

    def test_entries_of_another_time_were_put_in_their_place(self, chain):
        """Marks that are ours, at places that are not."""
        last = entries().get(position=5)
        entries().filter(position=4).delete()
        AuditEntry.objects.filter(pk=last.pk).update(position=4)
        assert 4 in verify_chain().broken


class TestHeads:
    """The file alone, without a database."""

    @pytest.fixture
    def path(self, settings, tmp_path):
        settings.GOLDSEAM_AUDIT_HEADS = str(tmp_path / "heads")
        for count in (2, 5, 9):
            add_head(count=count, seal=f"{count:064d}", at=AT)
        return Path(settings.GOLDSEAM_AUDIT_HEADS)

    def test_are_kept_in_a_file_of_the_owner_alone(self, path):
        assert path.stat().st_mode & 0o777 == 0o600
        assert [head.count for head in read_heads().standing] == [2, 5, 9]
        assert path.read_text().splitlines()[0].startswith(f"2 2026-05-04T09:00:00+00:00 {2:064d} sealed - ")

    def test_a_changed_line_is_told(self, path):
        path.write_text(path.read_text().replace("5 2026", "4 2026"))
        assert read_heads().forged_lines == (2,)

    def test_a_line_taken_out_is_told(self, path):
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], lines[2]]) + "\n")
        assert read_heads().forged_lines == (2,)

    def test_a_line_of_another_key_is_told(self, path, settings):
        ours = settings.GOLDSEAM_AUDIT_KEYS
        settings.GOLDSEAM_AUDIT_KEYS = [THIEF]
        add_head(count=1, seal="0" * 64, at=AT, kind=RESTORED)
        settings.GOLDSEAM_AUDIT_KEYS = ours
        heads = read_heads()
        assert (heads.forged_lines, heads.restores, heads.last.count) == ((4,), (), 9)

    @pytest.mark.parametrize("junk", ["", "x", "a b c d e f", "\N{SNOWMAN} " * 300])
    def test_what_is_no_line_is_told(self, path, junk):
        path.write_text(path.read_text() + junk + "\n", encoding="utf-8")
        assert read_heads().forged_lines == (4,)

    def test_older_lines_may_be_moved_away(self, path):
        path.write_text("\n".join(path.read_text().splitlines()[1:]) + "\n")
        heads = read_heads()
        assert (heads.forged_lines, [head.count for head in heads.standing]) == ((), [5, 9])

    def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(self, path, settings):
        settings.GOLDSEAM_AUDIT_KEYS = [THIEF, *settings.GOLDSEAM_AUDIT_KEYS]
        add_head(count=11, seal="1" * 64, at=AT)
        assert (read_heads().forged_lines, read_heads().last.count) == ((), 11)

    def test_a_restore_gives_up_what_was_known_beyond_it(self, path):
        add_head(count=3, seal="3" * 64, at=AT, kind=RESTORED)
        heads = read_heads()
        assert [head.count for head in heads.standing] == [2, 3]
        assert [head.count for head in heads.restores] == [3]


class TestRestore:
    def test_is_told_from_a_deletion(self, chain):
        entries().filter(position__gt=3).delete()  # the back-up was made after the third
        assert record_restore(at=AT + timedelta(days=1)) == 3
        write(2)
        seal_entries(at=AT + timedelta(days=1))
        report = verify_chain()
        assert report.is_sound
        assert [head.count for head in report.restores] == [3]
        assert AuditEntry.objects.get(action="database.restored").details == {"known_before": 5}
        assert "a back-up that ended with entry 3 was put in place at 2026-05-05T09:00:00" in verify_audit()

    def test_command_says_what_was_given_up(self, chain):
        entries().filter(position__gt=3).delete()
        said = StringIO()
        call_command("restored", stdout=said)
        assert "holds 3 sealed entries" in said.getvalue()

    def test_what_is_cut_off_after_it_is_found(self, chain):
        record_restore(at=AT)
        seal_entries(at=AT)
        entries().filter(position__gt=2).delete()
        assert [head.count for head in verify_chain().lost_heads] == [3, 5, 6]  # 5 is the restored one


class TestHeadOnPaper:
    def test_is_printed_and_compared(self, chain):
        printed = verify_audit("--head").strip()
        assert printed.startswith("5 2026-05-04T09:01:00+00:00 ")
        assert "unbroken" in verify_audit("--expect", printed)

    def test_tells_when_chain_and_file_were_both_cut(self, chain, settings):
        printed = verify_audit("--head").strip()
        entries().filter(position__gt=3).delete()
        path = Path(settings.GOLDSEAM_AUDIT_HEADS)
        path.write_text(path.read_text().splitlines()[0] + "\n")
        assert verify_chain().is_sound
        with pytest.raises(CommandError, match="does not lead to the head that was given"):
            verify_audit("--expect", printed)

    def test_what_is_no_head_is_refused(self, chain):
        with pytest.raises(CommandError, match="--expect: a line as verify-audit --head prints it"):
            verify_audit("--expect", "nonsense")


class TestUpgrade:
    """Entries of the time before keys are kept, marked and sealed anew; what was wrong before is put on record."""

    @pytest.fixture
    def old(self, chain):
        migration = import_module("goldseam_web.audit.migrations.0002_keyed")
        seal = FIRST_SEAL
        for entry in entries().order_by("position"):
            entry.mark = str(entry.pk)  # the column is not there yet: anything that is not a mark
            seal = entry.seal = migration.seal_before(entry, seal)
            entry.save()
        Path(configured.GOLDSEAM_AUDIT_HEADS).unlink()
        return migration

    def test_keeps_every_row(self, old):
        before = list(entries().order_by("pk").values_list("pk", "at", "action", "position"))
        assert verify_chain().broken == (1, 2, 3, 4, 5)
        old.mark_all(apps, None)
        assert verify_chain().is_sound
        assert list(entries().order_by("pk").values_list("pk", "at", "action", "position"))[:5] == before
        assert AuditEntry.objects.get(action="audit.keyed").details == {"sealed": 5, "broken": 0}

    def test_says_what_was_broken_already(self, old):
        entries().filter(position=2).update(action="case.close")
        old.mark_all(apps, None)
        assert AuditEntry.objects.get(action="audit.keyed").details == {"sealed": 5, "broken": 1}

    def test_an_empty_record_stays_empty(self, db):
        import_module("goldseam_web.audit.migrations.0002_keyed").mark_all(apps, None)
        assert not entries().exists()
