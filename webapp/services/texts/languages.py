"""The languages that guests are written to in, by name."""

from babel import Locale

from webapp.i18n import reader

# Offered in the booking form; a booking site may name any other.
OFFERED = ("ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "tr", "zh")


def offered() -> dict[str, str]:
    """Returns the offered languages by code, English first, with their names in the language of the reader."""
    named = {code: name_of(code) for code in OFFERED}
    return {"en": name_of("en"), **dict(sorted(named.items(), key=lambda pair: pair[1]))}


def name_of(language: str, told_in: Locale | None = None) -> str:
    """Returns "German" for de, "German (AT)" for de-AT, and an unknown code itself, in the language of the reader."""
    plain, _, region = language.partition("-")
    return str((told_in or reader()).languages.get(plain, plain)) + (f" ({region})" if region else "")
