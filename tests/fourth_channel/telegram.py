"""Telegram, as a package of its own would add it; `install` is all that a house with it calls, before it makes the app.

Its texts stand beside, in `texts/<event>/<language>/telegram.txt`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from webapp import words
from webapp.channels import reasons, registry
from webapp.channels.base import Accepted, Kind, Outcome, Outgoing, Reason, Scope, Sighting, Unknown
from webapp.channels.http import CarefulClient, NeverSent, PerhapsTaken
from webapp.models import ChannelName
from webapp.models.names import Traits
from webapp.services import texts
from webapp.setting_values import kinds
from webapp.settings import Real, Settings
from webapp.words import Word

NAME, PROVIDER = "telegram", "telegram-bot"
TRAITS = Traits(address_field="phone", has_receipts=True, has_read_receipts=True, longest_text=4096)
CODES = {
    "400": Reason(Kind.PERMANENT, Scope.RECIPIENT, "No Telegram account has this number.", "Use another channel."),
    "403": Reason(Kind.PERMANENT, Scope.RECIPIENT, "The guest has blocked our bot.", "Use another channel."),
    "401": Reason(Kind.MISCONFIGURED, Scope.CHANNEL, "Telegram does not accept our token.", "Check TELEGRAM_TOKEN."),
}


class TelegramSettings(Settings):
    """The settings of a house that has Telegram too."""

    telegram_provider: Annotated[Literal["", "telegram-bot", "sandbox", "off"], Real(PROVIDER, ("telegram_token",))] = (
        ""
    )
    telegram_per_second: kinds.PerSecond = 0
    telegram_token: str = ""
    telegram_api_url: kinds.Page = "https://api.telegram.example"


def reason_for(code: str) -> Reason:
    """What a code of Telegram means; an unknown one is final."""
    text = f"Telegram refused it with the code {code}."
    return CODES.get(code, Reason(Kind.PERMANENT, Scope.RECIPIENT, text, "Use another channel."))


class TelegramChannel:
    """Posts to a bot's address."""

    provider = PROVIDER

    def __init__(self, settings: TelegramSettings, name: ChannelName) -> None:
        self.name, self.deadline = name, settings.handover_deadline
        self._client = CarefulClient(settings.provider_timeout)
        self._base = f"{settings.telegram_api_url}/bot{settings.telegram_token}"

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Post the text; an answer that was lost is unknown."""
        form = {"phone": outgoing.to, "text": outgoing.body, "token": outgoing.token}
        try:
            with self._client.call(self.deadline, before_body):
                answer = self._client.request("POST", f"{self._base}/sendMessage", data=form)
        except NeverSent as error:
            return reasons.as_outcome(reasons.OURS[error.code], error.code, error.detail)
        except PerhapsTaken as error:
            return Unknown(str(error))
        if answer.ok:
            return Accepted(str(json.loads(answer.text)["id"]))
        return reasons.as_outcome(reasons.explain(self.name, str(answer.status_code)), str(answer.status_code))

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:
        """Look for the attempt's own token."""
        return self._get(f"messages?token={outgoing.token}")

    def ask(self, provider_id: str) -> Sighting | None:
        """Ask what became of a message."""
        seen = self._get(f"messages?id={provider_id}")
        return seen[0] if seen else None

    def check_credentials(self) -> str:
        """Ask who we are."""
        return "" if self._get("messages?id=0") is not None else "Telegram does not answer."

    def _get(self, what: str) -> list[Sighting] | None:
        try:
            with self._client.call(self.deadline):
                answer = self._client.request("GET", f"{self._base}/{what}")
        except (NeverSent, PerhapsTaken):
            return None
        return [Sighting(row["id"], row["status"]) for row in json.loads(answer.text)] if answer.ok else None


def install() -> ChannelName:
    """Register the channel: its traits, words, provider, codes and texts."""
    words.CHANNEL[NAME] = Word("Telegram", icon="send")
    words.PROVIDER[PROVIDER] = Word("by Telegram")
    registry.PROVIDERS[PROVIDER] = lambda settings, name, _store: TelegramChannel(settings, name)
    reasons.TABLES[NAME] = reason_for
    texts.FOLDERS.append(Path(__file__).parent / "texts")
    return ChannelName.register(NAME, TRAITS)
