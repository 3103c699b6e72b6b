"""A backup that is put back sends nothing a second time until an admin has looked: real processes, both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.outages.asking import ask, sign_in
from tests.support.backups import PostgresBackup, SqliteBackup
from tests.support.house import House
from tests.support.servers import Postgres
from tests.support.waiting import until

EMAIL, PASSWORD = "aisha@bellhop.example", "a long password of the tests"


@dataclass
class Kept:
    """A house, and the backup of its database."""

    house: House
    backup: SqliteBackup | PostgresBackup

    def book(self, reference: str, phone: str) -> None:
        """Confirm a booking whose guest hears of it by SMS alone."""
        self.house.book(reference, guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
        self.house.confirm(reference)

    def send_what_the_backup_has_waiting(self, reference: str, phone: str) -> None:
        """Confirm while no worker runs, make a backup, then let it go out."""
        self.house.worker.kill()
        self.book(reference, phone)
        assert self.house.messages(reference)["sms"]["status"] == "waiting"
        self.backup.make()
        self.house.worker.start()
        self.house.until_settled(reference, sms="delivered")
        assert len(self.house.twilio.taken(phone)) == 1

    def restart(self) -> None:
        """Stop everything, put the backup back, and start everything."""
        self.house.worker.stop()
        self.house.web.stop()
        self.backup.put_back()
        self.house.web.start()
        self.house.worker.start()

    def until_held(self) -> None:
        """Wait until the web says that nothing is sent."""
        ready = lambda: ask(self.house.url, "GET", "/readyz").text  # noqa: E731
        until(lambda: '"sending":"held"' in ready().replace(" ", ""), within=60, saying="the web says so")

    def go_on(self, choice: str) -> None:
        """Be the admin who has looked."""
        cookie, token = sign_in(self.house.url, EMAIL, PASSWORD)
        form = {"csrf_token": token, "choice": choice}
        answer = ask(self.house.url, "POST", "/queue/restored/resumption", form=form, headers={"Cookie": cookie})
        assert answer.status == 303, answer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder: Path = tmp_path_factory.mktemp("kept")
    url = f"sqlite:///{folder / 'bellhop.db'}"
    backup: SqliteBackup | PostgresBackup = SqliteBackup(folder / "bellhop.db")
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url, backup = server.create_database("kept"), PostgresBackup(server, "kept", folder)
    with House(folder, database_url=url) as house:
        house.flask("create-user", EMAIL, "--role", "admin", "--name", "Aisha", "--password-stdin", stdin=PASSWORD)
        yield Kept(house, backup)


@pytest.mark.parametrize("choice", ["close", "send"])
def test_a_backup_that_was_put_back_waits_for_an_admin(kept: Kept, phone: str, choice: str) -> None:
    old, new = f"OLD-{choice}", f"NEW-{choice}"
    kept.send_what_the_backup_has_waiting(old, phone)

    kept.restart()
    kept.until_held()
    kept.book(new, phone.replace("+1415555", "+1415556"))
    assert kept.house.messages(old)["sms"]["status"] == kept.house.messages(new)["sms"]["status"] == "waiting"
    assert len(kept.house.twilio.taken(phone)) == 1

    kept.go_on(choice)
    kept.house.until_settled(new, sms="delivered")
    kept.house.until_settled(old, sms="failed" if choice == "close" else "delivered")
    assert len(kept.house.twilio.taken(phone)) == (1 if choice == "close" else 2)


def test_a_backup_that_is_put_back_under_running_processes_waits_too(kept: Kept, phone: str) -> None:
    kept.send_what_the_backup_has_waiting("LIVE-1", phone)

    kept.backup.put_back_at_work()
    kept.until_held()
    assert kept.house.messages("LIVE-1")["sms"]["status"] == "waiting"
    assert len(kept.house.twilio.taken(phone)) == 1

    kept.go_on("close")
    kept.house.until_settled("LIVE-1", sms="failed")


def test_doctor_says_so_and_what_to_do(kept: Kept, phone: str) -> None:
    kept.send_what_the_backup_has_waiting("DOC-1", phone)
    kept.restart()
    kept.until_held()

    report = kept.house.flask("doctor", check=False)
    kept.go_on("close")

    assert "An older copy of the database was put back" in report and "/queue/restored" in report
    # The alert of it is over at the next turn of its duty.
    until(lambda: "older copy" not in kept.house.flask("doctor", check=False), within=90, saying="doctor is content")


def test_restarts_without_a_restore_hold_nothing(kept: Kept, phone: str) -> None:
    for process in (kept.house.worker, kept.house.web):
        process.kill()
        process.start()

    kept.book("SAME-1", phone)

    kept.house.until_settled("SAME-1", sms="delivered")
