"""docs/reliability.md leaves nothing out, and names only tests that there are: it is what somebody trusts us by."""

import ast
import re

import pytest

from tests.chaos.record import BEGIN, END, PAGE, named
from webapp.channels.twilio_codes import CODES
from webapp.settings import ROOT

TEXT = PAGE.read_text()
BY_HAND, _, BY_THE_RUN = TEXT.partition(BEGIN)
TESTS = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
CHAOS = sorted((ROOT / "tests" / "chaos").glob("test_*.py"))

# The first words of each row of the research behind it: what Celery on Redis does, and the stages of a mail.
TRANSPORT = (
    "a worker is killed between popping", "warm shutdown", "a half-open connection", "a worker is killed with -9",
    "a child of the pool", "a task runs longer", "a countdown longer", "the connection blips",
    "Redis is killed without", "Redis is killed with one", "FLUSHALL", "`maxmemory`", "an eviction policy",
    "a publish times out", "`task_publish_retry`",
)  # fmt: skip
MAIL = (
    "connect, TLS, EHLO", "login refused (535)", "MAIL FROM 4xx", "MAIL FROM 5xx", "RCPT 450", "RCPT 550", "552",
    "DATA or the final reply 4xx", "the final reply 5xx", "cut or timeout after the body", "the final 250",
)  # fmt: skip
CODES_OF_THE_RESEARCH = (
    "14107 20003 20005 20008 20404 20422 20429 20500 20503 21211 21212 21217 21219 21401 21408 21421 21602 21603 21604 "
    "21606 21607 21608 21610 21611 21612 21614 21617 21620 21623 21654 21655 21656 21703 21704 21705 30001 30002 30003 "
    "30004 30005 30006 30007 30008 30010 30017 30018 30020 30021 30022 30023 30024 30027 30032 30034 30035 30036 30410 "
    "30450 30500 60005 63001 63002 63003 63005 63006 63007 63008 63009 63010 63012 63013 63014 63015 63016 63017 63018 "
    "63020 63021 63022 63023 63024 63027 63028 63030 63032 63033 63038 63040 63041 63042 63049 63051"
)


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("first_words", TRANSPORT + MAIL)
def test_every_row_of_the_research_is_there(first_words: str) -> None:
    """A fault that was known and is not on the page is one that nobody looked after."""
    assert len([row for row in rows(BY_HAND) if row[0].startswith(first_words)]) == 1


def test_every_code_of_the_research_and_of_our_table_is_there() -> None:
    """A code that is on the page is one whose outcome somebody chose."""
    found = {code for row in rows(BY_HAND) for code in re.findall(r"\b\d{5}\b", row[0])}

    assert set(CODES_OF_THE_RESEARCH.split()) <= found
    assert {code for code in CODES if code.isdigit()} - found == {"20006", "21910"}  # They came after the research.


@pytest.mark.parametrize("name", sorted(set(named(TEXT))))
def test_every_named_test_is_there(name: str) -> None:
    """A proof that was renamed or removed is a proof no more."""
    file, _, function = name.partition("::")

    assert f"def {function}(" in TESTS[file].read_text()


def _marked() -> list[str]:
    """The chaos tests that say what they prove, as the page names them."""
    return [
        f"{path.name}::{node.name}"
        for path in CHAOS
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and any("mark.proves" in ast.unparse(mark) for mark in node.decorator_list)
    ]


def test_every_proof_is_in_the_part_that_the_run_wrote() -> None:
    """Run `make chaos` after adding one: the page then has its row, and the seed that it passed with."""
    assert sorted(named(BY_THE_RUN)) == sorted(_marked())
    assert END in BY_THE_RUN and re.search(r"--seed=\d+", BY_THE_RUN)


def test_every_chaos_test_says_what_it_proves() -> None:
    """What is broken and what held stands beside the test, not in a head; findings are sentences themselves."""
    tests = [
        f"{path.name}::{node.name}"
        for path in CHAOS
        if path.name != "test_findings.py"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]

    assert sorted(tests) == sorted(_marked())


def test_the_ways_to_double_a_message_are_four() -> None:
    """They are the promise's small print: a fifth needs a decision, and a line here."""
    section = TEXT.partition("## How a message can still go out twice")[2].partition("\n## ")[0]

    assert re.findall(r"^(\d)\. \*\*", section, re.MULTILINE) == ["1", "2", "3", "4"]
