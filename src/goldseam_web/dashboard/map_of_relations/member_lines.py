"""What each member says, relation by relation, in words."""

from goldseam_web.alerts.case_standing.state_facts import record_of
from goldseam_web.alerts.states import MemberState, Relation
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.status import label_of_member
from goldseam_web.dashboard.drawing import mark
from goldseam_web.dashboard.language import relations_page as say
from goldseam_web.dashboard.language.help_options import GOALS
from goldseam_web.dashboard.language.phrases import DASH as NO_VALUE
from goldseam_web.dashboard.map_of_relations.page import MemberLine
from goldseam_web.dashboard.map_of_relations.ratings_about import INSIDE, About, RelationView
from goldseam_web.dashboard.map_of_relations.relation_card import rating_cell
from goldseam_web.measures.own_measures import SELF_THERAPIST


def member_line(view: RelationView, member: Member) -> MemberLine:
    """The work with each therapist, then the other relations; why there is no rating, where there is none."""
    told = [_tie_told(view, member, a) for a in view.about]
    for text, scale in zip(say.MEMBER_INSIDE[view.kind], INSIDE, strict=True):
        value = view.value(member, scale, view.latest)
        if value is not None:
            told.append(text.format(value=value))
    return MemberLine(
        mark=mark(member.position, 6, 6, 4.3),
        name=view.record.name(member.id),
        badges=_badges(view, member),
        text=" ".join(told),
    )


def _tie_told(view: RelationView, member: Member, about: About) -> str:
    cell = rating_cell(view, member, SELF_THERAPIST, about)
    if cell.value == NO_VALUE:
        return say.MEMBER_NO_TIE.told(own=about.own).format(reason=cell.reason, therapist=about.name)
    reason = f" ({cell.reason})" if cell.reason else ""
    return say.MEMBER_TIE.told(own=about.own).format(value=cell.value, therapist=about.name, reason=reason)


def _badges(view: RelationView, member: Member) -> tuple[tuple[str, Badge], ...]:
    """The relation and how the member stands in it; of another therapist of the sessions, what was found."""
    if not view.visit.judging:
        return ()
    return tuple(
        (_relation(view, state), Badge.of(label_of_member(state), is_new=state.unopened))
        for state in view.status.states
        if state.member == member.id
    )


def _relation(view: RelationView, state: MemberState) -> str:
    if state.relation != Relation.THERAPIST:
        return {Relation.WITHIN: say.WITH_EACH_OTHER, Relation.GOALS: GOALS}[state.relation]
    told = record_of(view.record, state)
    return say.WITH_YOU.told(own=told.own).format(therapist=told.therapist_name)
