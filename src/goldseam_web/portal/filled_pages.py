"""Pages with questions, which a template writes once for each of their shapes; a person's words are filled in."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from goldseam_web.lib.filled_html import FilledHtml
from goldseam_web.portal.pages import AnswerOption, Frame, Segment


class _Shape(NamedTuple):
    """All that decides about anything but the texts: how many questions, the answers on offer, what is chosen."""

    template: str
    is_part: bool
    frame: object
    page: object


def filled_page(template: str, frame: Frame, page: object, *, is_part: bool) -> SafeString:
    """The same as the template gives of them. Only for pages of few shapes: each of them is kept.

    The template may ask of a text whether it is empty, and show it; no filter may look into it.
    """
    texts: dict[str, str] = {}
    shape = _Shape(template, is_part, _shape_of(frame, "frame", texts), _shape_of(page, "page", texts))
    return _FILLED.html(shape, texts)


def _write(shape: _Shape, places: Mapping[str, str]) -> str:
    frame, page = _with_texts(shape.frame, "frame", places), _with_texts(shape.page, "page", places)
    return render_to_string(shape.template, {"frame": frame, "page": page, "is_part": shape.is_part})


_FILLED = FilledHtml(_write)


class _Part(NamedTuple):
    """A part of a page, by its kind; a text is None."""

    kind: type
    parts: tuple[object, ...]


def _shape_of(part: Any, name: str, texts: dict[str, str]) -> object:
    """What is left of a part of a page without its texts, which are put under their names."""
    if isinstance(part, str):
        texts[name] = part
        return None
    if isinstance(part, tuple):
        return _Part(tuple, tuple([_shape_of(each, f"{name}_{k}", texts) for k, each in enumerate(part)]))
    # Answers on offer are those of a questionnaire, and no person's.
    if is_dataclass(part) and not isinstance(part, AnswerOption | Segment):
        kind: Any = type(part)
        return _Part(kind, tuple([_shape_of(getattr(part, f), f"{name}_{f}", texts) for f in _names(kind)]))
    return (part,)


def _with_texts(shape: Any, name: str, texts: Mapping[str, str]) -> Any:
    if shape is None:
        return texts[name]
    if not isinstance(shape, _Part):
        return shape[0]
    if shape.kind is tuple:
        return tuple(_with_texts(each, f"{name}_{k}", texts) for k, each in enumerate(shape.parts))
    names = _names(shape.kind)
    return shape.kind(
        **{f: _with_texts(each, f"{name}_{f}", texts) for f, each in zip(names, shape.parts, strict=True)}
    )


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
