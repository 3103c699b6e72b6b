"""Posts `{"text": …}` to a chat's webhook (Slack and others). The address is a secret, so it is never logged."""

import json
from html import escape

from webapp.channels.http import CarefulClient, NeverSent, PerhapsTaken

STEP_SECONDS, TOTAL_SECONDS = 5.0, 10.0  # One socket operation, and the whole call: a server may drip for ever.


def post(url: str, text: str) -> str:
    """Post a text. Returns why it was not taken, in a sentence; empty if it was. No redirect is followed."""
    client = CarefulClient(STEP_SECONDS)
    body = json.dumps({"text": escape(text, quote=False)}).encode()  # Slack asks for &, < and > to be escaped.
    try:
        with client.call(TOTAL_SECONDS):
            answer = client.request("POST", url, data=body, headers={"Content-Type": "application/json"})
    except NeverSent as error:
        return f"It could not be reached ({error.detail})."
    except PerhapsTaken:
        return "It took the call, but gave no whole answer in time."
    if answer.status_code in range(300, 400):
        return f"It answered {answer.status_code}: the address has moved, and redirects are not followed."
    return "" if answer.ok else f"It answered {answer.status_code}."
