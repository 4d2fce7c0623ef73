"""What might help: three options at most for each relation a finding is about, and for what the client allowed.

Nothing here is for the joint room unless the client released it to everybody.
"""

from collections.abc import Iterable

from goldseam_web.dashboard.case.goal_options import goals_options
from goldseam_web.dashboard.case.page import Fairness, Option
from goldseam_web.dashboard.language import help_options as say
from goldseam_web.dashboard.language.help_options import HelpText
from goldseam_web.dashboard.signal.finding import AlertSubject
from goldseam_web.dashboard.signal.page import OptionGroup
from goldseam_web.measures.models import Audience


def option_groups(
    *,
    with_therapist: bool,
    between: bool,
    goals: bool,
    facet: str | None,
    audience: str | None,
    of_goals: str | None,
    several: bool,
    about: AlertSubject,
    fairness: Fairness | None,
) -> tuple[OptionGroup, ...]:
    """Options for what was found with the therapist, between members, and with all; each option once."""
    titles = {
        False: say.WITH_THERAPIST.told(own=about.own).format(therapist=about.therapist),
        True: say.BETWEEN_MEMBERS,
    }
    wanted = [
        (titles[relation], options_for(facet, audience, several=several, between=relation, name=about.name))
        for relation, found in ((False, with_therapist), (True, between))
        if found
    ]
    if goals:
        wanted.append((say.GOALS, goals_options(of_goals)))
    if fairness is not None:
        wanted.append((say.FAIR_TO_ALL, fairness.options))
    groups = _each_once(wanted)
    return groups if len(groups) > 1 else tuple(OptionGroup("", group.options) for group in groups)


def _each_once(wanted: Iterable[tuple[str, tuple[Option, ...]]]) -> tuple[OptionGroup, ...]:
    """The groups without what an earlier one has shown."""
    groups: list[OptionGroup] = []
    for title, options in wanted:
        shown = {option for group in groups for option in group.options}
        if fresh := tuple(option for option in options if option not in shown):
            groups.append(OptionGroup(title, fresh))
    return tuple(groups)


def options_after_the_end(audience: str | None) -> tuple[OptionGroup, ...]:
    """What might help where there is no next session."""
    know_only = audience == Audience.KNOW_ONLY
    texts = say.JUST_KNOWING_AFTER_THE_END if know_only else say.AFTER_THE_END
    return (OptionGroup("", tuple(Option(text.icon, text.title, text.text) for text in texts)),)


def options_for(
    facet: str | None, audience: str | None, *, several: bool, between: bool, name: str
) -> tuple[Option, ...]:
    """Three options, in the order of asking, owning, and doing."""
    texts = _texts(facet, audience, several=several, between=between)
    return tuple(Option(text.icon, text.title.format(name=name), text.text) for text in texts)


def _texts(facet: str | None, audience: str | None, *, several: bool, between: bool) -> tuple[HelpText, ...]:
    if audience == Audience.KNOW_ONLY:
        return say.JUST_KNOWING
    together = several and audience == Audience.ALL
    if between:
        last = say.TOGETHER_ELSE if together else say.LEAVE_NEXT_STEP
        return (say.ASK_ALONE, say.ROOM_YOU_GIVE, last)
    then = say.TOGETHER.get(facet or "", say.TOGETHER_ELSE) if together else say.THEN[facet]
    return (say.ASK[facet], say.OWN[facet], then)
