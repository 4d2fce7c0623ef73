"""A clinic begins on an empty machine: set up, a therapist invited, a couple asked by mail, the first finding taken up.

Over https with a certificate of a made-up authority, at a host name of its own, and with a real mail server.
"""

import hmac
import re
import struct
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect

from tests.conftest import QUIET, find_chromium
from tests.journeys.servers import PATIENCE, environment, free_port
from tests.journeys.steps import answer, assert_clean
from tests.web.postbox import Postbox, open_postbox

HOST = "larkfield.example"
BERLIN = ZoneInfo("Europe/Berlin")
ADMINISTRATOR, THERAPIST = "ada@larkfield.example", "ines@larkfield.example"
PASSWORDS = {ADMINISTRATOR: "a quiet afternoon by the river", THERAPIST: "a lamp over the long kitchen table"}
WAIT = 90.0


@dataclass(frozen=True)
class EmptyMachine:
    """A started install nobody has set up yet."""

    address: str
    set_up: str
    postbox: Postbox


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[EmptyMachine]:
    certificate, key = _certificate(tmp_path)
    address = f"https://{HOST}:{free_port()}"
    with open_postbox() as postbox:
        settings = {
            "GOLDSEAM_DEMO": "off",
            "GOLDSEAM_BASE_URL": address,
            "GOLDSEAM_TLS_CERTIFICATE": str(certificate),
            "GOLDSEAM_TLS_KEY": str(key),
            "GOLDSEAM_EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}",
            "PYTHONUNBUFFERED": "1",
        }
        output = tmp_path / "output"
        with output.open("w") as written:
            command = [sys.executable, "-m", "goldseam_web", "start", "--no-browser"]
            process = subprocess.Popen(
                command, env=environment(tmp_path / "data", **settings), stdout=written, stderr=written
            )
            try:
                found = waited(lambda: re.search(r"https://\S+/office/set-up/\S+", output.read_text()))
                yield EmptyMachine(address, found[0], postbox)
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the host name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(tz=UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def waited(look: Callable[[], object]) -> "re.Match[str]":
    """What is looked for, as soon as it is there."""
    until = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)
    return found  # type: ignore[return-value]


def link_mailed_to(machine: EmptyMachine, address: str, path: str) -> str:
    """The link of the first mail to an address that holds one below this path."""

    def look() -> "re.Match[str] | None":
        texts = [m.get_content() for m in machine.postbox.messages if m["To"] == address]
        return next(filter(None, (re.search(rf"https://\S+{path}\S+", text) for text in texts)), None)

    return waited(look)[0]


@pytest.fixture
def visitor(chromium: Browser, machine: EmptyMachine) -> Iterator[Callable[[int], Page]]:
    """A browser of one's own that finds the host name on this machine; nothing it loads is from elsewhere."""
    strangers: list[str] = []
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(), args=[*QUIET, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    )

    def open_page(width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, ignore_https_errors=True)
        page = context.new_page()
        page.on(
            "request", lambda r: strangers.append(r.url) if not r.url.startswith(machine.address) else None
        )
        return page

    yield open_page
    browser.close()
    assert strangers == []


def second_step(page: Page) -> None:
    """Set up the authenticator app that is asked for, and give its code (RFC 6238)."""
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", page.content())
    assert secret is not None
    digest = hmac.digest(b32decode(secret[1]), struct.pack(">Q", int(time.time()) // 30), "sha1")
    offset = digest[-1] & 15
    number = (struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6
    page.get_by_label("Code").fill(f"{number:06d}")
    page.locator("main button.btn-primary").click()
    page.wait_for_url("**/recovery-codes/")


def set_up(page: Page, machine: EmptyMachine) -> None:
    page.goto(machine.set_up)
    given = {"clinic": "Larkfield", "full_name": "Ada Admin", "email": ADMINISTRATOR}
    for name, value in {**given, "password": PASSWORDS[ADMINISTRATOR]}.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=country]", "DE")
    page.select_option("[name=time_zone]", "Europe/Berlin")
    page.locator("main button.btn-primary").click()
    second_step(page)
    page.goto(f"{machine.address}/office/charter/")
    page.locator("main button.btn-primary").click()
    page.goto(f"{machine.address}/office/somebody-else/")
    page.select_option("[name=first]", label="Ada Admin")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Clients see it from now on")).to_be_visible()


def try_with_phone(page: Page, machine: EmptyMachine, phone: Page) -> None:
    """The address is opened by a device on which nobody is signed in."""
    page.goto(f"{machine.address}/office/address/")
    phone.goto(page.input_value("#link"))
    phone.get_by_role("button", name="This phone reaches it").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("This phone reaches it.")


def invite(page: Page, machine: EmptyMachine) -> None:
    page.goto(f"{machine.address}/office/staff/")
    page.fill("[name=full_name]", "Ines Okafor")
    page.fill("[name=email]", THERAPIST)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("heading", name="Not signed in yet")).to_be_visible()


def accept(page: Page, machine: EmptyMachine) -> None:
    page.goto(link_mailed_to(machine, THERAPIST, "/account/password/new/"))
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", PASSWORDS[THERAPIST])
    page.locator("main button.btn-primary").click()
    page.goto(f"{machine.address}/account/sign-in/")
    page.fill("[name=login]", THERAPIST)
    page.fill("[name=password]", PASSWORDS[THERAPIST])
    page.locator("main button.btn-primary").click()
    second_step(page)
    page.goto(f"{machine.address}/office/charter/")
    page.locator("main button.btn-primary").click()


def open_couple(page: Page, machine: EmptyMachine) -> str:
    """A couple, each asked alone how they may be reached; the address of their case."""
    page.goto(f"{machine.address}/cases/new/?kind=couple")
    for number, called in enumerate(("Lea", "Tomas")):
        page.fill(f"[name=member-{number}-called]", called)
        page.fill(f"[name=member-{number}-family_name]", "Brandt")
        page.fill(f"[name=member-{number}-email]", f"{called.lower()}@clients.example")
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    case = page.url.split("?")[0]
    for position in (1, 2):
        page.goto(f"{case}members/{position}/")
        page.check("[name=by_mail]")
        page.check("[name=how_asked][value=alone]")
        page.fill("[name=not_before]", "00:00")
        page.fill("[name=not_after]", "23:59")
        page.get_by_role("button", name="Keep it").click()
    return case


def plan_series(page: Page, case: str) -> None:
    """Every week from now on; the first one, of fifty minutes, ends with this minute or, if that is near, the next."""
    now = datetime.now(tz=BERLIN)
    start = now - timedelta(minutes=49 if now.second < 45 else 48)
    page.goto(f"{case}encounters/new/")
    page.fill("#id_day", start.date().isoformat())
    page.fill("#id_start", f"{start:%H:%M}")
    page.select_option("#id_every", "1")
    page.fill("#id_times", "6")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("6 sessions are planned")).to_be_visible()


def work_on_the_strain(page: Page, case: str) -> None:
    """She sets the views beside each other, and notes strain of her own with what she tried."""
    page.goto(case)
    skip = page.get_by_role("button", name="Show without guessing")
    if skip.count():
        skip.click()
        page.goto(case)
    page.get_by_role("link", name="Who rates whom").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Lea 2.0, Tomas 8.0"))
    assert_clean(page)
    page.goto(f"{case}episodes/new/")
    page.get_by_label("Lea").check()
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("button", name="Listened first").click()
    expect(page.get_by_role("button", name="Listened first")).to_have_attribute("aria-pressed", "true")
    assert_clean(page)


@pytest.mark.skipif(
    not 1 <= datetime.now(tz=BERLIN).hour < 23, reason="the session and its mails would fall on two days"
)
def test_from_an_empty_folder_to_a_finding_that_is_taken_up(
    machine: EmptyMachine, visitor: Callable[[int], Page]
) -> None:
    administrator, therapist = visitor(1280), visitor(1280)
    set_up(administrator, machine)
    try_with_phone(administrator, machine, visitor(360))
    invite(administrator, machine)
    accept(therapist, machine)
    administrator.goto(f"{machine.address}/office/")
    expect(administrator.get_by_role("heading", level=1)).to_contain_text("Clients can be asked.")

    case = open_couple(therapist, machine)
    plan_series(therapist, case)
    for called, level in (("tomas", 8), ("lea", 2)):
        client = visitor(360)
        client.goto(link_mailed_to(machine, f"{called}@clients.example", "/c/"))
        assert_clean(client)
        client.get_by_role("button", name="I agree to the questions").click()
        client.wait_for_url("**/1/")
        answer(client, level)

    # A first rating of 2 is low by itself. The therapist hears of it by mail; the session had begun when it was
    # planned, so her pages keep it closed until she says that nobody else can see them.
    therapist.goto(link_mailed_to(machine, THERAPIST, "/signals/"))
    expect(therapist.locator("main")).not_to_contain_text("Lea")
    therapist.get_by_role("button", name="I am alone now").click()
    expect(therapist.locator("main")).to_contain_text("Lea")
    work_on_the_strain(therapist, case)
    therapist.goto(f"{case}encounters/")
    expect(therapist.get_by_text("Session 2 · Planned")).to_be_visible()
    therapist.goto(f"{case}members/1/")
    expect(therapist.locator("main")).to_contain_text("Agreed to the questions on")
    everything = "\n".join(machine.postbox.texts)
    for word in ("Lea", "Tomas", "Brandt", "rupture", "therap", "alliance"):
        assert word not in everything.replace("lea@clients", "").replace("tomas@clients", "")
