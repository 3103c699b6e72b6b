"""Reading forms out of a page, to post them as a browser would."""

import re
from html import unescape


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to an address, without its CSRF token.

    Raises:
        AssertionError: the page offers no such form.
    """
    hidden = re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', _form(page, action))
    return {name: unescape(value) for name, value in hidden if name != "csrf_token"}


def filled(page: str, action: str) -> dict[str, str]:
    """All fields of the form that posts to an address as the page has filled them in, ticks and texts left out."""
    fields = re.findall(r"<input\b([^>]*)>", _form(page, action))
    pairs = [dict(re.findall(r'\b(name|value|type)="([^"]*)"', field)) for field in fields]
    return {
        pair["name"]: unescape(pair.get("value", ""))
        for pair in pairs
        if pair["name"] != "csrf_token" and pair.get("type") != "checkbox"
    }


def _form(page: str, action: str) -> str:
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"the page has no form that posts to {action}"
    return form.group()


def offers(page: str, action: str) -> bool:
    """Whether a page has a form that posts to an address."""
    return f'action="{action}"' in page


def words_of(html: str) -> str:
    """The words of a page or fragment as one line, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
