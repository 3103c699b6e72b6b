"""Texts for guests: the built-in ones, those that admins wrote, how they are checked and filled in."""

from webapp.services.texts.overrides import Wording
from webapp.services.texts.rendering import (
    FALLBACK,
    FOLDER,
    FOLDERS,
    Paid,
    Text,
    built_in,
    facts,
    fill,
    in_force,
    language_of,
    money_of,
    placeholders,
    render,
    variables,
    when,
)

__all__ = [
    "FALLBACK", "FOLDER", "FOLDERS", "Paid", "Text", "Wording", "built_in", "facts", "fill", "in_force",
    "language_of", "money_of", "placeholders", "render", "variables", "when",
]  # fmt: skip
