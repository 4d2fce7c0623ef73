"""Ten thousand acts by lot: does every stored state go only the ways the manual shows, and does what must hold, hold?

    python benchmarks/clinic/states.py               10,000 acts, in lives of 100
    python benchmarks/clinic/states.py --acts 500    --seed 7 begins with another life

Prints JSON: every step that was walked and how often, those outside of the rule, those of the rule that were not
walked, and faults. Ends with 1 if there is a fault or a step outside.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[1] / "src"), str(HERE.parent / "web")]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
ACTS_IN_A_LIFE = 100


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--acts", type=int, default=10_000)
    ask.add_argument("--seed", type=int, default=1)
    given = ask.parse_args()
    import django

    django.setup()
    import making
    from django.db import transaction
    from django.test.utils import setup_databases, setup_test_environment
    from django.utils import timezone

    logging.disable(logging.CRITICAL)
    setup_test_environment(debug=False)
    setup_databases(verbosity=0, interactive=False)
    from tests.web import people
    from tests.web.state_walk import steps_not_seen, steps_outside, walk

    steps: Counter[tuple[str, str, str]] = Counter()
    faults: list[str] = []
    began = time.monotonic()
    with transaction.atomic():
        now = timezone.now().replace(microsecond=0)
        cast = people.gather(now)
        for life in range(-(-given.acts // ACTS_IN_A_LIFE)):
            walked, found = walk(cast, now, seed=given.seed + life, acts=min(given.acts, ACTS_IN_A_LIFE))
            steps += walked
            faults += found
        transaction.set_rollback(True)
    outside = steps_outside(steps)
    report = {
        "acts": given.acts,
        "seed": given.seed,
        "seconds": round(time.monotonic() - began),
        "steps": {" ".join(step): number for step, number in sorted(steps.items())},
        "outside": outside,
        "not_walked": [" ".join(step) for step in steps_not_seen(steps)],
        "faults": len(faults),
        "first_faults": faults[:20],
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": making.machine(),
    }
    print(json.dumps(report, indent=1))
    sys.exit(1 if faults or outside else 0)


if __name__ == "__main__":
    main()
