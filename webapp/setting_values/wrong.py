"""Says what is wrong with a setting, without its value, which may be a secret."""

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from webapp.faults import N_
from webapp.setting_values import Unusable

# By the kind of the error. Limits are filled in by the names that pydantic gives them.
_WORDS: Mapping[str, str] = {
    "int_parsing": N_("it must be a whole number"),
    "int_from_float": N_("it must be a whole number"),
    "int_parsing_size": N_("it is far too large"),
    "float_parsing": N_("it must be a number"),
    "finite_number": N_("it must be a number, and a finite one"),
    "bool_parsing": N_("it must be true or false"),
    "greater_than": N_("it must be more than %(gt)s"),
    "greater_than_equal": N_("it must be at least %(ge)s"),
    "less_than": N_("it must be less than %(lt)s"),
    "less_than_equal": N_("it must be at most %(le)s"),
    "literal_error": N_("it must be %(expected)s"),
    "too_short": N_("it must have at least %(min_length)s"),
}
_OTHERWISE = N_("it has another form than .env.example shows")


def sentence(invalid: ValidationError) -> str:
    """Returns one sentence that names each wrong setting and says what it must be."""
    sentences: dict[str, str] = {}
    for error in invalid.errors(include_input=False, include_url=False):
        name = str(error["loc"][0]).upper() if error["loc"] else "A setting"
        sentences.setdefault(name, f"{name} cannot be used: {_reason(error)}")
    return "; ".join(sentences.values()) + "."


def reason(invalid: ValidationError) -> Unusable:
    """Returns what the first wrong value must be."""
    return _reason(invalid.errors(include_input=False, include_url=False)[0])


def _reason(error: ErrorDetails) -> Unusable:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return Unusable(str(context["error"]))
    limits = {name: f"{limit:g}" if isinstance(limit, int | float) else str(limit) for name, limit in context.items()}
    if "expected" in limits:
        limits["expected"] = limits["expected"].replace("''", "empty")
    return Unusable(_WORDS.get(error["type"], _OTHERWISE), limits)
