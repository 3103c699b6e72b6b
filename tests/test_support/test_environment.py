"""Processes of tests get an environment of their own."""

from pathlib import Path

import pytest

from tests.support.processes import environment
from webapp.settings import Settings


def test_the_environment_is_clean_and_fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "the developer's own")
    env = environment(data_dir=tmp_path, SWEEP_SECONDS=0.1, sms_provider="sandbox", retry_delays=(1, 2))
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert (settings.twilio_auth_token, settings.data_dir) == ("", tmp_path)
    assert (settings.sweep_seconds, settings.sms_provider, settings.retry_delays) == (0.1, "sandbox", (1.0, 2.0))
    assert settings.problems() == []
