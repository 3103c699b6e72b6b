"""The words of consent, in whatever letters they are written."""

import pytest

from webapp.services.guests import stop_words
from webapp.services.guests.stop_words import STOP, STOP_ELSEWHERE, wish_of

WORDS = [*STOP, "CANCEL", "END", *(word for words in STOP_ELSEWHERE.values() for word in words.split())]


@pytest.mark.parametrize(
    "text",
    ["ＳＴＯＰ", "ЅТОР", "S.T.O.P.", "s t o p", "Stóp", "STOP ALL", "opt-out", "Arrêt", "arrete", "ΣΤΟΠ", "ŞTOP"],
)
def test_a_word_in_other_letters_is_the_word(text: str) -> None:
    assert wish_of(text) == "stop"


def test_every_word_is_of_one_meaning() -> None:
    assert {wish_of(word) for word in WORDS} == {"stop"}
    assert {wish_of(word) for word in stop_words.START} == {"start"}
