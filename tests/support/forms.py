"""Reading forms out of a page, to post them as a browser would."""

import re
from html import unescape


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to an address, without its CSRF token.

    Raises:
        AssertionError: the page offers no such form.
    """
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"the page has no form that posts to {action}"
    hidden = re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', form.group())
    return {name: unescape(value) for name, value in hidden if name != "csrf_token"}


def offers(page: str, action: str) -> bool:
    """Whether a page has a form that posts to an address."""
    return f'action="{action}"' in page
