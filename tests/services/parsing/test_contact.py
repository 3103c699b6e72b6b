"""Phone numbers and e-mail addresses as people write them: no digit is dropped or added, and a doubt is said."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.services.parsing.contact import phone_warning, read_phone
from webapp.services.parsing.fields import email as read_email

MOBILE = "+4915112345678"


@pytest.mark.parametrize(
    "typed",
    [
        "0151 12345678", "0151/12345678", "(0151) 12345678", "0151-123 456 78", "0151.12345678", "015112345678.0",
        "015112345678,00", "+49 (0) 151 12345678", "+49(0)151/12345678", "+49 0151 12345678", "0049 151 12345678",
        "00 49 151 1234 5678", "tel:+49-151-12345678", "TEL:015112345678", "whatsapp:+4915112345678", "'015112345678",
        '="015112345678"', "\u202a+49 151 12345678\u202c", "\u2066+4915112345678\u2069", "0151\u200b12345678\ufeff",
        "＋４９１５１１２３４５６７８", "（０１５１）１２３４５６７８", "٠١٥١١٢٣٤٥٦٧٨", "۰۱۵۱۱۲۳۴۵۶۷۸", "०१५११२३४५६७८",
        "0151\u00a0123\u202f456\u200978",
        "+49–151–12345678", "+49‑151‑12345678", "[0151] 12345678", " 0151 12345678 ;",
    ],
)  # fmt: skip
def test_a_number_is_read_in_any_notation(typed: str) -> None:
    phone = read_phone(typed, "DE")

    assert (phone.e164, phone.warning, phone.left_out) == (MOBILE, "", "")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0151 12345678 (Oma)", "(Oma)"), ("0151 12345678 Eva", "Eva"), ("(Mum) 0151 12345678", "(Mum)"),
        ("mobil: 0151 12345678", "mobil"), ("+49 151 12345678 WhatsApp", "WhatsApp"), ("0151 12345678 home", "home"),
        ("Tel. 0151 12345678", "Tel."), ("0151 12345678 – nur abends", "nur abends"), ("0151 12345678, Anna", "Anna"),
        ("携帯 0151 12345678", "携帯"), ("0151 12345678 (бабушка)", "(бабушка)"), ("Oma 0151 12345678 (privat)",
        "Oma (privat)"),
        ("0151 12345678 🏠", "🏠"), ("0151 12345678\nHandy", "Handy"), ("Oma:015112345678", "Oma"),
        ("0151 12345678 ext", "ext"),
    ],
)  # fmt: skip
def test_words_beside_a_number_are_set_aside_and_shown(typed: str, words: str) -> None:
    phone = read_phone(typed, "DE")

    assert (phone.e164, phone.left_out) == (MOBILE, words)
    assert phone.warning == f"“{words}” was left out of the number."


@pytest.mark.parametrize(
    "typed",
    [
        "+1 415 555 2671 ext 61914", "415-555-2671x61914", "415-555-2671 X 12", "415 555 2671 #12",
        "+14155552671;ext=12",
        "415-555-2671 доб. 12", "415-555-2671 Durchwahl 12", "415-555-2671,,12", "4155552671;12", "4155552671p12",
        "4155552671w12", "415 555 2671 extension 5", "415 555 2671 int. 5", "415 555 2671 poste 12",
        "415 555 2671 ramal 7",
        "415 555 2671 内線12", "tel:+1-415-555-2671;ext=102", "415.555.2671 Ext.: 9",
    ],
)  # fmt: skip
def test_an_extension_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="A text cannot be sent to an extension"):
        read_phone(typed, "US")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("4.91511E+12", "rounded"), ("4,91511E+12", "rounded"), ("4.9E12", "rounded"), ("4.915112345678e+12",
        "rounded"),
        ("0151 12345678/0170 12345678", "two numbers"), ("0151 12345678 or 0170 12345678", "two numbers"),
        ("0151 12345678, 0170 12345678", "two numbers"), ("+4915112345678+4915112345679", "two numbers"),
        ("0151 12345678\n0170 12345678", "two numbers"), ("0151 12345678/79", "two numbers"),
        ("0151 12345678 oder 0170 12345678", "two numbers"), ("0151 12345678 | 030 1234567", "two numbers"),
        ("0151 12345678 0170 12345678", "too long"), ("0151 12345678 (2)", "Digits stand behind"),
        ("0151 12345678 Oma 2", "Digits stand behind"), ("Tel 2: 0151 12345678", "Digits stand behind"),
        ("1) 0151 12345678", "Digits stand behind"), ("0800-FLOWERS", "Letters are not read"),
        ("0800 REIMANN", "Letters are not read"), ("1-800-CALL-NOW", "Letters are not read"),
        ("*31#015112345678", r"no \*"),
        ("#31#015112345678", "extension|no #"), ("anna@example.com", "not a phone"), ("a15112345678@b.de", "e-mail"),
        ("none", "not a phone"), ("-", "not a phone"), ("", "not a phone"), ("0151 1234567²", "plain digits"),
        ("①②③ 12345678", "plain digits"), ("+999 123456789", "No country"), ("0" * 300, "too long"),
        ("5551234567890123456", "too long"), ("+49 900 1234567", "premium-rate"),
    ],
)  # fmt: skip
def test_what_is_not_one_sure_number_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read_phone(typed, "DE")

    assert str(refused.value).endswith("such as +14155552671.")


@pytest.mark.parametrize("region", ["DE", "US", "GB"])
@pytest.mark.parametrize("typed", ["1111", "555-0101", "112", "911", "999", "110", "5550101", "12345"])
def test_a_number_without_its_area_code_is_an_error(region: str, typed: str) -> None:
    with pytest.raises(ValueError, match=r"area code|too short"):
        read_phone(typed, region)


@pytest.mark.parametrize(
    ("region", "typed", "e164"),
    [
        ("DE", "491511234567.0", "+491511234567"), ("DE", "4915112345678", MOBILE), ("DE", "15112345678", MOBILE),
        ("DE", "14155552671", "+14155552671"), ("US", "4915112345678", MOBILE), ("US", "447911123456",
        "+447911123456"),
        ("US", "0044 7911 123456", "+447911123456"), ("GB", "7911123456", "+447911123456"),
        ("GB", "14155552671", "+14155552671"), ("FR", "33612345678", "+33612345678"), ("FR", "612345678",
        "+33612345678"),
        ("IT", "4915112345678.0", MOBILE), ("JP", "819012345678", "+819012345678"), ("JP", "9012345678",
        "+819012345678"),
        ("BR", "919876543210", "+919876543210"), ("IN", "5511987654321", "+5511987654321"), ("GB",
        "011 49 151 12345678", MOBILE),
    ],
)  # fmt: skip
def test_a_reading_that_is_not_the_plain_one_is_shown(region: str, typed: str, e164: str) -> None:
    phone = read_phone(typed, region)

    assert phone.e164 == e164
    assert phone.warning.startswith("It was read as +")


@pytest.mark.parametrize(
    ("region", "typed", "e164"),
    [
        ("US", "(415) 555-2671", "+14155552671"), ("US", "1-415-555-2671", "+14155552671"), ("GB", "07911 123456",
        "+447911123456"),
        ("FR", "06 12 34 56 78", "+33612345678"), ("FR", "06/12/34/56/78", "+33612345678"), ("IT", "06 1234 5678",
        "+390612345678"),
        ("US", "+39 06 12345678", "+390612345678"), ("IT", "+39 (0) 6 12345678", "+390612345678"), ("IT",
        "333 1234567", "+393331234567"),
        ("JP", "090-1234-5678", "+819012345678"), ("IN", "98765 43210", "+919876543210"), ("IN", "09876543210",
        "+919876543210"),
        ("BR", "(11) 98765-4321", "+5511987654321"), ("BR", "5511987654321", "+5511987654321"), ("AR",
        "011 15-2345-6789", "+5491123456789"),
        ("DE", "+44 (0) 7911 123456", "+447911123456"), ("US", "011 49 151 12345678", MOBILE), ("ES",
        "+34 612 34 56 78", "+34612345678"),
    ],
)  # fmt: skip
def test_each_country_writes_its_own_way(region: str, typed: str, e164: str) -> None:
    assert read_phone(typed, region).e164 == e164


@pytest.mark.parametrize("typed", ["447911123456", "33612345678", "919876543210", "6581234567", "5511987654321"])
def test_of_two_countries_that_fit_none_is_guessed(typed: str) -> None:
    with pytest.raises(ValueError, match=rf"This may be \+{typed} or \+49{typed}"):
        read_phone(typed, "DE")


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = [
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.VOIP,
]
FORMATS = [
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.E164,
]
NOISE = ["", " ", "'", "\u202a", "\u200e", "tel:", "Oma ", "mobile: ", "(x) "]
TAILS = ["", ".0", " ", "\u202c", " (Oma)", " Eva", ", home", " WhatsApp", ";", "\ufeff"]


@given(
    st.sampled_from(REGIONS),
    st.sampled_from(TYPES),
    st.sampled_from(FORMATS),
    st.sampled_from(NOISE),
    st.sampled_from(TAILS),
)
def test_a_number_of_any_country_is_read_exactly_or_refused(
    region: str, kind: int, form: int, head: str, tail: str
) -> None:
    number = phonenumbers.example_number_for_type(region, kind)
    if number is None:
        return
    try:
        read = read_phone(head + phonenumbers.format_number(number, form) + tail, region)
    except ValueError:
        assert form == phonenumbers.PhoneNumberFormat.NATIONAL or tail == ".0"  # With its + it is always sure.
        return
    assert read.e164 == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(
    st.text("0123456789 -/().", min_size=5, max_size=18),
    st.sampled_from(["DE", "US", "GB", "FR", "IT", "JP", "IN", "BR"]),
)
def test_no_digit_is_dropped_or_added_but_a_country_code_and_what_stands_before(typed: str, region: str) -> None:
    try:
        e164 = read_phone(typed, region).e164
    except ValueError:
        return
    digits = re.sub(
        "[^0-9]", "", re.sub(r"[.,]0{1,2}\s*$", "", typed) if re.search(r"[0-9()]\.0{1,2}$", typed.strip()) else typed
    )
    national = phonenumbers.national_significant_number(phonenumbers.parse(e164))
    assert digits.endswith(national) or re.sub("[^0-9]", "", typed).endswith(national)


def test_a_stored_number_is_judged_without_being_read_again() -> None:
    """What was taken under an older rule must not break a page."""
    assert phone_warning(MOBILE) == phone_warning(None) == ""
    assert "known range" in phone_warning("+15550101") and "known range" in phone_warning("nonsense")
    assert "landline" in phone_warning("+493012345678")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann@Example.com", "ann@example.com"), (" ann@example.com ", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("MAILTO:ann@example.com?subject=Hi", "ann@example.com"), ("Ann <ann@example.com>", "ann@example.com"),
        ('"Hart, Ann" <ann@example.com>;', "ann@example.com"), ("<ann@example.com>", "ann@example.com"),
        ("ann@example.com.", "ann@example.com"), ("ann@example.com,", "ann@example.com"), ("ann@example.com;",
        "ann@example.com"),
        ("an\u200bn@example.com\ufeff", "ann@example.com"), ("\u202aann@example.com\u202c", "ann@example.com"),
        ("ann\u00ad@example.com", "ann@example.com"), ("ann＠example.com", "ann@example.com"),
        ("'ann@example.com'", "ann@example.com"),
        ("ann@bücher.de", "ann@bücher.de"), ("josé@example.com", "josé@example.com"), ("ann+tag@example.com",
        "ann+tag@example.com"),
    ],
)  # fmt: skip
def test_an_address_is_read_without_what_is_no_part_of_it(typed: str, kept: str) -> None:
    assert read_email(typed) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a@b.de, c@d.de", "two addresses"), ("a@b.de; c@d.de", "two addresses"), ("a@b.de c@d.de", "two addresses"),
        ("a@b.de/c@d.de", "two addresses"), ("Ann <a@b.de>, Bo <c@d.de>", "two addresses"), ("a b@c.de", "SPACE"),
        ("ann", "@-sign"),
        ("ann@", "after the @-sign"), ("@b.de", "before the @-sign"), ("a@b", "period"), ("a@b..de",
        "two periods"), ("a@-b.de", "hyphen"),
        ("", "@-sign"), ("\u200b", "@-sign"), ("a@b.de (Mum)", "invalid"),
    ],
)  # fmt: skip
def test_what_is_no_single_address_is_refused_with_what_is_wrong(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read_email(typed)

    assert "such as name@example.com" in str(refused.value)
