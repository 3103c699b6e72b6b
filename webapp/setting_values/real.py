"""The real provider of each channel, and the settings that it needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Real:
    """The real provider of a channel: its name, the settings that it needs (or another: `a|b`), and its deadline's."""

    name: str
    needs: tuple[str, ...]
    deadline: str = "handover_deadline"


_ACCOUNT = ("twilio_account_sid", "twilio_auth_token")
SMS = Real("twilio", (*_ACCOUNT, "twilio_sms_from|twilio_messaging_service_sid"))
WHATSAPP = Real("twilio", (*_ACCOUNT, "twilio_whatsapp_from|twilio_messaging_service_sid"))
EMAIL = Real("smtp", ("mail_server",), "mail_deadline")
