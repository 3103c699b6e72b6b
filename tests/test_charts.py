"""Charts: geometry that says what it knows, and leaves gaps where it knows nothing."""

from webapp.charts import HEIGHT, WIDTH, Series, chart

HOURS = ("08:00", "09:00", "10:00", "11:00")


def test_the_axis_ends_at_a_round_number_above_the_highest_point() -> None:
    made = chart("Sent", HOURS, [Series("SMS", (3, 17, 4, 0)), Series("E-mail", (1, 1, 1, 1))])

    assert made.top == 20
    assert made.lines[0].pieces == (f"0.0,102.0 200.0,18.0 400.0,96.0 {WIDTH:.1f},{HEIGHT:.1f}",)


def test_what_is_unknown_is_a_gap_and_a_lone_point_is_a_dot() -> None:
    made = chart("Sent", HOURS, [Series("SMS", (5, None, 5, 5))])

    assert made.lines[0].pieces == ("0.0,0.0 0.0,0.0", "400.0,0.0 600.0,0.0")
    assert [made.lines[0].is_dot(piece) for piece in made.lines[0].pieces] == [True, False]
    assert made.rows[1] == ("09:00", (None,))


def test_nothing_known_is_said_and_not_drawn() -> None:
    made = chart("Sent", HOURS, [Series("SMS", (None,) * 4)])

    assert made.is_empty
    assert "SMS unknown" in made.summary


def test_a_quiet_day_lies_on_the_floor() -> None:
    made = chart("Failed", HOURS, [Series("SMS", (0, 0, 0, 0))], unit="an hour")

    assert (made.top, made.is_empty) == (1.0, False)
    assert made.summary == "Failed, from 08:00 to 11:00. Last: SMS 0 an hour."
