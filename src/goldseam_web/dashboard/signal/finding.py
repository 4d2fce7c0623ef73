"""One finding of an alert: its sentence for whoever reads, the evidence, and how sure it is."""

from dataclasses import dataclass

from goldseam_web.alerts.models import AlertSignal, OnsetKind, SignalKind
from goldseam_web.alerts.rules import BETWEEN_MEMBERS
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.language import goals_words, status_labels
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import session
from goldseam_web.dashboard.language.signal_sentences import again
from goldseam_web.dashboard.signal.evidence import (
    SignalAnswers,
    evidence_of,
    facet_rows,
    facets_title,
    own_words,
)
from goldseam_web.dashboard.signal.figures import figures, how_sure, rule_text
from goldseam_web.dashboard.signal.page import FindingCard
from goldseam_web.measures.models import StrainWith


@dataclass(frozen=True)
class AlertSubject:
    """Whom and which session an alert is about, and whether the reader is the therapist of that session."""

    name: str
    others: str
    therapist: str
    case_kind: str
    session: int | None
    own: bool


def finding_of(
    signal: AlertSignal, found: SignalAnswers, about: AlertSubject, *, with_facets: bool
) -> FindingCard:
    """``with_facets``: whether this is the first finding about its series, whose answers stand beside it."""
    asked = signal.kind == SignalKind.ASKED
    confirmed = signal.episode.confirmed if signal.episode else False
    return FindingCard(
        id=signal.id,
        key=f"finding-{signal.id.hex}",
        badge=Badge.of(status_labels.label_of(signal.kind, confirmed=confirmed, session=about.session)),
        sentence=_sentence(signal, about, found.stands_out),
        note=_note(signal, about),
        evidence=evidence_of(signal, about.name),
        of_what=_of_what(signal, about),
        sure=how_sure(signal),
        figures=figures(signal.kind, signal.evidence, about.name),
        rule=rule_text(signal.evidence),
        facets_title=facets_title(found, signal),
        facets=facet_rows(found, signal) if with_facets and not asked else (),
        quotes=own_words(found, signal.form, about.case_kind) if asked else (),
    )


def _sentence(signal: AlertSignal, about: AlertSubject, facet: str | None) -> str:
    """What is seen, in one sentence that names the relation that was rated."""
    goals = signal.kind == SignalKind.GOALS_APART and not signal.evidence.get("again")
    text = _goals(signal) if goals else _sentence_for(signal, facet, own=about.own)
    return text.format(
        session=session(about.session),
        name=about.name,
        others=about.others,
        therapist=about.therapist,
        value=signal.evidence.get("value"),
        maximum=signal.evidence.get("maximum"),
    )


def _sentence_for(signal: AlertSignal, facet: str | None, *, own: bool) -> str:
    between = signal.kind == SignalKind.STRAIN_BETWEEN
    if why := signal.evidence.get("again"):
        return again(why, signal.kind, low=signal.episode_id is None).told(own=own)
    if signal.kind == SignalKind.ASKED:
        either = signal.evidence.get("strain_with") == StrainWith.EITHER
        return (say.ASKED_OF_EITHER if either else say.ASKED).told(own=own)
    if signal.kind == SignalKind.LOW:
        return say.LOW.told(own=own)
    if signal.evidence["onset_kind"] == OnsetKind.EROSION:
        return _slid(signal, between=between, own=own)
    if between:
        return say.FELL_BETWEEN.get(facet, say.FELL_BETWEEN[None])
    return say.FELL_WITH_THERAPIST.get(facet, say.FELL_WITH_THERAPIST[None]).told(own=own)


def _goals(signal: AlertSignal) -> str:
    if signal.episode_id is None:
        return goals_words.LOW
    return goals_words.SLID if signal.evidence["onset_kind"] == OnsetKind.EROSION else goals_words.FELL


def _slid(signal: AlertSignal, *, between: bool, own: bool) -> str:
    if between:
        return say.SLID_BELOW_LEVEL_BETWEEN if signal.is_slow else say.SLID_BELOW_EXPECTED_BETWEEN
    return (say.SLID_BELOW_LEVEL if signal.is_slow else say.SLID_BELOW_EXPECTED).told(own=own)


def _note(signal: AlertSignal, about: AlertSubject) -> str:
    if signal.kind == SignalKind.GOALS_APART:
        note = goals_words.NOTE_TO_THERAPIST if about.own else goals_words.NOTE
        return note.format(therapist=about.therapist)
    if signal.kind == SignalKind.STRAIN_BETWEEN:
        return say.NOTE_BETWEEN.told(own=about.own).format(therapist=about.therapist)
    return say.NOTE_ASKED.format(name=about.name) if signal.kind == SignalKind.ASKED else ""


def _of_what(signal: AlertSignal, about: AlertSubject) -> str:
    between = signal.kind in BETWEEN_MEMBERS
    text = say.RATED_BETWEEN if between else say.RATED_WITH_THERAPIST.told(own=about.own)
    return text.format(
        name=about.name,
        others=about.others,
        therapist=about.therapist,
        low=signal.evidence["minimum"],
        high=signal.evidence["maximum"],
    )
