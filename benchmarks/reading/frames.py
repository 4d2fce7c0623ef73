"""`detect` on a frame of pandas beside the same in polars, in memory: frame in, frame out.

    python benchmarks/reading/frames.py                     1,000,000 ratings: 50,000 series of 20
    python benchmarks/reading/frames.py --series 5000 --criterion xmr

Processor seconds, the least of the repeats; *out* asks for events and for a row per session.
"""

import argparse
import time
from collections.abc import Callable

from goldseam import detect
from goldseam.pandas_frames import as_pandas
from goldseam.simulate import simulate

SEED, SESSIONS, REPEATS = 20261122, 20, 3


def seconds(job: Callable[[], object], repeats: int) -> float:
    """Processor time of the quickest of some runs."""
    best = float("inf")
    for _ in range(repeats):
        began = time.process_time()
        job()
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=50_000)
    parser.add_argument("--criterion", default="predictive")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args()
    table = simulate(cases=given.series, sessions=SESSIONS, seed=SEED).ratings
    frames = {"polars": table, "pandas": as_pandas(table)}
    for out in ("events", "details"):
        took = {
            name: seconds(
                lambda frame=frame, out=out: getattr(
                    detect(frame, criterion=given.criterion, norms="shipped"), out
                ),
                given.repeats,
            )
            for name, frame in frames.items()
        }
        ratio = took["pandas"] / took["polars"]
        print(f"{out}: polars {took['polars']:.2f} s, pandas {took['pandas']:.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
