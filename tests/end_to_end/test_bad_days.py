"""Killing and restarting between confirm and send loses nothing."""

from tests.support.house import House
from tests.support.waiting import until

ONLY_SMS = ["sms"]


def book(house: House, reference: str, phone: str) -> None:
    house.book(reference, guest={"name": "Eve", "phone": phone, "channels": ONLY_SMS})


def test_a_worker_that_was_killed_before_it_could_send_loses_nothing(house: House, phone: str) -> None:
    house.worker.kill()
    book(house, "BAD-1", phone)

    house.confirm("BAD-1")
    assert house.messages("BAD-1")["sms"]["status"] == "waiting"
    house.worker.start()

    house.until_settled("BAD-1", sms="delivered")
    assert len(house.twilio.taken(phone)) == 1


def test_a_valkey_that_was_killed_and_restarted_loses_nothing(house: House, phone: str) -> None:
    house.worker.kill()
    book(house, "BAD-2", phone)
    house.confirm("BAD-2")

    house.valkey.kill()
    house.valkey.start()
    house.worker.start()

    house.until_settled("BAD-2", sms="delivered")
    assert len(house.twilio.taken(phone)) == 1


def test_a_flushed_valkey_costs_a_moment_and_no_message(house: House, phone: str) -> None:
    house.worker.kill()
    book(house, "BAD-3", phone)
    house.confirm("BAD-3")

    house.valkey.flush()
    house.worker.start()

    house.until_settled("BAD-3", sms="delivered")


def test_confirming_with_valkey_stopped_works_and_the_messages_go_out_once_it_is_back(house: House, phone: str) -> None:
    book(house, "BAD-4", phone)
    house.valkey.stop()

    assert house.confirm("BAD-4").status == 200
    assert house.call("GET", "/queue").body["broker"] == "down"
    assert house.messages("BAD-4")["sms"]["status"] == "waiting"
    house.valkey.start()

    house.until_settled("BAD-4", sms="delivered")


def test_a_web_process_that_is_restarted_forgets_nothing(house: House, phone: str) -> None:
    house.worker.kill()
    book(house, "BAD-5", phone)
    house.confirm("BAD-5")

    house.web.kill()
    house.web.start()
    house.worker.start()

    house.until_settled("BAD-5", sms="delivered")


def test_a_worker_killed_in_the_middle_of_a_hand_over_sends_it_once(house: House, phone: str) -> None:
    from tests.support.twilio import faults

    house.twilio.fail_next(faults.hang(taken=True), to=phone)
    book(house, "BAD-6", phone)
    house.confirm("BAD-6")
    until(lambda: house.twilio.to(phone), within=90, saying="the hand-over has begun")

    house.worker.kill()
    house.twilio.release()
    house.worker.start()

    house.until_settled("BAD-6", sms="delivered")
    assert len(house.twilio.taken(phone)) == 1
