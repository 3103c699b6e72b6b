"""Wall-clock times: one that does not exist is refused, of one that comes twice the right one is kept or asked for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.services.parsing import times
from webapp.services.parsing.days import DayOrder, day_of, time_of

pytestmark = pytest.mark.usefixtures("app")
ZONES = [
    "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo",
    "Asia/Kolkata", "Pacific/Apia", "Asia/Beirut", "America/Havana", "Atlantic/Azores", "Pacific/Chatham",
    "Africa/Cairo", "America/St_Johns", "UTC",
]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def berlin(cell: str, time_cell: str = "") -> str:
    return f"{times.read_cells(cell, time_cell, DayOrder.DAY).astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("zone", ZONES)
@given(minutes=st.integers(0, 60 * 24 * 366 * 40))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_saving_a_form_unchanged_never_moves_a_moment(zone: str, minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = utc("2000-01-03") + timedelta(minutes=minutes)
    monkeypatch.setattr("webapp.settings.Settings.zone", ZoneInfo(zone))

    shown, which = times.as_local(stored), times.which(stored)

    assert times.read_form(shown, offset=which) == stored
    assert times.read_form(shown, offset="", stored=stored) == stored


GAPS = [
    ("America/New_York", "2027-03-14T02:30"), ("America/New_York", "2027-03-14T02:00"),
    ("Europe/Berlin", "2027-03-28T02:59"), ("Australia/Lord_Howe", "2026-10-04T02:15"),
    ("Africa/Casablanca", "2026-03-22T02:30"), ("America/Sao_Paulo", "2018-11-04T00:30"),
    ("Pacific/Apia", "2011-12-30T12:00"), ("Asia/Beirut", "2026-03-29T00:00"), ("Africa/Cairo", "2026-04-24T00:30"),
    ("America/St_Johns", "2027-03-14T02:01"), ("America/Havana", "2027-03-14T00:10"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "typed"), GAPS)
def test_a_time_that_the_clocks_skip_is_refused_in_form_and_file(
    zone: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.settings.Settings.zone", ZoneInfo(zone))
    day, hour = typed.split("T")

    for read in (
        lambda: times.read_form(typed),
        lambda: times.read_cells(f"{day} {hour}", "", None),
        lambda: times.read_cells(day, hour, None),
        lambda: times.read_cells(f"{day} 00:00", hour, None),
    ):
        with pytest.raises(ValueError, match="does not exist"):
            read()


TWICE = [
    ("America/New_York", "2027-11-07T01:30", "01:30 (first, EDT, UTC−04:00)", "01:30 (second, EST, UTC−05:00)"),
    ("Europe/Berlin", "2027-10-31T02:30", "02:30 (first, CEST, UTC+02:00)", "02:30 (second, CET, UTC+01:00)"),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "01:45 (first, UTC+11:00)", "01:45 (second, UTC+10:30)"),
    ("America/Sao_Paulo", "2019-02-16T23:15", "23:15 (first, UTC−02:00)", "23:15 (second, UTC−03:00)"),
    ("Asia/Beirut", "2026-10-24T23:30", "23:30 (first, EEST, UTC+03:00)", "23:30 (second, EET, UTC+02:00)"),
    ("America/Havana", "2027-11-07T00:00", "00:00 (first, CDT, UTC−04:00)", "00:00 (second, CST, UTC−05:00)"),
]


@pytest.mark.parametrize(("zone", "typed", "first", "second"), TWICE)
def test_a_time_that_comes_twice_is_asked_about_and_can_be_told_apart(
    zone: str, typed: str, first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.settings.Settings.zone", ZoneInfo(zone))
    offered = times.choices(typed)
    read = [times.read_form(typed, offset=offset) for offset, _ in offered]

    assert [label for _, label in offered] == [first, second]
    assert read[0] < read[1] and [times.which(one) for one in read] == [offset for offset, _ in offered]
    with pytest.raises(ValueError, match="comes twice"):
        times.read_form(typed)
    with pytest.raises(ValueError, match="with its offset"):
        times.read_cells(typed.replace("T", " "), "", None)


CELLS = [
    ("2027-05-01 00:00:00", "18:30"), ("1.5.2027 0:00", "18:30"), ("01/05/2027 12:00 AM", "6:30 PM"),
    ("2027-05-01 00:00:00.000", "18h30"), ("2027-05-01T00:00:00Z", "18.30 Uhr"),
    ("2027-05-01T00:00:00+02:00", "6:30pm"),
    ("2027-05-01", "1899-12-30 18:30:00"), ("2027-05-01", "30/12/1899 18:30"), ("2027-05-01 18:30", ""),
    ("2027-05-01", "1900-01-00 18:30"), ("2027-05-01 18:30", "18:30:00"), ("2027-05-01T16:30:00Z", ""),
    ("2027-05-01T16:30:00Z", "18:30"), ("1 May 2027 at 6:30 p.m.", ""), ("Sábado, 1 de mayo de 2027", "18:30 - 20:00"),
    ("1er mai 2027", "18h30"), ("Samstag, 1. Mai 2027 um 18:30 Uhr", ""), ("sobota, 1 maja 2027, 18:30", ""),
    ("2027年5月1日", "18時30分"), ("2027年5月1日", "午後6時30分"), ("2027年5月1日 下午6:30", ""),
    ("２０２７/０５/０１", "１８：３０"), ("May 1st, 2027 6:30 PM", ""), ("2027-W17-6", "18:30"),
    ("1 Mayıs 2027", "18.30"), ("20270501", "18:30"), ("2027-05-01", "2027-05-01 18:30"), ("1. 5. 2027", "18:30"),
    ("2027. 5. 1.", "오후 6:30"), ("le 1 mai 2027", "18 h 30"), ("1 de maio de 2027 às 18:30", ""),
]  # fmt: skip


@pytest.mark.settings(timezone="Europe/Berlin")
@pytest.mark.parametrize(("cell", "time_cell"), CELLS)
def test_a_day_and_a_time_are_read_from_one_cell_or_two(cell: str, time_cell: str) -> None:
    assert berlin(cell, time_cell) == "2027-05-01 18:30"


@pytest.mark.settings(timezone="Europe/Berlin")
@pytest.mark.parametrize(
    ("cell", "time_cell", "said"),
    [
        ("2027-05-01 10:00", "18:30", "The date says 10:00"), ("2027-05-01T10:00:00Z", "18:30", "The date says"),
        ("2027-05-01", "2027-05-02 18:30", "The date says 2027-05-01"), ("2027-05-01", "", "at what time"),
        ("31.02.2027", "10:00", "There is no 31 February 2027."),
        ("31/04/2027 10:00", "", "There is no 31 April 2027."),
        ("2027-13-01", "9:00", "no such day"),
        ("29.02.2027", "10:00", "There is no 29 February 2027."), ("0026-05-01", "10:00", "The year 26"),
        ("1.5.2262", "9:00", "The year 2262"),
        ("45231", "10:00", "spreadsheet’s number for a day"), ("45231.75", "", "spreadsheet’s number for a day"),
        ("2027-05-01", "0.75", "spreadsheet’s number for a time"), ("5 listopad 2027", "10:00", "Write a day"),
        ("tomorrow", "10:00", "Write a day"), ("2027-05-01", "noon", "Write a time"),
        ("2027-05-01", "13:00 pm", "Write a time"),
        ("2027-05-01", "11:00 - 1:00 PM", "before or after noon"), ("0026-05-01T10:00:00Z", "", "The year 26"),
        ("2027-02-30T10:00:00Z", "", "no such day"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_start_is_said(cell: str, time_cell: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        berlin(cell, time_cell)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("8:30:00 AM", "08:30"), ("02:00:00 PM", "14:00"), ("12:05 AM", "00:05"), ("12:00 PM", "12:00"),
        ("12:00 a.m.", "00:00"), ("6pm", "18:00"), ("6 P.M.", "18:00"), ("18h", "18:00"), ("18h30", "18:30"),
        ("18 Uhr", "18:00"), ("18.30 Uhr", "18:30"), ("2:00 - 4:00 PM", "14:00"), ("9:00 AM – 1:00 PM", "09:00"),
        ("23:59:59.999", "23:59"), ("6:30 a. m.", "06:30"), ("7:15 p. m.", "19:15"), ("11:00 AM to 1:00 PM", "11:00"),
    ],
)  # fmt: skip
def test_times_of_day_are_read_as_people_write_them(text: str, clock: str) -> None:
    assert f"{time_of(text):%H:%M}" == clock


@pytest.mark.parametrize("text", ["5 juin 2027", "5. Juni 2027", "5 giugno 2027", "5 juni 2027", "5 czerwca 2027",
    "5 de junho de 2027", "5 haziran 2027", "5. kesäkuuta 2027", "June 5, 2027", "Sat, 5th June 2027", "5 Jun 27",
    "5-Jun-2027", "05.06.2027", "5 июня 2027", "samedi 5 juin 2027", "2027/6/5", "5 de jun. de 2027"])  # fmt: skip
def test_days_are_read_in_many_languages(text: str) -> None:
    assert f"{day_of(text):%Y-%m-%d}" == "2027-06-05"
