"""Finding the encoding of a text file.

UTF-8 and UTF-16 can be recognised. For all others the likely encodings are offered, each with a preview, and a person
chooses.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

from webapp.i18n import N_, gettext

# Python's name: the label on screen. They are tried in this order after the likely ones.
LABELS = {
    "cp1252": N_("Western Europe (Windows-1252)"), "cp1250": N_("Central Europe (Windows-1250)"),
    "cp1251": N_("Cyrillic (Windows-1251)"), "cp1253": N_("Greek (Windows-1253)"),
    "cp1254": N_("Turkish (Windows-1254)"), "cp1255": N_("Hebrew (Windows-1255)"),
    "cp1256": N_("Arabic (Windows-1256)"), "cp1257": N_("Baltic (Windows-1257)"), "cp932": N_("Japanese (Shift_JIS)"),
    "euc_jp": N_("Japanese (EUC-JP)"), "gb18030": N_("Simplified Chinese (GB18030, GBK)"),
    "big5hkscs": N_("Traditional Chinese (Big5)"), "cp949": N_("Korean (EUC-KR)"),
    "mac_roman": N_("Western Europe (older Mac)"), "mac_latin2": N_("Central Europe (older Mac)"),
    "cp850": N_("Western Europe (DOS 850)"), "cp852": N_("Central Europe (DOS 852)"),
    "cp437": N_("United States (DOS 437)"), "cp866": N_("Cyrillic (DOS 866)"), "koi8_r": N_("Russian (KOI8-R)"),
    "iso8859_1": N_("Western Europe (ISO 8859-1)"), "iso8859_2": N_("Central Europe (ISO 8859-2)"),
    "iso8859_5": N_("Cyrillic (ISO 8859-5)"), "iso8859_7": N_("Greek (ISO 8859-7)"),
    "iso8859_8": N_("Hebrew (ISO 8859-8)"), "iso8859_9": N_("Turkish (ISO 8859-9)"),
    "iso8859_15": N_("Western Europe (ISO 8859-15)"), "cp874": N_("Thai (Windows-874)"),
    "cp1258": N_("Vietnamese (Windows-1258)"),
}  # fmt: skip
_SAMPLE = 64 * 1024  # Bytes from which the likely encodings are guessed.
_PREVIEW_LINES = 4
_PREVIEW_LETTERS = 160


@dataclass(frozen=True)
class Choice:
    """An encoding in which a file can be read, with its first lines that are not ASCII."""

    name: str
    label: str
    preview: tuple[str, ...]


def choices(data: bytes) -> list[Choice]:
    """Returns the encodings that can read these bytes, likely ones first; of those with the same result only one."""
    alike: dict[str, list[str]] = {}
    for name in _likely(data):
        text = decode(data, name)
        if text is not None:
            alike.setdefault(text, []).append(name)
    usual = list(LABELS)
    return [
        Choice(name := min(names, key=usual.index), gettext(LABELS[name]), preview(text))
        for text, names in alike.items()
    ]


def decode(data: bytes, name: str) -> str | None:
    """Returns the text in this encoding; None if the bytes do not fit it."""
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return None if any("\x80" <= sign <= "\x9f" and sign != "\x85" for sign in set(text)) else text


def preview(text: str) -> tuple[str, ...]:
    """Returns the first lines that look different in other encodings."""
    lines = (line.strip() for line in text.splitlines() if not line.isascii())
    return tuple(line[:_PREVIEW_LETTERS] for line, _ in zip(lines, range(_PREVIEW_LINES), strict=False))


def _likely(data: bytes) -> Iterator[str]:
    """Yield all names, the likely ones first."""
    aliases = {"big5": "big5hkscs", "shift_jis": "cp932", "gbk": "gb18030", "gb2312": "gb18030", "euc_kr": "cp949"}
    matches = from_bytes(data[:_SAMPLE], cp_isolation=[*LABELS, *aliases])
    guessed = [aliases.get(match.encoding, match.encoding) for match in matches]
    yield from dict.fromkeys([*(name for name in guessed if name in LABELS), *LABELS])
