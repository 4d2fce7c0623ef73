"""The error rates on the page of a criterion: simulated cases, shipped norms, nothing else.

    python benchmarks/detectors/criterion_rates.py previous-drop
    python benchmarks/detectors/criterion_rates.py own-mean --set whole_course=true
    python benchmarks/detectors/criterion_rates.py dynamic-complexity-type --sessions 30

Prints the table as it stands in docs/methods/<criterion>.md.
"""

import argparse
from datetime import UTC, datetime

from goldseam import operating_characteristics
from goldseam.operating.error_rates import Rate

SEED = 20261122
CASES = 20_000
SESSIONS = 12


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("criterion")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="settings")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument(
        "--sessions", type=int, default=SESSIONS, help="of a case, for a criterion that needs many"
    )
    parser.add_argument(
        "--version", type=int, help="of the criterion; the newest that is not on trial if not given"
    )
    arguments = parser.parse_args()
    settings = dict(setting.split("=", 1) for setting in arguments.settings)
    print(table(arguments.criterion, settings, arguments.cases, arguments.version, arguments.sessions))


def table(
    criterion: str,
    settings: dict[str, str],
    cases: int,
    version: int | None = None,
    sessions: int = SESSIONS,
) -> str:
    """Rates with their Monte-Carlo standard errors, in percent."""
    rates = operating_characteristics(
        criterion=criterion,
        version=version,
        sessions=sessions,
        cases=cases,
        seed=SEED,
        computed_on=datetime.now(tz=UTC).date(),
        case_sessions=(8, 12, 16, 30),
        **settings,
    )
    found = rates.grades["any"]
    rows = [(f"false alarms per session that can be judged, of {sessions}", found.false_alarms)]
    rows += [
        (f"event-free cases with a false alarm in {each.sessions} sessions", each.rate)
        for each in found.false_alarm_cases
    ]
    rows += [
        (
            f"dips of {each.depth_sd:g} own SD found, {each.duration} session{'s' * (each.duration > 1)}",
            each.rate,
        )
        for each in found.sensitivity
    ]
    lines = [f"| {sessions} sessions, kind `items` | % (Monte-Carlo error) |", "|---|---|"]
    lines += [f"| {name} | {percent(rate)} |" for name, rate in rows]
    return "\n".join(lines) + f"\n\n{rates.computed_on}, {rates.cases:,} cases a figure, seed {rates.seed}."


def percent(rate: Rate) -> str:
    return f"{100 * rate.value:.1f} ({100 * rate.standard_error:.1f})"


if __name__ == "__main__":
    main()
