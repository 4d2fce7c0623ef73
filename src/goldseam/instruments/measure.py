"""The measure itself: who is asked what, its scales, and its frozen snapshot."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from goldseam.exceptions import ParameterError
from goldseam.instruments.building import item_from, options_from, scale_from, text_from
from goldseam.instruments.consistency import check_consistency
from goldseam.instruments.items import Item, Question, Respondent
from goldseam.instruments.scales import Scale
from goldseam.instruments.schema import Document, canonical, check_schema
from goldseam.instruments.texts import Text

Phase = Literal["pre", "post"]
Keyed = TypeVar("Keyed", Item, Scale)


@dataclass(frozen=True)
class Measure:
    """A questionnaire: who is asked what, and how answers become scores.

    Made by `load_measure`, `list_measures` or `Measure.from_content`, which check it; not by hand.

    Parameters
    ----------
    key, version : str
        Its name and semantic version. A new major version starts new series.
    title : Text
        What people read.
    languages : tuple of str
        Languages in which every text exists.
    licence, source : str
        Under what it may be used (SPDX identifier) and where it comes from.
    validation_status, validation_note : str
        ``"not yet validated"`` or ``"validated"``, and what that rests on.
    case_kinds : tuple of str
        Kinds of case it is for.
    minimum_age : int
        Years.
    phase : {"pre", "post"}
        Asked before or after a session unless a clinic chooses otherwise.
    introductions : tuple of (str, Text)
        Rater, and what that rater reads before the first item.
    items : tuple of Item
        In the order of asking.
    scales : tuple of Scale
        In the order of the file.
    canonical_json : str
        The whole definition in one form: sorted keys, no spaces, whole numbers without a point.
    """

    key: str
    version: str
    title: Text
    languages: tuple[str, ...]
    licence: str
    source: str
    validation_status: str
    validation_note: str
    case_kinds: tuple[str, ...]
    minimum_age: int
    phase: Phase
    introductions: tuple[tuple[str, Text], ...]
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    canonical_json: str

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Measure":
        """Rebuild a measure from a stored snapshot.

        Parameters
        ----------
        content : mapping
            What `content` gave, perhaps after a round trip through JSON.

        Returns
        -------
        Measure
            Equal to the one the snapshot was taken from.

        Raises
        ------
        MeasureError
            If the content breaks the schema or contradicts itself.
        """
        return measure_from_document(content)

    @property
    def major(self) -> int:
        """The major version; scores of different majors never share a series."""
        return int(self.version.partition(".")[0])

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()

    def content(self) -> dict[str, Any]:
        """The whole definition as a new JSON-ready dictionary, to be stored as a frozen snapshot."""
        document: dict[str, Any] = json.loads(self.canonical_json)
        return document

    def item(self, key: str) -> Item:
        """The item of that key; `ParameterError` if there is none."""
        return _by_key("item", self.items, key)

    def scale(self, key: str) -> Scale:
        """The scale of that key; `ParameterError` if there is none."""
        return _by_key("scale", self.scales, key)

    def introduction_for(self, respondent: Respondent, language: str = "en") -> str | None:
        """What this respondent reads before the first item; None if the measure asks them nothing."""
        texts = dict(self.introductions)
        text = texts.get(respondent.rater)
        return text.resolve(language, respondent.case_kind) if text else None

    def items_for(self, respondent: Respondent, language: str = "en") -> tuple[Question, ...]:
        """Give the items that apply to a respondent, in order, with their texts.

        Parameters
        ----------
        respondent : Respondent
            Who answers.
        language : str
            One of `languages`.

        Returns
        -------
        tuple of Question
            Empty if the measure asks this respondent nothing. A follow-up is among them; show it only when
            its `shown_after` is fulfilled.

        Raises
        ------
        ParameterError
            If the measure has no texts in that language.
        """
        return tuple(
            item.question(language, respondent.case_kind)
            for item in self.items
            if item.applies_to(respondent)
        )

    def applied_keys(
        self, respondent: Respondent, answers: Mapping[str, float | str | None]
    ) -> frozenset[str]:
        """Give the keys of the items that apply given what was answered.

        Parameters
        ----------
        respondent : Respondent
            Who answers.
        answers : mapping of str to float, str or None
            The answers so far, by item.

        Returns
        -------
        frozenset of str
            For `score_response`. A follow-up is among them only after the answer it waits for.
        """
        applied: set[str] = set()
        for item in self.items:
            follows = item.shown_after
            # An answer left over from an item that does not apply any more calls for nothing.
            called_for = follows is None or (follows.item in applied and follows.fulfilled_by(answers))
            if called_for and item.applies_to(respondent):
                applied.add(item.key)
        return frozenset(applied)


def measure_from_document(document: object, *, file: str | Path | None = None) -> Measure:
    """Check a document and build the measure it defines.

    Parameters
    ----------
    document : object
        What a YAML or JSON reader gave.
    file : str or Path, optional
        Where it came from, for messages.

    Returns
    -------
    Measure
        Its canonical JSON depends on the content alone, not on the order of keys or the kind of file.

    Raises
    ------
    MeasureError
        If the document breaks the schema or contradicts itself.
    """
    plain = canonical(document, file)
    check_schema(plain, file=file)
    check_consistency(plain, file=file)
    canonical_json = json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return _built(plain, canonical_json)


def _built(document: Document, canonical_json: str) -> Measure:
    """Build the measure of a document that has passed every check."""
    options = {key: options_from(entry) for key, entry in document["response_options"].items()}
    return Measure(
        key=document["key"],
        version=document["version"],
        title=text_from(document["title"]),
        languages=tuple(document["languages"]),
        licence=document["licence"],
        source=document["source"],
        validation_status=document["validation"]["status"],
        validation_note=document["validation"]["note"],
        case_kinds=tuple(document["for_whom"]["case_kinds"]),
        minimum_age=document["for_whom"]["minimum_age"],
        phase=document["phase"],
        introductions=tuple(
            (rater, text_from(text)) for rater, text in sorted(document["introduction"].items())
        ),
        items=tuple(item_from(entry, options) for entry in document["items"]),
        scales=tuple(scale_from(entry) for entry in document["scales"]),
        canonical_json=canonical_json,
    )


def _by_key(kind: str, entries: tuple[Keyed, ...], key: str) -> Keyed:
    for entry in entries:
        if entry.key == key:
            return entry
    raise ParameterError(f"unknown {kind}", given=key, allowed=", ".join(entry.key for entry in entries))
