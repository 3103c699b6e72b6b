"""Encodings: a file is read right or asked about, and never silently wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.services.parsing import csv_reader, encodings
from webapp.services.parsing.csv_reader import UndecidedError

NAMES = {
    "cp1252": "Zoë Brännström|François Lefèvre|Íñigo Muñoz", "cp1250": "Łukasz Żak|Jiří Dvořák|Győző Kő",
    "cp1251": "Анна Иванова|Пётр Щукин", "cp1253": "Γιώργος Παπαδόπουλος|Άννα", "cp1254": "Ayşe Yılmaz|Gülşen Işık",
    "cp1255": "דוד כהן|שרה לוי", "cp1256": "محمد علي|فاطمة", "cp1257": "Jānis Bērziņš|Žydrūnas",
    "cp932": "山田 花子|髙橋 一郎|ソフィ", "euc_jp": "山田 花子|佐藤", "gb18030": "王小明|张伟|联通",
    "big5hkscs": "陳大文|黃小明",
    "cp949": "김철수|이영희", "mac_roman": "Zoë Brännström|Müller", "cp850": "Jörg Weiß|Señor Núñez",
    "cp437": "Jörg Weiß|Señor", "cp852": "Łukasz Żak|Kovács Őr", "cp866": "Анна Иванова", "koi8_r": "Анна Иванова",
    "iso8859_1": "Jörg Weiß", "iso8859_2": "Łukasz Żak", "iso8859_5": "Анна", "iso8859_7": "Γιώργος",
    "iso8859_9": "Ayşe Yılmaz", "iso8859_15": "Zoë œuvre €5", "cp874": "สมชาย", "mac_latin2": "Łukasz Żak",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_three_names_in_any_encoding_are_asked_about_and_the_right_one_is_offered(name: str) -> None:
    text = "Name,Phone\n" + "".join(f"{one},+14155550101\n" for one in NAMES[name].split("|"))
    data = text.encode(name)

    with pytest.raises(UndecidedError):
        csv_reader.decode(data)

    assert text in [encodings.decode(data, choice.name) for choice in encodings.choices(data)]
    assert csv_reader.decode(data, name) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", NAMES)
def test_what_says_its_encoding_itself_is_read_without_a_question(name: str, encoding: str) -> None:
    text = f"Name,Phone\n{NAMES[name]},5\n"

    assert csv_reader.decode(text.encode(encoding)) == text


@given(st.lists(st.sampled_from(sorted(NAMES)), min_size=1, max_size=3), st.randoms())
@settings(max_examples=60, deadline=None)
def test_no_table_of_names_is_ever_read_wrong_in_silence(picked: list[str], random: object) -> None:
    for name in picked:
        text = f"Name,Phone\n{random.choice(NAMES[name].split('|'))},1\n"  # type: ignore[attr-defined]
        try:
            assert csv_reader.decode(text.encode(name)) == text
        except UndecidedError:
            assert text in [
                encodings.decode(text.encode(name), one.name) for one in encodings.choices(text.encode(name))
            ]


def test_encodings_that_read_a_file_alike_are_offered_once_with_its_lines() -> None:
    offered = encodings.choices("Name\nJörg\nAnn\n".encode("cp1252"))

    assert len({choice.preview for choice in offered}) == len(offered)
    assert [choice.preview for choice in offered if choice.name in ("cp1252", "iso8859_1")] == [("Jörg",)]
