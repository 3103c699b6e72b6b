"""The catalogues of the pages' sentences: `python -m tests.support.catalogue` updates them, with `--check` it compares.

`webapp/translations/messages.pot` holds every sentence; `<language>/LC_MESSAGES/messages.po` its translations, and
`messages.mo` the same, compiled. What is new or was changed stands there without a translation, for somebody to write.
"""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from webapp import i18n

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "webapp" / "translations"
LANGUAGES = tuple(code for code in i18n.LANGUAGES if code != i18n.ENGLISH)


def reasons(file: IO[bytes], *_: object, options: object) -> Iterator[tuple[int, str, str, list[str]]]:
    """Every sentence in a table of codes: `Reason` translates them when they are read."""
    tree = ast.parse(file.read())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and id(node) not in docstrings
            and re.fullmatch(r"[A-Z].* .*\.", str(node.value))
        ):
            yield node.lineno, "_", node.value, []


METHODS = [("webapp/channels/**codes.py", reasons), ("webapp/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}}
# Functions, and which of their arguments are sentences; None is the first.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "Word": None, "Act": None}
HEAD = "# The sentences of Bellhop's pages. Collected by `make catalogue`."
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
NOT_FOR_PAGES = ("templates/texts/", "templates/mail/", "webapp/migrations/")


def extracted() -> Catalog:
    """Returns every sentence of pages, with the files that say it."""
    catalog = Catalog(project="Bellhop", charset="utf-8", fuzzy=False, header_comment=HEAD)
    found = extract_from_dir(ROOT, METHODS, OPTIONS, keywords=KEYWORDS)
    for name, _line, sentence, comments, context in sorted(found, key=lambda row: (row[0], row[1])):
        if not name.startswith(NOT_FOR_PAGES):
            catalog.add(sentence, None, [(name, None)], auto_comments=comments, context=context)
    return catalog


def stored(path: Path) -> Catalog:
    """Returns a language's catalogue as it stands in the repository; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale=path.parts[-3], fuzzy=False, header_comment=HEAD)
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def po_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def text_of(catalog: Catalog) -> bytes:
    """Returns a catalogue as its file has it: without dates and line numbers, which change with every line of code."""
    out = BytesIO()
    write_po(out, catalog, width=120, omit_header=False, include_lineno=False, ignore_obsolete=True)
    names = (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Generated-By",
        "Last-Translator",
        "Language-Team",
        "Report-Msgid",
        "Project-Id",
    )
    dates = tuple(f'"{name}'.encode() for name in names)
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(dates))


def updated(language: str, template: Catalog) -> Catalog:
    """Returns a language's catalogue with the sentences of the template, each with the translation that it has."""
    catalog = stored(po_of(language))
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """Returns the compiled catalogue; its head has no date of today, so that the same words give the same bytes."""
    catalog.creation_date = catalog.revision_date = WRITTEN
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def problems(language: str) -> Iterator[str]:
    """Returns what is missing or wrong in a language, a line each."""
    catalog = stored(po_of(language))
    for message in (message for message in catalog if message.id):
        yield from (f"{language}: {fault} in {message.id!r}" for fault in faults(message, catalog))


def faults(message: Message, catalog: Catalog) -> Iterator[str]:
    """Returns what is wrong with one translation."""
    wanted = message.id if isinstance(message.id, tuple) else (message.id,)
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(said):
        yield "no translation"
        return
    yield from (str(error) for error in message.check(catalog))
    names = set().union(*map(placeholders, wanted))
    yield from (f"{name} is not in the sentence" for text in said for name in sorted(placeholders(text) - names))
    # Of a plural each form may do without: "a message".
    if len(wanted) == 1 and names - placeholders(said[0]):
        yield "a placeholder is missing"


def placeholders(text: str) -> set[str]:
    """Returns the names of `%(name)s` in a sentence."""
    return {part.partition(")")[0] for part in text.split("%(")[1:]}


def files() -> dict[Path, bytes]:
    """Returns every file of the catalogues as it should be."""
    template = extracted()
    found = {FOLDER / "messages.pot": text_of(template)}
    for language in LANGUAGES:
        catalog = updated(language, template)
        found |= {po_of(language): text_of(catalog), po_of(language).with_suffix(".mo"): compiled(catalog)}
    return found


def main() -> int:
    wanted = files()
    if "--check" not in sys.argv:
        for path, content in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        wrong = []
    else:
        wrong = [
            f"{path.relative_to(ROOT)} is out of date: run `make catalogue`"
            for path, content in wanted.items()
            if not path.exists() or path.read_bytes() != content
        ]
    wrong += [line for language in LANGUAGES for line in problems(language)]
    print("\n".join(wrong[:50]), f"{len(wrong)} problems" if wrong else "", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
