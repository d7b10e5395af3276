"""Logging: one line an event on stderr, with secrets taken out of it, also out of tracebacks."""

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from common.log_context import actor_id, request_id
from common.redaction import redact as redact


class RedactingFormatter(logging.Formatter):
    """Redacts the finished text, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        identifier = request_id.get()
        record.of_request = f" [{identifier}]" if identifier else ""
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line. `request_id` and `actor_id` are there when a request is the cause."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": redact(record.getMessage()),
        }
        for name, value in (("request_id", request_id.get()), ("actor_id", actor_id.get())):
            if value:
                fields[name] = value
        if record.exc_info:
            fields["exception"] = redact(self.formatException(record.exc_info))
        if record.stack_info:
            fields["stack"] = redact(record.stack_info)
        return orjson.dumps(fields, default=str).decode()


def logging_settings(level: str, format: str = "text") -> dict[str, Any]:
    """For logging.config.dictConfig, Django's LOGGING. `format`: text or json."""
    quiet = "WARNING" if level == "INFO" else level  # for libraries that tell every step
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "dropbox_clone.logs.RedactingFormatter",
                "format": "%(asctime)s %(levelname)s %(process)d %(name)s:%(of_request)s %(message)s",
            },
            "json": {"()": "dropbox_clone.logs.JsonFormatter"},
        },
        "handlers": {
            "stderr": {
                "class": "dropbox_clone.log_queue.StderrHandler",
                "formatter": {"text": "line", "json": "json"}[format],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # Every 4xx would be a warning line; the answer itself says what was wrong.
            "django.request": {"level": "ERROR"},
            "gunicorn.error": {"handlers": [], "level": quiet, "propagate": True},
            "azure": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "celery": {"level": quiet},
            "kombu": {"level": quiet},
        },
    }
