"""The stored tables of error rates: measured once per release, read by whoever shows a signal."""

import json
from functools import cache
from importlib import resources

from goldseam.detection.criteria import ON_TRIAL
from goldseam.exceptions import ParameterError
from goldseam.operating.error_rates import RATES_FORMAT, ErrorRates


@cache
def shipped_error_rates(
    criterion: str = "predictive", version: int | None = None, norms_name: str = "goldseam-default"
) -> ErrorRates:
    """Return the stored error rates of a criterion with certain norms.

    ``benchmarks/detectors`` makes the tables; each holds the hash of the norms it was measured with, the
    settings of the simulation, the seed and the date.

    Parameters
    ----------
    criterion : str
        Criterion id.
    version : int, optional
        Version of the criterion; the newest that is not on trial, of which rates are stored, if not given.
    norms_name : str
        Name of the norms.

    Returns
    -------
    ErrorRates
        The stored figures.

    Raises
    ------
    ParameterError
        If no rates are stored for this combination; `operating_characteristics` measures any.
    """
    folder = resources.files("goldseam.operating").joinpath("data")
    available = [file for file in folder.iterdir() if file.name.endswith(".json")]
    stored = {
        content["criterion_version"]: content
        for content in (json.loads(file.read_text(encoding="utf-8")) for file in available)
        if (content["format"], content["criterion"], content["norms_name"])
        == (RATES_FORMAT, criterion, norms_name)
    }
    settled = [number for number in stored if (criterion, number) not in ON_TRIAL]
    wanted = max(settled, default=None) if version is None else version
    if wanted in stored:
        return ErrorRates.from_content(stored[wanted])
    raise ParameterError(
        "no error rates are stored for this criterion, version and norms",
        given=f"{criterion} {version or 'newest'}, norms {norms_name}",
        allowed=", ".join(sorted(file.name.removesuffix(".json") for file in available)),
    )
