"""Three machines that serve pages, two that work the queue, one PostgreSQL: one of each killed while answers come in.

    python benchmarks/web/several_hosts.py             60 clients over a minute
    python benchmarks/web/several_hosts.py --small     12 clients over 20 seconds

Each machine is a network namespace of its own on one bridge, so root is needed, and Linux. Clients answer one question
at a time, as our script on a phone does: an answer that nobody acknowledged is sent again, to the next machine. A third
through, one machine that serves pages is killed with all that runs on it, then one that works the queue, then the
database, which is started again. At the end every acknowledged answer must be there with the value it had, every form
complete and judged once, and every finding told by one message. Prints JSON.
"""

import argparse
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import making

NET = "10.77.0."
BRIDGE = "goldseam0"
DATABASE_HOST, WEB_HOSTS, WORK_HOSTS = "db", ("web1", "web2", "web3"), ("work1", "work2")
ADDRESSES = {name: f"{NET}{k}" for k, name in enumerate((DATABASE_HOST, *WEB_HOSTS, *WORK_HOSTS), 10)}
PORT = 8000
# What a proxy in front of them would pass on.
ASKED_HOST = f"127.0.0.1:{PORT}"
SESSIONS = 6
PATIENCE = 120.0
RETRY_SECONDS = 0.5
FALLS_EVERY = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    clients, seconds = (12, 20.0) if parser.parse_args().small else (60, 60.0)
    if os.geteuid() != 0 or not shutil.which("ip"):
        raise SystemExit("Network namespaces need root and the command `ip` (Debian: apt install iproute2).")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goldseam-hosts-")))
        stack.enter_context(network())
        database = stack.enter_context(contextlib.closing(PostgreSQL(folder / "postgresql")))
        found = measured(folder, database, clients, seconds)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


# --- The machines ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def network() -> Iterator[None]:
    """One bridge, and a namespace for each machine on it."""
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{NET}1/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for name, address in ADDRESSES.items():
            ip("netns", "add", space(name))
            ip("link", "add", f"gs-{name}", "type", "veth", "peer", "name", "eth0", "netns", space(name))
            ip("link", "set", f"gs-{name}", "master", BRIDGE, "up")
            ip("-n", space(name), "addr", "add", f"{address}/24", "dev", "eth0")
            ip("-n", space(name), "link", "set", "eth0", "up")
            ip("-n", space(name), "link", "set", "lo", "up")
        yield
    finally:
        for name in ADDRESSES:
            kill_host(name)
            subprocess.run(["ip", "netns", "del", space(name)], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "link", "del", BRIDGE], check=False, stderr=subprocess.DEVNULL)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def space(name: str) -> str:
    return f"goldseam-{name}"


def kill_host(name: str) -> None:
    """Everything that runs there, without warning."""
    listed = subprocess.run(["ip", "netns", "pids", space(name)], capture_output=True, text=True, check=False)
    for pid in listed.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


class PostgreSQL:
    """A cluster on a machine of its own, which waits for its disk."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("initdb") or next(
            iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None
        )
        if found is None:
            raise SystemExit("PostgreSQL is missing (Debian: apt install postgresql).")
        self.binaries, self.folder = Path(found).parent, folder
        folder.mkdir()
        shutil.chown(folder, "postgres", "postgres")
        folder.parent.chmod(0o755)
        self._run("initdb", "-D", "data", "-U", "goldseam", "-A", "trust", "-E", "UTF8", "--locale=C")
        with (folder / "data/pg_hba.conf").open("a") as allowed:
            allowed.write(f"host all all {NET}0/24 trust\n")
        self.start()

    def start(self) -> None:
        options = f"-c listen_addresses={ADDRESSES[DATABASE_HOST]} -k {self.folder} -c jit=off"
        self._run("pg_ctl", "-D", "data", "-o", options, "-l", "log", "-w", "start")

    def close(self) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop", check=False)

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        there = [
            "ip",
            "netns",
            "exec",
            space(DATABASE_HOST),
            "setpriv",
            "--reuid",
            "postgres",
            "--regid",
            "postgres",
        ]
        subprocess.run(
            [*there, "--clear-groups", str(self.binaries / program), *words],
            cwd=self.folder,
            check=check,
            stdout=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        return f"postgres://goldseam@{ADDRESSES[DATABASE_HOST]}:5432/postgres"


def run_on(name: str, command: list[str], environment: dict[str, str]) -> None:
    subprocess.Popen(
        ["ip", "netns", "exec", space(name), *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


# --- The clients -----------------------------------------------------------------------------------------------------


class Phone(threading.Thread):
    """Answers one form. What is not acknowledged is sent again, to the next machine."""

    def __init__(self, number: int, link: str, answers: list[tuple[str, str]], pause: float) -> None:
        super().__init__()
        self.number, self.link, self.answers, self.pause = number, link, answers, pause
        self.host = number
        self.cookie = ""
        self.acknowledged: dict[str, str] = {}
        self.slowest, self.sent_again, self.finished = 0.0, 0, False

    def run(self) -> None:
        self._until_acknowledged(self.link, {}, "start")
        for place, (item, given) in enumerate(self.answers, 1):
            time.sleep(self.pause)
            if not self._until_acknowledged(
                f"{self.link}{place}/", {"item": item, "answer": given, "go": "next"}, item
            ):
                return
            self.acknowledged[item] = given
        self.finished = True

    def _until_acknowledged(self, path: str, fields: dict[str, str], name: str) -> bool:
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            if self._is_acknowledged(path, fields, name):
                self.slowest = max(self.slowest, time.monotonic() - began)
                return True
            self.host += 1
            self.sent_again += 1
            time.sleep(RETRY_SECONDS)
        return False

    def _is_acknowledged(self, path: str, fields: dict[str, str], name: str) -> bool:
        address = ADDRESSES[WEB_HOSTS[self.host % len(WEB_HOSTS)]]
        connection = http.client.HTTPConnection(address, PORT, timeout=5)
        headers = {
            "Host": ASKED_HOST,
            "Origin": f"http://{ASKED_HOST}",
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Goldseam-Answer": name,
        }
        try:
            connection.request("POST", path, urlencode(fields), headers)
            reply = connection.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        said = reply.getheader("Set-Cookie")
        self.cookie = said.split(";")[0] if said else self.cookie
        return reply.status == http.HTTPStatus.OK and reply.getheader("X-Goldseam-Answer") == name


# --- What is measured ------------------------------------------------------------------------------------------------


def measured(folder: Path, database: PostgreSQL, clients: int, seconds: float) -> dict[str, Any]:
    secrets = folder / "first"
    secrets.mkdir()
    making.use_database(secrets, GOLDSEAM_DATABASE=database.url)
    links, items = made(clients)
    start_hosts(folder, secrets, database)
    pause = seconds / (len(items[0]) + 1)
    phones = [
        Phone(
            number,
            link,
            [(item, "2" if given == "8" and number % FALLS_EVERY == 0 else given) for item, given in asked],
            pause,
        )
        for number, (link, asked) in enumerate(zip(links, items, strict=True))
    ]
    began = time.monotonic()
    for phone in phones:
        phone.start()
        time.sleep(pause / clients)
    killed: dict[str, float] = {}
    for share, name in ((0.3, WEB_HOSTS[0]), (0.5, WORK_HOSTS[0]), (0.7, DATABASE_HOST)):
        time.sleep(max(0.0, began + share * seconds - time.monotonic()))
        killed[name] = round(time.monotonic() - began, 1)
        kill_host(name)
    time.sleep(2.0)
    database.start()
    killed["db is back"] = round(time.monotonic() - began, 1)
    for phone in phones:
        phone.join()
    all_sent = time.monotonic()
    seconds_until_judged = until_judged(all_sent)
    return {
        "clients": clients,
        "killed at, s": killed,
        "acknowledged answers": sum(len(phone.acknowledged) for phone in phones),
        "forms finished": sum(phone.finished for phone in phones),
        "sent again": sum(phone.sent_again for phone in phones),
        "slowest answer, s": round(max(phone.slowest for phone in phones), 1),
        "from the last answer until all is judged and told, s": seconds_until_judged,
        **kept(phones),
    }


def start_hosts(folder: Path, secrets: Path, database: PostgreSQL) -> None:
    """Each with its own data folder, which holds the same secrets."""
    from goldseam_web.management.serving import build_static_files, web_server, worker

    build_static_files()
    for name in (*WEB_HOSTS, *WORK_HOSTS):
        own = folder / name
        shutil.copytree(secrets, own)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GOLDSEAM_")} | {
            "GOLDSEAM_DATA": str(own),
            "GOLDSEAM_DATABASE": database.url,
            "GOLDSEAM_DEMO": "on",
            "GOLDSEAM_SEVERAL_HOSTS": "on",
            "GOLDSEAM_LOG_LEVEL": "ERROR",
        }
        program = (
            web_server(host="0.0.0.0", port=PORT, processes=1, threads=4, environment={})  # noqa: S104 - of the namespace
            if name in WEB_HOSTS
            else worker(environment={})
        )
        run_on(name, list(program.command), environment)
    for name in WEB_HOSTS:
        until = time.monotonic() + PATIENCE
        while not answers(ADDRESSES[name]):
            if time.monotonic() > until:
                raise RuntimeError(f"nothing answers on {name}")
            time.sleep(0.2)


def answers(address: str) -> bool:
    connection = http.client.HTTPConnection(address, PORT, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": ASKED_HOST})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def made(clients: int) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Links to forms about sessions of an hour ago, and what each is to be answered: as usual."""
    from django.db import connection, transaction

    from goldseam_web.measures.links import token_of
    from goldseam_web.measures.queries import questionnaire

    now = datetime.now(tz=UTC)
    links: list[str] = []
    items: list[list[tuple[str, str]]] = []
    with transaction.atomic():
        therapist = making.make_therapist(now)
        for number in range(clients):
            case = making.make_case(therapist, number, 1, SESSIONS + 1, now)
            making.give_history(case, therapist, SESSIONS, now)
            encounter = making.hold_session(case, therapist, now - timedelta(hours=1))
            occasion = making.occasion_of(encounter, case.members.get())
            links.append(f"/c/{token_of(occasion)}/")
            asked = [question.item for question in questionnaire(occasion, None).shown]
            items.append([(item.key, "8" if item.kind == "numeric" else "no") for item in asked])
        making.leave_queue_empty()
    connection.close()  # the database will be killed
    return links, items


def until_judged(since: float) -> float:
    from goldseam_web.measures.models import EvaluationJob, JobState
    from goldseam_web.outbox.models import Message, MessageState

    while time.monotonic() - since < PATIENCE:
        waiting = EvaluationJob.objects.exclude(state=JobState.DONE).exists()
        sending = Message.objects.filter(state__in=(MessageState.PENDING, MessageState.SENDING)).exists()
        if not waiting and not sending:
            break
        time.sleep(0.2)
    return round(time.monotonic() - since, 1)


def kept(phones: list[Phone]) -> dict[str, Any]:
    """What the database says in the end of what was acknowledged."""
    from django.db.models import Count

    from goldseam_web.alerts.models import AlertSignal
    from goldseam_web.measures.links import occasion_behind
    from goldseam_web.measures.models import Answer, EvaluationJob, JobState, Response, ResponseState
    from goldseam_web.outbox.models import Message

    wrong, complete, twice = 0, 0, 0
    for phone in phones:
        occasion = occasion_behind(token=phone.link.strip("/").split("/")[-1])
        assert occasion is not None
        rows = Answer.objects.filter(response__occasion=occasion)
        stored = {row.item: row.choice or f"{row.value:g}" for row in rows}
        wrong += sum(stored.get(item) != given for item, given in phone.acknowledged.items())
        forms = Response.objects.filter(occasion=occasion)
        complete += forms.filter(state=ResponseState.COMPLETED).count()
        twice += forms.count() > 1
    signals = AlertSignal.objects.values("response").annotate(n=Count("pk"))
    told = Message.objects.filter(staff__isnull=False)
    return {
        "acknowledged answers lost or changed": wrong,
        "forms complete": complete,
        "forms made twice": twice,
        "jobs not done": EvaluationJob.objects.exclude(state=JobState.DONE).count(),
        "forms with a finding": signals.count(),
        "messages to staff, by state": dict(told.values_list("state").annotate(n=Count("pk"))),
        "findings told more than once": told.values("subject", "purpose", "staff")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .count(),
    }


if __name__ == "__main__":
    main()
