"""Texts for guests: the built-in ones, those that admins wrote, how they are checked and filled in."""

from webapp.services.texts.rendering import (
    FALLBACK,
    FOLDER,
    Paid,
    Text,
    Wording,
    built_in,
    facts,
    fill,
    for_template,
    in_force,
    isolated,
    language_of,
    money_of,
    placeholders,
    render,
    when,
)

__all__ = [
    "FALLBACK",
    "FOLDER",
    "Paid",
    "Text",
    "Wording",
    "built_in",
    "facts",
    "fill",
    "for_template",
    "in_force",
    "isolated",
    "language_of",
    "money_of",
    "placeholders",
    "render",
    "when",
]
