"""A language that nobody speaks: each sentence of the pages in brackets, its letters accented, written from the right.

A sentence without brackets is one that did not go through the catalogue, and a page that is mirrored badly shows it.
"""

import re
from pathlib import Path

from babel.messages import Catalog, Message

from tests.support.catalogue import compiled, extracted

LANGUAGE = "ar"  # Written from right to left; its six plural forms are all the same here.
BRACKETS = "⟦⟧"
ACCENTED = str.maketrans("aeiouycnsAEIOUYCNS", "àéîöûýçñšÀÉÎÖÛÝÇÑŠ")
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^<>]*>|&\w+;)")


def write_catalogue(folder: Path) -> Path:
    """Write the compiled catalogue below a folder, as Flask-Babel reads it. Returns the folder."""
    catalog = Catalog(locale=LANGUAGE, charset="utf-8", fuzzy=False)
    for message in extracted():
        if message.id:
            catalog.add(message.id, _translation(message, catalog.num_plurals), context=message.context)
    path = folder / LANGUAGE / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled(catalog))
    return folder


def _translation(message: Message, plurals: int) -> str | tuple[str, ...]:
    if not isinstance(message.id, tuple):
        return said(message.id)
    return tuple(said(message.id[-1]) for _ in range(plurals))


def said(sentence: str) -> str:
    """Returns a sentence in this language; placeholders and markup stay."""
    parts = _KEPT.split(sentence)
    accented = (part if number % 2 else part.translate(ACCENTED) for number, part in enumerate(parts))
    return f"{BRACKETS[0]}{''.join(accented)}{BRACKETS[1]}"
