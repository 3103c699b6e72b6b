"""Asking over HTTP by threads, with the seconds that each answer took."""

import http.client
import re
import time
import urllib.parse
from dataclasses import dataclass, field
from http.client import HTTPConnection

PATIENCE = 30.0


@dataclass
class Answer:
    """What came, and after how long. Status 0: nothing came."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    seconds: float = 0.0


def ask(
    url: str,
    method: str,
    path: str,
    *,
    form: dict[str, str] | None = None,
    body: str = "",
    headers: dict[str, str] | None = None,
    patience: float = PATIENCE,
) -> Answer:
    """Ask once, on a connection of its own; redirects are answers."""
    sent = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    content = urllib.parse.urlencode(form) if form is not None else body
    begun = time.monotonic()
    line = HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=patience)
    try:
        line.request(method, path, content or None, sent | (headers or {}))
        got = line.getresponse()
        text = got.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as failure:
        return Answer(0, repr(failure), seconds=time.monotonic() - begun)
    finally:
        line.close()
    cookies = got.headers.get_all("Set-Cookie") or []
    return Answer(got.status, text, dict(got.headers), cookies, time.monotonic() - begun)


def cookies_of(answer: Answer) -> str:
    """The header by which a browser would send back what it was given."""
    return "; ".join(cookie.partition(";")[0] for cookie in answer.cookies)


def sign_in(url: str, email: str, password: str) -> tuple[str, str]:
    """Sign in as a browser would; the cookies and the token of its forms."""
    page = ask(url, "GET", "/login")
    form = {"csrf_token": _token(page.text), "email": email, "password": password}
    done = ask(url, "POST", "/login", form=form, headers={"Cookie": cookies_of(page)})
    assert done.status == 303, done
    page = ask(url, "GET", "/bookings", headers={"Cookie": cookies_of(done)})
    return cookies_of(page), _token(page.text)  # The token's session is that of this answer.


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found, page[:300]
    return found.group(1)
