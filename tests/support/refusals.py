"""Redis answers and refuses: what a house must do then, whichever server it is."""

import time

from tests.support.house import House
from tests.support.network.ports import free_port
from tests.support.waiting import until

WATCHED_SECONDS = 8.0
MOST_LINES = 24  # A loop without patience writes 100 and more in that time.
# What a user of its own needs, as docs/operations.md gives it.
ACL = "~notifications* ~unacked* ~_kombu.* ~*.pidbox* ~bellhop:* &* +@all -@dangerous +info"


def is_patient(house: House, *, begin: str) -> None:
    """Watch the worker's log while it cannot take bells: a sentence now and then, no traceback."""
    until(lambda: begin in house.worker.output(), within=60, saying="the worker says what is wrong")
    before, ends = len(house.worker.output().splitlines()), time.monotonic() + WATCHED_SECONDS
    until(lambda: time.monotonic() > ends, within=WATCHED_SECONDS * 4, saying="it was watched for some seconds")
    lines = house.worker.output().splitlines()

    assert len(lines) - before < MOST_LINES, house.worker.tail()
    assert "Traceback" not in house.worker.output(), house.worker.tail(80)


def demote(house: House) -> None:
    """Make a copy of a master: of one that is not there, which changes nothing about writing."""
    house.valkey.call("REPLICAOF", "127.0.0.1", free_port())


def promote(house: House) -> None:
    """Make it a master again."""
    house.valkey.call("REPLICAOF", "NO", "ONE")
