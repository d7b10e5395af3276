"""Typed readers of environment variables (twelve-factor), and the one way in which a wrong value stops the
start.

A reader takes the name of a variable and returns a plain value. An empty variable counts as not set. A value
that cannot be read raises `ConfigurationError` with one line that names the variable, what it must be and
what it was; the values of secrets are never repeated. A secret may also come from a file:
`SECRET_KEY_FILE=/run/secrets/key` stands for `SECRET_KEY`, without the newline at the file's end.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from common.redaction import HIDDEN, redact, without_password
from common.sizes import parse_duration, parse_size

EXIT_CODE = 78  # EX_CONFIG of sysexits.h

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_PLAIN_ADDRESS = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/[\w./-]*)?")  # without a scheme, as people type it
# In double quotes, in single quotes, or as it stands; then perhaps a comment.
_DOTENV_VALUE = re.compile(r"""(?:"([^"]*)"|'([^']*)'|((?!["'])\S*(?:\s+[^\s#]\S*)*))(?:\s+#.*)?""")
_PLAIN_PATH = re.compile(r"\.{0,2}/[\w ./-]*")


class ConfigurationError(Exception):
    """A variable with a value that cannot be used; its text is one line for the operator."""


@contextmanager
def one_clear_line() -> Iterator[None]:
    """End the process with one line on stderr and exit code 78 when the configuration is wrong."""
    try:
        yield
    except ConfigurationError as error:
        sys.stderr.write(f"configuration error: {error}\n")
        sys.stderr.flush()
        raise SystemExit(EXIT_CODE) from None


def read_dotenv(path: Path) -> dict[str, str]:
    """The `NAME=value` lines of a .env file; {} when there is none. A value may be quoted; a `#` at the beginning of a
    line, or after a space outside of quotes, begins a comment.

    Raises ConfigurationError for any other line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    values = {}
    for number, line in enumerate(lines, 1):
        name, equals, text = line.strip().partition("=")
        name = name.strip()
        if not name or name.startswith("#"):
            continue
        if not equals or not name.isidentifier():
            raise ConfigurationError(f"{path} line {number} must be NAME=value")
        begins_comment = text.startswith((" ", "\t", "# ")) and text.lstrip().startswith("#")
        value = _DOTENV_VALUE.fullmatch("" if begins_comment else text.strip())
        if value is None:  # the line itself may be a secret
            raise ConfigurationError(f"{path} line {number}: the quotes of {name} must enclose the whole value")
        values[name] = next(part for part in value.groups() if part is not None)
    return values


@dataclass(frozen=True)
class Environment:
    """The readers over one mapping of variables, normally `os.environ`."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str = "", *, choices: tuple[str, ...] = ()) -> str:
        value = self.variables.get(name, "").strip() or default
        if choices and value not in choices:
            raise ConfigurationError(f"{name} must be {_listed(choices)}, got {redact(value)!r}")
        return value

    def secret(self, name: str, default: str = "") -> str:
        """The value of NAME, or the content of the file that NAME_FILE names; both at once is an error."""
        path = self.text(f"{name}_FILE")
        value = self.text(name)
        if path and value:
            raise ConfigurationError(f"{name} and {name}_FILE must not both be set")
        if not path:
            return value or default
        shown = path if _PLAIN_PATH.fullmatch(path) else HIDDEN  # whoever put the secret itself there
        try:
            with open(path, encoding="utf-8") as file:
                content = file.read().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ConfigurationError(f"{name}_FILE must name a readable file, got {shown!r}: {reason}") from None
        if not content:
            raise ConfigurationError(f"{name}_FILE must name a file that is not empty, got {shown!r}")
        return content

    def boolean(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in _TRUE | _FALSE:
            raise ConfigurationError(f"{name} must be true or false, got {value!r}")
        return value in _TRUE

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"-?\d{1,18}", value, re.ASCII) or not minimum <= int(value) <= maximum:
            raise ConfigurationError(f"{name} must be a number from {minimum} to {maximum}, got {value!r}")
        return int(value)

    def size(self, name: str, default: str, *, minimum: int = 0) -> int:
        """Bytes: 10GB is 10^10, 10GiB is 10 * 2^30."""
        size = self.size_or_none(name, default)
        if size is None or size < minimum:
            raise ConfigurationError(f"{name} must be a size such as 500MB or 10GiB, got {self.text(name)!r}")
        return size

    def size_or_none(self, name: str, default: str) -> int | None:
        """Bytes; `none` is None."""
        value = self.text(name, default)
        try:
            return parse_size(value)
        except ValueError:
            raise ConfigurationError(f"{name} must be a size such as 500MB, 10GiB or none, got {value!r}") from None

    def duration(self, name: str, default: str) -> timedelta:
        value = self.text(name, default)
        try:
            return parse_duration(value)
        except ValueError:
            raise ConfigurationError(f"{name} must be a duration such as 30s, 12h or 30d, got {value!r}") from None

    def delay(self, name: str, default: str) -> timedelta:
        """A duration that may also be none at all: 0s."""
        return timedelta(0) if self.text(name, default) in ("0", "0s") else self.duration(name, default)

    def words(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list separated by commas."""
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip()) or default

    def url(self, name: str, default: str, *, schemes: tuple[str, ...], secret: bool = True) -> SplitResult:
        """The parts of a URL whose scheme is one of `schemes`; no secret in it is repeated in errors."""
        value = self.secret(name, default) if secret else self.text(name, default)
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise ConfigurationError(f"{name} must be a URL, got {_shown_url(value, secret)!r}") from None
        if parts.scheme not in schemes:
            expected = _listed(tuple(f"{scheme}:" for scheme in schemes))
            raise ConfigurationError(f"{name} must start with {expected}, got {_shown_url(value, secret)!r}")
        return parts


def _shown_url(value: str, secret: bool) -> str:
    return value if not secret and _PLAIN_ADDRESS.fullmatch(value) else without_password(value)


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
