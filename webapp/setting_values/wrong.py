"""Says what is wrong with a setting, without its value, which may be a secret."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

Context = Mapping[str, Any]

_WORDS: dict[str, Callable[[Context], str]] = {
    "int_parsing": lambda _: "it must be a whole number",
    "int_from_float": lambda _: "it must be a whole number",
    "int_parsing_size": lambda _: "it is far too large",
    "float_parsing": lambda _: "it must be a number",
    "finite_number": lambda _: "it must be a number, and a finite one",
    "bool_parsing": lambda _: "it must be true or false",
    "greater_than": lambda limit: f"it must be more than {limit['gt']:g}",
    "greater_than_equal": lambda limit: f"it must be at least {limit['ge']:g}",
    "less_than": lambda limit: f"it must be less than {limit['lt']:g}",
    "less_than_equal": lambda limit: f"it must be at most {limit['le']:g}",
    "literal_error": lambda limit: f"it must be {limit['expected']}".replace("''", "empty"),
    "too_short": lambda limit: f"it must have at least {limit['min_length']}",
    "value_error": lambda given: str(given["error"]),
}


def _otherwise(_: Context) -> str:
    return "it has another form than .env.example shows"


def sentence(invalid: ValidationError) -> str:
    """Returns one sentence that names each wrong setting and says what it must be."""
    sentences: dict[str, str] = {}
    for error in invalid.errors(include_input=False, include_url=False):
        name = str(error["loc"][0]).upper() if error["loc"] else "A setting"
        words = _WORDS.get(error["type"], _otherwise)(error.get("ctx", {}))
        sentences.setdefault(name, f"{name} cannot be used: {words}")
    return "; ".join(sentences.values()) + "."
