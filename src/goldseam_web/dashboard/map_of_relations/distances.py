"""How differently the members see the work with one therapist: views with their numbers, level apart from change."""

from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Any

from goldseam import Norms, SplitAlliance, split_alliance
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.dashboard.drawing import DistanceAt, draw_distance
from goldseam_web.dashboard.language import relations_page as say
from goldseam_web.dashboard.language.phrases import first_capital, in_words, session
from goldseam_web.dashboard.language.relations_page import Change
from goldseam_web.dashboard.map_of_relations.page import DistanceCard, PairRow
from goldseam_web.dashboard.map_of_relations.ratings_about import About, RelationView, value_about
from goldseam_web.measures.own_measures import SELF_THERAPIST

FALSELY_NEW = 0.05  # of a session's pairs together
FEWEST_FOR_RULE = 4
WIDE, NARROW = 738.0, 296.0
Row = dict[str, Any]


@dataclass(frozen=True)
class PairsOf:
    """One therapist's pairs of members: every session both were asked about, and the latest both rated."""

    view: RelationView
    about: About
    norms: Norms
    found: SplitAlliance

    @cached_property
    def names(self) -> dict[str, str]:
        return {_rater(m): self.view.record.name(m.id) for m in self.view.record.members}

    @cached_property
    def numbers(self) -> list[int]:
        """The sessions this therapist held."""
        record = self.view.record
        return [record.numbers[e.id] for e in record.held if _held(e, self.about)]

    @cached_property
    def latest(self) -> list[Row]:
        """Of each pair the latest session both rated, with how the two differ over all sessions."""
        found: dict[tuple[str, str], Row] = {}
        for row in self.found.pairs.drop_nulls("split").to_dicts():
            found[row["first"], row["second"]] = row
        history = {(row["first"], row["second"]): row for row in self.found.history.to_dicts()}
        return [{**row, "history": history[pair]} for pair, row in found.items()]

    @property
    def now(self) -> list[Row]:
        """Those who both rated the session that is shown."""
        shown = self.view.record.numbers[self.about.encounter.id]
        return [row for row in self.latest if row["session"] == shown]

    @property
    def is_new(self) -> bool:
        """Whether two who rated it are further apart than before."""
        return any(change_of(row) == Change.FURTHER for row in self.now)


def pairs_of(view: RelationView, about: About, norms: Norms) -> PairsOf | None:
    """The members who were asked about one therapist, two by two; None where no two of them ever rated together."""
    given = _ratings_of(view, about)
    n_raters = len({row["rater"] for row in given})
    if n_raters < 2 or all(row["value"] is None for row in given):
        return None
    import polars as pl  # loaded by the first page that compares

    table = pl.DataFrame(given, schema_overrides={"value": pl.Float64})
    found = split_alliance(table, norms=norms, confidence=1 - FALSELY_NEW / comb(n_raters, 2))
    pairs = PairsOf(view, about, norms, found)
    return pairs if pairs.latest else None


def _ratings_of(view: RelationView, about: About) -> list[Row]:
    """What `split_alliance` takes: a row for each member and session they were asked about, late ones empty."""
    record = view.told(about)
    some = next(iter(record.ratings_by(about.rater, SELF_THERAPIST).values()))
    return [
        {
            "case": "",
            "rater": _rater(m),
            "scale": SELF_THERAPIST,
            "session": record.numbers[e.id],
            "value": value_about(record, m, SELF_THERAPIST, e),
            "minimum": some.minimum,
            "maximum": some.maximum,
        }
        for e in record.held
        if _held(e, about)
        for m in record.members
        if view.asked(about.therapist_id, e, m, SELF_THERAPIST) in ("answered", "unanswered")
    ]


def _held(encounter: Encounter, about: About) -> bool:
    return about.therapist_id in (encounter.therapist_id, encounter.beside_id)


def _rater(member: Member) -> str:
    """Pairs are named in the order of these."""
    return f"{member.position:02}"


def distance_card(pairs: PairsOf) -> DistanceCard:
    """The pair furthest apart, a new distance before a usual one; each pair stands in the table."""
    names, about = pairs.names, pairs.about
    widest = max(pairs.now or pairs.latest, key=lambda row: (change_of(row) == Change.FURTHER, row["split"]))
    course = _course(pairs, widest)
    told = [
        say.DISTANCE_AT.format(session=session(at.session), distance=at.distance)
        for at in course
        if at.distance is not None
    ]
    first, second, count = names[widest["first"]], names[widest["second"]], len(pairs.latest)
    return DistanceCard(
        key=f"distance-{about.therapist_id}",
        title=say.DISTANCE_TITLE.told(own=about.own).format(therapist=about.name),
        sentence=_sentence(names, widest),
        usual=_usual(names, widest["history"]),
        wide=draw_distance(course, width=WIDE, css="wide"),
        narrow=draw_distance(course, width=NARROW, css="narrow"),
        label=say.DISTANCE_LABEL.format(first=first, second=second, course=", ".join(told)),
        rows=tuple(_pair_row(names, row) for row in pairs.latest),
        each=say.EACH_PAIR,
        rule=say.RULE.format(
            norms=pairs.norms.name, pairs=say.PAIRS[0] if count == 1 else say.PAIRS[1].format(count=count)
        ),
    )


def _course(pairs: PairsOf, pair: Row) -> list[DistanceAt]:
    """One pair's distances over the therapist's sessions, with how far chance takes their usual one."""
    rows = {
        row["session"]: row
        for row in pairs.found.pairs.to_dicts()
        if (row["first"], row["second"]) == (pair["first"], pair["second"])
    }
    return [distance_at(number, rows.get(number)) for number in pairs.numbers]


def distance_at(number: int, row: Row | None) -> DistanceAt:
    if row is None:
        return DistanceAt(number, None, None, is_new=False)
    reach = row["change_at"]
    chance = abs(row["level"]) + reach if reach is not None else None
    return DistanceAt(number, row["split"], chance, is_new=change_of(row) == Change.FURTHER)


def _views(names: dict[str, str], row: Row) -> str:
    pair = ((row["first"], row["first_value"]), (row["second"], row["second_value"]))
    return ", ".join(say.VIEW.format(name=names[rater], value=value) for rater, value in pair)


def _sentence(names: dict[str, str], row: Row) -> str:
    apart = say.APART.format(views=_views(names, row), distance=row["split"], session=session(row["session"]))
    return f"{apart} {compared(names, row, say.NOT_ENOUGH)}"


def compared(names: dict[str, str], row: Row, not_enough: str) -> str:
    """With how the two differed on average in the earlier sessions, and who was higher."""
    change, level = change_of(row), row["level"]
    if change is None:
        return not_enough.format(count=in_words(row["n_before"], none="none"))
    if change in say.COMPARED_EQUAL and round(abs(level), 1) == 0:
        return say.COMPARED_EQUAL[change]
    higher = row["first"] if level > 0 else row["second"]
    return say.COMPARED[change].format(level=abs(level), name=names[higher])


def change_of(row: Row) -> Change | None:
    """What is new of how two members differ: beyond chance, and in which way; None where it cannot be said.

    Chance is about the signed difference. A change that leaves them no further apart is closer, or turned round.
    """
    if row["change_at"] is None or row["change"] is None:
        return None
    if row["changed"] != "met":
        return Change.NONE
    signed, level = row["signed_split"], row["level"]
    if signed * level < 0 and round(abs(signed), 1) > 0 and round(abs(level), 1) > 0:
        return Change.TURNED
    return Change.FURTHER if abs(signed) > abs(level) else Change.CLOSER


def _usual(names: dict[str, str], history: Row) -> str:
    if not is_known(history):
        return ""
    first, second, level, low, high = turned(names, history)
    if history["level_split"] != "met" or round(low, 1) <= 0:
        return say.NO_RULE
    return say.HIGHER_AS_A_RULE.format(first=first, second=second, level=level, low=low, high=high)


def is_known(history: Row) -> bool:
    """Whether an interval says something: from four sessions on, and not where all differences were the same."""
    low, high = history["level_low"], history["level_high"]
    return history["n_sessions"] >= FEWEST_FOR_RULE and low is not None and round(high - low, 1) > 0


def turned(names: dict[str, str], history: Row) -> tuple[str, str, float, float, float]:
    """Who is higher as a rule first, with level and interval as positive numbers."""
    first, second = names[history["first"]], names[history["second"]]
    level, low, high = history["level"], history["level_low"], history["level_high"]
    return (first, second, level, low, high) if level >= 0 else (second, first, -level, -high, -low)


def _pair_row(names: dict[str, str], row: Row) -> PairRow:
    return PairRow(
        names=say.PAIR.format(first=names[row["first"]], second=names[row["second"]]),
        last=say.PAIR_LAST.format(distance=row["split"], session=session(row["session"])),
        usual=usual_in_words(names, row["history"]),
        new=new_in_words(row),
    )


def usual_in_words(names: dict[str, str], history: Row) -> str:
    if not is_known(history):
        return first_capital(say.NOT_ENOUGH_DATA)
    first, _, level, low, high = turned(names, history)
    is_rule = history["level_split"] == "met" and round(low, 1) > 0
    text = say.PAIR_USUAL if is_rule else say.PAIR_USUAL_EQUAL
    return first_capital(text.format(first=first, level=level, low=low, high=high))


def new_in_words(row: Row) -> str:
    change = change_of(row)
    return say.NOT_ENOUGH_DATA if change is None else say.NEW[change]
