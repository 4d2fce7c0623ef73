"""What others can see: every cell of the access rule, requests made by lot, and the times of a member's pages.

    python benchmarks/wall/run.py --cells            every cell; goes on where it stopped (--minutes 5 at most)
    python benchmarks/wall/run.py --fuzz 100000      requests by lot (--seed 1)
    python benchmarks/wall/run.py --times 10000      pairs of times for each page

All is asked in this process, on SQLite in a temporary folder; behind scripts/with-postgres.sh on PostgreSQL, where
requests by lot see changes of rows too. Results stand in results.json beside this file.
"""

import argparse
import gc
import json
import logging
import os
import random
import re
import statistics
import string
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[1] / "src")]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
RESULTS = HERE / "results.json"
BOUND_MS = 0.25
Pair: TypeAlias = tuple[bool, float, float]  # bodies equal; differences by the clock and by the processor, ms
GROUPS_AT_ONCE = 24
METHODS = {"GET": 4, "POST": 6, "HEAD": 1, "PUT": 1, "PATCH": 1, "DELETE": 1, "OPTIONS": 1}


@contextmanager
def database() -> Iterator[None]:
    """An empty database of the application in a temporary folder."""
    import django

    django.setup()
    from django.test.utils import (
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    logging.disable(logging.CRITICAL)
    setup_test_environment(debug=False)
    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)
        teardown_test_environment()


def scene():
    """The couple of tests/rules, with a signal of Tomas's, and Lea's link."""
    from django.utils import timezone

    from goldseam_web.accounts.models import Phase
    from goldseam_web.alerts.models import AlertSignal
    from goldseam_web.alerts.services import work_once
    from tests.rules.access_scene import make_scene
    from tests.web import people

    now = timezone.now().replace(microsecond=0)
    cast = people.gather(now)
    lea = people.asked(
        people.meet(cast.couple, cast.ines, now - timedelta(hours=1)), people.member(cast.couple, "Lea")
    )
    tomas = people.member(cast.couple, "Tomas")
    for weeks in range(6, 0, -1):
        ended = now - timedelta(weeks=weeks)
        earlier = people.meet(cast.couple, cast.ines, ended)
        people.answer(people.asked(earlier, tomas), ended + timedelta(minutes=9))
    people.answer(people.asked(lea.encounter, tomas, Phase.POST), now, level=1)
    while work_once(worker="benchmark", at=now):
        pass
    return make_scene(cast, AlertSignal.objects.get(kind="strain", member=tomas), lea)


def kept() -> dict:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def keep(name: str, found: object) -> None:
    results = {**kept(), name: found}
    beside = RESULTS.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    beside.replace(RESULTS)


# --- every cell -----------------------------------------------------------------------------------


def ask_cells(minutes: float) -> None:
    """Ask group after group in an order drawn by lot, so that a part is a fair sample, from where it stopped last."""
    from tests.rules.access_rule import every_cell
    from tests.rules.access_scene import faults

    groups = list(every_cell())
    random.Random(0).shuffle(groups)
    state = {"of": sum(map(len, groups)), "groups": 0, "asked": 0, "faults": {}}
    if kept().get("cells", state)["of"] == state["of"]:
        state = kept().get("cells", state)
    until = time.monotonic() + 60 * minutes
    here = scene()
    while groups[state["groups"] :] and time.monotonic() < until:
        some = [cell for group in groups[state["groups"] :][:GROUPS_AT_ONCE] for cell in group]
        state["faults"] |= {str(cell): fault for cell, fault in faults(here, some).items()}
        state["groups"] = min(state["groups"] + GROUPS_AT_ONCE, len(groups))
        state["asked"] += len(some)
        keep("cells", state)
    print(f"{state['asked']} of {state['of']} cells asked, {len(state['faults'])} faults")
    print(*(f"{cell}: {fault}" for cell, fault in state["faults"].items()), sep="\n")


# --- requests by lot ------------------------------------------------------------------------------

ODD = [
    *(
        "",
        "0",
        "-1",
        "1",
        "yes",
        "no",
        "%00",
        "\x00",
        "\ud800",
        "é" * 300,
        "a" * 5000,
        "9" * 400,
        "1e999",
        "NaN",
    ),
    *("../../etc/passwd", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "\u202e", "\ufeff", "12:75"),
    *(
        "2001-99-99",
        "0001-01-01",
        "9999-12-31",
        "00:00",
        "//elsewhere.example/",
        "javascript:1",
        "[]",
        "null",
    ),
]
FIELDS = [
    *(
        "act",
        "again",
        "alone",
        "another",
        "answer",
        "audience",
        "away",
        "choice",
        "code",
        "day",
        "email",
        "ending",
    ),
    *(
        "given",
        "go",
        "group",
        "item",
        "kind",
        "login",
        "member",
        "members-0-name",
        "minutes",
        "next",
        "page",
        "q",
    ),
    *("password", "room", "shown", "since", "skip", "start", "theme", "there_was", "form_key", "oldpassword"),
]
TYPES = [
    *("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", "text/plain"),
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/html; charset=rot13",
        "",
    ),
]
HEADERS = {
    "HTTP_HX_REQUEST": ["true", "false"],
    "HTTP_ACCEPT": ["application/json", "*/*", "\xff"],
    "HTTP_ACCEPT_LANGUAGE": ["de", "xx-" * 200, "\x00"],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br", "identity;q=0"],
    "HTTP_COOKIE": ["goldseam_phone=x", "sessionid=\xff", "=;=;", "goldseam_theme=" + "x" * 3000],
    "HTTP_HOST": ["testserver", "elsewhere.example", "[::1", "a b"],
    "HTTP_IF_MODIFIED_SINCE": ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "HTTP_IF_NONE_MATCH": ["*", '"x"'],
    "HTTP_ORIGIN": ["null", "https://elsewhere.example"],
    "HTTP_RANGE": ["bytes=0-1", "bytes=9-1"],
    "HTTP_SEC_FETCH_SITE": ["cross-site", "none", "same-origin"],
    "HTTP_X_FORWARDED_FOR": ["::1", "1.2.3.4, x", "\x00"],
    "HTTP_X_GOLDSEAM_ANSWER": ["x", "9" * 50],
}
# What a request writes without being about a case: who came, and that somebody did. Everything else needs a right.
OF_VISITS = {
    "django_session",
    "axes_accessattempt",
    "axes_accessfailurelog",
    "axes_accesslog",
    "accounts_accountmail",
}
# What a clinician writes who opens a case of their own.
OF_NEW_CASES = {
    *("accounts_clinicpulse", "alerts_seen", "measures_occasion"),
    *("cases_case", "cases_person", "cases_personidentity", "cases_personcontact", "cases_member"),
    *("cases_casetherapist", "cases_consentrecord", "cases_encounter", "cases_attendance"),
}


def fuzz(count: int, seed: int) -> None:
    """Send requests by lot; nothing may fail, and who has no right to the case must not change a row."""
    from django.db import connection

    from tests.rules.access_rule import AXES, ROLES
    from tests.rules.access_scene import undone

    draw, here = random.Random(seed), scene()
    routes = sorted({page.split()[1] for page in AXES["page"]})
    statuses: Counter[str] = Counter()
    bad: dict[str, str] = {}
    began, vendor = time.monotonic(), connection.vendor
    for number in range(count):
        role, route = draw.choice((*ROLES, "treats")), draw.choice(routes)
        [method] = draw.choices([*METHODS], [*METHODS.values()])
        with undone():
            status, fault = one_request(here, draw, (role, route, method))
        statuses[f"{status // 100}xx"] += 1
        if number % 5000 == 4999:
            print(number + 1, "requests", flush=True)
        if fault:
            bad.setdefault(f"{method} {route} {role}: {fault.splitlines()[0]}", f"request {number}\n{fault}")
    found = {"requests": count, "seed": seed, "statuses": dict(sorted(statuses.items())), "faults": bad}
    keep(f"fuzz {vendor}", found)
    print(
        f"{count} requests in {time.monotonic() - began:.0f} s: {dict(statuses)}, {len(bad)} kinds of fault"
    )
    print(*(f"{kind}\n{fault}" for kind, fault in bad.items()), sep="\n")


def one_request(here, draw: random.Random, asked: tuple[str, str, str]) -> tuple[int, str]:
    """The status, and what was wrong: an exception, a server error, rows changed without right."""
    from django.test import Client

    from tests.rules.access_scene import BACKEND

    role, route, method = asked
    asker = here.cast.ines if role == "treats" else here.askers.get(role)
    client = Client(raise_request_exception=True)
    if asker is not None:
        client.force_login(asker.user, backend=BACKEND)
    parts = {k: v if draw.random() < 0.9 else odd_part(draw, k) for k, v in here.parts.items()}
    address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(parts[m.group(1)]), route).lstrip("/")
    before = written()
    try:
        reply = client.generic(
            method, address, body(draw), draw.choice(TYPES), query_string=query(draw), **headers(draw)
        )
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return 500, "exception\n" + traceback.format_exc(limit=-6)
    if reply.status_code >= 500:
        return reply.status_code, f"status {reply.status_code}"
    changed = {table for table, count in written().items() if count != before.get(table, 0)} - OF_VISITS
    client_page = route.startswith("c/<str:token>")
    return reply.status_code, "" if role == "treats" or client_page else unallowed(changed, role, route)


def unallowed(changed: set[str], role: str, route: str) -> str:
    """Rows that this role may not write, whatever it sends; a clinician may open cases and be audited."""
    may = {"audit_auditentry"}
    if role in {"therapist", "supervisor", "lead", "elsewhere"}:
        may |= OF_NEW_CASES
        if route == "room-view/":  # everybody's own
            may.add("accounts_staff")
    if role == "administrator" and route.startswith("office/"):
        may |= {table for table in changed if table.startswith("accounts_")}
    wrong = changed - may
    return f"rows changed in {sorted(wrong)}" if wrong else ""


def written() -> dict[str, int]:
    """Of every table its rows, in one question; on PostgreSQL what was written to it, so that changes are seen too."""
    from django.apps import apps
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
            return {table: int(written) for table, written in cursor.fetchall()}
    tables = [model._meta.db_table for model in apps.get_models()]  # noqa: SLF001 - public in all but name
    counts = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables)  # noqa: S608 - our own tables
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def odd_part(draw: random.Random, name: str) -> str:
    """An id of another kind, or something else that the address takes."""
    if name.endswith("_id"):
        return "00000000-0000-4000-8000-000000000000"
    return (
        str(draw.randrange(10**6))
        if name == "number"
        else "".join(draw.choices(string.ascii_letters + "~.-_", k=30))
    )


def pairs_of(draw: random.Random) -> str:
    from urllib.parse import quote

    chosen = draw.choices(FIELDS, k=draw.randrange(5))
    return "&".join(f"{f}={quote(draw.choice(ODD).encode('utf-8', 'surrogatepass'))}" for f in chosen)


def query(draw: random.Random) -> str:
    return pairs_of(draw) if draw.random() < 0.5 else draw.choice(["", "%", "%ff=%00", "&&=&", "a" * 4000])


def body(draw: random.Random) -> bytes:
    made = pairs_of(draw).encode()
    multipart = b'--x\r\nContent-Disposition: form-data; name="q"\r\n\r\n' + made + b"\r\n--x--\r\n"
    return draw.choice([made, made, made, multipart, multipart[:-9], draw.randbytes(60), b"", b"a=1&" * 1200])


def headers(draw: random.Random) -> dict[str, str]:
    return {
        name: draw.choice(HEADERS[name])
        for name in draw.sample(sorted(HEADERS), draw.choice([0, 0, 1, 1, 2, 3]))
    }


# --- times ----------------------------------------------------------------------------------------

PAGES = ["", "later/", "help/", *(f"{number}/" for number in range(1, 11)), "who/", "done/", "handed-over/"]
SIGNED_TIME = re.compile(rb'name="shown" value="[^"]*"')


def compare_times(count: int) -> None:
    """Lea's pages after each of two answers of Tomas's, in turn: the bytes, and the difference of the times."""
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone

    from tests.web import people

    here = scene()
    lea = here.cast.couple.encounters.latest("ends_at")
    link = people.link(people.asked(lea, people.member(here.cast.couple, "Lea")))
    other = people.asked(lea, people.member(here.cast.couple, "Tomas"))
    from goldseam_web.measures.services import save_answer

    def answer(value: int) -> None:
        save_answer(occasion=other, item="goal", given=value, at=timezone.now())

    def get(page: str) -> tuple[float, float, bytes]:
        client = Client()
        clock, used = time.perf_counter(), time.thread_time()
        reply = client.get(link + page)
        clock, used = time.perf_counter() - clock, time.thread_time() - used
        return clock * 1000, used * 1000, SIGNED_TIME.sub(b"", reply.content)

    seen: dict[str, list[Pair]] = {page: [] for page in PAGES}
    # A collection of garbage stops whichever page is being made, for up to seconds: by chance, and not by an answer.
    gc.freeze()
    gc.disable()
    for turn in range(count):
        if turn % 50 == 0:
            gc.collect()
        after: dict[int, list[tuple[float, float, bytes]]] = {}
        for value in (0, 9) if turn % 2 else (9, 0):
            with transaction.atomic():
                answer(value)
                get("help/")  # what writing leaves behind in the caches is the same for both
                after[value] = [get(page) for page in PAGES]
                transaction.set_rollback(True)
        for page, low, high in zip(PAGES, after[0], after[9], strict=True):
            seen[page].append((low[2] == high[2], low[0] - high[0], low[1] - high[1]))
        if turn % 200 == 199 or turn == count - 1:
            found = {page or "start": compared(pairs) for page, pairs in seen.items()}
            keep("times", {"pairs": turn + 1, "bound_ms": BOUND_MS, "pages": found})
    print(*found.items(), sep="\n")


def compared(pairs: list[Pair]) -> dict[str, object]:
    """Whether all bodies are equal, and what the differences of time show."""
    equal, clock, processor = zip(*pairs, strict=True)
    return {"equal": all(equal), "clock": equivalence(clock), "processor": equivalence(processor)}


def equivalence(differences: Sequence[float]) -> dict[str, float]:
    """Two one-sided tests (Schuirmann 1987) on the mean of paired differences, and its 90% interval."""
    from scipy import stats

    n = len(differences)
    mean, error = statistics.fmean(differences), statistics.stdev(differences) / n**0.5
    half = float(stats.t.ppf(0.95, n - 1)) * error
    p = max(stats.t.sf((mean + BOUND_MS) / error, n - 1), stats.t.cdf((mean - BOUND_MS) / error, n - 1))
    return {
        "mean_ms": round(mean, 4),
        "from_ms": round(mean - half, 4),
        "to_ms": round(mean + half, 4),
        "p": float(f"{p:.2g}"),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--cells", action="store_true")
    ask.add_argument("--minutes", type=float, default=60)
    ask.add_argument("--fuzz", type=int, default=0)
    ask.add_argument("--seed", type=int, default=20261127)
    ask.add_argument("--times", type=int, default=0)
    wanted = ask.parse_args()
    with database():
        from django.db import transaction

        for doing in (
            lambda: wanted.cells and ask_cells(wanted.minutes),
            lambda: wanted.fuzz and fuzz(wanted.fuzz, wanted.seed),
            lambda: wanted.times and compare_times(wanted.times),
        ):
            with transaction.atomic():
                doing()
                transaction.set_rollback(True)


if __name__ == "__main__":
    main()
