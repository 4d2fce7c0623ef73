"""The stored tables of error rates: measured once per release, read by whoever shows a signal."""

import json
from functools import cache
from importlib import resources

from goldseam.exceptions import ParameterError
from goldseam.operating.error_rates import RATES_FORMAT, ErrorRates


@cache
def shipped_error_rates(criterion: str, version: int, norms_name: str) -> ErrorRates:
    """Return the stored error rates of a criterion with certain norms.

    ``benchmarks/detectors`` makes the tables; each holds the hash of the norms it was measured with, the
    settings of the simulation, the seed and the date.

    Parameters
    ----------
    criterion : str
        Criterion id, for example ``"predictive"``.
    version : int
        Version of the criterion.
    norms_name : str
        Name of the norms, for example ``"goldseam-default"``.

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
    for file in available:
        content = json.loads(file.read_text(encoding="utf-8"))
        key = (content["criterion"], content["criterion_version"], content["norms_name"])
        if content["format"] == RATES_FORMAT and key == (criterion, version, norms_name):
            return ErrorRates.from_content(content)
    raise ParameterError(
        "no error rates are stored for this criterion, version and norms",
        given=f"{criterion} {version}, norms {norms_name}",
        allowed=", ".join(sorted(file.name.removesuffix(".json") for file in available)),
    )
