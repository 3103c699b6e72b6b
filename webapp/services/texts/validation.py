"""What a text for guests may hold: words, known placeholders, and parts that depend on a placeholder.

A lost answer is looked up at the provider by the booking's reference in the text. An SMS or WhatsApp message without
the reference could go out twice, so each must name it outside of any condition.
"""

import re
from collections.abc import Sequence

from webapp.i18n import gettext, number
from webapp.models import ChannelName, Event
from webapp.services.texts import rendering, sample
from webapp.services.texts.overrides import Wording

LONGEST_SUBJECT = 200
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
IF = re.compile(r"\{%\s*if\s+(\w+)\s*%\}")
END = re.compile(r"\{%\s*endif\s*%\}")
LOOSE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def clean(typed: str) -> str:
    """Returns a typed text with plain line breaks and without control characters."""
    plain = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or ord(c) >= 32).strip()


def problems(wording: Wording, event: Event, channel: ChannelName, language: str) -> dict[str, str]:
    """Returns what is wrong with a text, by field; nothing if it can be sent."""
    found = {"body": _broken(wording.body, event) or _unnamed(wording.body, channel)}
    if channel.has_subject:
        found["subject"] = _broken(wording.subject, event)
        if "\n" in wording.subject or len(wording.subject) > LONGEST_SUBJECT:
            found["subject"] = gettext(
                "Keep the subject on one line, within %(most)s characters.", most=LONGEST_SUBJECT
            )
    found = {field: sentence for field, sentence in found.items() if sentence}
    return found or _too_long(wording, event, channel, language)


def warning(wording: Wording, event: Event) -> str:
    """Returns a warning if a text confuses the booking's total with the payment; else an empty text."""
    named = set(PLACEHOLDER.findall(f"{wording.subject} {wording.body}"))
    if event not in rendering.ABOUT_PAYMENT or "amount" not in named or "payment_amount" in named:
        return ""
    return gettext(
        "{{ amount }} is what the whole booking costs, and not what was paid. "
        "Write {{ payment_amount }} for this payment, and {{ still_due }} for what is left."
    )


def listed(event: Event) -> str:
    """Returns the placeholders that a text of this event may use, as they are written."""
    return ", ".join(f"{{{{ {name} }}}}" for name in rendering.known(event))


def _broken(source: str, event: Event) -> str:
    if not source.strip():
        return gettext("Write something: an empty text cannot be sent.")
    if loose := LOOSE.search(TAG.sub("", source)):
        near = source[max(0, source.find(loose.group())) :][:20].strip()
        return gettext("Something near “%(near)s” is not closed. A placeholder is written as {{ name }}.", near=near)
    depth = 0
    for tag in TAG.findall(source):
        depth, problem = _step(tag, depth, rendering.known(event))
        if problem:
            known = gettext("Known placeholders: %(names)s.", names=listed(event))
            return f"{problem} {known}"
    return gettext("A part that begins with {% if … %} ends with {% endif %}: one has no end.") if depth else ""


def _step(tag: str, depth: int, known: Sequence[str]) -> tuple[int, str]:
    """Returns how deep inside a condition the text is after a tag, and what is wrong with the tag."""
    if END.fullmatch(tag):
        return depth - 1, "" if depth else gettext("There is an {% endif %} without its {% if … %}.")
    begins = IF.fullmatch(tag)
    match = begins or PLACEHOLDER.fullmatch(tag)
    if match is None:
        return depth, gettext(
            "%(tag)s cannot be used here. Write {{ name }}, or {%% if reason %%} … {%% endif %%}.", tag=tag[:40]
        )
    if match[1] not in known:
        return depth, gettext("%(tag)s is not known.", tag=tag)
    if begins and depth:
        return depth, gettext("One {% if … %} cannot stand inside another.")
    return depth + bool(begins), ""


def _unnamed(source: str, channel: ChannelName) -> str:
    """Returns why a message would not be found at its provider. An e-mail is found by its Message-ID."""
    if channel.has_message_id:
        return ""
    always = re.sub(rf"{IF.pattern}.*?{END.pattern}", "", source, flags=re.DOTALL)
    if "reference" in PLACEHOLDER.findall(always):
        return ""
    return gettext("Write {{ reference }} where it is always sent: by it a message is found again at the provider.")


def _too_long(wording: Wording, event: Event, channel: ChannelName, language: str) -> dict[str, str]:
    filled = rendering.fill(wording, channel, language, sample.values(event, language))
    longest, length = channel.longest_text, len(filled.body)
    if length <= longest:
        return {}
    sentence = gettext(
        "With the example booking this has %(length)s characters; at most %(most)s can be sent.",
        length=number(length), most=number(longest),
    )  # fmt: skip
    return {"body": sentence}
