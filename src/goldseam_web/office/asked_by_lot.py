"""How often findings are right at the clinic and how much is missed, and how many sessions are asked about by lot."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from goldseam import AskedAbout, Interval
from goldseam_web.accounts.lot_share import LOT_PERCENTS, set_lot_share
from goldseam_web.alerts.feedback_use import FEWEST_CASES
from goldseam_web.alerts.lot_queries import LOOKED_BACK, WAITS, pooled_rates
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit

ONE_THERAPIST = "All answers, those of your own aside, are of one therapist; so no figures are shown."
FEW_CASES = "Of fewer than {fewest} cases in which everybody agreed to research, your own aside, no figures are shown."
RIGHT = "Sessions with a finding in which there was strain"
MISSED = "Sessions with no finding in which there was strain"
FOUND = "Sessions with strain in which it was found"
ESTIMATED = "{value:.0%} ({low:.0%} to {high:.0%})"
NOT_ENOUGH = "not enough data"


class LotForm(PlainForm):
    """In how many sessions with no finding the therapist is asked."""

    lot_percent = forms.TypedChoiceField(
        label="Of a hundred sessions in which nothing was found, ask about",
        choices=[(percent, str(percent) if percent else "none") for percent in LOT_PERCENTS],
        coerce=int,
    )


@dataclass(frozen=True)
class LotFigure:
    name: str
    share: str
    answered: str


@dataclass(frozen=True)
class AskedByLot:
    """``hidden`` says why there are no figures."""

    hidden: str
    figures: tuple[LotFigure, ...]
    form: LotForm
    weeks: int = LOOKED_BACK.days // 7
    days: int = WAITS.days


def asked_by_lot(visit: OfficeVisit, posted: Any = None) -> AskedByLot:
    """The section of the page; ``posted``: what was sent and refused."""
    pooled = pooled_rates(visit.viewer, at=visit.at)
    form = LotForm(posted, initial={"lot_percent": visit.clinic.lot_percent})
    if pooled.rates is None:
        hidden = ONE_THERAPIST if pooled.has_one_therapist else FEW_CASES.format(fewest=FEWEST_CASES)
        return AskedByLot(hidden, (), form)
    rates = pooled.rates
    return AskedByLot(
        "",
        (
            LotFigure(RIGHT, _share(rates.predictive_value), _answered(rates.flagged)),
            LotFigure(MISSED, _share(rates.missed), _answered(rates.others)),
            LotFigure(FOUND, _share(rates.sensitivity), ""),
        ),
        form,
    )


def is_share_kept(request: HttpRequest, visit: OfficeVisit) -> bool:
    """Keep what was chosen; whether it was one of the choices."""
    form = LotForm(request.POST)
    if not form.is_valid():
        return False
    percent = form.cleaned_data["lot_percent"]
    set_lot_share(clinic=visit.clinic, percent=percent, at=visit.at, actor=visit.viewer.actor)
    messages.success(request, "Kept, for sessions that are judged from now on.")
    return True


def _share(share: Interval | None) -> str:
    return (
        NOT_ENOUGH if share is None else ESTIMATED.format(value=share.value, low=share.low, high=share.high)
    )


def _answered(about: AskedAbout) -> str:
    return f"{about.answered} of {about.sessions}"
