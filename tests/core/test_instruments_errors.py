"""Whatever is wrong with a measure: one line that names the file, the place, what was given and allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from goldseam.exceptions import GoldseamError, MeasureError, ParameterError
from goldseam.instruments import Measure, Respondent, load_measure
from tests.core.documents import item, mood, scale, text

Document = dict[str, Any]


def changed(*path: str | int, to: object) -> Document:
    """The made-up measure with the value at a path replaced."""
    document = mood()
    here: Any = document
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = to
    return document


def with_item(**more: Any) -> Document:
    return mood(items=[*mood()["items"], item("extra", **more)])


def with_scale(*items: str, **more: Any) -> Document:
    return mood(scales=[*mood()["scales"], scale("extra", *({"item": key} for key in items), **more)])


def without(key: str) -> Document:
    document = mood()
    del document[key]
    return document


CUT_OFF = {"value": 2, "side": "below", "basis": "provisional", "note": "Made up."}

BREAKS_THE_SCHEMA = [
    ([], "top level: wrong kind of value; given []; allowed: object"),
    (without("licence"), "top level: missing entry licence; "),
    (mood(colour="red"), "top level: unknown entry colour; "),
    (mood(version="1.0"), "version: not written as required; given '1.0'; allowed: text matching "),
    (mood(phase="during"), "phase: not one of the allowed words; given 'during'; allowed: pre, post"),
    (mood(languages=[]), "languages: breaks the rule 'minItems'; given []; allowed: minItems 1"),
    (mood(languages=["en", "en"]), "languages: something is listed twice; given ['en', 'en']; "),
    (
        changed("items", 2, "rater", to="nurse"),
        "items.rest.rater: not one of the allowed words; given 'nurse'; ",
    ),
    (changed("items", 0, "key", to="Calm!"), "items.Calm!.key: not written as required; given 'Calm!'; "),
    (changed("items", 0, "key", to=7), "items.1.key: wrong kind of value; given 7; allowed: string"),
    (changed("scales", 0, "needed", to=0), "scales.mean_mood.needed: breaks the rule 'minimum'; given 0; "),
    (changed("scales", 0, "needed", to=True), "scales.mean_mood.needed: wrong kind of value; given True; "),
    (
        changed("scales", 0, "minimum", to="low"),
        "scales.mean_mood.minimum: wrong kind of value; given 'low'; ",
    ),
    (
        changed("scales", 0, "monitored", to="anger"),
        "given 'anger'; allowed: possible_strain, strain_between, goals_apart, direct_question, null",
    ),
    (
        changed("response_options", "one_to_five", "kind", to="dial"),
        "not one of the allowed words; given 'dial'",
    ),
    (changed("response_options", "quarrel", "choices", to=[]), "response_options.quarrel.choices: "),
    (changed("title", "en", to={"couple": "Us"}), "title.en: missing entry default; "),
]

CONTRADICTS_ITSELF = [
    (mood(items=[*mood()["items"], item("calm")]), "items.calm: the key is used twice"),
    (mood(scales=mood()["scales"] * 2), "scales.mean_mood: the key is used twice"),
    (with_item(options="stars"), "items.extra.options: unknown response options; given 'stars'; "),
    (with_item(rater="therapist"), "items.extra.rater: this rater has no introduction; given 'therapist'; "),
    (
        mood(
            introduction={"client": text("Today."), "therapist": text("Today.")},
            items=[
                *mood()["items"],
                item("extra", rater="therapist", asked_when=[{"role": ["child"]}]),
            ],
        ),
        "items.extra.asked_when: the therapist has no role among the clients",
    ),
    (
        with_item(shown_after={"item": "calm", "values": ["some"]}),
        "items.extra.shown_after.item: no earlier item with choices; given 'calm'; allowed: quarrel",
    ),
    (
        with_item(shown_after={"item": "quarrel", "values": ["lots"]}),
        "items.extra.shown_after.values: no such choice; given 'lots'; allowed: none, some, unsure",
    ),
    (
        mood(items=list(reversed(mood()["items"]))),
        "items.settled.shown_after.item: no earlier item with choices; given 'quarrel'; allowed: none is there",
    ),
    (with_scale("joy", "calm"), "scales.extra.items: unknown item; given 'joy'; "),
    (
        with_scale("calm", "rest", relation="within"),
        "scales.extra.items: calm rates another relation; given 'own_life'; allowed: within",
    ),
    (with_scale("calm", "calm"), "scales.extra.items: an item is listed twice"),
    (with_scale("calm", "rest", aggregate="single", needed=1), "scales.extra.items: more than a single item"),
    (
        with_scale("calm", "rest", needed=3),
        "scales.extra.needed: more than the scale has items; given 3; allowed: 1 to 2",
    ),
    (with_scale("calm", "quarrel"), "scales.extra.items: items with different ranges"),
    (with_scale("calm", "rest", maximum=10), "scales.extra: the range does not follow from the items; "),
    (with_scale("calm", "rest", aggregate="sum"), "given (1, 5); allowed: 2 to 10"),
    (
        with_scale("calm", "rest", cut_off={**CUT_OFF, "value": 9}),
        "scales.extra.cut_off.value: outside the range; given 9; allowed: 1 to 5",
    ),
    (
        with_scale("calm", "rest", cut_off={**CUT_OFF, "side": "at_or_above"}),
        "scales.extra.cut_off.side: marks the better side; given 'at_or_above'; allowed: below",
    ),
    (
        mood(scales=[{**entry, "monitored": "possible_strain"} for entry in mood()["scales"]]),
        "scales.sum_mood.monitored: mean_mood feeds it too",
    ),
    (
        changed("response_options", "one_to_five", "minimum", to=5),
        "response_options.one_to_five.maximum: not above the minimum; given 5; allowed: more than 5",
    ),
    (
        changed("response_options", "one_to_five", "step", to=3),
        "response_options.one_to_five.step: does not lead",
    ),
    (
        changed("response_options", "one_to_five", "anchors", 1, "value", to=6),
        "response_options.one_to_five.anchors: outside the scale; given 6; allowed: 1 to 5",
    ),
    (
        changed("response_options", "quarrel", "choices", 1, "code", to=0),
        "response_options.quarrel.choices: codes do not tell the choices apart",
    ),
    (
        changed("response_options", "quarrel", "choices", 1, "key", to="none"),
        "response_options.quarrel.choices.none: the key is used twice",
    ),
    (
        mood(languages=["en", "de"]),
        "title: not in exactly the languages of the measure; given ['en']; allowed: en, de",
    ),
    (
        changed("items", 1, "text", to={"fr": {"default": "Quoi."}}),
        "items.worry.text: not in exactly the languages of the measure; given ['fr']; allowed: en",
    ),
    (
        changed("items", 1, "text", to=text("{name} asked.")),
        "items.worry.text.en.default: a placeholder that is not",
    ),
    (changed("items", 1, "text", to=text("{therapist!r} asked.")), "a placeholder that is not known"),
    (changed("items", 1, "text", to=text("An open { brace.")), "a placeholder that is not known"),
    (changed("items", 1, "text", to=text("Two {{braces}}.")), "a placeholder that is not known"),
    (
        changed("introduction", "client", to=text("{} asked.")),
        "introduction.client.en.default: a placeholder",
    ),
    (
        changed("response_options", "quarrel", "choices", 0, "label", to={"de": {"default": "Nein"}}),
        "response_options.quarrel.none.label: not in exactly the languages",
    ),
    (changed("scales", 0, "minimum", to=float("nan")), "no number; given nan; allowed: finite numbers"),
    ({**mood(), 7: "seven"}, "a name that is no text; given 7; "),
]


# A few hundred bytes that stand for nine to the ninth power of values: the fifth line brings them to 66,430.
_NESTED_ALIASES = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 9)) for name in b"bcdefghi"
)


@pytest.mark.parametrize(("document", "message"), BREAKS_THE_SCHEMA + CONTRADICTS_ITSELF)
def test_a_wrong_definition_is_refused_with_its_place(document: Document, message: str) -> None:
    with pytest.raises(MeasureError) as caught:
        Measure.from_content(document)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_made_up_measure_itself_is_right() -> None:
    assert Measure.from_content(mood()).key == "mood"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"key: a\nkey: b\n", "line 2: no valid YAML: the key 'key' is given twice"),
        (b"key: [1, 2\n", "no valid YAML"),
        (b"key: \x00\n", "no valid YAML"),
        (b"\xff\xfe\x00", "not a text file; allowed: YAML in UTF-8"),
        (b"", "top level: wrong kind of value; given None; allowed: object"),
        (b"key: !!python/object:os.system {}\n", "no valid YAML"),
        (b"no: thing\n", "a name that is no text; given False; allowed: text; put it in quotes"),
        (b"&loop {key: *loop}\n", "nested too deeply; allowed: 20 levels"),
        (_NESTED_ALIASES, "line 5: no valid YAML: more than 20,000 values"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "line 1: no valid YAML: nested more than 20 deep"),
        (b"a: !!float y\n", "line 1: no valid YAML: not a float: 'y'"),
        (b"a: !!int y\n", "line 1: no valid YAML: not an int: 'y'"),
        (b"a: !!bool y\n", "line 1: no valid YAML: not a bool: 'y'"),
        (b"a: !!timestamp y\n", "line 1: no valid YAML: not a timestamp: 'y'"),
        (b"a:\n  - 2001-99-99\n", "line 2: no valid YAML: not a timestamp: '2001-99-99'"),
        (b"a: " + b"9" * 5000, "line 1: no valid YAML: not an int: '9999999999"),
        (b"a: 0x" + b"f" * 5000, "line 1: no valid YAML: not an int: '0xffffffff"),
        (b"a: [" + b"0," * 20_000 + b"0]", "line 1: no valid YAML: more than 20,000 values"),
        (b"a: b #" + b"x" * 600_000, "longer than 500,000 characters"),
        (b"a: 9007199254740993\n", "no number a table can hold; allowed: finite numbers up to 2**53"),
        (b"? [a, b]\n: c\n", "no valid YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_bytes(content)
    with pytest.raises(MeasureError) as caught:
        load_measure(file)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match=r"none\.yaml: cannot be read \(No such file or directory\)"):
        load_measure(tmp_path / "none.yaml")
    with pytest.raises(MeasureError, match="cannot be read"):
        load_measure(tmp_path)


def test_an_unknown_measure_names_those_that_are_known() -> None:
    message = (
        "unknown measure; given 'alliance'; allowed: goldseam-alliance, goldseam-child, goldseam-home, "
        "goldseam-progress"
    )
    with pytest.raises(ParameterError, match=message):
        load_measure("alliance")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Respondent("pair", "partner"),
            "unknown case_kind; given 'pair'; allowed: individual, couple, family",
        ),  # type: ignore[arg-type]
        (lambda: Respondent("couple", "wife"), "unknown role; given 'wife'; allowed: client, partner, "),  # type: ignore[arg-type]
        (lambda: Respondent("couple", "partner", partnered=1), "partnered is no yes or no; given 1; "),  # type: ignore[arg-type]
        (lambda: Respondent("couple", "partner", parent="no"), "parent is no yes or no; given 'no'; "),  # type: ignore[arg-type]
        (
            lambda: Respondent("couple", "partner", others_present=None),
            "others_present is no yes or no; given None; ",
        ),  # type: ignore[arg-type]
        (
            lambda: load_measure("goldseam-alliance").item("joy"),
            "unknown item; given 'joy'; allowed: goal, task, ",
        ),
        (
            lambda: load_measure("goldseam-alliance").scale("total"),
            "unknown scale; given 'total'; allowed: self_ther",
        ),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        make()
    assert message in str(caught.value)


def test_one_base_catches_everything_and_bad_input_is_a_value_error() -> None:
    assert issubclass(MeasureError, GoldseamError)
    assert issubclass(MeasureError, ValueError)
