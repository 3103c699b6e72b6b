"""What a guest would read of an act, channel by channel, without making a message."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.models import ChannelName, MessageStatus
from webapp.services.messages.compose import PreparedMessages

PROBE = "Qx7 Qx7"  # No text has it by itself, and no channel changes it.


@dataclass(frozen=True)
class Draft:
    """A message that an act would make."""

    channel: ChannelName
    to: str
    language: str
    subject: str
    body: str
    says_reason: bool  # Whether its text has a place for the reason.


def drafts(write: Callable[[str], PreparedMessages], reason: str) -> Sequence[Draft]:
    """Returns the messages that go out; `write` prepares those of the act with a reason."""
    rows, probes = write(reason).rows, write(PROBE).rows
    return [
        Draft(row["channel"], row["to_address"], row["language"], row["subject"], row["body"], _says(probe))
        for row, probe in zip(rows, probes, strict=True)
        if row["status"] is MessageStatus.WAITING
    ]


def _says(probe: Mapping[str, Any]) -> bool:
    # An approved template says what its variables say, whatever the text beside it.
    told = probe["content_variables"].values() if probe["content_sid"] else [probe["body"]]
    return any(PROBE in text for text in told)
