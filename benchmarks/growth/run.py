"""Time of the growth model on 5,000 persons and 10 sessions, beside lme4's own call on the same table."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from goldseam.mixed_model import fit_mixed

PERSONS, SESSIONS, RATED, SEED = 5_000, 10, 0.88, 1
HERE = Path(__file__).parent


def made() -> pl.DataFrame:
    """Ratings of which some are missing: 44,000 rows."""
    rng = np.random.default_rng(SEED)
    case = np.repeat(np.arange(PERSONS), SESSIONS)
    session = np.tile(np.arange(1, SESSIONS + 1), PERSONS)
    own = rng.multivariate_normal([0, 0], [[1, -0.03], [-0.03, 0.01]], PERSONS)
    value = 5 + 0.1 * session + own[case, 0] + own[case, 1] * session + rng.normal(0, 0.7, len(case))
    table = pl.DataFrame({"case": case, "session": session, "value": value})
    return table.filter(pl.Series(rng.random(len(case)) < RATED))


def from_arrays(table: pl.DataFrame) -> tuple[float, float]:
    """Seconds of the fit from arrays, the median of five, and the log-likelihood."""
    group = np.unique(table["case"].to_numpy(), return_inverse=True)[1]
    session, value = table["session"].to_numpy().astype(float), table["value"].to_numpy()
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        x = np.column_stack([np.ones_like(session), session])
        found = fit_mixed(value, x, x, group)
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken)), found.log_likelihood


def whole_run(command: list[str]) -> float:
    """Seconds of a whole command, the best of three."""
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    return min(taken)


def main() -> None:
    table = made()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.csv"
        table.write_csv(file)
        ours, likelihood = from_arrays(table)
        command = [sys.executable, "-m", "goldseam", "growth", str(file), "--out", folder, "--force"]
        result: dict[str, object] = {
            "rows": table.height,
            "fit_from_arrays": ours,
            "log_likelihood": likelihood,
        }
        result["whole_command"] = whole_run(command)
        if shutil.which("Rscript"):
            script = ["Rscript", str(HERE / "run.R"), str(file)]
            several = {**os.environ, "CALLS": "5"}
            said = subprocess.run(script, check=True, capture_output=True, text=True, env=several).stdout
            result |= json.loads(said.splitlines()[-1])
            result["whole_rscript"] = whole_run(script)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
