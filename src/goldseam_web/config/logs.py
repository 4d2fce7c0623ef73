"""Logging: one line per event, never a body, never what opens something."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from goldseam_web.lib.written_out import written_out

# What stands in one of these places opens something, however short or plain it is.
_PLACES = (
    re.compile(
        r"(?i)\b((?:(?:\w*(?:session|sessionid|csrftoken|password|secret|token)|key)\s?[=:]\s?)+)[^\s&;,'\")]+"
    ),
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
    # Nor does it tell that somebody asked for somebody else than those who treat them.
    re.compile(r"(/(?:c/(?:next|look|card)|c|q|set-up|password/new)/)[A-Za-z0-9_\-:.=%~]+(?:/speak[a-z/]*)?"),
)
_LONG_RUN = re.compile(r"[A-Za-z0-9_\-]{16,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Words joined by lines, and CamelCase; a piece of up to three characters may be anything.
_WORD = r"(?:[a-z]+|[A-Z]+|[0-9]+|[A-Za-z0-9]{0,3}|(?:[A-Z]+[a-z]{2,})+)"
_WORDS = re.compile(rf"{_WORD}(?:[_\-]+{_WORD})*")
_SEVERAL_LINES = ("exception", "stack")


def masked(text: str) -> str:
    """Replace what has the shape or the place of a key: links, reset keys, sessions, passwords in addresses."""
    for place in _PLACES:
        text = place.sub(r"\1…", text)
    return _LONG_RUN.sub(_masked_run, text)


def _masked_run(found: re.Match[str]) -> str:
    run = found.group()
    return run if _UUID.fullmatch(run) or _is_words(run) else "…"


def _is_words(run: str) -> bool:
    """Whether it reads as words and numbers; of a random key letters and digits are mixed."""
    return bool(_WORDS.fullmatch(run))


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask keys in every value of a log event, and write out what would steer a terminal or begin another line."""
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _safe(value, lines=key in _SEVERAL_LINES)
    return event


def _safe(value: Any, *, lines: bool) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = written_out(masked(str(value)))
    return text if lines else text.replace("\n", "\\n")


def _drop_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django attaches the whole request to some records; its repr holds the path and, in part, the body."""
    event.pop("request", None)
    return event


def logging_config(*, style: str, level: str) -> dict[str, Any]:
    """Build Django's LOGGING: `style` is `console` for people or `json` for machines."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
    ]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if style == "json" else _console_renderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _drop_request,
                    mask_event,
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers (mail to administrators, a second console) are switched off.
        "loggers": {
            "axes": {"level": logging.getLevelName(logging.WARNING)},
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {
                "handlers": [],
                "level": logging.getLevelName(logging.WARNING),
                "propagate": True,
            },
        },
    }


def _console_renderer() -> structlog.dev.ConsoleRenderer:
    # The plain formatter: the decorated one prints local variables, and those hold answers.
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
