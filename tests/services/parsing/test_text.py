"""Names and texts without what only deceives; what shapes a script or a picture stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.services.parsing.text import in_own_direction, lines, one_line, without_invisible
from webapp.services.texts.sms_parts import count

HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2064\u2066\u2067\u2068\u2069"
    "\u206a\u206f\u2800\u3164\ufeff\uffa0\ufff9\ufffb\ufffe\U000e0001\U000e0041\U000e007f\U0001d173\ud800\udfff"
)  # fmt: skip


@pytest.mark.parametrize("sign", HIDDEN, ids=[f"U+{ord(sign):04X}" for sign in HIDDEN])
def test_a_sign_that_nobody_sees_goes_and_what_is_left_empty_is_empty(sign: str) -> None:
    assert one_line(f"An{sign}na {sign}Lee{sign}") == "Anna Lee"
    assert one_line(sign * 3) == lines(f"{sign}\n{sign}") == without_invisible(sign) == ""


@pytest.mark.parametrize(
    "name",
    ["Amelia Hart", "José", "Łukasz Żółć", "ليلى", "علی‌رضا", "می‌خواهم", "శ్రీ‌కాంత్", "ക്‍ഷ", "नारायण‍",
    "Zoë 👩‍👩‍👧", "❤️", "👋🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣",
     "葛󠄀城", "ᠮᠣᠩᠭᠣᠯ᠋ᠠ", "O’Brien-Smith", "<b>Bo</b>", "=1+1", "ทดสอบ", "יוסי", "한국", "🏳️‍🌈", "李 小龍"],
)  # fmt: skip
def test_letters_of_any_script_and_pictures_stay_as_they_are(name: str) -> None:
    kept = one_line(name)

    assert kept == unicodedata.normalize("NFC", name) or name.endswith("\u200d")  # At the end it joins nothing.
    assert one_line(kept) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Jose\u0301", "José"), ("A\r\nBcc: b@x.io", "A Bcc: b@x.io"), (" A\t\x1b B\u2028C ", "A B C"),
    ("a\ufe0fb\u200dc", "abc"),
     ("A\u200cnna", "Anna"), ("Anna \u202eevil", "Anna evil"), ("x\U000e0100y", "xy"), ("한\u3164국", "한국"),
     ("Å\u212b", "ÅÅ"), ("e\u0301\u200b", "é")],
)  # fmt: skip
def test_a_line_is_stored_in_one_form(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


@given(st.text())
def test_no_stored_line_holds_a_sign_that_deceives(typed: str) -> None:
    kept = one_line(typed)

    assert kept == one_line(kept) == unicodedata.normalize("NFC", kept).strip()
    assert not set(kept) & set(HIDDEN) - {"\U000e0041", "\U000e007f"}
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in kept)


@given(st.text("ABCabc äöü'-.", min_size=1), st.lists(st.sampled_from("\u200b\u202e\ufeff\u00ad"), max_size=3))
def test_a_latin_name_takes_no_more_of_an_sms_than_its_letters(name: str, hidden: list[str]) -> None:
    plain = one_line(name)

    assert count(in_own_direction(one_line("".join(hidden) + name), "en")) == count(plain)
    assert count(plain).alphabet == "GSM-7"


@pytest.mark.parametrize(
    ("value", "language", "is_held"),
    [("Anna", "en", False), ("Anna", "de-CH", False), ("123", "ar", False), ("ליאת", "en", True), ("ليلى",
    "ar", False),
     ("Anna", "ar", True), ("Anna", "he", True), ("ليلى Anna", "en", True), ("ليلى Anna", "fa", True), ("李",
     "en", False), ("", "ar", False)],
)  # fmt: skip
def test_only_a_value_of_the_other_direction_is_held_in_its_own(value: str, language: str, is_held: bool) -> None:
    assert in_own_direction(value, language) == (f"\u2068{value}\u2069" if is_held else value)
