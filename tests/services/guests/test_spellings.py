"""One phone on WhatsApp, whatever number WhatsApp knows it by; by SMS a number is itself."""

import pytest

from webapp.models import ChannelName, spellings

WHATSAPP, SMS = ChannelName.WHATSAPP, ChannelName.SMS
PAIRS = [
    ("+525512345678", "+5215512345678"), ("+528112345678", "+5218112345678"), ("+523312345678", "+5213312345678"),
    ("+541123456789", "+5491123456789"), ("+543511234567", "+5493511234567"), ("+5511987654321", "+551187654321"),
    ("+5531998765432", "+553198765432"), ("+5521964180266", "+552164180266"), ("+2290197123456", "+22997123456"),
    ("+5585912345678", "+558512345678"),
]  # fmt: skip
ALONE = ["+14155552671", "+4915112345678", "+447911123456", "+33612345678", "+390612345678", "+819012345678",
         "+919876543210", "+5215512345",
         "+54112345678", "+55119876543", "+5521987654321000", "nonsense", ""]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_spellings_of_one_phone_are_known_from_either(one: str, other: str) -> None:
    assert spellings(one, WHATSAPP) == [one, other]
    assert spellings(other, WHATSAPP) == [other, one]
    assert spellings(one, SMS) == [one]


@pytest.mark.parametrize("number", ALONE)
def test_any_other_number_is_itself(number: str) -> None:
    assert spellings(number, WHATSAPP) == [number]
