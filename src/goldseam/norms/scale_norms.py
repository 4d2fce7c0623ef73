"""Norms: what is known of a population, for each scale, phase and kind of rater; shipped, read, written, looked up."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise, product
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Self

from goldseam.content_files import hash_of
from goldseam.exceptions import NormsError
from goldseam.norms.file_schema import NORMS_FILE, checked_content
from goldseam.norms.norms_display import NormsDisplay
from goldseam.norms.plain_content import PEOPLE, deciding_content, plain_content

ANY = "*"
ASSUMED_TREND_SD = 0.05  # in within-person SDs, per session
Unit = Literal["share_of_range", "points"]


_PERSON_LIMITS = {
    "own_sd_log_sd": (0, 2),
    "autocorrelation": (0, 0.99),
    "drift_sd": (0, 2),
    "trend_sd": (0, float("inf")),
    "step": (0, float("inf")),
    "error_shift": (-3, 3),
    "error_skew": (-2, 2),
    "dips": (0, 1),
    "dips_log_sd": (0, 10),
}


@dataclass(frozen=True, slots=True)
class PersonNorms:
    """How persons differ and move, before the scale rounds their ratings and cuts them off.

    The rating of session ``s`` is ``mean_course[s - 1] + level + slope (s - 1) + deviation``; `predictive` from
    version 2 on, null rates and simulations use it. Figures are in the unit of the norms.

    Parameters
    ----------
    mean_course : tuple of float
        Mean at session 1, 2, ...; the last value holds from there on.
    between_sd, within_sd : float
        SD of the levels; root mean square of the within-person SDs; above 0.
    own_sd_log_sd : float
        SD of the logarithm of the within-person SDs, 0 to 2.
    autocorrelation : float
        Of deviations one session apart, in [0, 1).
    drift_sd : float
        SD of one step of the level's random walk, in within-person SDs, 0 to 2.
    trend_sd : float
        SD over persons of the change of level per session, 0 or more.
    step : float
        Distance between two possible ratings; 0 where continuous or not known.
    error_shift, error_skew : float
        Location and skewness of the prediction errors, higher is better, 0 where normal; -3 to 3 and -2 to 2: see
        `goldseam.state_space.Calibration`.
    dips : float or None
        Probability that a dip begins, per session, 0 to 1, as estimated with the rest; None where it was not.
    dips_log_sd : float or None
        Standard error of its logarithm, above 0.
    points, scores : tuple of float
        From ratings to the scores that all figures but `step` are of: places on the scale and the score at each, both
        ascending; empty where a rating is its own score.

    Raises
    ------
    NormsError
        A figure lies outside its range.
    """

    mean_course: tuple[float, ...]
    between_sd: float
    within_sd: float
    own_sd_log_sd: float = 0.35
    autocorrelation: float = 0.2
    drift_sd: float = 0.1
    trend_sd: float = 0.0
    step: float = 0.0
    error_shift: float = 0.0
    error_skew: float = 0.0
    dips: float | None = None
    dips_log_sd: float | None = None
    points: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.mean_course or not all(isfinite(mean) for mean in self.mean_course):
            raise _impossible("mean_course", self.mean_course, "one finite number or more")
        for name in ("between_sd", "within_sd"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise _impossible(name, value, "a finite number above 0")
        for name, (least, most) in _PERSON_LIMITS.items():
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and least <= value <= most):
                allowed = f"a finite number from {least:g}" + (f" to {most:g}" if isfinite(most) else "")
                raise _impossible(name, value, allowed)
        for name in ("points", "scores"):
            places = getattr(self, name)
            if len(places) != len(self.points) or len(places) == 1 or not _ascending(places):
                raise _impossible(
                    name, places, "finite numbers in ascending order, two or more, as many of both"
                )


@dataclass(frozen=True, slots=True)
class ScaleNorms:
    """Norms of one scale (and phase), or of any (``"*"``).

    Parameters
    ----------
    scale : str
        The scale's name; ``"*"`` stands for any.
    phase : str
        The phase's name; ``"*"`` stands for any.
    rater : str
        The kind of rater, as the ratings name it (``client``, ``therapist``); ``"*"`` stands for any.
    mean_course : tuple of float
        Mean at session 1, 2, ...; the last value holds from there on.
    between_sd : float
        SD of the persons' levels, above 0.
    within_sd : float
        Root mean square of the within-person SDs, above 0.
    shape : float
        Shape of the inverse gamma over within-person variances, above 1; 4 weighs as much as 8 degrees of freedom.
    discount : float
        What earlier ratings keep of their weight from one rating to the next, in (0, 1].
    measurement_error : float or None
        Within-person standard error of measurement, where known.
    minimum, maximum : float or None
        The scale's range in points, where known; used only when the ratings do not state it.
    higher_is_better : bool
        The direction in which the figures are stated.
    person : PersonNorms or None
        How persons differ and move; `assumed_person` stands in where the norms do not say.
    scored_person : PersonNorms or None
        The same in scores, with the table that leads to them; used by criteria that read ratings as scores.
    ceiling_share : float or None
        Share of the ratings at the best end of the scale, where known.
    measure : str or None
        The instrument the scale belongs to, where known; named in errors.
    error_rates : tuple of mapping
        What was measured of criteria that use the entry, one content of `goldseam.operating.ErrorRates` each.

    Raises
    ------
    NormsError
        A figure lies outside its range.
    """

    scale: str
    mean_course: tuple[float, ...]
    between_sd: float
    within_sd: float
    phase: str = ANY
    shape: float = 4.0
    discount: float = 0.9
    measurement_error: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    higher_is_better: bool = True
    person: PersonNorms | None = None
    ceiling_share: float | None = None
    rater: str = ANY
    measure: str | None = None
    scored_person: PersonNorms | None = None
    error_rates: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    @property
    def assumed_person(self) -> PersonNorms:
        """`person`, or the usual assumptions with this entry's own course and SDs."""
        return self.person or PersonNorms(
            self.mean_course,
            self.between_sd,
            self.within_sd,
            trend_sd=ASSUMED_TREND_SD * self.within_sd,
        )

    def __post_init__(self) -> None:
        if not self.mean_course or not all(isfinite(mean) for mean in self.mean_course):
            raise self._error("mean_course", self.mean_course, "one finite number or more")
        for name in ("between_sd", "within_sd", "measurement_error"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value > 0):
                raise self._error(name, value, "a finite number above 0")
        if not (isfinite(self.shape) and self.shape > 1):
            raise self._error("shape", self.shape, "a finite number above 1")
        if not 0 < self.discount <= 1:
            raise self._error("discount", self.discount, "a number above 0, at most 1")
        self._check_range()

    def _check_range(self) -> None:
        bounds = (self.minimum, self.maximum)
        if bounds == (None, None):
            return
        if None in bounds or not all(isfinite(bound) for bound in bounds if bound is not None):
            raise self._error("minimum and maximum", bounds, "two finite numbers, or neither")
        if self.minimum >= self.maximum:  # type: ignore[operator]  # both are numbers by now
            raise self._error("minimum and maximum", bounds, "a minimum below the maximum")

    def _error(self, name: str, given: object, allowed: str) -> NormsError:
        rater = "" if self.rater == ANY else f", rater {self.rater}"
        where = f"scale {self.scale}, phase {self.phase}{rater}, {name}"
        return NormsError("impossible value", where=where, given=given, allowed=allowed)


@dataclass(frozen=True, slots=True, repr=False)
class Norms(NormsDisplay):
    """Norms of one or more scales, with where they come from.

    Parameters
    ----------
    name, version : str
        Identify the norms in every result that used them.
    unit : {"share_of_range", "points"}
        ``"share_of_range"``: every figure but ``minimum`` and ``maximum`` is a share of the scale's range
        (0 its minimum, 1 its maximum), so that one entry serves scales of any range. ``"points"``: in points.
    scales : tuple of ScaleNorms
        One entry per scale, phase and kind of rater.
    provenance : str
        Where the figures come from, in words.
    empirical : bool
        Whether they were estimated from ratings.

    Raises
    ------
    NormsError
        The unit is unknown, there is no entry, or two entries are for the same scale, phase and rater.
    """

    name: str
    version: str
    unit: Unit
    scales: tuple[ScaleNorms, ...]
    provenance: str
    empirical: bool

    def __post_init__(self) -> None:
        if self.unit not in ("share_of_range", "points"):
            raise NormsError(
                "unknown unit", where="unit", given=self.unit, allowed="share_of_range or points"
            )
        if not self.scales:
            raise NormsError("no scale", where="scales", allowed="one entry or more")
        keys = Counter((entry.scale, entry.phase, entry.rater) for entry in self.scales)
        for key, times in keys.items():
            if times > 1:
                raise NormsError(
                    "scale and phase given twice", where="scales", given=key, allowed="one entry"
                )

    @classmethod
    def default(cls) -> Self:
        """The norms shipped with the library: shares of the range, assumed, not empirical.

        Returns
        -------
        Norms
        """
        # ours, and held against the schema by a test: the validator need not be loaded for it
        return cls._built(_default_content())

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read norms from a JSON file.

        Parameters
        ----------
        path : str or Path
            Of the file, in UTF-8.

        Returns
        -------
        Norms

        Raises
        ------
        NormsError
            There is no such file, it is not JSON, it is larger than norms can be, or it breaks the schema
            (``norms.schema.json``).
        """
        return cls.from_content(NORMS_FILE.read(path), file=path)

    @classmethod
    def from_content(cls, content: object, *, file: str | Path | None = None) -> Self:
        """Build norms from their JSON content.

        Parameters
        ----------
        content : object
            As `content` returns it.
        file : str or Path, optional
            Named in errors.

        Returns
        -------
        Norms

        Raises
        ------
        NormsError
            The content breaks the schema.
        """
        checked = checked_content(content, file)
        try:
            return cls._built(checked)
        except NormsError as error:
            raise NormsError(str(error), file=file) from None

    @classmethod
    def _built(cls, content: Mapping[str, Any]) -> Self:
        """Norms from content that obeys the schema."""
        entries = tuple(
            ScaleNorms(**_as_tuples(entry) | {name: _person(entry.get(name)) for name in PEOPLE})
            for entry in content["scales"]
        )
        fields = {key: value for key, value in content.items() if key != "format"}
        return cls(**{**fields, "scales": entries})

    def content(self) -> dict[str, Any]:
        """The norms as plain JSON content.

        Returns
        -------
        dict
            As the schema ``norms.schema.json`` describes it.
        """
        return plain_content(asdict(self))

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON: two norms with equal figures and names have equal hashes.

        Error rates measured of them (`goldseam.measure_norms`) change no verdict, and are not part of it.
        """
        return hash_of(deciding_content(asdict(self)))

    def write(self, path: str | Path) -> None:
        """Write the norms as a JSON file.

        Parameters
        ----------
        path : str or Path
            Overwritten when it exists.

        Raises
        ------
        NormsError
            The file cannot be written.
        """
        NORMS_FILE.write(path, self.content())

    def for_scale(self, scale: str, phase: str | None = None, rater: str | None = None) -> ScaleNorms:
        """The entry that serves a scale: the most specific one, scale before phase before rater.

        Parameters
        ----------
        scale : str
            Name of the scale, as in the ratings.
        phase, rater : str, optional
            Names as in the ratings; entries for any phase or rater serve where none is given.

        Returns
        -------
        ScaleNorms

        Raises
        ------
        NormsError
            No entry serves the scale.
        """
        entries = {(entry.scale, entry.phase, entry.rater): entry for entry in self.scales}
        for key in product((scale, ANY), (phase or ANY, ANY), (rater or ANY, ANY)):
            if key in entries:
                return entries[key]
        known = ", ".join(sorted({f"{entry.scale} (phase {entry.phase})" for entry in self.scales}))
        given = scale if phase is None else f"{scale} (phase {phase})"
        raise NormsError(f"norms {self.name} have no entry for this scale", given=given, allowed=known)


def _as_tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in entry.items()}


def _person(content: Mapping[str, Any] | None) -> PersonNorms | None:
    return None if content is None else PersonNorms(**_as_tuples(content))


def _ascending(numbers: tuple[float, ...]) -> bool:
    return all(isfinite(each) for each in numbers) and all(low < high for low, high in pairwise(numbers))


@cache
def _default_content() -> Mapping[str, Any]:
    text = resources.files("goldseam.norms").joinpath("default.json").read_text(encoding="utf-8")
    content: Mapping[str, Any] = json.loads(text)
    return content


def _impossible(name: str, given: object, allowed: str) -> NormsError:
    return NormsError("impossible value", where=f"person, {name}", given=given, allowed=allowed)
