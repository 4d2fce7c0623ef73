"""The operators' commands, called as operators call them."""

import io
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.checks import Error as CheckError
from django.core.checks import Warning as CheckWarning
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM, record, seal_entries
from goldseam_web.config.cli import COMMANDS, overview, set_apart
from goldseam_web.lib.kept_settings import keep, read_kept
from goldseam_web.lib.ports import NoFreePortError, free_port
from goldseam_web.management.processes import Program, StopRequest, process_guard, run_together
from goldseam_web.management.waiting_for_server import wait_until_answering
from goldseam_web.management.worker_loop import run_worker
from goldseam_web.measures.models import EvaluationJob
from tests.web import histories, people

SENTENCE = "a quiet afternoon by the river"
LOOPBACK = "127.0.0.1"
PATIENCE = 180  # seconds until a test gives up waiting for a process; nothing is measured by it

ASKED_TO_EXPLAIN = """
from goldseam_web.config.cli import COMMANDS, main
for name in COMMANDS:
    if name != "demo":
        try:
            main([name, "--help"])
        except SystemExit as ended:
            print(f"{name} ended with {ended.code}")
"""


def run(command, /, **options):
    """Give what the command says."""
    said = io.StringIO()
    call_command(command, stdout=said, stderr=io.StringIO(), **options)
    return said.getvalue()


@contextmanager
def program(*words, folder=None, **environment):
    """The command in a process of its own, as the shell starts it (in a folder); gone when the test is over."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("GOLDSEAM_", "DJANGO_"))
    }
    process = subprocess.Popen(
        [sys.executable, *(["-P"] if folder else []), "-m", "goldseam_web", *words],
        cwd=folder,
        env={**plain, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def said_by(*words, **environment):
    """Give (exit code, everything said) of a command that ends by itself."""
    with program(*words, **environment) as process:
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said


def fetched(address):
    with urllib.request.urlopen(address, timeout=PATIENCE) as response:  # noqa: S310  our own server
        return response.read()


class TestOverview:
    def test_our_commands_come_before_anything_else(self):
        lines = overview().splitlines()
        assert [line.split()[0] for line in lines[2 : 2 + len(COMMANDS)]] == list(COMMANDS)

    def test_each_explains_itself(self, tmp_path):
        """One process asks them all; `demo`, which loads other settings, is called as the shell calls it."""
        plain = {
            name: value for name, value in os.environ.items() if not name.startswith(("GOLDSEAM_", "DJANGO_"))
        }
        done = subprocess.run(
            [sys.executable, "-c", ASKED_TO_EXPLAIN],
            env={**plain, "GOLDSEAM_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        parts = re.split(r"^(\S+) ended with (.*)\n", done.stdout, flags=re.MULTILINE)
        said = {
            name: (code, text) for text, name, code in zip(*(parts[k::3] for k in range(3)), strict=False)
        }
        code, text = said_by("demo", "--help", GOLDSEAM_DATA=str(tmp_path))
        said["demo"] = (str(code), text)
        assert set(said) == set(COMMANDS), done.stderr
        for name, (code, text) in said.items():
            assert code == "0", text
            assert f"usage: goldseam-web {name.replace('-', '_')}" in text

    def test_demo_puts_the_real_install_aside(self):
        environment = {"GOLDSEAM_DATABASE": "postgres://real", "GOLDSEAM_DATA": "/srv/real", "HOME": "/root"}
        set_apart(environment)
        assert environment["GOLDSEAM_DATA"] == "/srv/real/demo"
        assert environment["GOLDSEAM_DEMO"] == "on"
        assert "GOLDSEAM_DATABASE" not in environment
        assert environment["HOME"] == "/root"


@pytest.mark.django_db
class TestStaff:
    MARTA = {"name": "Marta Lind", "email": "marta@example.org", "role": ["supervisor"]}

    @pytest.fixture(autouse=True)
    def _password(self, monkeypatch):
        monkeypatch.setenv("GOLDSEAM_SETUP_PASSWORD", SENTENCE)

    @pytest.fixture
    def ines(self):
        clinic = people.clinic_called("Larkfield", "America/Chicago", timezone.now())
        return people.staff(clinic, "Ines Okafor", [Role.THERAPIST], timezone.now())

    def test_adds_a_colleague_who_can_sign_in_and_lead(self, ines):
        said = run("staff", **self.MARTA, lead=True)
        marta = Staff.objects.get(full_name="Marta Lind")
        assert "Marta Lind works at Larkfield and signs in as marta@example.org." in said
        assert (marta.clinic, marta.clinic.lead, marta.display_name) == (ines.clinic, marta, "Marta")
        assert {role.role for role in marta.roles.all()} == {"supervisor"}
        assert marta.user.check_password(SENTENCE)
        assert SENTENCE not in said

    def test_says_of_somebody_who_works_there_who_supervises_them_once(self, ines):
        run("staff", **self.MARTA)
        for _ in range(2):
            run("staff", email="INES.Okafor@larkfield.example", supervised_by="marta@example.org")
        assert ines.supervised_by.get().supervisor.full_name == "Marta Lind"
        assert Staff.objects.count() == 2

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"clinic": "Elsewhere"}, "No clinic is called 'Elsewhere'"),
            ({"supervised_by": "nobody@example.org"}, "Nobody who works at Larkfield signs in as nobody@"),
            ({"lead": True, "role": ["therapist"]}, "does not work here as a supervisor today"),
            ({"email": "not an address"}, "valid email"),
            ({"role": ["in_training"]}, "choose therapist as well"),
            ({"role": ["in_training", "therapist"]}, "has a supervisor: choose one"),
            ({"email": "ines.okafor@larkfield.example"}, "works there already; --name is for somebody new"),
        ],
    )
    def test_wrong_input_is_named_and_nothing_is_made(self, ines, wrong, says):
        with pytest.raises(CommandError, match=says):
            run("staff", **{**self.MARTA, **wrong})
        assert list(Staff.objects.all()) == [ines]

    def test_whoever_is_in_training_begins_with_a_therapist_s_role_and_a_supervisor(self, ines):
        run("staff", **self.MARTA)
        run(
            "staff",
            name="Mira Castell",
            email="mira@example.org",
            role=["therapist", "in_training"],
            supervised_by="marta@example.org",
        )
        mira = Staff.objects.get(full_name="Mira Castell")
        today = local_day(ines.clinic, timezone.now())
        assert {(role.role, role.starts_on, role.ends_on) for role in mira.roles.all()} == {
            ("therapist", today, None),
            ("in_training", today, None),
        }
        assert mira.supervised_by.get().supervisor.full_name == "Marta Lind"

    def test_without_a_clinic_it_says_how_to_make_one(self):
        with pytest.raises(CommandError, match="goldseam-web start makes one"):
            run("staff", **self.MARTA)

    def test_of_two_clinics_one_is_to_be_named(self, ines):
        people.clinic_called("Riverbank", "Pacific/Auckland", timezone.now())
        with pytest.raises(CommandError, match="There are 2 clinics"):
            run("staff", **self.MARTA)


@pytest.mark.django_db
class TestVerifyAudit:
    @pytest.fixture
    def chain(self):
        for number in range(5):
            record(clinic_id=None, at=timezone.now(), actor=SYSTEM, action=f"test.{number}")
        seal_entries(at=timezone.now())
        record(clinic_id=None, at=timezone.now(), actor=SYSTEM, action="test.later")

    def test_unbroken_chain_and_its_unsealed_tail_are_counted(self, chain):
        assert "unbroken: 5 entries sealed, 1 waiting" in run("verify_audit")

    def test_changed_entry_is_found(self, chain):
        AuditEntry.objects.filter(position=3).update(action="test.nothing")
        with pytest.raises(
            CommandError, match=r"of 5 sealed entries is BROKEN. 1 entries do not fit; positions: 3"
        ):
            run("verify_audit")

    def test_removed_entry_is_found(self, chain):
        AuditEntry.objects.filter(position=2).delete()
        with pytest.raises(CommandError, match="BROKEN"):
            run("verify_audit")


def checked():
    """Everything `check` says; whether all is well depends on the clinics too."""
    said = io.StringIO()
    with suppress(CommandError):
        call_command("check", stdout=said)
    return said.getvalue()


@pytest.mark.django_db
class TestCheck:
    def test_says_how_each_part_is(self):
        said = checked()
        for part in ("data folder", "database", "tables", "mail", "worker"):
            assert f"good   {part}" in said or f"note   {part}" in said

    def test_answers_that_wait_are_wrong(self, cast, now):
        answered(cast, now)
        EvaluationJob.objects.update(due_at=now - timedelta(minutes=5))
        with pytest.raises(CommandError, match="put right"):
            run("check")

    def test_findings_nobody_can_hear_of_are_wrong(self, cast, now):
        """Ruth's only therapist has gone and nobody supervises; her answer raised a signal all the same."""
        cast.supervisor.supervises.all().delete()
        [encounter] = histories.sessions(cast.individual, cast.ines, 1, now)
        ruth = people.member(cast.individual, "Ruth")
        histories.judge([histories.rate(encounter, ruth, 8.0, {"tension": "clearly"})], notify=True)
        assert "good   findings" in checked()
        cast.individual.therapists.update(ends_on=now.date() - timedelta(7))
        said = io.StringIO()
        with pytest.raises(CommandError, match="put right"):
            call_command("check", stdout=said)
        assert "WRONG  findings: 1 that nobody can hear of" in said.getvalue()
        assert "Ruth" not in said.getvalue()

    def test_files_that_others_may_read_are_wrong(self, settings, tmp_path):
        settings.GOLDSEAM_DATA = tmp_path
        (tmp_path / "audit-key").touch(mode=0o600)
        (tmp_path / "copy.sqlite3").touch()
        (tmp_path / "copy.sqlite3").chmod(0o640)
        said = io.StringIO()
        with pytest.raises(CommandError, match="put right"):
            call_command("check", stdout=said)
        assert (
            f"WRONG  data folder: others on this machine may use copy.sqlite3 in {tmp_path}"
            in said.getvalue()
        )
        assert f"run chmod -R go= {tmp_path}" in said.getvalue()

    @pytest.mark.parametrize(
        ("mode", "state"), [(0o777, "WRONG"), (0o770, "WRONG"), (0o755, "good "), (0o700, "good ")]
    )
    def test_a_folder_in_which_others_may_put_a_key_of_their_own_is_wrong(
        self, settings, tmp_path, mode, state
    ):
        """Whoever may write to a folder takes a file's place, whatever the file's own rights."""
        settings.GOLDSEAM_DATA = tmp_path
        (tmp_path / "secret-key").touch(mode=0o600)
        tmp_path.chmod(mode)
        said = io.StringIO()
        with suppress(CommandError):
            call_command("check", stdout=said)
        assert said.getvalue().startswith(f"{state}  data folder: ")
        if state == "WRONG":
            assert f"others on this machine may put files of their own into {tmp_path}" in said.getvalue()

    def test_an_audit_whose_end_is_gone_is_wrong(self, settings):
        assert "good   audit: sealed up to its end" in checked()
        record(clinic_id=None, at=timezone.now(), actor=SYSTEM, action="test.1")
        seal_entries(at=timezone.now())
        AuditEntry.objects.all().delete()
        said = io.StringIO()
        with pytest.raises(CommandError, match="put right"):
            call_command("check", stdout=said)
        assert "WRONG  audit: entries that were sealed are gone" in said.getvalue()

    def test_an_audit_that_nobody_seals_and_a_file_nobody_may_write_are_told(self, settings):
        record(clinic_id=None, at=timezone.now() - timedelta(minutes=6), actor=SYSTEM, action="test.1")
        assert "note   audit: 1 entries have not been sealed for five minutes" in checked()
        settings.GOLDSEAM_AUDIT_HEADS = "/nowhere/heads"
        said = io.StringIO()
        with pytest.raises(CommandError, match="put right"):
            call_command("check", stdout=said)
        assert "WRONG  audit: /nowhere/heads cannot be written" in said.getvalue()

    @pytest.mark.parametrize(
        ("message", "state"),
        [
            (CheckWarning("look at it", hint="like this", id="goldseam.W9"), "note"),
            (CheckError("put it right", id="goldseam.E9"), "WRONG"),
        ],
    )
    def test_what_the_settings_say_is_a_note_or_wrong(self, message, state, monkeypatch):
        monkeypatch.setattr("goldseam_web.management.commands.check.run_checks", lambda **_: [message])
        said = io.StringIO()
        with suppress(CommandError):
            call_command("check", stdout=said)
        [line] = [line for line in said.getvalue().splitlines() if message.id in line]
        assert line == f"{state:<5}  {message.id}: {' '.join(filter(None, [message.msg, message.hint]))}"

    def test_djangos_own_check_is_still_there(self):
        assert "no issues" in run("check", tags=["models"])


class TestPorts:
    def test_a_taken_port_gives_way_to_the_next_free_one(self):
        with closing(socket.create_server((LOOPBACK, 0))) as taken:
            port = taken.getsockname()[1]
            assert port < free_port(LOOPBACK, port) <= port + 50

    def test_a_free_port_is_taken_as_it_is(self):
        with closing(socket.create_server((LOOPBACK, 0))) as server:
            port = server.getsockname()[1]
        assert free_port(LOOPBACK, port) == port

    def test_an_address_that_is_not_this_machines_is_refused(self):
        with pytest.raises(NoFreePortError, match=r"192\.0\.2\.1"):
            free_port("192.0.2.1", 8000)


class TestRunningTogether:
    def test_a_program_that_keeps_falling_stops_all(self):
        sleeper = Program("The sleeper", ["sleep", "600"])
        faller = Program("The faller", ["false"])
        told = []
        assert run_together([sleeper, faller], tell=told.append) == 1
        assert told[-1] == "The faller ended 4 times within a minute (last code 1); stopping all."
        assert len(told) == 4
        assert sleeper.process.returncode == -signal.SIGTERM

    def test_a_program_gets_our_environment_and_its_own(self, monkeypatch):
        monkeypatch.setenv("OURS", "1")
        says = "import os, sys; sys.exit(10 * int(os.environ['OURS']) + int(os.environ['ITS_OWN']))"
        program = Program("The program", [sys.executable, "-c", says], {"ITS_OWN": "7"})
        with process_guard() as guard:
            program.start(guard)
            assert program.process.wait() == 17

    def test_a_request_to_stop_ends_all_of_them_in_order(self):
        sleeper = Program("The sleeper", ["sleep", "600"])
        code = run_together([sleeper], tell=print, started=lambda: os.kill(os.getpid(), signal.SIGTERM))
        assert code == 0
        assert sleeper.process.returncode == -signal.SIGTERM

    def test_a_request_to_stop_that_comes_while_settings_change_is_not_lost(self):
        """It came when the programs were being stopped to begin anew, and they were begun all the same."""

        def changed():
            os.kill(os.getpid(), signal.SIGTERM)
            return True

        assert run_together([Program("The sleeper", ["sleep", "600"])], tell=print, changed=changed) == 0
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    @pytest.fixture(autouse=True)
    def _signals_as_before(self):
        kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        yield
        for number, handler in kept.items():
            signal.signal(number, handler)


def answered(cast, now):
    """Ruth has answered about a meeting that ended an hour ago."""
    encounter = people.meet(cast.individual, cast.ines, now - timedelta(hours=1))
    people.answer(people.asked(encounter, cast.individual.members.get()), now)


@pytest.mark.django_db
class TestWorker:
    def test_does_what_is_due_and_seals_the_record(self, cast, now):
        answered(cast, now)
        run_worker(name="test", stop=StopRequest(), once=True)
        assert set(EvaluationJob.objects.values_list("state", flat=True)) == {"done"}
        assert not AuditEntry.objects.filter(position=None).exists()

    def test_a_request_to_stop_is_obeyed_before_the_next_item(self, cast):
        stop = StopRequest()
        stop.made = True
        run_worker(name="test", stop=stop)
        assert AuditEntry.objects.filter(position=None).exists()


class TestStart:
    """The real thing: web server and worker in processes of their own."""

    @pytest.fixture
    def data(self, tmp_path):
        return str(tmp_path)

    @pytest.fixture(scope="class")
    @classmethod
    def first_start(cls, tmp_path_factory):
        """An empty folder that was started once, on which port, what was said and the page at the address that was.

        Making an install takes longer than everything that is tried on it.
        """
        folder = tmp_path_factory.mktemp("started-once")
        port = str(free_port(LOOPBACK, 25_000))
        with program("start", "--no-browser", "--port", port, GOLDSEAM_DATA=str(folder)) as process:
            lines = cls.lines_until(process, "/office/set-up/")
            page = fetched(lines[-1].strip())
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
            assert process.returncode == 0
        return folder, port, lines, page

    @pytest.fixture
    def installed(self, first_start, tmp_path):
        """A copy of that folder. Nobody has set up a clinic in it."""
        shutil.copytree(first_start[0], tmp_path, dirs_exist_ok=True)
        return str(tmp_path)

    @staticmethod
    def lines_until(process, text):
        lines = []
        while not lines or text not in lines[-1]:
            line = process.stdout.readline()
            assert line, f"ended without saying {text!r}: {''.join(lines)}"
            lines.append(line)
        return lines

    def test_it_serves_and_one_signal_stops_all(self, installed):
        port = str(free_port(LOOPBACK, 21_000))
        with program("start", "--no-browser", "--port", port, GOLDSEAM_DATA=installed) as process:
            lines = self.lines_until(process, "Goldseam is at ")
            address = lines[-1].split()[3]
            assert fetched(f"{address}healthz") == b"ok\n"
            assert b"goldseam/goldseam." in fetched(f"{address}account/sign-in/")
            children = _descendants(process.pid)
            assert len(children) >= 3
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, rest
            assert "Goldseam has stopped." in rest
            assert not [child for child in children if _is_running(child)]

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes as Linux lists them")
    def test_started_in_a_folder_with_modules_of_somebody_s_it_takes_none_of_them(
        self, installed, tmp_path_factory
    ):
        folder = tmp_path_factory.mktemp("somebody-s")
        for name in ("json", "secrets", "statistics", "encodings", "goldseam_web", "granian", "django"):
            (folder / f"{name}.py").write_text(f"open({str(folder / 'taken')!r}, 'a').write({name!r})")
        port = str(free_port(LOOPBACK, 31_000))
        with program(
            "start", "--port", port, "--no-browser", folder=folder, GOLDSEAM_DATA=installed
        ) as process:
            address = self.lines_until(process, "Goldseam is at ")[-1].split()[3]
            assert fetched(f"{address}healthz") == b"ok\n"
            keep(Path(installed), {"GOLDSEAM_EMAIL_FROM": "desk@example.org"})
            self.lines_until(process, "The settings were changed; starting anew.")
            self.lines_until(process, "Goldseam is at ")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        assert not (folder / "taken").exists()

    def test_killed_outright_it_leaves_nothing_behind(self, installed):
        port = str(free_port(LOOPBACK, 20_000))
        with program("start", "--no-browser", "--port", port, GOLDSEAM_DATA=installed) as process:
            self.lines_until(process, "Goldseam is at ")
            children = _descendants(process.pid)
            process.kill()
        assert self.left_of(children) == []

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes as Linux lists them")
    def test_killed_together_with_the_web_server_it_leaves_nothing_behind(self, installed):
        """Whoever frees memory kills the largest first, and then the next."""
        port = str(free_port(LOOPBACK, 22_000))
        with program(
            "start", "--no-browser", "--port", port, "--web-processes", "2", GOLDSEAM_DATA=installed
        ) as process:
            self.lines_until(process, "Goldseam is at ")
            children = _descendants(process.pid)
            process.send_signal(signal.SIGSTOP)  # it must not tidy up in between
            os.kill(_web_server(process.pid), signal.SIGKILL)
            process.kill()
        assert self.left_of(children) == []

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes as Linux lists them")
    def test_killed_while_its_web_server_is_still_loading_it_leaves_nothing_behind(self, installed):
        """A process that has just begun has not yet said that it wants to end with its parent."""
        port = str(free_port(LOOPBACK, 28_000))
        with program("start", "--no-browser", "--port", port, GOLDSEAM_DATA=installed) as process:
            children = self.as_soon_as_the_web_server_has_a_child(process.pid)
            process.send_signal(signal.SIGSTOP)
            os.kill(_web_server(process.pid), signal.SIGKILL)
            process.kill()
        assert self.left_of(children) == []

    def as_soon_as_the_web_server_has_a_child(self, pid):
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            with suppress(AssertionError):
                if _children(_web_server(pid)):
                    return _descendants(pid)
            time.sleep(0.02)
        raise AssertionError("the web server began no process")

    def test_a_killed_web_server_is_replaced_and_none_of_its_processes_keeps_the_port(self, installed):
        port = str(free_port(LOOPBACK, 23_000))
        with program(
            "start", "--no-browser", "--port", port, "--web-processes", "2", GOLDSEAM_DATA=installed
        ) as process:
            address = self.lines_until(process, "Goldseam is at ")[-1].split()[3]
            killed = _web_server(process.pid)
            old = [killed, *_descendants(killed)]
            assert len(old) >= 3
            os.kill(killed, signal.SIGKILL)
            self.lines_until(process, "The web server ended by itself (code -9); starting it again.")
            assert self.left_of(old) == []
            assert wait_until_answering(int(port), seconds=PATIENCE)
            assert fetched(f"{address}healthz") == b"ok\n"
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)

    def test_a_taken_port_is_refused(self, installed):
        with closing(socket.create_server((LOOPBACK, 0))) as taken:
            port = taken.getsockname()[1]
            code, said = said_by("start", "--no-browser", "--port", str(port), GOLDSEAM_DATA=installed)
        assert code != 0
        assert f"Not started: port {port} on {LOOPBACK} is taken" in said
        assert "Traceback" not in said

    def test_so_is_the_port_of_a_running_one(self, installed):
        """Its web server lets others share the port, which is what must not happen."""
        port = str(free_port(LOOPBACK, 24_000))
        with program("start", "--no-browser", "--port", port, GOLDSEAM_DATA=installed) as process:
            self.lines_until(process, "Goldseam is at ")
            code, said = said_by("start", "--no-browser", "--port", port, GOLDSEAM_DATA=installed)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        assert code != 0
        assert f"Not started: port {port} on {LOOPBACK} is taken" in said

    def left_of(self, processes):
        """Those that are still there when there was time enough to end."""
        give_up = time.monotonic() + PATIENCE
        while any(map(_is_running, processes)) and time.monotonic() < give_up:
            time.sleep(0.1)
        return [one for one in processes if _is_running(one)]

    def test_an_empty_folder_becomes_an_install_and_is_opened_by_one_address_alone_on_its_line(
        self, first_start
    ):
        folder, port, lines, page = first_start
        assert lines[0] == "A new database: SQLite.\n"
        assert "goldseam-web key-sheet prints them" in lines[1]
        keys = [(folder / f"{name}-key").read_text().strip() for name in ("encryption", "audit")]
        assert not any(key in line for line in lines for key in keys), "a service keeps what it is told"
        assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/office/set-up/[\w-]{{43}}/\n", lines[-1])
        assert b"Who are you?" in page

    def test_an_older_database_is_copied_changed_and_told(self, data):
        """As it was before the clinic had an office."""
        code, said = said_by("migrate", "accounts", "0004", GOLDSEAM_DATA=data)
        assert code == 0, said
        port = str(free_port(LOOPBACK, 26_000))
        with program("start", "--no-browser", "--port", port, GOLDSEAM_DATA=data) as process:
            said = "".join(self.lines_until(process, "Goldseam is at "))
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        [copy] = (Path(data) / "copies").iterdir()
        assert f"A copy of the database from before this version: {copy}" in said
        assert "accounts.0005_office" in said
        with closing(sqlite3.connect(copy)) as before:
            tables = {name for (name,) in before.execute("select name from sqlite_master")}
        assert "accounts_staff" in tables
        assert "accounts_charter" not in tables

    def test_what_was_set_up_in_the_browser_is_taken_up_at_once_and_its_address_taken_back(self, installed):
        port = str(free_port(LOOPBACK, 27_000))
        keep(Path(installed), {"GOLDSEAM_BASE_URL": "https://nowhere.example", "GOLDSEAM_BEHIND_PROXY": "on"})
        with program("start", "--here", "--no-browser", "--port", port, GOLDSEAM_DATA=installed) as process:
            [set_up] = self.lines_until(process, "/office/set-up/")[-1:]
            assert f"http://127.0.0.1:{port}/" in set_up
            assert read_kept(Path(installed)) == {}
            keep(Path(installed), {"GOLDSEAM_EMAIL_FROM": "desk@example.org"})
            self.lines_until(process, "The settings were changed; starting anew.")
            lines = self.lines_until(process, "Goldseam is at ")
            assert f"127.0.0.1:{port}/" in lines[-1]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
            assert process.returncode == 0


def _children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(child) for child in listed.stdout.split()]


def _descendants(pid: int) -> list[int]:
    return [one for child in _children(pid) for one in (child, *_descendants(child))]


def _web_server(pid: int) -> int:
    """The main process of the web server that a `start` runs."""
    for child in _children(pid):
        listed = subprocess.run(
            ["ps", "-o", "args=", "-p", str(child)], capture_output=True, text=True, check=False
        )
        if "granian" in listed.stdout:
            return child
    raise AssertionError("no web server")


def _is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")
