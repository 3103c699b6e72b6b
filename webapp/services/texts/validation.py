"""What a text for guests may hold: words, known placeholders, and parts that stand only where a placeholder is filled.

A look-up recognises a message at the provider by the booking's reference in its text: without it an SMS or WhatsApp
message whose answer got lost could go out twice. So each of those must name it, come what may.
"""

import re
from collections.abc import Sequence

from webapp.models import ChannelName, Event
from webapp.services.texts import rendering, sample
from webapp.services.texts.rendering import Wording

LONGEST = {ChannelName.SMS: 1600, ChannelName.WHATSAPP: 1600, ChannelName.EMAIL: 20_000}  # Twilio takes no more.
LONGEST_SUBJECT = 200
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
IF = re.compile(r"\{%\s*if\s+(\w+)\s*%\}")
END = re.compile(r"\{%\s*endif\s*%\}")
LOOSE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
NAMED = "Write {{ reference }} somewhere that is always sent: by it a message is found again at the provider."


def clean(typed: str) -> str:
    """A typed text with the line breaks of this house and no letters that no phone can show."""
    plain = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in "\n\t" or ord(c) >= 32).strip()


def problems(wording: Wording, event: Event, channel: ChannelName, language: str) -> dict[str, str]:
    """What is wrong with a text, by field; nothing where it can be sent."""
    found = {"body": _broken(wording.body, event) or _unnamed(wording.body, channel)}
    if channel is ChannelName.EMAIL:
        found["subject"] = _broken(wording.subject, event)
        if "\n" in wording.subject or len(wording.subject) > LONGEST_SUBJECT:
            found["subject"] = f"Keep the subject on one line, within {LONGEST_SUBJECT} characters."
    wrong = {field: sentence for field, sentence in found.items() if sentence}
    return wrong or _too_long(wording, event, channel, language)


def warning(wording: Wording, event: Event) -> str:
    """What a text that can be sent may say and not mean; empty where nothing."""
    named = set(PLACEHOLDER.findall(f"{wording.subject} {wording.body}"))
    if event not in rendering.ABOUT_PAYMENT or "amount" not in named or "payment_amount" in named:
        return ""
    return (
        "{{ amount }} is what the whole booking costs, and not what was paid. "
        "Write {{ payment_amount }} for this payment, and {{ still_due }} for what is left."
    )


def listed(event: Event) -> str:
    """The placeholders that a text of this event may use, as they are written."""
    return ", ".join(f"{{{{ {name} }}}}" for name in rendering.known(event))


def _broken(source: str, event: Event) -> str:
    if not source.strip():
        return "Write something: an empty text cannot be sent."
    if loose := LOOSE.search(TAG.sub("", source)):
        near = source[max(0, source.find(loose.group())) :][:20]
        return f"Something near “{near.strip()}” is not closed. A placeholder is written as {{{{ name }}}}."
    depth = 0
    for tag in TAG.findall(source):
        depth, wrong = _step(tag, depth, rendering.known(event))
        if wrong:
            return f"{wrong} Known placeholders: {listed(event)}."
    return "A part that begins with {% if … %} ends with {% endif %}: one has no end." if depth else ""


def _step(tag: str, depth: int, known: Sequence[str]) -> tuple[int, str]:
    """How deep inside a condition one is after a tag, and what is wrong with it."""
    if END.fullmatch(tag):
        return depth - 1, "" if depth else "There is an {% endif %} without its {% if … %}."
    begins = IF.fullmatch(tag)
    match = begins or PLACEHOLDER.fullmatch(tag)
    if match is None:
        return depth, f"{tag[:40]} cannot be used here. Write {{{{ name }}}}, or {{% if reason %}} … {{% endif %}}."
    if match[1] not in known:
        return depth, f"{tag} is not known."
    if begins and depth:
        return depth, "One {% if … %} cannot stand inside another."
    return depth + bool(begins), ""


def _unnamed(source: str, channel: ChannelName) -> str:
    """Why a text would not be found again at its provider. An e-mail is known by its Message-ID."""
    if channel is ChannelName.EMAIL:
        return ""
    always = re.sub(rf"{IF.pattern}.*?{END.pattern}", "", source, flags=re.DOTALL)
    return "" if "reference" in PLACEHOLDER.findall(always) else NAMED


def _too_long(wording: Wording, event: Event, channel: ChannelName, language: str) -> dict[str, str]:
    filled = rendering.fill(wording, channel, language, sample.values(event, language))
    longest, length = LONGEST[channel], len(filled.body)
    if length <= longest:
        return {}
    return {"body": f"With the example booking this has {length:,} characters; at most {longest:,} can be sent."}
