"""What might help where goals pull apart: name it, find one goal, see each alone. Nobody's side is taken."""

from goldseam_web.dashboard.case.page import Option
from goldseam_web.dashboard.language import help_options as say
from goldseam_web.dashboard.language.help_options import HelpText
from goldseam_web.measures.models import Audience


def goals_options(audience: str | None) -> tuple[Option, ...]:
    """What might help where goals pull apart; for the joint room only what was released to everybody."""
    return tuple(Option(text.icon, text.title, text.text) for text in _goals_texts(audience))


def _goals_texts(audience: str | None) -> tuple[HelpText, ...]:
    if audience == Audience.KNOW_ONLY:
        return say.JUST_KNOWING
    if audience == Audience.ALL:
        return (say.GOALS_DIFFERENCE, say.GOALS_ONE, say.GOALS_EACH_ALONE)
    return (say.GOALS_EACH_ALONE, say.GOALS_DIFFERENCE_ALONE, say.GOALS_ONE_ALONE)
