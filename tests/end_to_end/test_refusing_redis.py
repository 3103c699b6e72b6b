"""Redis that answers and refuses: the click is answered, the worker has patience, and all goes on by itself."""

from collections.abc import Iterator

import pytest

from tests.support import refusals
from tests.support.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("refusing")) as started:
        yield started


def test_a_master_that_becomes_a_copy_costs_a_pause(house: House, phone: str) -> None:
    refusals.demote(house)
    refusals.is_patient(house, begin="This Redis is a read-only replica.")
    reference = house.book("COPY-1", phone=phone)
    assert house.confirm(reference).status == 200

    refusals.promote(house)

    house.until_settled(reference, sms="delivered")


def test_a_user_without_the_rights_is_named_and_the_right_ones_are_enough(house: House, phone: str) -> None:
    house.valkey.call("ACL", "SETUSER", "default", "resetkeys", "~notifications*", "~unacked*", "~_kombu.*")
    house.valkey.call("CLIENT", "KILL", "TYPE", "normal")  # What it had asked for already it may keep.
    refusals.is_patient(house, begin="Redis does not let the user of REDIS_URL do this.")

    house.valkey.call("ACL", "SETUSER", "default", "reset", "on", "nopass", *refusals.ACL.split())

    reference = house.book("ACL-1", phone=phone)
    assert house.confirm(reference).status == 200
    house.until_settled(reference, sms="delivered")
