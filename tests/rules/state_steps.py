"""From which word to which each stored state goes, and by what: a rule that asks nothing of the application.

    python -m tests.rules.state_steps     writes the tables into docs/develop/states.md

What the application does is held against it step by step: `tests/web/test_state_steps.py` in small,
`benchmarks/clinic/states.py` over ten thousand acts by lot.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "develop" / "states.md"
NEW = "(new)"


@dataclass(frozen=True)
class Machine:
    """A column of states, and what leads from one word to another."""

    table: str
    column: str
    rules: tuple[tuple[str, str, str], ...]
    """From which words to which, each with commas between, and by what; `NEW` is a row that was not there."""

    @property
    def steps(self) -> set[tuple[str, str]]:
        return set(self._pairs())

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for before, after, _ in self.rules:
            for pair in product(before.split(", "), after.split(", ")):
                if pair[0] != pair[1] or len(before.split(", ")) == 1:
                    yield pair


JUDGED = "open, repaired_unconfirmed, repaired, partial, unrepaired, indeterminate"
TAKEN_BACK = "that is taken back while its time is free"
PASSING_ERROR = "a passing error, with a growing pause"

MACHINES = {
    "cases.Encounter": Machine(
        "cases_encounter",
        "state",
        (
            (NEW, "planned", "booked, or entered once it has begun"),
            ("planned", "held", "the therapist says so, its time has passed, or somebody answers about it"),
            ("planned", "cancelled", "called off by either side, nobody came, or the case ended"),
            ("held", "planned", "moved ahead, with nothing answered about it"),
            ("held", "cancelled", "it is said later that it did not take place"),
            ("cancelled", "planned", TAKEN_BACK + ", and it lies ahead"),
            ("cancelled", "held", TAKEN_BACK + ", and it is past"),
        ),
    ),
    "cases.Case": Machine(
        "cases_case",
        "state",
        (
            (NEW, "active", "opened"),
            ("active", "closed", "it ends, with a reason"),
            ("closed", "active", "the end is taken back"),
        ),
    ),
    "cases.JointView": Machine(
        "cases_jointview",
        "state",
        (
            (NEW, "off", "whoever treats the case switches it on for the first time"),
            ("off", "on", "switched on, alone"),
            ("on", "off", "switched off; or somebody joins, leaves or comes back, or the case ends"),
            ("on", "shown", "looked at, with a release of everybody in force and each seen alone"),
            ("shown", "off", "closed; or somebody joins, leaves or comes back, or the case ends"),
        ),
    ),
    "measures.Occasion": Machine(
        "measures_occasion",
        "state",
        (
            (NEW, "waiting", "asked about a session"),
            ("waiting, partly_answered", "answered", "the last page was reached"),
            ("waiting", "partly_answered", "begun, and left for half an hour"),
            ("waiting", "unanswered", "its window is over, and nobody began"),
            ("unanswered", "answered, partly_answered", "sent from a page that was shown within the window"),
            ("unanswered", "waiting", "the session was moved, and its window is open again"),
            (
                "waiting, unanswered",
                "cancelled",
                "away, paused, left, withdrew, or the session or the case is off",
            ),
            ("cancelled", "waiting", "is to be asked after all, by the same link"),
        ),
    ),
    "measures.Response": Machine(
        "measures_response",
        "state",
        (
            (NEW, "in_progress", "the first answer"),
            ("in_progress, closed", "completed", "the last page, or left with nothing unanswered"),
            ("in_progress", "closed", "left for half an hour; two hours after the window"),
            ("closed", "in_progress", "the client goes on"),
        ),
    ),
    "measures.EvaluationJob": Machine(
        "measures_evaluationjob",
        "state",
        (
            (NEW, "pending", "a form was sent, or left with something to judge"),
            (
                "pending",
                "claimed",
                "a worker takes it; from one that was silent for twenty seconds without a step",
            ),
            ("claimed", "done", "judged, in the same transaction"),
            ("claimed", "pending", PASSING_ERROR),
            ("claimed", "failed", "the fifth error"),
            ("claimed, done, failed", "pending", "what it rests on has changed: judged anew"),
        ),
    ),
    "alerts.Episode": Machine(
        "alerts_episode",
        "status",
        (
            (NEW, JUDGED, "ratings, or the client's word; by hand: *open*"),
            (JUDGED, JUDGED, "what the ratings say by now; by hand: who opened it says so"),
            (JUDGED, "withdrawn", "a late or corrected rating took the onset away; by hand: a mistake"),
            (
                "open, repaired_unconfirmed, indeterminate",
                "handover",
                "nobody goes on with the work it was about",
            ),
            (
                "open, repaired_unconfirmed, indeterminate",
                "measure_changed",
                "a new major version of the measure",
            ),
        ),
    ),
    "alerts.LookBack": Machine(
        "alerts_lookback",
        "state",
        (
            (NEW, "offered", "the end has stood for a day, and they may be written to"),
            ("offered, released", "declined", "they would rather not have it"),
            ("declined", "offered", "they would like to have it after all"),
            ("offered", "released", "their yes to a page of all of them, with these lines"),
            ("released", "offered", "they take that back"),
            ("released", "opened", "one of them opens it, with a yes of each in force and each seen alone"),
        ),
    ),
    "alerts.SessionLot": Machine(
        "alerts_sessionlot",
        "outcome",
        ((NEW, "flagged, asked, not_asked, outside", "everything about the session was judged"),),
    ),
    "alerts.OffTrack": Machine(
        "alerts_offtrack",
        "state",
        (
            (NEW, "told", "a rating is called not on track, and nothing of that course is told yet"),
            ("told", "looked_at", "whoever treats says that they looked"),
            ("told, looked_at", "back", "a later rating lies in the band"),
            ("told, looked_at", "corrected", "what it rested on counts no more, or was put right"),
            (
                "told, looked_at",
                "not_compared",
                "the clinic tells of it no more, or compares with other courses",
            ),
        ),
    ),
    "outbox.Message": Machine(
        "outbox_message",
        "state",
        (
            (NEW, "pending", "queued"),
            ("pending", "sending", "a worker takes it"),
            ("sending", "cancelled", "not wanted any more, in the transaction that claims it"),
            ("sending", "sent", "handed over"),
            ("sending", "pending", PASSING_ERROR),
            ("sending", "failed", "refused, or the last try"),
            ("sending", "uncertain", "no clear yes or no came back, or its worker died"),
        ),
    ),
    "concerns.Concern": Machine(
        "concerns_concern",
        "state",
        (
            (NEW, "received", "a client asked"),
            ("received", "answered", "the named person reached them"),
            ("answered", "closed", "done with"),
            ("closed", "answered", "that was too early"),
        ),
    ),
}


def table(machine: Machine) -> str:
    """The rule of one machine as the manual shows it."""
    rows = [f"| {before} | {after} | {by} |" for before, after, by in machine.rules]
    return "\n".join(["| from | to | by |", "|---|---|---|", *rows])


def with_tables(text: str) -> str:
    """The manual with each table between its two marks made anew."""
    for name, machine in MACHINES.items():
        marks = f"<!-- steps of {name} -->", "<!-- end of steps -->"
        pattern = re.compile(f"{re.escape(marks[0])}\n.*?{re.escape(marks[1])}", re.DOTALL)
        made = f"{marks[0]}\n{table(machine)}\n{marks[1]}"
        text, number = pattern.subn(lambda _found, made=made: made, text)
        if number != 1:
            raise ValueError(f"{marks[0]} stands {number} times in {MANUAL.name}; once is right.")
    return text


if __name__ == "__main__":
    MANUAL.write_text(with_tables(MANUAL.read_text()))
