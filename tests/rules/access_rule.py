"""Who may open what, from the facts of a situation alone. Nothing here asks the application, nor imports it.

The sentences are the product's. Therapists see and change the cases they treat on that day, as main therapist, as
co-therapist or for cover. Supervisors see, and do not change, the cases of those they supervise that day; whom nobody
supervises the clinic's lead does. Administrators and researchers see no case. Departed staff are nobody; nothing
crosses clinics; what was erased is gone for everybody; what was closed can be read. While somebody may see the screen,
no page names another case than the one whose session it is. Whoever is named for clients to speak with, here the
administrator, reads what they ask as long as nothing, at any time, has had them treat, cover or supervise there.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

# The case is the couple's. Ines treats it; nobody supervises her unless the relation says so.
ROLES = (
    "nobody",
    "therapist",
    "supervisor",
    "administrator",
    "researcher",
    "elsewhere",
    "lead",
    "departed",
)
RELATIONS = (
    "treats",
    "treated until yesterday",
    "treats from tomorrow",
    "covers today",
    "cover ended yesterday",
    "co-therapist",
    "supervises",
    "supervision ended yesterday",
    "none",
    "none, another supervises",
)
# On the day of the handover Ines has her last day and Ben, whom nobody supervises, his first.
STATES = ("open", "closed", "erased", "members paused", "therapist departed", "handover day")
ROOMS = ("alone", "this case", "another case")

# Who may open a page, and with what status: who has not signed in; who may not; who may and is alone, in the room of
# this case, in that of another one ("=": the same as alone). In the room 200 is often the page that stays closed.
STAFF_PAGES = """
address                                     who        nobody refused alone this other

GET  healthz                                anybody    200    -       200   =    =
GET  account/                               anybody    302    -       200   =    =
GET  account/sign-in/                       anybody    200    -       302   =    =
GET  account/sign-in/code/                  anybody    302    -       302   =    =
GET  account/sign-out/                      anybody    302    -       200   =    =
GET  account/inactive/                      anybody    200    -       200   =    =
GET  account/locked/                        anybody    302    -       302   =    =
POST account/typed/                         anybody    302    -       302   =    =
GET  account/confirm/                       anybody    302    -       200   =    =
GET  account/confirm/code/                  anybody    302    -       302   =    =
GET  account/password/                      anybody    302    -       200   =    =
GET  account/password/forgotten/            anybody    200    -       200   =    =
GET  account/password/forgotten/sent/       anybody    200    -       200   =    =
GET  account/password/new/<key>/            anybody    200    -       200   =    =
GET  account/password/new/done/             anybody    200    -       200   =    =
GET  account/sessions/                      anybody    302    -       302   =    =
GET  account/second-factor/                 anybody    302    -       302   =    =
GET  account/second-factor/remove/          anybody    302    -       302   =    =
GET  account/sign-in/passkey/               anybody    302    -       302   =    =
GET  account/confirm/passkey/               anybody    302    -       302   =    =
GET  account/passkeys/                      anybody    302    -       302   =    =
GET  account/passkeys/<int:pk>/remove/      anybody    302    -       302   =    =
GET  account/recovery-codes/                anybody    302    -       404   =    =
GET  account/recovery-codes/new/            anybody    302    -       302   =    =
GET  account/recovery-codes/download/       anybody    302    -       404   =    =

GET  c/                                     anybody    404    -       404   =    =
GET  c/help/                                anybody    200    -       200   =    =
GET  c/speak/                               anybody    200    -       200   =    =
GET  c/<path:rest>/                         anybody    404    -       404   =    =

GET  office/                                runs       302    404     200   =    =
GET  office/away/                           sends_away 302    404     200   =    =
POST office/away/                           sends_away 302    404     404   =    =
GET  office/away/<uuid:staff_id>/           sends_ines 302    404     200   =    =
POST office/away/<uuid:staff_id>/           sends_ines 302    404     400   =    =
GET  office/weeks/                          runs       302    404     200   =    =
GET  office/calls/                          named      302    404     200   =    =
GET  office/calls/<uuid:concern_id>/        outside    302    404     200   =    =
POST office/calls/<uuid:concern_id>/        outside    302    404     404   =    =
GET  office/address/                        runs       302    404     302   =    =
POST office/address/                        runs       302    404     302   =    =
GET  office/address/<str:phone_key>/        anybody    404    -       404   =    =
POST office/address/<str:phone_key>/        anybody    404    -       404   =    =
GET  office/what-is-asked/                  runs       302    404     200   =    =
POST office/what-is-asked/                  runs       302    404     400   =    =
GET  office/escalation/                     runs       302    404     200   =    =
POST office/escalation/                     runs       302    404     302   =    =
GET  office/progress/                       runs       302    404     200   =    =
POST office/progress/                       runs       302    404     302   =    =
GET  office/rules/                          runs       302    404     200   =    =
POST office/rules/                          runs       302    404     302   =    =
GET  office/mail/                           runs       302    404     302   =    =
POST office/mail/                           runs       302    404     302   =    =
GET  office/mail/words/                     runs       302    404     200   =    =
POST office/mail/words/                     runs       302    404     404   =    =
GET  office/charter/                        works      302    404     200   =    =
POST office/charter/                        works      302    404     302   =    =
GET  office/consent/                        runs       302    404     200   =    =
POST office/consent/                        runs       302    404     400   =    =
GET  office/leaflet/                        works      302    404     200   =    =
POST office/leaflet/                        runs       302    404     302   =    =
GET  office/closed-days/                    runs       302    404     200   =    =
POST office/closed-days/                    runs       302    404     400   =    =
GET  office/second-step/                    seconds    302    404     200   =    =
POST office/second-step/                    seconds    302    404     302   =    =
GET  office/same-name/                      runs       302    404     200   =    =
POST office/same-name/                      runs       302    404     400   =    =
GET  office/somebody-else/                  runs       302    404     200   =    =
POST office/somebody-else/                  runs       302    404     400   =    =
GET  office/staff/                          runs       302    404     200   =    =
POST office/staff/                          runs       302    404     302   =    =
GET  office/staff/<uuid:staff_id>/          runs       302    404     200   =    =
POST office/staff/<uuid:staff_id>/          runs       302    404     302   =    =
POST office/staff/<uuid:staff_id>/change/   runs       302    404     302   =    =
GET  office/urgent-help/                    runs       302    404     200   =    =
POST office/urgent-help/                    runs       302    404     400   =    =
GET  office/urgent-help/<uuid:line_id>/     runs       302    404     200   =    =
POST office/urgent-help/<uuid:line_id>/     runs       302    404     400   =    =
POST office/urgent-help/<uuid:line_id>/remove/ runs    302    404     302   =    =
GET  office/set-up/<str:set_up_key>/        anybody    404    -       404   =    =

GET  /                                      others     302    302     200   =    =
POST /                                      others     302    302     200   =    =
GET  supervised/                            supervises 302    404     200   =    =
GET  supervised/<uuid:staff_id>/            above_ines 302    404     200   =    =
GET  alerts/                                therapist  302    404     200   =    =
GET  own-figures/                           therapist  302    404     200   =    =
POST lots/<uuid:lot_id>/                    held_it    302    404     302   =    =
POST courses/<uuid:course_id>/              treats     302    404     302   =    =
GET  cases/new/                             therapist  302    404     200   =    =
POST cases/new/                             therapist  302    404     400   =    =
GET  cases/<uuid:case_id>/                  reads      302    404     200   =    =
GET  cases/<uuid:case_id>/relations/        reads      302    404     200   =    =
GET  cases/<uuid:case_id>/members/          treats     302    404     200   =    =
POST cases/<uuid:case_id>/members/          treats     302    404     404   200  200
GET  cases/<uuid:case_id>/members/new/      treats     302    404     200   200  200
POST cases/<uuid:case_id>/members/new/      treats     302    404     400   200  200
GET  cases/<uuid:case_id>/members/<int:position>/ treats 302  404     200   200  200
POST cases/<uuid:case_id>/members/<int:position>/ treats 302  404     400   200  200
GET  cases/<uuid:case_id>/members/<int:position>/same/ treats 302 404 200 200 200
POST cases/<uuid:case_id>/members/<int:position>/same/ treats 302 404 302 200 200
GET  cases/<uuid:case_id>/members/<int:position>/consent/ treats 302 404 200 200 200
POST cases/<uuid:case_id>/members/<int:position>/consent/ treats 302 404 302 200 200
GET  cases/<uuid:case_id>/members/<int:position>/guardians/ treats 302 404 200 200 200
POST cases/<uuid:case_id>/members/<int:position>/guardians/ treats 302 404 404 200 200
GET  cases/<uuid:case_id>/members/<int:position>/guardians/<uuid:guardian_id>/ treats 302 404 200 200 200
POST cases/<uuid:case_id>/members/<int:position>/guardians/<uuid:guardian_id>/ treats 302 404 302 200 200
GET  cases/<uuid:case_id>/members/<int:position>/attendance/ treats 302 404 200 200 200
POST cases/<uuid:case_id>/members/<int:position>/idea/ treats 302 404 404 200 200
GET  cases/<uuid:case_id>/proxies/          treats     302    404     200   200  200
POST cases/<uuid:case_id>/proxies/          treats     302    404     302   200  200
GET  cases/<uuid:case_id>/consent.csv       reads      302    404     200   =    =
GET  cases/<uuid:case_id>/single-time/      treats     302    404     200   =    =
POST cases/<uuid:case_id>/single-time/      treats     302    404     302   200  200
GET  cases/<uuid:case_id>/joint-view/       treats     302    404     200   =    =
POST cases/<uuid:case_id>/joint-view/       treats     302    404     302   200  200
GET  cases/<uuid:case_id>/own-words/        treats     302    404     200   =    =
POST cases/<uuid:case_id>/own-words/        treats     302    404     302   200  200
GET  cases/<uuid:case_id>/cards/            treats     302    404     200   =    =
POST cases/<uuid:case_id>/cards/            treats     302    404     302   200  200
GET  cases/<uuid:case_id>/therapists/       treats     302    404     200   200  200
POST cases/<uuid:case_id>/therapists/       treats     302    404     400   200  200
POST cases/<uuid:case_id>/events/           treats     302    404     400   200  200
POST cases/<uuid:case_id>/goals/            treats     302    404     400   200  200
GET  cases/<uuid:case_id>/ending/           treats     302    404     200   =    =
POST cases/<uuid:case_id>/ending/           treats     302    404     302   200  200
GET  cases/<uuid:case_id>/delete/           treats     302    404     200   =    =
POST cases/<uuid:case_id>/delete/           treats     302    404     302   200  200
GET  cases/<uuid:case_id>/no-next/          hears      302    404     200   =    =
POST cases/<uuid:case_id>/no-next/          treats     302    404     404   200  200
GET  cases/<uuid:case_id>/encounters/       reads      302    404     200   =    =
GET  cases/<uuid:case_id>/encounters/new/   treats     302    404     200   =    =
POST cases/<uuid:case_id>/encounters/new/   treats     302    404     400   =    200
GET  encounters/<uuid:encounter_id>/        reads      302    404     200   =    =
POST encounters/<uuid:encounter_id>/end/    treats     302    404     302   =    =
GET  encounters/<uuid:encounter_id>/correct/ treats    302    404     200   =    =
POST encounters/<uuid:encounter_id>/correct/ treats    302    404     400   =    200
GET  encounters/<uuid:encounter_id>/cancel/ treats     302    404     200   =    =
POST encounters/<uuid:encounter_id>/cancel/ treats     302    404     400   =    200
POST encounters/<uuid:encounter_id>/restore/ treats    302    404     302   =    200
GET  encounters/<uuid:encounter_id>/guess/  treats     302    404     302   =    =
POST encounters/<uuid:encounter_id>/guess/  treats     302    404     302   =    =
GET  links/<uuid:occasion_id>/              invites    302    404     200   =    =
POST links/<uuid:occasion_id>/              invites    302    404     302   =    200
POST links/<uuid:occasion_id>/company/      invites    302    404     404   =    200
POST links/<uuid:occasion_id>/mail/         invites    302    404     302   =    200
GET  signals/<uuid:signal_id>/              reads      302    404     200   =    =
POST signals/<uuid:signal_id>/              treats     302    404     400   200  200
POST signals/<uuid:signal_id>/help/         treats     302    404     302   200  200
GET  cases/<uuid:case_id>/episodes/new/     treats     302    404     200   =    =
POST cases/<uuid:case_id>/episodes/new/     treats     302    404     400   200  200
GET  episodes/<uuid:episode_id>/            reads      302    404     200   =    =
POST episodes/<uuid:episode_id>/work/       treats     302    404     404   200  200
POST episodes/<uuid:episode_id>/note/       treats     302    404     302   200  200
POST episodes/<uuid:episode_id>/readers/    treats     302    404     302   200  200
POST episodes/<uuid:episode_id>/end/        treats     302    404     404   200  200
POST episodes/<uuid:episode_id>/strain/     treats     302    404     302   =    =
GET  pulse/                                 clinician  204    204     200   204  204
POST theme/                                 anybody    302    -       302   =    =
POST room-view/                             clinician  302    404     302   =    =
"""

# A client's pages know nothing of staff: the link alone decides, by the state of the case and of its members.
CLIENT_PAGES = """
address                                     asked members paused erased

GET  c/card/<str:card_token>/               200   200            404
POST c/card/<str:card_token>/               200   200            404
GET  c/card/<str:card_token>/then/          200   200            404
GET  c/card/<str:card_token>/help/          200   200            404
GET  c/card/<str:card_token>/speak/         200   200            404
POST c/card/<str:card_token>/speak/         200   200            404
GET  c/card/<str:card_token>/speak/received/ 200  200            404
GET  c/card/<str:card_token>/leave/         302   302            302
GET  c/next/<str:outreach_token>/           200   200            404
POST c/next/<str:outreach_token>/           400   400            404
GET  c/look/<str:look_token>/               200   200            404
POST c/look/<str:look_token>/               200   200            404
GET  c/<str:token>/                         200   410            404
POST c/<str:token>/                         302   410            404
GET  c/<str:token>/leave/                   302   302            302
GET  c/<str:token>/later/                   200   410            404
GET  c/<str:token>/help/                    200   200            404
GET  c/<str:token>/speak/                   200   200            404
POST c/<str:token>/speak/                   200   200            404
GET  c/<str:token>/speak/received/          200   200            404
GET  c/<str:token>/privacy/                 200   200            404
POST c/<str:token>/privacy/                 302   302            404
GET  c/<str:token>/own/                     200   200            404
POST c/<str:token>/own/                     200   200            404
GET  c/<str:token>/all/                     200   410            404
POST c/<str:token>/all/                     400   410            404
GET  c/<str:token>/who/                     302   410            404
GET  c/<str:token>/done/                    302   302            404
GET  c/<str:token>/handed-over/             200   200            404
GET  c/<str:token>/<int:number>/            200   410            404
POST c/<str:token>/<int:number>/            400   410            404
"""


def _rows(table: str) -> dict[str, list[str]]:
    lines = [line.split() for line in table.splitlines()[2:] if line]
    return {f"{method} {address}": values for method, address, *values in lines}


STAFF, CLIENT = _rows(STAFF_PAGES), _rows(CLIENT_PAGES)
AXES = {"page": (*STAFF, *CLIENT), "role": ROLES, "relation": RELATIONS, "state": STATES, "room": ROOMS}


@dataclass(frozen=True)
class Cell:
    """One question: this page, asked by somebody with this role and relation to the case, then and there."""

    page: str
    role: str
    relation: str
    state: str
    room: str

    @property
    def treats(self) -> bool:
        """Whether the case is theirs to change."""
        today = self.relation in {"treats", "covers today", "co-therapist"}
        return self.role == "therapist" and today and self.state != "erased"

    @property
    def supervises(self) -> bool:
        """Whether the case is theirs to read through those who treat it."""
        nobody_does = self.relation != "none, another supervises" or self.state == "handover day"
        led = self.role == "lead" and nobody_does
        linked = self.role in {"supervisor", "lead"} and self.relation == "supervises"
        return (linked or led) and self.state != "erased"

    @property
    def is_above_ines(self) -> bool:
        """Whether they supervise Ines herself today, whatever becomes of her case."""
        linked = self.role in {"supervisor", "lead"} and self.relation == "supervises"
        led = self.role == "lead" and self.relation != "none, another supervises"
        return linked or led

    @property
    def is_above_somebody(self) -> bool:
        """The lead supervises whom nobody else does, Ben for one; a supervisor perhaps Ines, who may have left."""
        works = self.state != "therapist departed"
        return self.role == "lead" or (self.is_above_ines and works)

    @property
    def is_outside(self) -> bool:
        """Whether they are named for clients to speak with, and never had a part in the case."""
        no_part = self.relation in {"none", "none, another supervises"} and self.room != "this case"
        return self.role == "administrator" and no_part

    @property
    def reads(self) -> bool:
        return self.treats or self.supervises

    @property
    def may(self) -> bool:
        """Whether the page opens for them, if it is one of the staff's."""
        works_with_cases = self.role in {"therapist", "supervisor", "lead", "elsewhere"}
        return {
            "anybody": True,
            "named": self.role == "administrator",
            "outside": self.is_outside,
            "seconds": self.role in {"administrator", "supervisor", "lead", "elsewhere"},
            "runs": self.role == "administrator",
            "works": self.role != "departed",
            "sends_away": self.role in {"therapist", "administrator", "elsewhere"} or self.is_above_somebody,
            "above_ines": self.is_above_ines,
            "sends_ines": self.state != "therapist departed"
            and (self.role in {"administrator", "lead"} or self.is_above_ines),
            # Whoever runs the clinic is led to its office.
            "others": self.role != "administrator",
            "clinician": works_with_cases,
            "therapist": self.role in {"therapist", "elsewhere"},
            "supervises": self.role in {"supervisor", "lead", "elsewhere"},
            "reads": self.reads,
            "treats": self.treats,
            # Ines held the session: nobody else is asked about it, and she is none of the askers.
            "held_it": False,
            # What a client answers about going on is whoever supervises' where nobody treats the case.
            "hears": self.treats or (self.supervises and self.state == "therapist departed"),
            # Of a member who pauses, what was waiting for an answer is called off: there is no link to hand out.
            "invites": self.treats and self.state != "members paused",
        }[STAFF[self.page][0]]

    @property
    def status(self) -> int:
        """What the application has to say."""
        if self.page in CLIENT:
            asked, paused, erased = CLIENT[self.page]
            return int({"members paused": paused, "erased": erased}.get(self.state, asked))
        _, nobody, refused, alone, *rooms = STAFF[self.page]
        if self.role == "nobody":
            return int(nobody)
        if not self.may:
            return int(refused)
        there = dict(zip(ROOMS, [alone, *rooms], strict=True))[self.room]
        return int(alone if there == "=" else there)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names that must not stand in the reply: all of the case's, but for a reader's and, on her pages, Lea's."""
        if self.page in CLIENT:
            return ("Brandt", "Tomas")
        return () if self.reads and self.room != "another case" else ("Brandt", "Lea", "Tomas")


def all_pairs(axes: Mapping[str, Sequence[str]], *, seed: int) -> list[dict[str, str]]:
    """Rows in which every two values of two axes stand together at least once: few, not fewest, and always the same.

    Each row begins with a pair that is still missing; each further axis takes the value that adds most missing pairs
    (the greedy algorithm of Cohen et al. 1997, doi:10.1109/32.605761, with one candidate a row).
    """
    draw = random.Random(seed)
    missing = dict.fromkeys(
        frozenset({(a, x), (b, y)}) for a, b in combinations(axes, 2) for x in axes[a] for y in axes[b]
    )
    rows = []
    while missing:
        row = dict(next(iter(missing)))
        for axis in sorted(axes, key=lambda _: draw.random()):
            if axis not in row:
                row[axis] = max(draw.sample(axes[axis], len(axes[axis])), key=_adds(row, axis, missing))
        for pair in combinations(row.items(), 2):
            missing.pop(frozenset(pair), None)
        rows.append(row)
    return rows


def _adds(row: Mapping[str, str], axis: str, missing: Mapping[frozenset, None]) -> Callable[[str], int]:
    """How many missing pairs a value of the axis would add to the row."""
    return lambda value: sum(frozenset({(axis, value), other}) in missing for other in row.items())


def pairs(*, seed: int) -> list[Cell]:
    return [Cell(**row) for row in all_pairs(AXES, seed=seed)]


def near_a_right(*, seed: int) -> list[Cell]:
    """What pairs alone seldom meet: a right needs role and relation together, and a state or a room takes it away.

    Every role with every relation on one page that is read and one that changes; and every page of a case in every
    state and in every room, asked by somebody, drawn by lot, whose it is in an open case.
    """
    draw = random.Random(seed)
    read, changed = "GET cases/<uuid:case_id>/", "POST links/<uuid:occasion_id>/"
    cells = [
        Cell(page, *who, "open", "alone") for page in (read, changed) for who in product(ROLES, RELATIONS)
    ]
    times = [*product(STATES, ["alone"]), *product(["open"], ROOMS[1:])]
    for page, (needed, *_) in STAFF.items():
        if needed in {"reads", "treats", "invites", "hears"}:
            whose = [who for who in product(ROLES, RELATIONS) if Cell(page, *who, "open", "alone").may]
            cells += [Cell(page, *draw.choice(whose), *when) for when in times]
    return cells


def every_cell() -> Iterator[list[Cell]]:
    """The whole product, the pages of one (role, relation, state, room) together."""
    for rest in product(ROLES, RELATIONS, STATES, ROOMS):
        yield [Cell(page, *rest) for page in AXES["page"]]
