"""How many parts an SMS takes, by the rules of the standard."""

import pytest

from webapp.services.texts.sms_parts import count


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("ñ" * 70, "GSM-7", 70, 1),
        ("ж" * 70, "UCS-2", 70, 1),
        ("ж" * 71, "UCS-2", 71, 2),
        ("ж" * 134, "UCS-2", 134, 2),
        ("ж" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
    ],
)
def test_parts_are_counted_by_the_rules(text: str, alphabet: str, units: int, parts: int) -> None:
    counted = count(text)

    assert (counted.alphabet, counted.units, counted.parts) == (alphabet, units, parts)


def test_an_escaped_letter_is_not_cut_in_two() -> None:
    fits = "a" * 151 + "€" + "a" * 153
    cut = "a" * 152 + "€" + "a" * 152

    assert (count(fits).parts, count(cut).parts) == (2, 3)


def test_a_surrogate_pair_is_not_cut_in_two() -> None:
    assert count("ж" * 66 + "😀" + "ж" * 66).parts == 3


def test_it_names_the_letters_that_force_the_wider_alphabet_once_each() -> None:
    assert count("Café – “née” – ok").forcing == ("–", "“", "”")


def test_it_says_what_is_left_of_the_last_part() -> None:
    assert (count("a" * 150).left, count("a" * 170).left) == (10, 136)
