"""A clinic begins on an empty machine: set up, a therapist invited, a couple asked by mail, the first finding taken up.

By the steps of docs/clinic/to-the-first-client.md, every page reached by a click, and the clicks counted. Over https
with a certificate of a made-up authority, at a host name of its own, and with a real mail server that encrypts.
"""

import hmac
import re
import ssl
import struct
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect

from tests.browser_pages import assert_clean, follow
from tests.conftest import QUIET, find_chromium
from tests.journeys.counted_hand import CountedHand, Tally
from tests.journeys.servers import PATIENCE, environment, free_port
from tests.journeys.steps import answer, choose
from tests.web.postbox import Postbox, open_postbox

HOST = "larkfield.example"
BERLIN = ZoneInfo("Europe/Berlin")
ADMINISTRATOR, THERAPIST = "ada@larkfield.example", "ines@larkfield.example"
PASSWORDS = {ADMINISTRATOR: "a quiet afternoon by the river", THERAPIST: "a lamp over the long kitchen table"}
MOST_CLICKS = 60
CLICKS, FIELDS = 57, 36


@dataclass(frozen=True)
class EmptyMachine:
    """A started install nobody has set up yet, and what whoever sets it up has in hand for it."""

    address: str
    set_up: str
    certificate: Path
    key: Path
    postbox: Postbox
    output: Path


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[EmptyMachine]:
    """One command in an empty folder, with nothing set: address and mail server are given in the browser."""
    certificate, key = _certificate(tmp_path)
    encrypted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encrypted.load_cert_chain(certificate, key)
    with open_postbox(tls_context=encrypted, require_starttls=True) as postbox:
        known = {"SSL_CERT_FILE": str(certificate), "GOLDSEAM_DEMO": "off", "PYTHONUNBUFFERED": "1"}
        output = tmp_path / "output"
        with output.open("w") as written:
            command = [sys.executable, "-m", "goldseam_web", "start", "--no-browser"]
            process = subprocess.Popen(
                command, env=environment(tmp_path / "data", **known), stdout=written, stderr=written
            )
            try:
                found = waited(lambda: re.search(r"http://\S+/office/set-up/\S+", output.read_text()))
                address = f"https://{HOST}:{free_port()}"
                yield EmptyMachine(address, found[0], certificate, key, postbox, output)
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the host name, and for the mail server of this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(tz=UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("localhost")]), critical=False
        )
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
    ours = (machine.address, machine.set_up.partition("/office/")[0])
    browser = chromium.browser_type.launch(
        executable_path=find_chromium(), args=[*QUIET, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    )

    def open_page(width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, ignore_https_errors=True)
        page = context.new_page()
        page.on("request", lambda r: strangers.append(r.url) if not r.url.startswith(ours) else None)
        return page

    yield open_page
    browser.close()
    assert strangers == []


def code_of(secret: str) -> str:
    """The number that an authenticator app shows now (RFC 6238)."""
    digest = hmac.digest(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def second_step(who: CountedHand) -> str:
    """Set up the authenticator app that is asked for; gives its secret."""
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", who.page.content())
    assert secret is not None
    who.types(code=code_of(secret[1]))
    who.clicks(who.page.locator("main button.btn-primary"))
    who.link("I have kept them; go on")
    return secret[1]


def wait_until_back(machine: EmptyMachine, *, starts: int) -> None:
    """Until it has started so often, and the pages answer at the address."""
    port = int(machine.address.rsplit(":", 1)[1])
    trusting = ssl.create_default_context(cafile=machine.certificate)

    def look() -> object:
        if machine.output.read_text().count("Goldseam is at ") < starts:
            return None
        with closing(HTTPSConnection("localhost", port, context=trusting, timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == HTTPStatus.OK
            except OSError:
                return None

    waited(look)


def set_up(who: CountedHand, machine: EmptyMachine, phone: CountedHand) -> None:
    """The steps of docs/clinic/to-the-first-client.md, in their order."""
    page = who.page
    who.opens(machine.set_up)
    who.types(
        clinic="Larkfield", full_name="Ada Admin", email=ADMINISTRATOR, password=PASSWORDS[ADMINISTRATOR]
    )
    who.chooses("country", value="DE")
    who.chooses("time_zone", value="Europe/Berlin")
    who.button("Open the clinic")
    secret = second_step(who)
    who.button("I agree to this")
    expect(page.get_by_role("heading", level=1)).to_contain_text("still stop")
    who.link("Go on: Urgent help")
    expect(page.get_by_text("0800 111 0 111").first).to_be_visible()
    who.types(violence_procedure="Speak with her alone. Then call the duty phone: 030 7654321.")
    who.button("Keep it")
    expect(page.get_by_role("heading", level=1)).to_contain_text("still stop")
    who.link("Go on: Consent and contact")
    who.types(phone="030 1234567")
    who.clicks(page.get_by_role("form", name="How clients reach you").get_by_role("button"))
    who.link("Next: Somebody else to speak with")
    who.chooses("first", label="Ada Admin")
    who.button("Keep it")
    expect(page.get_by_text("Clients see it from now on")).to_be_visible()
    who.link("Next: Opening hours")
    who.link("Next: Closed days")
    who.link("Next: Where clients reach it")
    take_the_address(who, machine, secret)
    try_with_phone(who, phone)
    who.link("Next: Messages")
    take_the_mail_server(who, machine)
    expect(page.get_by_role("heading", level=1)).to_contain_text("ask")
    who.link("Next: Staff")
    who.types(full_name="Ines Okafor", email=THERAPIST)
    who.button("Invite")
    expect(page.get_by_role("heading", name="Not signed in yet")).to_be_visible()


def take_the_address(who: CountedHand, machine: EmptyMachine, secret: str) -> None:
    """Goldseam serves https by itself from now on; who sets it up signs in there once more."""
    who.types(address=machine.address, certificate=str(machine.certificate), key=str(machine.key))
    who.ticks("[name=holder][value=files]")
    who.button("Take this address")
    wait_until_back(machine, starts=2)
    who.link("Go there")
    who.types(login=ADMINISTRATOR, password=PASSWORDS[ADMINISTRATOR])
    who.button("Sign in")
    time.sleep(30 - time.time() % 30)  # a code is taken once
    who.types(code=code_of(secret))
    who.button("Sign in")


def try_with_phone(who: CountedHand, phone: CountedHand) -> None:
    """The address is opened by a device on which nobody is signed in, from a code that a camera can read."""
    for part, colour in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(0, 0, 0)")):
        expect(who.page.locator(f".qr-{part}")).to_have_css("fill", colour)
    phone.opens(who.page.input_value("#link"))
    phone.button("This phone reaches it")
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("This phone reaches it.")


def take_the_mail_server(who: CountedHand, machine: EmptyMachine) -> None:
    who.types(host="localhost", port=str(machine.postbox.port), sender="desk@larkfield.example")
    who.button("Send a test message, then keep it")
    expect(who.page.get_by_role("heading", level=1)).to_contain_text("Mail leaves by localhost from now on.")
    assert [mail["To"] for mail in machine.postbox.messages] == [ADMINISTRATOR]
    wait_until_back(machine, starts=3)
    who.link("Go on")


def accept(who: CountedHand, machine: EmptyMachine) -> None:
    """The invitation to the empty caseload."""
    who.opens(link_mailed_to(machine, THERAPIST, "/account/password/new/"))
    who.types(password1=PASSWORDS[THERAPIST], password2=PASSWORDS[THERAPIST])
    who.button("Save it")
    who.link("Sign in")
    who.types(login=THERAPIST, password=PASSWORDS[THERAPIST])
    who.button("Sign in")
    second_step(who)
    who.button("I agree to this")


def open_couple(who: CountedHand) -> str:
    """A couple, each asked alone how they may be reached; the address of their case."""
    page = who.page
    who.link("New case")
    who.link("Couple")
    for number, called in enumerate(("Lea", "Tomas")):
        given = {"called": called, "family_name": "Brandt", "email": f"{called.lower()}@clients.example"}
        who.types(**{f"member-{number}-{name}": value for name, value in given.items()})
    who.clicks(page.locator("main form button.btn-primary").last)
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    case = page.url.split("?")[0]
    for called in ("Lea", "Tomas"):
        who.link("Who takes part")
        who.link(f"Name, contacts, safe ways and consent of {called}")
        who.ticks("[name=by_mail]")
        who.ticks("[name=how_asked][value=alone]")
        who.types(not_before="00:00", not_after="23:59")
        ways = page.get_by_role("form", name=re.compile("may be reached"))
        who.clicks(ways.get_by_role("button", name="Keep it"))
        expect(page.get_by_text(f"Kept for {called}.")).to_be_visible()
    who.link("Lea & Tomas Brandt")
    return case


def plan_series(who: CountedHand) -> None:
    """Every week from now on; the first one, of fifty minutes, ends with this minute or, if that is near, the next."""
    who.link("Plan a session")
    now = datetime.now(tz=BERLIN)
    start = now - timedelta(minutes=49 if now.second < 45 else 48)
    who.types(day=start.date().isoformat(), start=f"{start:%H:%M}", times="6")
    who.chooses("every", value="1")
    who.button("Plan it")
    expect(who.page.get_by_text("6 sessions are planned")).to_be_visible()


def agree_and_answer_first(client: CountedHand, machine: EmptyMachine, address: str, level: int) -> None:
    """From the mail to the first question answered."""
    client.opens(link_mailed_to(machine, address, "/c/"))
    assert_clean(client.page)
    client.button("I agree to the questions")
    client.page.wait_for_url("**/1/")
    client.tally.clicks += 1
    choose(client.page, level)
    client.button("Next")
    client.page.wait_for_url("**/2/")


def work_on_the_strain(page: Page, case: str) -> None:
    """She sets the views beside each other, and notes strain of her own with what she tried."""
    page.goto(case)
    skip = page.get_by_role("button", name="Show without guessing")
    if skip.count():
        follow(skip)
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
    tally = Tally()
    administrator, therapist, phone, first = (
        CountedHand(visitor(width), tally) for width in (1280, 1280, 360, 360)
    )
    set_up(administrator, machine, phone)
    accept(therapist, machine)
    case = open_couple(therapist)
    plan_series(therapist)
    agree_and_answer_first(first, machine, "tomas@clients.example", 8)
    # Issue, docs/clinic/to-the-first-client.md: no more than sixty from the one command to the first answer.
    assert tally.clicks <= MOST_CLICKS, tally
    assert tally == Tally(clicks=CLICKS, fields=FIELDS), "docs/clinic/to-the-first-client.md names these"

    answer(first.page, 8)
    second = CountedHand(visitor(360))
    agree_and_answer_first(second, machine, "lea@clients.example", 2)
    answer(second.page, 2)
    administrator.page.goto(f"{machine.address}/office/")
    ready = administrator.page.get_by_role("heading", level=1)
    expect(ready).to_contain_text("Clients can be asked.")
    read_own_answers(second.page, machine)
    follow_the_finding(therapist.page, machine, case)


def read_own_answers(client: Page, machine: EmptyMachine) -> None:
    """Without a word that she would have had to choose with somebody: by a number, mailed at that moment."""
    client.goto(link_mailed_to(machine, "lea@clients.example", "/c/"))
    follow(client.get_by_role("link", name="Privacy and contact"))
    follow(client.get_by_role("link", name=re.compile("own answers")))
    follow(client.get_by_role("button", name="Mail me a number"))
    expect(client.get_by_role("status")).to_contain_text("a number is on its way there")
    assert_clean(client)

    def look() -> "re.Match[str] | None":
        texts = [m.get_content() for m in machine.postbox.messages if m["To"] == "lea@clients.example"]
        return next(filter(None, (re.search(r"number: (\d{3} \d{3})", t) for t in texts)), None)

    client.get_by_label("Your word or number").fill(waited(look)[1])
    follow(client.get_by_role("button", name="Show what is mine"))
    expect(client.locator("main")).to_contain_text(re.compile(r"you gave 2\.0 of 10"))
    assert_clean(client)


def follow_the_finding(therapist: Page, machine: EmptyMachine, case: str) -> None:
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
