"""One number from the click to the receipt, in the logs of real processes; and their errors in rows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House
from tests.support.processes import Process
from tests.support.twilio import faults
from tests.support.waiting import until

COUNT = (
    "from webapp.models import LogLine; print([(l.sentence, l.reference, l.process[:3]) for l in LogLine.query.all()])"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("trace")
    with House(folder, log_format="json") as started:
        yield started


def sentences(process: Process, number: str) -> set[str]:
    """What a process logged under a number."""
    lines = [json.loads(line) for line in process.output().splitlines() if line.startswith("{")]
    return {line["event"] for line in lines if line.get("trace") == number}


def test_the_number_of_a_click_is_in_the_lines_of_web_worker_and_webhook(house: House, phone: str) -> None:
    house.book("TRACE-1", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})

    number = house.confirm("TRACE-1").headers["X-Request-ID"]
    house.until_settled("TRACE-1", sms="delivered")

    assert "A message was handed over." in sentences(house.worker, number)
    assert {"A request was answered.", "A receipt came."} <= sentences(house.web, number)


def test_a_warning_of_a_worker_can_be_read_in_the_database_with_its_booking(house: House, phone: str) -> None:
    house.twilio.fail_next(faults.hang(taken=True), to=phone)
    house.book("TRACE-2", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
    house.confirm("TRACE-2")
    until(lambda: house.twilio.to(phone), within=90, saying="the hand-over has begun")
    house.worker.kill()
    house.twilio.release()
    house.worker.start()

    told = "('A lease ended without an outcome.', 'TRACE-2', 'not')"
    until(lambda: told in house.python(COUNT), within=90, saying="the line is kept")
    assert phone not in house.python(
        "from webapp.models import LogLine; print([l.detail for l in LogLine.query.all()])"
    )
