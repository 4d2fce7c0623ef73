"""From the rows of a case to the page of its relations."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from goldseam_web.alerts.services.norms import norms_to_read
from goldseam_web.cases.models import Case, CaseKind, Member
from goldseam_web.cases.queries import case_title
from goldseam_web.cases.readers import readers_on
from goldseam_web.dashboard.case.rows import CaseRows, read_case
from goldseam_web.dashboard.case.status import status_of
from goldseam_web.dashboard.language import relations_page as say
from goldseam_web.dashboard.language.phrases import ByReader, names_in_words, session
from goldseam_web.dashboard.map_of_relations.both_therapists import (
    BothTherapists,
    both_card,
    both_therapists,
    news_of_both,
)
from goldseam_web.dashboard.map_of_relations.distances import distance_card, pairs_of
from goldseam_web.dashboard.map_of_relations.member_facets import facets_of_member
from goldseam_web.dashboard.map_of_relations.member_lines import member_line
from goldseam_web.dashboard.map_of_relations.page import RelationsPage
from goldseam_web.dashboard.map_of_relations.ratings_about import (
    About,
    RelationView,
    sessions_shown,
    value_about,
)
from goldseam_web.dashboard.map_of_relations.relation_card import relation_card
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import SELF_THERAPIST

SILENT_FROM = 2  # held sessions in a row, asked about and not rated, until the first sentence says so


def relations_page(visit: StaffVisit, case_id: uuid.UUID) -> RelationsPage | None:
    """The page, or None for a stranger and for a case of one."""
    rows = read_case(visit, case_id, every_relation=True)
    if rows is None or rows.record.case.kind == CaseKind.INDIVIDUAL:
        return None
    kept_back = None
    if rows.mine and rows.guess_due(visit) is not None:
        kept_back = rows.record.held[-1].id
        rows = replace(rows, record=rows.record.without(kept_back))
    return _page(visit, rows, kept_back)


def _page(visit: StaffVisit, rows: CaseRows, kept_back: uuid.UUID | None) -> RelationsPage:
    case, about = rows.record.case, sessions_shown(rows.record)
    seated = tuple(m for m in rows.record.members if _is_seated(rows, about, m))
    view = RelationView(visit, rows, about, seated, status_of(rows.record, visit, waiting=False), kept_back)
    norms = norms_to_read(case.clinic_id) if visit.judging and about else None
    found = [pairs_of(view, each, norms) for each in about] if norms is not None else []
    pairs = [each for each in found if each is not None]
    new = [each.about for each in pairs if each.is_new]
    both = both_therapists(view, norms) if norms is not None else None
    cards = [*(distance_card(each) for each in pairs), *([both_card(both)] if both is not None else [])]
    return RelationsPage(
        title=case_title(case),
        lede=_read_by(visit, case),
        news=_news(view, new, both) if about else _nothing_to_show(view),
        kept_back=say.KEPT_BACK.format(session=session(rows.record.session(kept_back))) if kept_back else "",
        relations=relation_card(view) if about else None,
        distances=tuple(cards),
        members=tuple(member_line(view, m) for m in seated) if about else (),
        facets_about=say.FACETS_ABOUT.told(own=rows.record.own).format(therapist=rows.record.therapist_name),
        facets=tuple(f for m in seated if (f := facets_of_member(view, m)) is not None),
    )


def _is_seated(rows: CaseRows, about: tuple[About, ...], member: Member) -> bool:
    """Who takes part, and who rated a session that is shown."""
    rated = any(
        value_about(rows.record.told_of(a.therapist_id), member, SELF_THERAPIST, a.encounter) is not None
        for a in about
    )
    return member.left_on is None or rated


def _read_by(visit: StaffVisit, case: Case) -> str:
    readers = readers_on(case, visit.viewer.today)
    return say.READ_BY.format(names=names_in_words([r.staff.full_name for r in readers]))


def _nothing_to_show(view: RelationView) -> str:
    rated = any((m.id, SELF_THERAPIST) in view.record.rated_of_anyone for m in view.record.members)
    return say.NONE_TO_SHOW if rated else say.NOBODY_YET


def _news(view: RelationView, new: Sequence[About], both: BothTherapists | None) -> str:
    """New distances, or else the views of the latest session; then who has not been heard."""
    told = [_views(view, a, say.NEW_DISTANCE) for a in new] + (
        [news_of_both(both)] if both is not None else []
    )
    told = [*filter(None, told)] or [_views(view, view.latest, say.VIEWS_OF)]
    return " ".join([*filter(None, told), *filter(None, (_silent(view, m) for m in view.seated))])


def _views(view: RelationView, about: About, text: ByReader) -> str:
    """Each member's number, in their own order."""
    views = [
        say.VIEW.format(name=view.record.name(m.id), value=value)
        for m in view.seated
        if (value := view.value(m, SELF_THERAPIST, about)) is not None
    ]
    if not views:
        return ""
    return text.told(own=about.own).format(
        session=session(view.record.session(about.encounter.id)), therapist=about.name, views=", ".join(views)
    )


def _silent(view: RelationView, member: Member) -> str:
    """Of a member who was there and asked for two sessions running, and rated neither, in time or late."""
    if member.paused_on is not None or member.left_on is not None:
        return ""
    given = view.record.rated_of_anyone.get((member.id, SELF_THERAPIST), {})
    named = ((e, view.record.asked_about(e, member.id)) for e in view.held)
    asked = [
        (e, e.id in given and given[e.id].value is not None)
        for e, therapist in named
        if view.asked(therapist, e, member, SELF_THERAPIST) in ("answered", "unanswered")
        and view.reason(member, SELF_THERAPIST, e, therapist) != "waiting"
    ]
    if len(asked) < SILENT_FROM or any(rated for _, rated in asked[-SILENT_FROM:]):
        return ""
    rated = [e for e, has_rated in asked if has_rated]
    last = session(view.record.session(rated[-1].id)) if rated else ""
    return (say.SILENT if rated else say.SILENT_ALWAYS).format(name=view.record.name(member.id), session=last)
