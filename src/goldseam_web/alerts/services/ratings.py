"""One rater's series as the rules are given it."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from goldseam import RatingSeries, SeriesName, single_series
from goldseam_web.cases.models import Member
from goldseam_web.measures.models import Answer, Series


class HeldSession(NamedTuple):
    """A session that took place."""

    id: uuid.UUID
    starts_at: datetime


class GivenRating(NamedTuple):
    """A score that counts, and the response it is of."""

    value: float | None
    minimum: float
    maximum: float
    answered: int
    items: int
    response_id: uuid.UUID
    rated_at: datetime | None


@dataclass(frozen=True)
class Ratings:
    """One rater's series as detection sees it: one row per attended session, with or without a rating."""

    series: Series
    rater: Member
    encounters: tuple[HeldSession, ...]
    sessions: tuple[int, ...]
    scores: Mapping[uuid.UUID, GivenRating]
    # Sessions whose form was answered while somebody was there: without a rating here, and what it raised stays.
    in_company: frozenset[uuid.UUID] = frozenset()

    def value(self, encounter: HeldSession) -> float | None:
        score = self.scores.get(encounter.id)
        return score.value if score else None

    @cached_property
    def by_session(self) -> dict[int, HeldSession]:
        return dict(zip(self.sessions, self.encounters, strict=True))

    @cached_property
    def course(self) -> RatingSeries:
        """The series that ``goldseam.detect`` takes."""
        some = next(iter(self.scores.values()))
        name = SeriesName(str(self.series.case_id), str(self.rater.id), self.series.scale, self.series.phase)
        values = [self.value(encounter) for encounter in self.encounters]
        return single_series(name, self.sessions, values, minimum=some.minimum, maximum=some.maximum)

    @cached_property
    def numbers(self) -> Sequence[tuple[uuid.UUID, float, int | None]]:
        """The numbers in the forms of these ratings: the response, the answer, the time it took. Read once."""
        responses = [score.response_id for score in self.scores.values()]
        rows = Answer.objects.filter(response__in=responses, value__isnull=False)
        given = rows.values_list("response_id", "value", "elapsed_ms")
        return [(response, value, elapsed) for response, value, elapsed in given if value is not None]

    def digests(self, criterion: str, version: str, norms_hash: str | None) -> Sequence[str]:
        """What a verdict at each session depends on, as hashes: all that was rated up to it, and the rule.

        The text that is hashed is the JSON of ``[[[encounter, value], ...], criterion, version, norms]``: each text
        begins with most of the one before, so that no part is hashed twice.
        """
        rest = f"], {json.dumps(criterion)}, {json.dumps(version)}, {json.dumps(norms_hash)}]".encode()
        found = []
        for begun in self._begun:
            whole = begun.copy()
            whole.update(rest)
            found.append(whole.hexdigest())
        return found

    @cached_property
    def _begun(self) -> "Sequence[hashlib._Hash]":
        """The hash of the text of the ratings up to each session, which every rule goes on from."""
        begun, found = hashlib.sha256(b"[["), []
        for k, encounter in enumerate(self.encounters):
            given = json.dumps([str(encounter.id), self.value(encounter)])
            begun.update((", " if k else "").encode() + given.encode())
            found.append(begun.copy())
        return found
