"""What a schema cannot see: a document that is well formed and yet contradicts itself."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

from goldseam.exceptions import MeasureError
from goldseam.instruments.schema import Document

Finding = tuple[str, str, object, str]  # where, problem, given, allowed


def check_consistency(document: Document, *, file: str | Path | None) -> None:
    """Raise `MeasureError` for the first contradiction in a document that fits the schema."""
    for where, problem, given, allowed in _findings(document):
        raise MeasureError(problem, file=file, where=where, given=given, allowed=allowed)


def _findings(document: Document) -> Iterator[Finding]:
    """Find contradictions; later checks rely on earlier ones having found nothing."""
    yield from _repeated_keys("items", document["items"])
    yield from _repeated_keys("scales", document["scales"])
    for name, options in document["response_options"].items():
        yield from _options_findings(f"response_options.{name}", options)
    yield from _text_findings(document)
    for position, item in enumerate(document["items"]):
        yield from _item_findings(document, item, document["items"][:position])
    for scale in document["scales"]:
        yield from _scale_findings(document, scale)
    yield from _shared_series(document["scales"])


def _repeated_keys(where: str, entries: Iterable[Document]) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in entries:
        if entry["key"] in seen:
            yield f"{where}.{entry['key']}", "the key is used twice", entry["key"], "every key once"
        seen.add(entry["key"])


def _options_findings(where: str, options: Document) -> Iterator[Finding]:
    if options["kind"] == "choice":
        yield from _repeated_keys(f"{where}.choices", options["choices"])
        codes = [choice["code"] for choice in options["choices"] if choice["code"] is not None]
        if len(set(codes)) < 2 or len(set(codes)) < len(codes):
            yield (
                f"{where}.choices",
                "codes do not tell the choices apart",
                codes,
                "at least two codes, each once",
            )
        return
    minimum, maximum, step = options["minimum"], options["maximum"], options["step"]
    if minimum >= maximum:
        yield f"{where}.maximum", "not above the minimum", maximum, f"more than {minimum}"
    elif abs((maximum - minimum) / step - round((maximum - minimum) / step)) > 1e-9:
        yield f"{where}.step", "does not lead from minimum to maximum", step, "a whole number of steps"
    for anchor in options["anchors"]:
        if not minimum <= anchor["value"] <= maximum:
            yield f"{where}.anchors", "outside the scale", anchor["value"], f"{minimum} to {maximum}"


def _text_findings(document: Document) -> Iterator[Finding]:
    """Look at every text: each in every language of the measure, with no placeholder but the one."""
    for where, text in _texts(document):
        yield from _one_text(document["languages"], where, text)


def _texts(document: Document) -> Iterator[tuple[str, Document]]:
    yield "title", document["title"]
    for rater, text in document["introduction"].items():
        yield f"introduction.{rater}", text
    for name, options in document["response_options"].items():
        for entry in options.get("anchors", options.get("choices", ())):
            yield f"response_options.{name}.{entry.get('key', entry.get('value'))}.label", entry["label"]
    for kind, field in (("items", "text"), ("items", "note"), ("scales", "title")):
        for entry in document[kind]:
            if field in entry:
                yield f"{kind}.{entry['key']}.{field}", entry[field]


def _one_text(languages: list[str], where: str, text: Document) -> Iterator[Finding]:
    if set(text) != set(languages):
        yield where, "not in exactly the languages of the measure", sorted(text), ", ".join(languages)
    for language, wordings in text.items():
        for case_kind, wording in wordings.items():
            if not _only_therapist(wording):
                place = f"{where}.{language}.{case_kind}"
                yield place, "a placeholder that is not known", wording, "{therapist} and no other braces"


def _only_therapist(wording: str) -> bool:
    try:
        fields = [part[1:] for part in Formatter().parse(wording) if part[1] is not None]
    except ValueError:
        return False
    escaped = "{{" in wording or "}}" in wording
    return not escaped and all(field == ("therapist", "", None) for field in fields)


def _item_findings(document: Document, item: Document, earlier: list[Document]) -> Iterator[Finding]:
    where = f"items.{item['key']}"
    options = document["response_options"]
    if item["options"] not in options:
        yield f"{where}.options", "unknown response options", item["options"], ", ".join(options)
    if item["rater"] not in document["introduction"]:
        yield (
            f"{where}.rater",
            "this rater has no introduction",
            item["rater"],
            ", ".join(document["introduction"]),
        )
    if item["rater"] == "therapist" and any("role" in condition for condition in item.get("asked_when", ())):
        yield f"{where}.asked_when", "the therapist has no role among the clients", "role", "no role"
    if "shown_after" in item:
        yield from _follow_up_findings(options, item, earlier)


def _follow_up_findings(options: Document, item: Document, earlier: list[Document]) -> Iterator[Finding]:
    where = f"items.{item['key']}.shown_after"
    choices = {
        other["key"]: [choice["key"] for choice in options[other["options"]]["choices"]]
        for other in earlier
        if options[other["options"]]["kind"] == "choice" and other["rater"] == item["rater"]
    }
    waits_for = item["shown_after"]["item"]
    if waits_for not in choices:
        yield (
            f"{where}.item",
            "no earlier item with choices",
            waits_for,
            ", ".join(choices) or "none is there",
        )
        return
    for value in item["shown_after"]["values"]:
        if value not in choices[waits_for]:
            yield f"{where}.values", "no such choice", value, ", ".join(choices[waits_for])


def _scale_findings(document: Document, scale: Document) -> Iterator[Finding]:
    where = f"scales.{scale['key']}"
    items = {item["key"]: item for item in document["items"]}
    keys = [entry["item"] for entry in scale["items"]]
    for key in keys:
        if key not in items:
            yield f"{where}.items", "unknown item", key, ", ".join(items)
        elif items[key]["relation"] != scale["relation"]:
            yield f"{where}.items", f"{key} rates another relation", items[key]["relation"], scale["relation"]
    if len(set(keys)) < len(keys):
        yield f"{where}.items", "an item is listed twice", keys, "every item once"
    if scale["aggregate"] == "single" and len(keys) != 1:
        yield f"{where}.items", "more than a single item", keys, "one item"
    if scale["needed"] > len(keys):
        yield f"{where}.needed", "more than the scale has items", scale["needed"], f"1 to {len(keys)}"
    ranges = [_range(document["response_options"][items[key]["options"]]) for key in keys]
    yield from _range_findings(where, scale, ranges)


def _range(options: Document) -> tuple[float, float]:
    if options["kind"] == "numeric":
        return options["minimum"], options["maximum"]
    codes = [choice["code"] for choice in options["choices"] if choice["code"] is not None]
    return min(codes), max(codes)


def _range_findings(where: str, scale: Document, ranges: list[tuple[float, float]]) -> Iterator[Finding]:
    """A score's range follows from its items; with unequal items a missing one would shift the score."""
    if len(set(ranges)) > 1:
        yield f"{where}.items", "items with different ranges", ranges, "items with one range"
        return
    times = len(ranges) if scale["aggregate"] == "sum" else 1
    expected = (ranges[0][0] * times, ranges[0][1] * times)
    given = (scale["minimum"], scale["maximum"])
    if given != expected:
        yield where, "the range does not follow from the items", given, f"{expected[0]} to {expected[1]}"
    cut_off = scale["cut_off"]
    if cut_off and not expected[0] <= cut_off["value"] <= expected[1]:
        yield (
            f"{where}.cut_off.value",
            "outside the range",
            cut_off["value"],
            f"{expected[0]} to {expected[1]}",
        )
    if cut_off and (cut_off["side"] == "below") != scale["higher_is_better"]:
        side = "below" if scale["higher_is_better"] else "at_or_above"
        yield f"{where}.cut_off.side", "marks the better side", cut_off["side"], side


def _shared_series(scales: list[Document]) -> Iterator[Finding]:
    feeds: dict[str, str] = {}
    for scale in scales:
        series = scale["monitored"]
        if series in feeds:
            yield (
                f"scales.{scale['key']}.monitored",
                f"{feeds[series]} feeds it too",
                series,
                "one scale a series",
            )
        elif series:
            feeds[series] = scale["key"]
