"""How a child is doing as others see it: drawn by itself, in the mark of who answered, not among the child's own."""

import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby

from goldseam_web.dashboard.case.page import ChildViewCard, ProgressFigure
from goldseam_web.dashboard.case.progress_figures import change_in_words, label_in_words
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.drawing import draw_small
from goldseam_web.dashboard.language import case_page as say
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.proxy_views import ViewOfChild, views_of_children


def child_view_cards(
    visit: StaffVisit, rows: CaseRows, *, kept_back: uuid.UUID | None
) -> tuple[ChildViewCard, ...]:
    """One card for each member who answers about a child, and each child.

    ``kept_back``: the session whose answers are not shown before the therapist's own guess.
    """
    if not rows.asks_about_children:
        return ()
    views = views_of_children(visit.viewer, rows.record.case)
    pairs = groupby(views, key=lambda view: (view.respondent_id, view.child_id))
    held = [session.id for session in rows.record.held if session.id != kept_back]
    cards = (_card(rows, held, list(of_pair)) for _, of_pair in pairs)
    return tuple(card for card in cards if card.figures)


def _card(rows: CaseRows, held: Sequence[uuid.UUID], views: list[ViewOfChild]) -> ChildViewCard:
    record = rows.record
    names = {"child": record.name(views[0].child_id), "name": record.name(views[0].respondent_id)}
    return ChildViewCard(
        title=say.CHILD_AS_SEEN.format(**names),
        note=say.CHILD_AS_SEEN_NOTE.format(**names),
        figures=tuple(_figures(rows, held, views)),
    )


def _figures(
    rows: CaseRows, held: Sequence[uuid.UUID], views: Iterable[ViewOfChild]
) -> Iterable[ProgressFigure]:
    position = {member.id: member.position for member in rows.record.members}
    for view in views:
        values = [view.values.get(session) for session in held]
        given = [value for value in values if value is not None]
        if given and view.scale in say.CHILD_SCALES:
            name = say.CHILD_SCALES[view.scale]
            yield ProgressFigure(
                name=name,
                change=change_in_words(given),
                chart=draw_small(position[view.respondent_id], values, view.minimum, view.maximum),
                label=label_in_words(name, given),
            )
