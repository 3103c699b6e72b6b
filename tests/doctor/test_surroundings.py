"""Doctor on what surrounds the desk: the way to the database, to Redis, and from callers."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from tests.doctor.test_doctor import FIGURES, says
from webapp import startup
from webapp.doctor import house, queue
from webapp.doctor.base import Verdict

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize(("words", "says_so"), [
    ("transaction blocks not allowed in statement pooling mode", "pool_mode = transaction"),
    ("unsupported startup parameter: options", "ignore_startup_parameters"),
    ("connection refused", "Check DATABASE_URL"),
])  # fmt: skip
def test_a_database_that_cannot_be_used_fails_and_says_why(
    monkeypatch: pytest.MonkeyPatch, words: str, says_so: str
) -> None:
    def refuse() -> str:
        raise OperationalError("SELECT 1", {}, Exception(words))

    monkeypatch.setattr(startup, "database_revision", refuse)
    assert says(house.migrations(), Verdict.FAIL, says_so)


@pytest.mark.parametrize(("url", "verdict"), [
    ("rediss://127.0.0.1:9/0?ssl_cert_reqs=none", Verdict.WARN),
    ("rediss://127.0.0.1:9/0", Verdict.OK),
    ("redis://127.0.0.1:9/0", Verdict.OK),
])  # fmt: skip
def test_a_check_of_the_certificate_that_is_off_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, url: str, verdict: Verdict
) -> None:
    view = replace(queue.queue_view(), broker_up=True, broker=FIGURES)
    monkeypatch.setattr(queue, "queue_view", lambda: view)
    given = queue.current().model_copy(update={"redis_url": url})
    monkeypatch.setattr(queue, "current", lambda: given)

    check = queue.redis()
    assert check.verdict is verdict
    assert verdict is Verdict.OK or says(check, Verdict.WARN, "ssl_cert_reqs", "ssl_ca_certs", "password")


@pytest.mark.parametrize(("host", "hops", "verdict"), [
    ("127.0.0.1", 0, Verdict.OK), ("127.0.0.1", 1, Verdict.OK), ("127.8.9.1", 0, Verdict.OK),
    ("::1", 0, Verdict.OK), ("localhost", 0, Verdict.OK),
    ("0.0.0.0", 0, Verdict.WARN), ("::", 0, Verdict.WARN), ("192.168.1.5", 0, Verdict.WARN),
    ("fd00::5", 0, Verdict.WARN), ("desk.example", 0, Verdict.WARN), ("localhost.example", 0, Verdict.WARN),
    ("0.0.0.0", 1, Verdict.OK), ("::", 2, Verdict.OK),
])  # fmt: skip
def test_a_web_that_callers_reach_without_a_proxy_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, host: str, hops: int, verdict: Verdict
) -> None:
    given = house.current().model_copy(update={"host": host, "trusted_proxies": hops})
    monkeypatch.setattr(house, "current", lambda: given)

    assert house.proxy().verdict is verdict and host in house.proxy().evidence
    assert verdict is Verdict.OK or says(house.proxy(), Verdict.WARN, "TRUSTED_PROXIES=1", "HOST=127.0.0.1")
