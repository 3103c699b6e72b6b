"""Help in plain words: everybody has it on every page, and reads what their role needs."""

from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.conftest import Browser


class Terms(HTMLParser):
    """Collects the terms of definition lists, and which of them have an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.terms, self.answers = "", [""], [""]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("dt", "dd"):
            self.inside = tag
            {"dt": self.terms, "dd": self.answers}[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.inside:
            {"dt": self.terms, "dd": self.answers}[self.inside][-1] += data.strip()


@pytest.mark.parametrize(
    ("who", "sees"),
    [("front_desk", ["desk"]), ("manager", ["desk", "manager"]), ("admin", ["desk", "manager", "admin"])],
)
def test_each_role_reads_what_it_can_do(app: Flask, request: pytest.FixtureRequest, who: str, sees: list[str]) -> None:
    page = request.getfixturevalue(who).get("/help").text

    assert [role for role in ("desk", "manager", "admin") if f'id="{role}"' in page] == sees
    assert "What is the difference between confirm and verify?" in page and "Not reached" in page


def test_every_question_and_word_has_an_answer(admin: Browser) -> None:
    found = Terms()

    found.feed(admin.get("/help").text)

    assert len(found.terms) == len(found.answers) > 40 and all(found.terms[1:]) and all(found.answers[1:])
    assert len(set(found.terms)) == len(found.terms)


@pytest.mark.parametrize("path", ["/", "/bookings", "/payments", "/account", "/queue", "/admin/settings"])
def test_every_page_leads_there(admin: Browser, path: str) -> None:
    assert 'href="/help"' in admin.get(path).text


def test_every_page_that_help_names_is_there(admin: Browser) -> None:
    page = admin.get("/help").text

    for path in ("/account", "/queue", "/queue/doctor", "/messages/failures", "/admin/people", "/admin/texts",
                 "/admin/settings", "/admin/audit", "/queue/help"):  # fmt: skip
        assert f'<a href="{path}">' in page and admin.get(path).status_code == 200
