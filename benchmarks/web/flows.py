"""Whole client flows a second: ours, one question at a time and in one post, beside a plain survey package.

    POSTGRES_DURABLE=1 scripts/with-postgres.sh .venv/bin/python benchmarks/web/flows.py --package ENVIRONMENT
    ... --rounds 3 --small

ENVIRONMENT is a virtual environment of the benchmark's own with ``django-survey-and-report`` (AGPL), ``gunicorn`` and
``psycopg[binary]``; without it our flows run alone. Twelve questions on both sides. All servers are up at once and are
measured in turn, so that what else the machine does falls on all of them: the figures to read are the ratios within a
round. Our worker stands still meanwhile and is started afterwards, until its queue is empty.

A flow of ours is what a phone with our script sends: the link, *Start*, twelve answers, the last page (15 requests),
or the link, *Start*, all questions, one post, the last page (5). A flow of the package is its
form, one post, its last page (3). Files of the pages are not counted. Prints JSON.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

HERE = Path(__file__).resolve().parent
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CHOICES = re.compile(r'<input type="radio"[^>]*?\s+name="([\w-]+)" value="([^"]*)"')
QUESTIONS = 12
AT_ONCE = {1: 8, 4: 16, 16: 32}  # how many at a time, and flows of a round
WARM_UP = 12
SERVERS: dict[int, int] = {}  # by port, the process that listens there
PORTS = {"PostgreSQL": 8831, "SQLite": 8832, "package": 8833}
Flow = Callable[["Browser", str], None]


class Browser:
    """One connection, kept where the server keeps it, and its cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def go(
        self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str
    ) -> tuple[str, str]:
        """Send one request and follow where it leads; the last address and its page."""
        while True:
            status, location, page = self._once(method, path, fields, headers)
            if status not in (301, 302, 303):
                if status != http.HTTPStatus.OK:
                    raise RuntimeError(f"{method} {path}: status {status}")
                return path, page
            method, path, fields, headers = "GET", urlsplit(location).path, None, {}

    def _once(
        self, method: str, path: str, fields: dict[str, str] | None, more: dict[str, str]
    ) -> tuple[int, str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Origin": f"http://127.0.0.1:{self.port}", "Cookie": cookies, **more}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        response = self.connection.getresponse()
        page = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.getheader("Location") or "", page


def stepwise(browser: Browser, link: str) -> None:
    browser.go("GET", link)
    reply = json.loads(browser.go("POST", link, {}, **{"X-Goldseam-Answer": "start"})[1])
    place, page = reply["next"], reply["page"]
    for number in range(QUESTIONS):
        fields = {**dict(HIDDEN.findall(page)), "answer": usual(page, "answer"), "go": "next"}
        _, told = browser.go("POST", place, fields, **{"X-Goldseam-Answer": str(number)})
        reply = json.loads(told)
        place, page = reply["next"], reply.get("page", "")
    assert place.endswith("/done/"), place
    browser.go("GET", place)


def one_post(browser: Browser, link: str) -> None:
    browser.go("GET", link)
    place, page = browser.go("POST", link, {"layout": "all"})
    names = {name for name, _ in CHOICES.findall(page)}
    assert len(names) == QUESTIONS, names
    fields = {**dict(HIDDEN.findall(page)), **{name: usual(page, name) for name in names}}
    _, told = browser.go("POST", place, fields, **{"X-Goldseam-Answer": "all"})
    assert json.loads(told)["next"].endswith("/done/"), told
    browser.go("GET", json.loads(told)["next"])


def usual(page: str, name: str) -> str:
    """Seven where there are numbers, no tension where there are none."""
    return "7" if (name, "7") in CHOICES.findall(page) else "no"


def package_flow(browser: Browser, survey: str) -> None:
    _, page = browser.go("GET", survey)
    names = set(re.findall(r'name="(question_\d+)"', page))
    assert len(names) == QUESTIONS, names
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    fields = {**dict.fromkeys(names, "7"), "csrfmiddlewaretoken": token.group(1)}
    place, _ = browser.go("POST", survey, fields)
    assert "/confirm/" in place, place


def flows_a_second(flow: Flow, port: int, links: list[str], at_once: int) -> dict[str, float]:
    """So many visits at a time until all links are done."""
    waiting, errors = iter(links), []
    lock = threading.Lock()

    def visit() -> None:
        while True:
            with lock:
                link = next(waiting, None)
            if link is None:
                return
            browser = Browser(port)
            try:
                flow(browser, link)
            except Exception as error:  # noqa: BLE001  told below
                errors.append(repr(error))
            finally:
                browser.connection.close()

    threads = [threading.Thread(target=visit) for _ in range(at_once)]
    server = processor_seconds(SERVERS[port])
    began, own = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, used = time.perf_counter() - began, time.process_time() - own
    if errors:
        raise RuntimeError(f"{len(errors)} flows failed, the first with {errors[0]}")
    return {
        "flows a second": len(links) / took,
        "generator, ms a flow": 1000 * used / len(links),
        "server, ms a flow": 1000 * (processor_seconds(SERVERS[port]) - server) / len(links),
    }


def processor_seconds(process: int) -> float:
    """What a process and those it has begun have used, the database's apart; it does not grow with what others do."""
    processes, found = _processes(), {process}
    while more := {pid for pid, facts in processes.items() if int(facts[1]) in found} - found:
        found |= more
    ticks = sum(int(processes[pid][11]) + int(processes[pid][12]) for pid in found if pid in processes)
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> dict[int, list[str]]:
    """Of each process what the kernel says after its name: state, parent, ..., user and system time."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    return found


# --- What is measured ------------------------------------------------------------------------------------------------


def make_ours(folder: str, count: int, database: str) -> None:
    """In a process of its own: links to forms of twelve questions about sessions within the hour, printed as JSON."""
    import making

    making.use_database(Path(folder), **({"GOLDSEAM_DATABASE": database} if database else {}))
    from django.db import transaction

    from goldseam_web.accounts.models import Clinic, Phase
    from goldseam_web.audit.services import SYSTEM
    from goldseam_web.cases.models import CaseKind, MemberRole
    from goldseam_web.cases.services import NewMember, open_case, plan_encounter
    from goldseam_web.measures.links import token_of
    from goldseam_web.measures.services import plan_occasions

    now, links = datetime.now(tz=UTC), []
    with transaction.atomic():
        therapist = making.make_therapist(now)
        Clinic.objects.update(alliance_phase=Phase.PRE)
        therapist.clinic.refresh_from_db()
        for number in range((count + 1) // 2):
            case = open_case(
                clinic=therapist.clinic,
                therapist=therapist,
                kind=CaseKind.COUPLE,
                members=[NewMember(f"M{k}", f"F{number}", MemberRole.PARTNER) for k in range(2)],
                opened_on=(now - timedelta(days=30)).date(),
                at=now - timedelta(days=30),
                actor=SYSTEM,
            )
            making.agree(case, now - timedelta(days=30))
            making.hold_session(case, therapist, now - timedelta(days=7))
            encounter = plan_encounter(
                case=case,
                therapist=therapist,
                starts_at=now + timedelta(hours=12),
                minutes=50,
                at=now - timedelta(days=1),
                actor=SYSTEM,
            )
            plan_occasions(encounter=encounter, at=now - timedelta(days=1), actor=SYSTEM)
            asked = encounter.occasions.filter(respondent__isnull=False)
            links += [f"/c/{token_of(occasion)}/" for occasion in asked]
        making.leave_queue_empty()
    print(json.dumps(links))


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, cwd=HERE, stdout=subprocess.DEVNULL)
    SERVERS[port] = process.pid
    try:
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def our_server(port: int, processes: int, threads: int) -> list[str]:
    from goldseam_web.management.serving import web_server

    program = web_server(host="127.0.0.1", port=port, processes=processes, threads=threads, environment={})
    return list(program.command)


class Site:
    """One of ours: its database, its links, its server."""

    def __init__(self, name: str, folder: Path, count: int, database: str, processes: int) -> None:
        folder.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GOLDSEAM_")
        }
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "goldseam_web.config.settings",
            "GOLDSEAM_DATA": str(folder),
            "GOLDSEAM_DEMO": "on",
            "GOLDSEAM_LOG_LEVEL": "ERROR",
        } | ({"GOLDSEAM_DATABASE": database} if database else {})
        make = [
            sys.executable,
            __file__,
            "--make",
            str(folder),
            "--count",
            str(count),
            "--database",
            database,
        ]
        made = subprocess.run(make, env=self.environment, check=True, capture_output=True, text=True)
        self.links = iter(json.loads(made.stdout.splitlines()[-1]))
        statics = [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v", "0"]
        unused = [part for name in ("account", "mfa", "ext", "htmax-*", "htmx-4*") for part in ("-i", name)]
        subprocess.run([*statics, *unused], env=self.environment, check=True, stdout=subprocess.DEVNULL)
        self.port = PORTS[name]
        self.command = our_server(self.port, processes, threads=4 if processes == 1 else 1)

    def take(self, count: int) -> list[str]:
        return [next(self.links) for _ in range(count)]

    def drain(self) -> dict[str, float]:
        """How long the worker takes for what waits, its start apart."""
        work = [sys.executable, "-m", "goldseam_web", "work", "--once", "--quiet"]
        times = []
        for _ in range(2):  # the second finds nothing: what starting and ending take
            began = time.perf_counter()
            subprocess.run(work, env=self.environment, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - began)
        return {"seconds": round(times[0] - times[1], 1), "start and end, seconds": round(times[1], 1)}


def measure(folder: Path, package: Path | None, rounds: int, *, small: bool) -> dict[str, Any]:
    at_once = {each: max(each, count // 4) for each, count in AT_ONCE.items()} if small else AT_ONCE
    count = 2 * rounds * sum(at_once.values()) + 2 * WARM_UP
    server = urlsplit(os.environ["GOLDSEAM_DATABASE"])
    sites = {
        "PostgreSQL": Site("PostgreSQL", folder / "postgresql", count, os.environ["GOLDSEAM_DATABASE"], 4),
        "SQLite": Site("SQLite", folder / "sqlite", count, "", 1),
    }
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        for site in sites.values():
            stack.enter_context(running(site.command, site.environment, site.port))
        survey = stack.enter_context(package_site(package, server.port or 5432)) if package else ""
        ways: dict[str, tuple[Flow, Callable[[int], list[str]], int]] = {}
        if survey:
            ways["package"] = (package_flow, lambda many: [survey] * many, PORTS["package"])
        for name, site in sites.items():
            ways[f"{name}, stepwise"] = (stepwise, site.take, site.port)
            ways[f"{name}, one post"] = (one_post, site.take, site.port)
        for flow, links, port in ways.values():  # every process has answered before anything counts
            flows_a_second(flow, port, links(WARM_UP), 4)
        for each, many in at_once.items():
            told: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
            for _ in range(rounds):
                for name, (flow, links, port) in ways.items():
                    told[name].append(flows_a_second(flow, port, links(many), each))
            found[f"{each} at a time"] = summary(told)
            print(json.dumps({f"{each} at a time": found[f"{each} at a time"]}), file=sys.stderr, flush=True)
        found["load average"] = [round(load, 1) for load in os.getloadavg()]
    found["the worker afterwards"] = {name: site.drain() for name, site in sites.items()}
    return found


def summary(told: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    beside = [one["flows a second"] for one in told.get("package", [])]
    result = {}
    for name, runs in told.items():
        speeds = [one["flows a second"] for one in runs]
        result[name] = {
            "flows a second": spread(speeds),
            **{
                who: round(statistics.median(one[who] for one in runs), 1)
                for who in ("generator, ms a flow", "server, ms a flow")
            },
        }
        if beside and name != "package":
            ratios = [own / other for own, other in zip(speeds, beside, strict=True)]
            result[name]["times the package"] = spread(ratios)
    return result


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


@contextmanager
def package_site(package: Path, port: int) -> Iterator[str]:
    """The survey's address, while its server runs: gunicorn with four workers, as ours has four on PostgreSQL."""
    environment = {**os.environ, "BENCHMARK_DATABASE": "survey", "BENCHMARK_PORT": str(port)}
    environment.pop("PYTHONPATH", None)
    import psycopg

    with psycopg.connect(f"postgresql://goldseam@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE survey")
    python = str(package / "bin" / "python")
    made = subprocess.run(
        [python, "survey_site.py"], env=environment, cwd=HERE, check=True, capture_output=True, text=True
    )
    gunicorn = [python, "-m", "gunicorn", "survey_site:application", "--workers", "4"]
    command = [*gunicorn, "--bind", f"127.0.0.1:{PORTS['package']}", "--log-level", "error"]
    with running(command, environment, PORTS["package"]):
        yield f"/survey/{made.stdout.split()[-1]}/"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--package", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true")
    for name, kind in (("make", str), ("count", int), ("database", str)):
        parser.add_argument(f"--{name}", type=kind, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        return make_ours(arguments.make, arguments.count, arguments.database)
    import making

    with tempfile.TemporaryDirectory(prefix="goldseam-flows-") as folder:
        found = measure(Path(folder), arguments.package, arguments.rounds, small=arguments.small)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))
    return None


if __name__ == "__main__":
    main()
