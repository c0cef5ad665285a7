"""Logs on stderr: lines for people on a terminal, JSON otherwise. `FASCICLE_LOG` names the lowest level shown."""

import logging
import os
import sys

import structlog

LEVELS = ("debug", "info", "warning", "error")


def set_up_logs(level: str | None = None) -> None:
    """One event a fact: a fixed phrase with fields. Commands show warnings unless told otherwise."""
    name = (level or os.environ.get("FASCICLE_LOG") or "warning").lower()
    number = logging.getLevelNamesMapping()[name.upper() if name in LEVELS else "WARNING"]
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
