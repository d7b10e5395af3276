"""Without an endpoint for traces nothing of OpenTelemetry is even imported; a wrong one stops the start."""

import subprocess
import sys

import pytest

from dropbox_clone import tracing
from dropbox_clone.configuration import BASE_DIR, misspelt_variables, read_configuration
from dropbox_clone.env import ConfigurationError


def test_without_an_endpoint_nothing_of_it_is_imported() -> None:
    code = (
        "import sys, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import dropbox_clone.tracing as tracing, django; django.setup()\n"
        "from django.conf import settings\n"
        "tracing.instrument(settings.CONFIGURATION); tracing.start(settings.CONFIGURATION, 'web')\n"
        "sys.exit(any(name.startswith(('opentelemetry.sdk', 'opentelemetry.instr')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, check=False, timeout=100).returncode == 0


def test_what_is_not_installed_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.django", None)
    configuration = read_configuration({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
    with pytest.raises(ConfigurationError, match=r"requirements-otel\.lock"):
        tracing.instrument(configuration)


@pytest.mark.parametrize("value", ["collector:4318", "grpc://collector", "http://"])
def test_an_endpoint_that_is_none(value: str) -> None:
    with pytest.raises(ConfigurationError, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        read_configuration({"OTEL_EXPORTER_OTLP_ENDPOINT": value})


def test_other_variables_of_opentelemetry_are_its_own() -> None:
    assert misspelt_variables(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]) == []
