"""The languages that guests are written to in, by name."""

# Offered in the booking form; a booking site may name any other.
LANGUAGES = {
    "en": "English",
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "tr": "Turkish",
    "zh": "Chinese",
}


def name_of(language: str) -> str:
    """Returns a language as staff read it: "German" for de, "German (AT)" for de-AT, the code where it is not known."""
    plain, _, region = language.partition("-")
    return LANGUAGES.get(plain, plain) + (f" ({region})" if region else "")
