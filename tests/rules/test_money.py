"""Amounts are written in one place: whoever writes one by hand writes two decimals of a yen."""

import re

from tests.rules.source import ROOT, WEBAPP

# What is measured in seconds, and never paid.
SECONDS = re.compile(r"total_seconds\(\):\.2f")
BY_HAND = re.compile(r":,?\.[0-9]f|%\.[0-9]f|quantize\(Decimal\(\"0\.|\bhundredths\b")
NO_MONEY = ("webapp/migrations/",)
MONEY = re.compile(r"amount|price|paid|\bdue\b|cost|fee|total\b|currency", re.IGNORECASE)


def test_no_amount_is_written_with_decimals_of_its_own() -> None:
    files = [*WEBAPP.rglob("*.py"), *(ROOT / "tasks").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files
        if path.name != "money.py" and not str(path.relative_to(ROOT)).startswith(NO_MONEY)
        for line in path.read_text().splitlines()
        if BY_HAND.search(line) and MONEY.search(line) and not SECONDS.search(line)
    ]

    assert wrong == []
