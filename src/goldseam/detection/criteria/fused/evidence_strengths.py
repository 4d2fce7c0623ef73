"""What each term of the evidence is taken to say: as assumed, or as fitted to confirmed sessions and kept in a file."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from itertools import combinations
from math import inf, isclose, isfinite
from pathlib import Path
from typing import Any, Self

import numpy as np

from goldseam.arrays import Floats
from goldseam.content_files import ContentFile, as_text, hash_of, whole_number
from goldseam.detection.criteria.fused.assumptions import (
    CORRELATION_WITH_VALUE,
    CORRELATIONS,
    MEASURED,
    ONLY_SHOWN,
    SCORE_DROPS,
    SHIFTS,
    USUAL_SHARES,
    VALUE,
    WITHIN_KIND_CORRELATION,
)
from goldseam.exceptions import ParameterError

STRENGTHS_FORMAT = "goldseam-evidence-1"
LEAST_LEFT = 0.01  # of the variance of a combination of terms, below which one repeats the others
STRENGTHS_FILE = ContentFile(
    "goldseam.detection.criteria.fused",
    "evidence.schema.json",
    ParameterError,
    1_000_000,
    5_000,
    whole_number,
)
_LIMITS = {
    "drop": (-10, 10),
    "with_value": (-1, 1),
    "mean": (-10, 10),
    "sd": (0.01, 100),
    "alike": (0, 0.99),
    "drop_error": (0, inf),
    "shift": (0, 10),
    "with_low_rating": (0, 0.99),
    "shift_error": (0, inf),
}
_LONGEST_NAMES = {"name": 200, "version": 200, "provenance": 5_000}


@dataclass(frozen=True, slots=True)
class MeasuredStrength:
    """A term that is a number, as a score of the person's own.

    Parameters
    ----------
    term : str
        One of `MEASURED` but the value.
    drop : float
        How far its score falls at a rupture that shows in it, in SDs.
    with_value : float
        Correlation with the rating's score in ordinary sessions, above -1 and below 1.
    mean, sd : float
        Of the score in ordinary sessions: 0 and 1 where it is what it is meant to be.
    alike : float
        Correlation of several of a kind with each other, from 0 to below 1; 0 where there is one alone.
    counted : bool
        Whether it adds to p; else it is shown.
    drop_error : float or None
        Standard error of the drop; None where it is assumed, or was fitted to lie at the end of its range.

    Raises
    ------
    ParameterError
        A figure lies outside its range.
    """

    term: str
    drop: float
    with_value: float
    mean: float = 0.0
    sd: float = 1.0
    alike: float = 0.0
    counted: bool = True
    drop_error: float | None = None

    def __post_init__(self) -> None:
        _require_within(self, "measured", ("drop", "with_value", "mean", "sd", "alike", "drop_error"))


@dataclass(frozen=True, slots=True)
class CategoryStrength:
    """A term that is a category.

    Parameters
    ----------
    term : str
        A key of `USUAL_SHARES`.
    usual : tuple of float
        Shares of the answers in ordinary sessions, from the least to the most alarming; they sum to 1.
    shift : float
        How far a rupture that shows in it moves the latent variable behind it, in SDs, 0 or more.
    with_low_rating : float
        Correlation of that variable with a low rating in ordinary sessions, from 0 to below 1.
    shift_error : float or None
        Standard error of the shift; None where it is assumed, or was fitted to lie at the end of its range.

    Raises
    ------
    ParameterError
        A figure lies outside its range.
    """

    term: str
    usual: tuple[float, ...]
    shift: float
    with_low_rating: float = 0.0
    shift_error: float | None = None

    def __post_init__(self) -> None:
        _require_within(self, "categories", ("shift", "with_low_rating", "shift_error"))


@dataclass(frozen=True)
class EvidenceStrengths:
    """How strongly each term of the evidence speaks of a rupture, and how the terms hang together otherwise.

    Criterion ``fused`` reads it as its parameter ``evidence``; `goldseam.fit_evidence` estimates it.

    Parameters
    ----------
    name, version : str
        Identify it in every result that used it.
    provenance : str
        Where the figures come from, in words.
    empirical : bool
        Whether they were estimated.
    confirmed, ordinary : int
        Sessions of either kind it was fitted to; 0 where it is assumed.
    measured : tuple of MeasuredStrength
        Every term that is a number, in the order of `MEASURED`.
    correlations : tuple of tuple of str, str and float
        Of two such terms with each other in ordinary sessions, above -1 and below 1; 0 where not named.
    categories : tuple of CategoryStrength
        Every term that is a category.

    Raises
    ------
    ParameterError
        A term is missing or named twice, a figure lies outside its range, or the correlations contradict each other.
    """

    name: str
    version: str
    provenance: str
    empirical: bool
    confirmed: int
    ordinary: int
    measured: tuple[MeasuredStrength, ...]
    correlations: tuple[tuple[str, str, float], ...]
    categories: tuple[CategoryStrength, ...]

    def __post_init__(self) -> None:
        for name, longest in _LONGEST_NAMES.items():
            given = getattr(self, name)
            if not isinstance(given, str) or not 0 < len(given) <= longest:
                raise ParameterError(
                    "impossible value", where=name, given=given, allowed=f"1 to {longest:,} characters"
                )
        for name in ("confirmed", "ordinary"):
            if getattr(self, name) < 0:
                raise ParameterError(
                    "impossible value", where=name, given=getattr(self, name), allowed="0 or more"
                )
        _require_terms("measured", [each.term for each in self.measured], MEASURED[1:])
        _require_terms("categories", [each.term for each in self.categories], USUAL_SHARES)
        for each in self.categories:
            number, whole = len(USUAL_SHARES[each.term]), isclose(sum(each.usual), 1, abs_tol=1e-6)
            if len(each.usual) != number or not whole or min(each.usual) <= 0:
                raise ParameterError(
                    "no such shares",
                    where=f"categories.{each.term}",
                    given=each.usual,
                    allowed=f"{number} shares above 0 that sum to 1",
                )
        _require_pairs(self.correlations)
        if np.linalg.eigvalsh(self.table).min() < LEAST_LEFT:
            raise ParameterError(
                "correlations that contradict each other", where="correlations", given=self.name
            )

    @staticmethod
    def assumed() -> "EvidenceStrengths":
        """What is assumed where nothing was fitted; none of it was measured on patients.

        Returns
        -------
        EvidenceStrengths
        """
        return _assumed()

    @cached_property
    def by_term(self) -> Mapping[str, MeasuredStrength]:
        """The terms that are numbers."""
        return {each.term: each for each in self.measured}

    @cached_property
    def by_category(self) -> Mapping[str, CategoryStrength]:
        """The terms that are categories."""
        return {each.term: each for each in self.categories}

    @cached_property
    def table(self) -> Floats:
        """Correlations of the scores of `MEASURED` in ordinary sessions, shape (n_terms, n_terms)."""
        table = np.eye(len(MEASURED))
        known = {(VALUE, each.term): each.with_value for each in self.measured}
        known |= {(one, other): shared for one, other, shared in self.correlations}
        for (one, other), shared in known.items():
            i, j = MEASURED.index(one), MEASURED.index(other)
            table[i, j] = table[j, i] = shared
        return table

    def with_term(self, strength: MeasuredStrength) -> Self:
        """The same with one term that is a number said anew.

        Parameters
        ----------
        strength : MeasuredStrength
            Takes the place of the one with its name.

        Returns
        -------
        EvidenceStrengths
        """
        others = (each if each.term != strength.term else strength for each in self.measured)
        return replace(self, measured=tuple(others))

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a file.

        Parameters
        ----------
        path : str or Path
            A JSON file as `write` makes it.

        Returns
        -------
        EvidenceStrengths

        Raises
        ------
        ParameterError
            There is no such file, it is not JSON, it is larger than strengths can be, or it breaks the schema
            (``evidence.schema.json``).
        """
        return cls.from_content(STRENGTHS_FILE.read(path), file=path)

    @classmethod
    def from_content(cls, content: object, *, file: str | Path | None = None) -> Self:
        """Build it from JSON content.

        Parameters
        ----------
        content : object
            As `content` returns it.
        file : str or Path, optional
            Named in errors.

        Returns
        -------
        EvidenceStrengths

        Raises
        ------
        ParameterError
            The content breaks the schema.
        """
        known = dict(STRENGTHS_FILE.checked(content, file))
        del known["format"]
        known |= {name: int(known[name]) for name in ("confirmed", "ordinary")}
        known["correlations"] = tuple(tuple(each) for each in known["correlations"])
        try:
            known["measured"] = tuple(MeasuredStrength(**each) for each in known["measured"])
            known["categories"] = tuple(
                CategoryStrength(**{**each, "usual": tuple(each["usual"])}) for each in known["categories"]
            )
            return cls(**known)
        except ParameterError as error:
            raise ParameterError(str(error), file=file) from None

    def content(self) -> dict[str, Any]:
        """It as plain JSON content.

        Returns
        -------
        dict
            As the schema ``evidence.schema.json`` describes it.
        """
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)), parse_int=float)
        counts = {"confirmed": self.confirmed, "ordinary": self.ordinary}
        return {"format": STRENGTHS_FORMAT, **plain, **counts}

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hash_of(self.content())

    def as_json(self) -> str:
        """The text of a file.

        Returns
        -------
        str
        """
        return as_text(self.content())

    def write(self, path: str | Path) -> None:
        """Write a JSON file.

        Parameters
        ----------
        path : str or Path
            Overwritten when it exists.

        Raises
        ------
        ParameterError
            The file cannot be written.
        """
        STRENGTHS_FILE.write(path, self.content())

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.content_hash[:12]})"


@cache
def _assumed() -> EvidenceStrengths:
    return EvidenceStrengths(
        name="goldseam-assumed",
        version="1",
        provenance="Assumed; docs/methods/fused.md says what the figures rest on.",
        empirical=False,
        confirmed=0,
        ordinary=0,
        measured=tuple(
            MeasuredStrength(
                term,
                SCORE_DROPS[term],
                CORRELATIONS.get((VALUE, term), 0.0),
                alike=WITHIN_KIND_CORRELATION.get(term, 0.0),
                counted=term not in ONLY_SHOWN,
            )
            for term in MEASURED[1:]
        ),
        correlations=tuple(
            (*pair, CORRELATIONS[pair]) for pair in combinations(MEASURED[1:], 2) if pair in CORRELATIONS
        ),
        categories=tuple(
            CategoryStrength(term, usual, SHIFTS[term], CORRELATION_WITH_VALUE.get(term, 0.0))
            for term, usual in USUAL_SHARES.items()
        ),
    )


def _require_within(
    strength: MeasuredStrength | CategoryStrength, where: str, names: Collection[str]
) -> None:
    for name in names:
        (least, most), value = _LIMITS[name], getattr(strength, name)
        if value is not None and not (isfinite(value) and least <= value <= most):
            allowed = f"a finite number from {least:g}" + (f" to {most:g}" if isfinite(most) else "")
            raise ParameterError(
                "impossible value", where=f"{where}.{strength.term}.{name}", given=value, allowed=allowed
            )


def _require_pairs(correlations: Collection[tuple[str, str, float]]) -> None:
    seen = set()
    for one, other, shared in correlations:
        pair = frozenset((one, other))
        if one == other or pair in seen or not pair <= set(MEASURED[1:]) or not abs(shared) < 1:
            raise ParameterError(
                "no such correlation",
                where="correlations",
                given=(one, other, shared),
                allowed=f"above -1 and below 1, of two of {', '.join(MEASURED[1:])}, each two once",
            )
        seen.add(pair)


def _require_terms(where: str, found: list[str], wanted: Any) -> None:
    if sorted(found) != sorted(wanted):
        raise ParameterError("each term once", where=where, given=", ".join(found), allowed=", ".join(wanted))
