"""Growth models of forty random tables beside lme4: few or many persons, gaps, any unit and origin of time."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from goldseam import fit_growth

TABLES = 40
SCRIPT = """
suppressMessages(library(lme4))
for (k in 0:%d) {
  d <- read.csv(sprintf("%s/%%d.csv", k)); s <- sd(d$y)
  fit <- function(d) suppressMessages(suppressWarnings(lmer(I(y / s) ~ t + (t | id), d, REML = FALSE)))
  raw <- tryCatch(fit(d), error = function(e) NULL)
  d$t <- (d$t - mean(d$t)) / sd(d$t)
  centred <- tryCatch(fit(d), error = function(e) NULL)
  if (!is.null(raw)) cat(k, sprintf("%%.9f", c(logLik(raw), logLik(centred)) - nrow(d) * log(s)), "\\n")
}
"""


def table(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    persons, sessions = int(rng.integers(5, 120)), int(rng.integers(3, 15))
    unit = 10 ** rng.uniform(-1, 3)
    slopes = rng.normal(0, np.sqrt(rng.choice([0, 0.001, 0.01, 0.1])), persons)
    levels = rng.normal(0, rng.choice([0.0, 0.5, 2]), persons)
    begin, step = rng.choice([0, 1, 100]), rng.choice([0.1, 1, 7])
    person, place = np.repeat(np.arange(persons), sessions), np.tile(np.arange(sessions), persons)
    y = unit * (5 + levels[person] + (0.1 + slopes[person]) * place + rng.normal(size=len(place)))
    made = pl.DataFrame({"id": person, "t": begin + step * place, "y": y})
    return made.filter(pl.Series(rng.random(len(place)) < rng.uniform(0.5, 1)))


def main() -> None:
    ours = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(TABLES):
            made = table(seed)
            made.write_csv(Path(folder) / f"{seed}.csv")
            found = fit_growth(
                made.rename({"id": "case"}), value="y", time="t", restricted=False, outlying="real"
            )
            ours[seed] = found.log_likelihood
        script = SCRIPT % (TABLES - 1, folder)
        said = subprocess.run(["Rscript", "-e", script], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in said.splitlines()]
    raw = np.array([ours[int(k)] - float(value) for k, value, _centred in rows])
    centred = np.array([(ours[int(k)] - float(value)) / abs(float(value)) for k, _raw, value in rows])
    print(f"{len(rows)} tables that lmer fits")
    print(f"times as they are: ours higher by more than .001 in {(raw > 1e-3).sum()}, lowest {raw.min():.1e}")
    apart = int((np.abs(centred) > 1e-8).sum())
    print(
        f"times centred and scaled for lmer: {apart} further apart than 1e-8 of it, at most {centred.max():.1e}"
    )


if __name__ == "__main__":
    main()
