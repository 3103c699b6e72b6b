"""The main job on real processes: the click answers at once, and the guest is told exactly once."""

import sys
import urllib.request
from typing import Any

from tests.support.house import House
from tests.support.network.ports import free_port
from tests.support.servers import Worker
from tests.support.twilio import faults
from tests.support.waiting import until

EVERYTHING = {"sms": "delivered", "whatsapp": "delivered", "email": "sent"}
TEMPLATE = "HX" + "a" * 32


def set_templates(house: House) -> None:
    house.twilio.templates[TEMPLATE] = "Dear {{1}}, your booking {{2}} for {{3}} on {{4}} is confirmed."
    house.flask("set-whatsapp-template", "booking_confirmed", "en", TEMPLATE)


def test_a_confirmed_booking_is_told_on_three_channels_exactly_once(house: House, phone: str) -> None:
    set_templates(house)
    house.book("E2E-1", phone=phone)

    assert house.confirm("E2E-1").status == 200
    told = house.until_settled("E2E-1", **EVERYTHING)

    assert {m["attempts"] for m in told.values()} == {1}
    assert sorted(a.to for a in house.twilio.to(phone)) == sorted([phone, f"whatsapp:{phone}"])
    assert len(house.smtp.to("e2e-1@guests.example")) == 1


def test_the_whatsapp_message_goes_by_its_template_and_variables(house: House, phone: str) -> None:
    set_templates(house)
    house.book("E2E-2", phone=phone)
    house.confirm("E2E-2")
    house.until_settled("E2E-2", **EVERYTHING)

    [sent] = [a for a in house.twilio.to(phone) if a.to.startswith("whatsapp:")]

    assert sent.content_sid == TEMPLATE and not sent.body
    assert list(sent.content_variables.values())[:3] == ["Amelia Hart", "E2E-2", "Harbour cruise"]


def test_the_guides_flow_verify_payment_answers_at_once_and_the_worker_sends(house: House, phone: str) -> None:
    house.book("E2E-3", phone=phone, guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
    paid = {"method": "Card", "amount": "120.00", "reference": "TX-1"}
    house.call("POST", "/bookings/E2E-3/payments", paid)

    answer = house.call("POST", "/bookings/E2E-3/verify-payment")

    assert answer.status == 200 and answer.body["payment_status"] == "paid"
    house.until_settled("E2E-3", sms="delivered")


def test_a_503_is_tried_again_and_succeeds(house: House, phone: str) -> None:
    house.twilio.fail_next(faults.broken(503), to=phone)
    house.book("E2E-4", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})

    house.confirm("E2E-4")

    told = house.until_settled("E2E-4", sms="delivered")
    assert (told["sms"]["attempts"], told["sms"]["tries"]) == (2, 1)
    assert len(house.twilio.taken(phone)) == 1


def test_a_number_that_is_none_fails_at_once_in_words_that_a_clerk_understands(house: House) -> None:
    house.book("E2E-5", guest={"name": "Eve", "phone": "+15005550001", "channels": ["sms"]})

    house.confirm("E2E-5")

    told = house.until_settled("E2E-5", sms="failed")
    assert told["sms"]["attempts"] == 1 and told["sms"]["error"]["code"] == "21211"
    assert "not a" in told["sms"]["error"]["text"] or "number" in told["sms"]["error"]["text"]


def test_an_accepted_message_whose_answer_was_cut_is_found_and_not_sent_twice(house: House, phone: str) -> None:
    house.twilio.fail_next(faults.cut(taken=True), to=phone)
    house.book("E2E-6", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})

    house.confirm("E2E-6")

    house.until_settled("E2E-6", sms="delivered")
    assert len(house.twilio.taken(phone)) == 1


def test_a_message_that_failed_is_sent_again_through_the_api(house: House, phone: str) -> None:
    house.twilio.fail_next(faults.reject(21612), to=phone)
    house.book("E2E-7", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
    house.confirm("E2E-7")
    failed = house.until_settled("E2E-7", sms="failed")

    answer = house.call("POST", f"/messages/{failed['sms']['id']}/retry")

    assert answer.status == 200
    house.until_settled("E2E-7", sms="delivered")


def test_send_test_says_whether_a_message_goes_through(house: House) -> None:
    said = house.flask("send-test", "--channel", "email", "--to", "anna@guests.example")

    assert said.startswith("sent") and len(house.smtp.to("anna@guests.example")) == 1


def test_the_queue_is_told_by_the_api(house: House) -> None:
    def told() -> Any:
        queue = house.call("GET", "/queue").body
        return queue if queue["workers"] and queue["workers"][0]["alive"] else None

    queue = until(told, within=90, saying="a worker is seen")
    assert queue["broker"] == "up" and queue["workers"][0]["concurrency"] == 8


def test_a_worker_started_as_the_guide_does_sends_too(house: House, phone: str) -> None:
    command = [sys.executable, "-m", "celery", "-A", "celery_worker", "worker", "-n", "by_hand@%h"]
    house.worker.stop()
    with Worker(house.env, command=command, name="by-hand", ready=lambda: True):
        house.book("E2E-8", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
        house.confirm("E2E-8")
        house.until_settled("E2E-8", sms="delivered")
    house.worker.start()


def test_flower_works_beside_our_workers(house: House) -> None:
    port = free_port()
    command = [sys.executable, "-m", "celery", "-A", "celery_worker", "flower", f"--port={port}", "--address=127.0.0.1"]

    def lists_the_worker() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/workers?json=1", timeout=5) as answer:
            return b"notification_worker" in answer.read()

    with Worker(house.env | {"FLOWER_UNAUTHENTICATED_API": "true"}, command=command, name="flower", ready=lambda: True):
        until(lists_the_worker, within=120, saying="Flower lists our worker", ignoring=(OSError,))
