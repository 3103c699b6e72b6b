"""A setting that cannot be used: web and worker refuse, commands report; a sentence names it and hides its value."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT, environment

SECRET = "Summer-2026"
BROKER = [
    f"redis://:{SECRET}#w@127.0.0.1:1/0",
    f"redis://:{SECRET}/w@127.0.0.1/0",
    f"redis://:{SECRET}@127.0.0.1:63a9/0",
    f"redis://:{SECRET}@127.0.0.1:70000/0",
    f"http://:{SECRET}@127.0.0.1:1/0",
    f"unix://:{SECRET}@/run/redis.sock",
    f"redis://:{SECRET}@127.0.0.1/bells",
    f":{SECRET}@127.0.0.1:6379/0",
    f"redis://:{SECRET}@/0",
    f"sentinel://:{SECRET}@a:1,b:2/0?master=m",
    f"rediss://:{SECRET}@127.0.0.1:1/0?ssl_cert_reqs=some",
    f"rediss://:{SECRET}@127.0.0.1:1/0?ssl_ca_certs=/no/such/{SECRET}",
    f"redis://:{SECRET}@127.0.0.1/0?ssl_cert_reqs=none",
    f"amqp://guest:{SECRET}@127.0.0.1//",
]
DATABASE = [
    f"oracle://u:{SECRET}@h/d",
    f"postgresql://u:{SECRET}@h:54x2/d",
    f"postgresql+psycopg2://u:{SECRET}@h/d",
    f"postgresql://u:{SECRET}@h/d?pgbouncer=true",
    f"postgresql://u:{SECRET}@h/d?sslmood=require",
    "sqlite:////tmp",
    "sqlite://bellhop.db",
    "sqlite:////no/such/folder/x.db",
    SECRET,
    f"mysql://u:{SECRET}@h/d",
]
OTHERS = [
    ("PUBLIC_URL", f"desk.example/{SECRET}"), ("PUBLIC_URL", f"https://u:{SECRET}@desk.example"),
    ("PUBLIC_URL", "https://desk.example:https"), ("TWILIO_API_URL", f"ftp://{SECRET}"),
    ("ALERT_WEBHOOK_URL", f"hooks.example/{SECRET}"), ("ALERT_WEBHOOK_URL", f"https:///services/{SECRET}"),
    ("PROVIDER_TIMEOUT", "nan"), ("PROVIDER_TIMEOUT", "inf"), ("SWEEP_SECONDS", "-1"), ("LEASE_SECONDS", "1e9"),
    ("HANDOVER_DEADLINE", ""), ("WORKER_CONCURRENCY", "1e9"), ("RETRY_DELAYS", "60,nan"), ("RETRY_DELAYS", "60;120"),
    ("UNCERTAIN_LOOKS", "-5"), ("SMS_PER_SECOND", "inf"), ("KEEP_DAYS", "9" * 30), ("ALERT_FAILED_SHARE", "3"),
    ("PORT", "0"), ("PORT", ""), ("MAIL_PORT", "smtp"), ("TIMEZONE", "Mars/Olympus"), ("TIMEZONE", "../../etc/passwd"),
    ("DEFAULT_PHONE_REGION", "ZZ"), ("DEFAULT_PHONE_REGION", "usa"), ("ALERT_EMAILS", f"ops@desk.example,{SECRET}"),
    ("MAIL_USE_TLS", "perhaps"), ("MAIL_SERVER", f"smtp://u:{SECRET}@mail"), ("MAIL_SERVER", "mail.example:587 "),
    ("MAIL_DEFAULT_SENDER", "Front desk"), ("MAIL_CA_FILE", f"/no/such/{SECRET}"), ("LOG_LEVEL", "loud"),
    ("WORKER_POOL", "prefork"), ("SMS_PRICE_CURRENCY", "euro"), ("SMS_PROVIDER", f"pigeon-{SECRET}"),
    ("BUSINESS_COLOUR", "red"),
]  # fmt: skip
CASES = [("REDIS_URL", url) for url in BROKER] + [("DATABASE_URL", url) for url in DATABASE] + OTHERS
# What each does with a wrong value: a command needs no Redis, so it says so and goes on.
REFUSED = {"web": 1, "worker": 1, "doctor": 1, "command": 1}


@pytest.fixture(scope="module")
def answers(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each program did with each wrong value."""
    data = tmp_path_factory.mktemp("data")
    shutil.copy(migrated_sqlite, data / "bellhop.db")
    off = {f"{channel}_provider": "off" for channel in ("sms", "whatsapp", "email")}
    envs = [environment(data_dir=data, **off) | {name: value} for name, value in CASES]
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.starts"], input=json.dumps(envs), cwd=ROOT, capture_output=True,
        text=True, timeout=500, check=True,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{name}-{n}" for n, (name, _) in enumerate(CASES)])
def test_a_wrong_value_is_refused_in_one_sentence(answers: list[dict[str, Any]], number: int) -> None:
    name, _ = CASES[number]
    expected = REFUSED | ({"command": 0} if name == "REDIS_URL" else {})

    assert {program: answer["code"] for program, answer in answers[number].items()} == expected
    for answer in answers[number].values():
        begins = f"{name} cannot be used: "
        told = {line[line.index(begins) :] for line in answer["said"].splitlines() if begins in line}
        assert len(told) == 1 and told.pop().endswith("."), answer["said"]
        assert "Traceback" not in answer["said"] and SECRET not in answer["said"] and "Summer" not in answer["said"]
