"""Logging: one line per event, never a body, never a client's link."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# A client's link is a key to a questionnaire. Also match it inside URLs, tracebacks and e-mail text.
_LINK = re.compile(r"(/(?:c|q)/)[A-Za-z0-9_\-:.=%~]+")


def mask_links(text: str) -> str:
    """Replace the secret part of every client link in the text."""
    return _LINK.sub(r"\1…", text)


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask client links in every value of a log event."""
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_links(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask_links(str(value))


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
