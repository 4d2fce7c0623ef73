"""The shipped measures hold what they promise, and every measure reads the same wherever it comes from."""

import copy
import itertools
import json
import pickle
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from goldseam.exceptions import ParameterError
from goldseam.instruments import (
    Answer,
    Measure,
    Respondent,
    list_measures,
    load_measure,
    measure_schema,
)
from tests.core.documents import item, mood, text

CLIENT_ROLES = ("client", "partner", "parent", "child", "other")
CASE_KINDS = ("individual", "couple", "family")
PLACES = list(
    itertools.product(CASE_KINDS, CLIENT_ROLES, (None, True, False), (None, True, False), (True, False))
)


def keys(measure: str, respondent: Respondent) -> list[str]:
    return [question.key for question in load_measure(measure).items_for(respondent)]


def test_measures_are_shipped_free_and_say_that_they_are_not_validated() -> None:
    shipped = [measure.key for measure in list_measures()]
    assert shipped == ["goldseam-alliance", "goldseam-child", "goldseam-home", "goldseam-progress"]
    for measure in list_measures():
        version = "1.1.0" if measure.key == "goldseam-alliance" else "1.0.0"
        assert (measure.version, measure.licence) == (version, "CC0-1.0")
        assert measure.validation_status == "not yet validated"
        assert all(scale.reliability is None and scale.standard_deviation is None for scale in measure.scales)


# What each person is asked, from the table of items in docs/reference/measures.md.
SELF = ["goal", "task", "bond", "safety"]
DIRECT = ["tension", "worked_out"]
TOGETHER = [*SELF, "other_bond", "group_bond", "within_goal", "within_safety", *DIRECT]


@pytest.mark.parametrize(
    ("respondent", "expected"),
    [
        (Respondent("individual", "client"), [*SELF, *DIRECT]),
        (Respondent("couple", "partner"), TOGETHER),
        (Respondent("family", "child"), TOGETHER),
        (Respondent("family", "parent"), TOGETHER),
        (Respondent("couple", "partner", others_present=False), [*SELF, "other_bond", *DIRECT]),
        (Respondent("individual", "therapist"), ["therapist_goal_task", "therapist_bond"]),
        (Respondent("family", "therapist"), ["therapist_goal_task", "therapist_bond"]),
    ],
)
def test_the_alliance_asks_each_person_about_the_relations_they_are_in(
    respondent: Respondent, expected: list[str]
) -> None:
    assert keys("goldseam-alliance", respondent) == expected


@pytest.mark.parametrize(
    ("respondent", "expected"),
    [
        (Respondent("individual", "client"), ["close_relationships", "work_study", "hope"]),
        (Respondent("couple", "partner"), ["relationship"]),
        (Respondent("couple", "client"), ["relationship"]),
        (Respondent("family", "partner"), ["relationship"]),
        (Respondent("family", "parent"), ["parenting"]),
        (Respondent("family", "child"), ["household"]),
        (Respondent("family", "other"), ["household"]),
        (Respondent("family", "client"), ["household"]),
    ],
)
def test_progress_adds_to_its_core_what_fits_the_role(respondent: Respondent, expected: list[str]) -> None:
    assert keys("goldseam-progress", respondent) == ["distress", "functioning", *expected]


# Who answers about a child answers that in place of the questions on their own week.
@pytest.mark.parametrize("before", ["goldseam-progress", "goldseam-child"])
def test_nobody_is_shown_more_than_twelve_items_beside_one_follow_up(before: str) -> None:
    counts = {}
    for place in PLACES:
        asked = [
            question
            for key in ("goldseam-alliance", before)
            for question in load_measure(key).items_for(Respondent(*place))
        ]
        counts[place] = sum(question.shown_after is None for question in asked)
        assert sum(question.shown_after is not None for question in asked) == 1
    assert max(counts.values()) == 12  # couples and families: 4 + 1 + 1 + 2 + 1 and 3
    of_own_week = {"goldseam-progress": 5, "goldseam-child": 0}
    assert counts["individual", "client", None, None, True] == 5 + of_own_week[before]  # 4 + 1


def test_everybody_answers_the_same_core() -> None:
    core = {"goal", "task", "bond", "safety", "tension", "distress", "functioning"}
    for place in PLACES:
        respondent = Respondent(*place)
        asked = set(keys("goldseam-alliance", respondent) + keys("goldseam-progress", respondent))
        assert core <= asked
    texts = {
        tuple(question.text for question in measure.items_for(Respondent(*place)) if question.key in core)
        for place in PLACES
        for measure in [load_measure("goldseam-alliance")]
    }
    assert len(texts) == 1


def test_the_therapist_is_asked_two_items_and_nothing_about_progress() -> None:
    for kind in CASE_KINDS:
        assert len(keys("goldseam-alliance", Respondent(kind, "therapist"))) == 2
        assert keys("goldseam-progress", Respondent(kind, "therapist")) == []
    assert load_measure("goldseam-progress").introduction_for(Respondent("couple", "therapist")) is None


def test_scales_of_the_alliance_follow_the_published_table() -> None:
    scales = {
        scale.key: (len(scale.items), scale.aggregate, scale.needed, scale.maximum, scale.monitored)
        for scale in load_measure("goldseam-alliance").scales
    }
    assert scales == {
        "self_therapist": (4, "mean", 3, 10, "possible_strain"),
        "self_goal": (1, "single", 1, 10, None),
        "self_task": (1, "single", 1, 10, None),
        "self_bond": (1, "single", 1, 10, None),
        "self_safety": (1, "single", 1, 10, None),
        "other_therapist": (1, "single", 1, 10, None),
        "group_therapist": (1, "single", 1, 10, None),
        "within": (2, "mean", 2, 10, "strain_between"),
        "within_goal": (1, "single", 1, 10, "goals_apart"),
        "tension": (1, "single", 1, 2, "direct_question"),
        "therapist_view": (2, "mean", 2, 10, None),
    }


def test_only_tension_is_better_when_lower_and_no_mean_contains_it() -> None:
    for measure in list_measures():
        for scale in measure.scales:
            assert scale.higher_is_better == (scale.key != "tension")
            assert scale.aggregate == "single" or "tension" not in {entry.item for entry in scale.items}
            assert not any(entry.reverse for entry in scale.items)


def test_cut_offs_say_what_they_rest_on() -> None:
    alliance = load_measure("goldseam-alliance")
    for key in ("self_therapist", "within"):
        cut_off = alliance.scale(key).cut_off
        assert cut_off is not None
        assert cut_off.basis == "provisional"
        assert (cut_off.marks(4.75), cut_off.marks(5.0)) == (True, False)
    said = alliance.scale("tension").cut_off
    assert said is not None
    assert (said.marks(1), said.marks(2)) == (False, True)


def test_statements_are_answered_from_zero_to_ten() -> None:
    question = load_measure("goldseam-alliance").items_for(Respondent("individual", "client"))[0]
    assert [answer.value for answer in question.answers] == list(range(11))
    assert question.answers[0] == Answer(0, "Not at all")
    assert question.answers[5] == Answer(5, None)
    assert question.answers[10] == Answer(10, "Completely")


def test_the_direct_question_offers_not_sure_and_is_followed_up_only_after_yes() -> None:
    alliance = load_measure("goldseam-alliance")
    me = Respondent("individual", "client")
    tension, worked_out = alliance.items_for(me)[-2:]
    assert [answer.value for answer in tension.answers] == ["no", "little", "clearly", "unsure"]
    assert [answer.value for answer in worked_out.answers] == ["yes", "partly", "not_yet"]
    shown = {
        answer.value: "worked_out" in alliance.applied_keys(me, {"tension": answer.value})
        for answer in tension.answers
    }
    assert shown == {"no": False, "little": True, "clearly": True, "unsure": False}
    assert "worked_out" not in alliance.applied_keys(me, {"tension": None})


def test_a_follow_up_of_a_follow_up_needs_the_whole_chain() -> None:
    first = item("made_up", "quarrel", shown_after={"item": "quarrel", "values": ["some"]})
    second = item("how", shown_after={"item": "made_up", "values": ["some"]})
    measure = Measure.from_content(mood(items=[*mood()["items"], first, second]))
    me = Respondent("couple", "partner")
    assert "how" in measure.applied_keys(me, {"quarrel": "some", "made_up": "some"})
    assert "how" not in measure.applied_keys(me, {"quarrel": "none", "made_up": "some"})


def test_wording_fits_the_kind_of_case() -> None:
    alliance = load_measure("goldseam-alliance")
    for kind, word in (("couple", "partner"), ("family", "family")):
        texts = {question.key: question.text for question in alliance.items_for(Respondent(kind, "client"))}
        assert word in texts["within_goal"]
        assert word in texts["other_bond"]


def wordings(measure: Measure) -> list[str]:
    asked = {
        question.text.replace("{therapist}", "Ines")
        for kind, role in itertools.product(CASE_KINDS, (*CLIENT_ROLES, "therapist"))
        for question in measure.items_for(Respondent(kind, role))
    }
    return sorted(asked)


@pytest.mark.parametrize("measure", list_measures(), ids=lambda measure: measure.key)
def test_wording_is_short_and_can_be_read_at_twelve(measure: Measure) -> None:
    # Automated readability index (Smith & Senter, 1967): 4.71 letters/words + 0.5 words/sentences - 21.43;
    # grade 6 to 7 is the age of twelve.
    sentences = wordings(measure)
    assert max(len(sentence) for sentence in sentences) <= 80  # about three lines of a phone
    words = " ".join(sentences).split()
    letters = sum(character.isalnum() for word in words for character in word)
    assert 4.71 * letters / len(words) + 0.5 * len(words) / len(sentences) - 21.43 <= 6


# `yaml -> json | jq -cSj . | sha256sum`, with jq 1.7 (Perl's JSON::PP agrees). A measure that is out is
# frozen: a wording, or a further scale of items there are, needs a new minor version; a key or scale that changes a
# new major one; and then a new line here.
PUBLISHED = {
    ("goldseam-alliance", "1.1.0"): "f9392895312c40a65e6e68502a8a3415c6dee29cdb1b4f3d98939e049822c2b3",
    ("goldseam-child", "1.0.0"): "d6ddd26957f457587b4c5e6181b9890444cc55d15e6bc8cd03a9f72f30327e6b",
    ("goldseam-home", "1.0.0"): "31d33241e810d8ebda9567ed523abea44d627e90b90d402c7a61a44ead988560",
    ("goldseam-progress", "1.0.0"): "c1d951786c87dc7b92f10f925b247234e66bee30ddb75403c8d16280dff66464",
}


def test_a_published_version_never_changes() -> None:
    assert {(measure.key, measure.version): measure.content_hash for measure in list_measures()} == PUBLISHED


def test_the_hash_depends_on_the_content_alone(tmp_path: Path) -> None:
    document = mood()
    turned = dict(reversed(document.items()))
    turned["response_options"] = dict(reversed(document["response_options"].items()))
    turned["response_options"]["one_to_five"] = {
        **document["response_options"]["one_to_five"],
        "maximum": 5.0,
    }
    file = tmp_path / "mood.yaml"
    file.write_text(yaml.safe_dump(turned), encoding="utf-8")
    assert load_measure(file) == Measure.from_content(document)
    assert load_measure(file).content_hash == Measure.from_content(document).content_hash
    other = Measure.from_content(mood(version="2.1.1"))
    assert other.content_hash != Measure.from_content(document).content_hash


def test_the_hash_is_the_same_in_another_process() -> None:
    code = (
        "from goldseam.instruments import load_measure; print(load_measure('goldseam-alliance').content_hash)"
    )
    fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert fresh.stdout.strip() == load_measure("goldseam-alliance").content_hash


@pytest.mark.parametrize("measure", list_measures(), ids=lambda measure: measure.key)
def test_a_snapshot_gives_back_the_measure(measure: Measure) -> None:
    stored = json.loads(json.dumps(measure.content()))
    assert Measure.from_content(stored) == measure
    assert copy.deepcopy(measure) == pickle.loads(pickle.dumps(measure)) == measure  # noqa: S301 - our own bytes


def test_changing_a_snapshot_leaves_the_measure_alone() -> None:
    measure = load_measure("goldseam-alliance")
    measure.content()["items"].clear()
    assert len(measure.content()["items"]) == 12


def test_a_shipped_measure_is_read_once() -> None:
    assert load_measure("goldseam-alliance") is load_measure("goldseam-alliance")


def test_the_schema_is_itself_valid_and_accepts_what_is_shipped() -> None:
    jsonschema.Draft202012Validator.check_schema(measure_schema())
    for measure in list_measures():
        jsonschema.validate(measure.content(), measure_schema(), cls=jsonschema.Draft202012Validator)


def test_major_versions_tell_series_apart() -> None:
    assert Measure.from_content(mood()).major == 2
    assert Measure.from_content(mood(version="10.0.3")).major == 10


@pytest.mark.parametrize(
    ("condition", "fits", "does_not_fit"),
    [
        ({"partnered": True}, {"partnered": True}, [{"partnered": False}, {"partnered": None}]),
        ({"parent": False}, {"parent": False}, [{"parent": True}, {"parent": None}]),
        ({"others_present": False}, {"others_present": False}, [{}]),
        ({"partnered": True, "parent": True}, {"partnered": True, "parent": True}, [{"parent": True}]),
    ],
)
def test_an_unknown_fact_fulfils_no_condition(
    condition: dict[str, bool], fits: dict[str, bool], does_not_fit: list[dict[str, bool | None]]
) -> None:
    items = [*mood()["items"], item("extra", asked_when=[condition])]
    measure = Measure.from_content(mood(items=items))
    assert "extra" in [
        question.key for question in measure.items_for(Respondent("couple", "partner", **fits))
    ]
    for facts in does_not_fit:
        asked = measure.items_for(Respondent("couple", "partner", **facts))
        assert "extra" not in [question.key for question in asked]


def test_one_condition_of_several_is_enough() -> None:
    either = [{"case_kind": ["couple"]}, {"case_kind": ["family"], "role": ["partner"]}]
    measure = Measure.from_content(mood(items=[*mood()["items"], item("extra", asked_when=either)]))
    asked = {
        (kind, role): "extra" in [question.key for question in measure.items_for(Respondent(kind, role))]
        for kind in CASE_KINDS
        for role in ("partner", "child")
    }
    assert {place for place, is_asked in asked.items() if is_asked} == {
        ("couple", "partner"),
        ("couple", "child"),
        ("family", "partner"),
    }


def test_texts_come_in_the_language_asked_for_and_in_no_other() -> None:
    document = json.loads(
        json.dumps(mood()).replace('{"en": {"default":', '{"de": {"default": "x"}, "en": {"default":')
    )
    document["languages"] = ["en", "de"]
    measure = Measure.from_content(document)
    me = Respondent("individual", "client")
    assert [question.text for question in measure.items_for(me, "de")] == ["x"] * 5
    assert measure.items_for(me)[0].text == "Item calm."
    assert measure.introduction_for(me, "de") == "x"
    with pytest.raises(ParameterError, match="no text in this language; given 'fr'; allowed: de, en"):
        measure.items_for(me, "fr")


def test_a_note_is_shown_with_its_item() -> None:
    items = [item("calm", note=text("Take your time.")), *mood()["items"][1:]]
    questions = Measure.from_content(mood(items=items)).items_for(Respondent("individual", "client"))
    assert [question.note for question in questions] == ["Take your time.", None, None, None, None]


def test_the_reference_page_shows_every_wording_and_scale() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "measures.md").read_text(encoding="utf-8")
    for measure in list_measures():
        assert f"`{measure.key}` {measure.version}" in page
        for _, _, wording in itertools.chain.from_iterable(asked.text.variants for asked in measure.items):
            assert wording in page
        for scale in measure.scales:
            assert f"| `{scale.key}` | {', '.join(entry.item for entry in scale.items)} |" in page
