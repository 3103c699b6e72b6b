"""What guests read: the built-in texts, those that admins wrote, how they are checked and rendered."""

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
