"""The settings that admins may change on a page, in the groups and with the words of that page. None is a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.i18n import N_
from webapp.settings import Settings


@dataclass(frozen=True)
class Field:
    """One setting as its form asks for it."""

    label: str
    hint: str
    type: str = "text"
    warning: str = ""  # What else a change does.


@dataclass(frozen=True)
class Group:
    """Settings that are saved together."""

    name: str
    title: str
    fields: Mapping[str, Field]


GROUPS = (
    Group(
        "business",
        N_("Your business"),
        {
            "business_name": Field(N_("Name"), N_("Guests read it in messages, staff on every page.")),
            "business_phone": Field(
                N_("Phone"),
                N_("Messages that ask guests to contact you give this number. If it is empty, they give none."),
                "tel",
            ),
            "business_colour": Field(N_("Colour"), N_("The bar on top of e-mails to guests."), "color"),
        },
    ),
    Group(
        "place",
        N_("Time, money and phone numbers"),
        {
            "timezone": Field(
                N_("Time zone"),
                N_("A city of your region, such as Europe/Paris."),
                warning=N_(
                    "All times on pages and in new messages move to the new zone, and days begin at its midnight. "
                    "Bookings keep their moment: one at 10:00 in the old zone shows another hour. "
                    "Messages that were written already keep their text."
                ),
            ),
            "default_currency": Field(
                N_("Currency"),
                N_(
                    "New bookings start with it: three capitals, such as EUR. If it is empty, the currency of the "
                    "newest booking is used."
                ),
            ),
            "default_phone_region": Field(
                N_("Country of phone numbers"),
                N_("For numbers that are typed without a country code: two capitals, such as US or GB."),
            ),
        },
    ),
    Group(
        "messages",
        N_("Messages"),
        {
            "undo_seconds": Field(
                N_("Seconds to undo"),
                N_("How long a click can be undone before its messages go out. With 0 they go out at once."),
                "number",
            ),
            "sms_part_price": Field(
                N_("Price of one SMS part"), N_("What your provider charges. 0: no cost is shown."), "number"
            ),
            "sms_price_currency": Field(N_("Currency of that price"), N_("Three capitals, such as USD.")),
        },
    ),
    Group(
        "alerts",
        N_("Alerts"),
        {
            "alert_emails": Field(
                N_("Who is told by e-mail"),
                N_("Addresses with commas between. They hear when something is wrong, and when it is over."),
            ),
        },
    ),
)
FIELDS = {name: field for group in GROUPS for name, field in group.fields.items()}


def text_of(value: Any) -> str:
    """Returns a value as the environment writes it."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def default(name: str) -> str:
    """Returns the default of a setting, as a text."""
    return text_of(Settings.model_fields[name].default)
