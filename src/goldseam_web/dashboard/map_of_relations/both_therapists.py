"""How differently each member sees the work with the two therapists of their sessions: same words to both of them.

A form rates one of the two, by turns, so that the ratings of two sessions that follow each other make a pair. Of each
pair the difference is compared as that of two members is (`distances`): level apart from change.
"""

from dataclasses import dataclass
from functools import cached_property

from goldseam import Norms, SplitAlliance, split_alliance
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.drawing import draw_distance
from goldseam_web.dashboard.language import relations_page as say
from goldseam_web.dashboard.language.relations_page import Change
from goldseam_web.dashboard.map_of_relations.distances import (
    FALSELY_NEW,
    NARROW,
    WIDE,
    Row,
    change_of,
    compared,
    distance_at,
    is_known,
    new_in_words,
    turned,
    usual_in_words,
)
from goldseam_web.dashboard.map_of_relations.page import DistanceCard, PairRow
from goldseam_web.dashboard.map_of_relations.ratings_about import About, RelationView, value_about
from goldseam_web.measures.own_measures import SELF_THERAPIST


@dataclass(frozen=True)
class Turn:
    """Two sessions that follow each other about which a member was asked, of one therapist each; their ratings."""

    first: int
    second: int
    values: tuple[float | None, float | None]


@dataclass(frozen=True)
class BothTherapists:
    """The turns of each member, and how their two ratings differ; ``about``: the two, by name."""

    view: RelationView
    about: tuple[About, About]
    turns: dict[Member, list[Turn]]
    norms: Norms
    found: SplitAlliance

    @cached_property
    def names(self) -> dict[str, str]:
        return dict(zip("01", (each.name for each in self.about), strict=True))

    @cached_property
    def latest(self) -> dict[Member, Row]:
        """Of each member the latest turn of which they rated both, with how the two differ over all."""
        by_case = {_case(member): member for member in self.turns}
        rows = {row["case"]: row for row in self.found.pairs.drop_nulls("split").to_dicts()}
        history = {row["case"]: row for row in self.found.history.to_dicts()}
        return {by_case[case]: {**row, "history": history[case]} for case, row in rows.items()}

    @property
    def new(self) -> list[Member]:
        """Who sees the two further apart than before, as far as their latest turn tells."""
        return [
            m for m, row in self.latest.items() if change_of(row) == Change.FURTHER and self._is_last(m, row)
        ]

    def _is_last(self, member: Member, row: Row) -> bool:
        return bool(row["session"] == self.turns[member][-1].second)

    def sessions(self, member: Member, row: Row) -> str:
        turn = next(each for each in self.turns[member] if each.second == row["session"])
        return say.TURN.format(first=turn.first, second=turn.second)


def both_therapists(view: RelationView, norms: Norms) -> BothTherapists | None:
    """The two who hold sessions together; None where one does, and where nobody has rated both in turn."""
    if len(view.about) != 2 or not view.record.with_them & {each.therapist_id for each in view.about}:
        return None
    first, second = sorted(view.about, key=lambda each: (each.name, each.therapist_id))
    turns = {m: found for m in view.record.members if (found := _turns(view, (first, second), m))}
    given = [
        {
            "case": _case(member),
            "rater": str(k),
            "scale": SELF_THERAPIST,
            "session": turn.second,
            "value": value,
            **_range(view, first),
        }
        for member, found in turns.items()
        for turn in found
        for k, value in enumerate(turn.values)
    ]
    if all(row["value"] is None for row in given):
        return None
    import polars as pl  # loaded by the first page that compares

    table = pl.DataFrame(given, schema_overrides={"value": pl.Float64})
    split = split_alliance(table, norms=norms, confidence=1 - FALSELY_NEW / len(turns))
    both = BothTherapists(view, (first, second), turns, norms, split)
    return both if both.latest else None


def _turns(view: RelationView, about: tuple[About, About], member: Member) -> list[Turn]:
    """Each session stands in one turn at most; whoever is asked about the same one again begins anew."""
    found: list[Turn] = []
    waits: tuple[int, int, float | None] | None = None
    for encounter in view.held:
        asked = [
            k
            for k, each in enumerate(about)
            if view.asked(each.therapist_id, encounter, member, SELF_THERAPIST) in ("answered", "unanswered")
            and view.record.asked_about(encounter, member.id) == each.therapist_id
        ]
        if not asked:
            continue
        [k] = asked
        now = (
            k,
            view.record.numbers[encounter.id],
            value_about(view.told(about[k]), member, SELF_THERAPIST, encounter),
        )
        if waits is None or waits[0] == k:
            waits = now
            continue
        one, other = sorted((waits, now))
        found.append(Turn(waits[1], now[1], (one[2], other[2])))
        waits = None
    return found


def _case(member: Member) -> str:
    return f"{member.position:02}"


def _range(view: RelationView, about: About) -> dict[str, float]:
    some = next(iter(view.told(about).ratings_by(about.rater, SELF_THERAPIST).values()))
    return {"minimum": some.minimum, "maximum": some.maximum}


def both_card(both: BothTherapists) -> DistanceCard:
    """The member to whom the two are furthest apart, a new distance before a usual one; each stands in the table."""
    latest, names = both.latest, both.names
    widest = max(latest, key=lambda m: (m in both.new, latest[m]["split"]))
    row, called = latest[widest], both.view.record.name(widest.id)
    rows = {each["session"]: each for each in both.found.pairs.to_dicts() if each["case"] == _case(widest)}
    course = [distance_at(turn.second, rows.get(turn.second)) for turn in both.turns[widest]]
    apart = say.BOTH_APART.format(
        name=called, views=views(names, row), distance=row["split"], sessions=both.sessions(widest, row)
    )
    told = [
        say.DISTANCE_AT.format(
            session=say.TURN.format(first=turn.first, second=turn.second), distance=at.distance
        )
        for turn, at in zip(both.turns[widest], course, strict=True)
        if at.distance is not None
    ]
    return DistanceCard(
        key="both-therapists",
        title=say.BOTH_TITLE.format(first=names["0"], second=names["1"]),
        sentence=f"{apart} {compared(names, row, say.TURNS_NEEDED.format(name=called))}",
        usual=_usual(called, names, row["history"]),
        wide=draw_distance(course, width=WIDE, css="wide"),
        narrow=draw_distance(course, width=NARROW, css="narrow"),
        label=say.BOTH_LABEL.format(name=called, first=names["0"], second=names["1"], course=", ".join(told)),
        rows=tuple(_row(both, member) for member in latest),
        each=say.EACH_MEMBER,
        rule=say.BOTH_RULE.format(norms=both.norms.name),
    )


def views(names: dict[str, str], row: Row) -> str:
    pair = ((row["first"], row["first_value"]), (row["second"], row["second_value"]))
    return ", ".join(say.VIEW.format(name=names[rater], value=value) for rater, value in pair)


def _usual(called: str, names: dict[str, str], history: Row) -> str:
    if not is_known(history):
        return ""
    first, second, level, low, high = turned(names, history)
    if history["level_split"] != "met" or round(low, 1) <= 0:
        return say.BOTH_ALIKE.format(name=called, first=first, second=second)
    return say.BOTH_AS_A_RULE.format(name=called, first=first, second=second, level=level, low=low, high=high)


def _row(both: BothTherapists, member: Member) -> PairRow:
    row = both.latest[member]
    return PairRow(
        names=both.view.record.name(member.id),
        last=say.BOTH_LAST.format(distance=row["split"], sessions=both.sessions(member, row)),
        usual=usual_in_words(both.names, row["history"]),
        new=new_in_words(row),
    )


def news_of_both(both: BothTherapists) -> str:
    """Of whoever sees the two further apart than before."""
    names = both.names
    return " ".join(
        say.BOTH_NEW.format(
            name=both.view.record.name(member.id),
            first=names["0"],
            second=names["1"],
            views=views(names, both.latest[member]),
        )
        for member in both.new
    )
