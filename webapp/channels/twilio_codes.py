"""Twilio's error codes: what each means to us, what happened in a clerk's words, and what helps.

Twilio warns that codes may be added or change meaning. An unknown code is final, and pages show the raw code with a
link. Source: https://www.twilio.com/docs/api/errors
"""

from dataclasses import replace

from webapp.channels.base import Kind, Reason, Scope
from webapp.i18n import gettext

PAGE = "https://www.twilio.com/docs/api/errors/"

_AGAIN = "Nothing to do: it is tried again by itself."
_LATER = "Retry later by hand, or use another channel."
_OTHER = "Use another channel, or ask the guest for another number."
_CHECK = "Check the number with the guest, correct it on the booking and resend."
_ADMIN = "An admin should look at the Twilio account; messages wait until it is mended."
_SENDER = "An admin should check the sender in the settings."
_TOMORROW = "Retry tomorrow, or use another channel."
_WRITER = "An admin should look at this text; sending it again as it is will not help."
_ELSEWHERE = "Send it by SMS or e-mail."


def _all(
    kind: Kind, scope: Scope, rows: dict[str, tuple[str, str]], wait: float = 0, *, uses_try: bool = True
) -> dict[str, Reason]:
    """Reasons by code. Each row: its codes, what happened, what helps."""
    each = [(code, row) for codes, row in rows.items() for code in codes.split()]
    return {code: Reason(kind, scope, *row, f"{PAGE}{code}", wait, uses_try) for code, row in each}


ADDRESS = _all(Kind.PERMANENT, Scope.RECIPIENT, {
    "21211 21401 21421": ("This is not a phone number that exists.", _CHECK),
    "21217": ("This does not look like a phone number.", _CHECK),
    "21219 21608": ("The Twilio trial account may only write to numbers that were verified there.",
        "An admin should verify this number at Twilio or upgrade the account."),
    "21408": ("Our Twilio account may not send to this country.", "An admin can allow it at Twilio (geo permissions)."),
    "21610": ("The guest has replied STOP to our messages.",
        "Use e-mail or call; a text of START from the guest undoes it."),
    "21612": ("Our sender cannot reach this number.", _OTHER),
    "21614": ("This number cannot receive texts; it may be a landline.", _OTHER),
    "30004": ("The guest's carrier or phone blocks our messages, or the number is a landline.", _OTHER),
    "30005": ("The carrier does not know this number; it may be wrong or no longer in use.", _CHECK),
    "30006": ("This is a landline, or its carrier cannot be reached.", _OTHER),
    "30010": ("It would have cost more than the highest price that was set.", "An admin should look at it."),
    "30036": ("It waited too long at Twilio and was not sent any more.", "Call the guest if the booking is near."),
    "63003": ("There is no WhatsApp on this number.", _ELSEWHERE),
    "63014 63033": ("The guest has blocked our WhatsApp number.", "Use another channel that the guest agreed to."),
    "63015": ("This phone has not joined the WhatsApp test area.", "Its owner must send the join word first."),
    "63024": ("WhatsApp does not accept this number.", _ELSEWHERE),
    "63032": ("WhatsApp does not let us write to this guest at present.", _ELSEWHERE),
    "63049": ("WhatsApp held this message back for this guest.", _ELSEWHERE),
})  # fmt: skip

TEXT = _all(Kind.PERMANENT, Scope.TEMPLATE, {
    "20422": ("Twilio could not read what Bellhop sent.", _WRITER),
    "21602": ("The message has no text.", _WRITER),
    "21603": ("The message has no sender.", _WRITER),
    "21604": ("The message has no phone number.", "Add one to the booking and resend."),
    "21617": ("The text is longer than 1,600 characters.", "Shorten the text; an admin can do so."),
    "21620": ("The picture's address is not valid.", _WRITER),
    "21623": ("The picture could not be fetched.", _WRITER),
    "21654": ("The WhatsApp template is missing its Content SID.", _WRITER),
    "21655": ("The WhatsApp template's Content SID is not valid.", _WRITER),
    "21656": ("The WhatsApp template's variables do not fit it.", _WRITER),
    "30007": ("The carrier took it for spam.", "An admin should look at the text; until then call or e-mail."),
    "63005": ("WhatsApp did not accept the text.", _WRITER),
    "63006": ("WhatsApp could not use the text.", _WRITER),
    "63013": ("The text breaks a rule of WhatsApp, such as an empty variable or a line break in one.", _WRITER),
    "63016": ("WhatsApp takes free text only within 24 hours of the guest's last message.",
        "An admin should add an approved template for this event; until then use SMS or e-mail."),
    "63021": ("The WhatsApp text is too long or not valid.", _WRITER),
    "63027": ("The WhatsApp template does not exist in this language.", _WRITER),
    "63028": ("The number of variables does not fit the WhatsApp template.", _WRITER),
    "63030": ("WhatsApp does not know a part of the message.", _WRITER),
    "63040": ("WhatsApp has rejected the template.", _WRITER),
    "63041": ("WhatsApp has paused the template, since guests complained of it.", _WRITER),
    "63042": ("WhatsApp has switched the template off.", _WRITER),
})  # fmt: skip

ACCOUNT = _all(Kind.MISCONFIGURED, Scope.CHANNEL, {
    "20003": ("Twilio does not accept our login.",
        "An admin should check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; messages wait until then."),
    "20005": ("The Twilio account is not active.", _ADMIN),
    "20006": ("Our Twilio login may not do this.", _ADMIN),
    "20008": ("Test credentials of Twilio cannot do this.", "An admin should set the live credentials."),
    "20404": ("Twilio does not know the account in our settings.", "An admin should check TWILIO_ACCOUNT_SID."),
    "21212": ("Our sender number is not valid.", _SENDER),
    "21606": ("Our sender number cannot send texts.", _SENDER),
    "21607": ("Our sender number does not belong to the Twilio account.", _SENDER),
    "21703": ("The messaging service has no number that could send this.", _ADMIN),
    "21704": ("The messaging service has no numbers.", _ADMIN),
    "21705": ("Twilio does not know our messaging service.", "An admin should check TWILIO_MESSAGING_SERVICE_SID."),
    "21910": ("Our sender does not fit the channel.", _SENDER),
    "30002": ("The Twilio account is suspended.", _ADMIN),
    "30018": ("Our sender is not registered for this country.", _ADMIN),
    "30024": ("Our sender is not set up at the carrier.", _ADMIN),
    "30032": ("Our toll-free sender is not verified.", _ADMIN),
    "30034": ("Our sender is not registered with the US carriers.", _ADMIN),
    "30035": ("Our sender's registration with the US carriers is not finished.", _ADMIN),
    "63001": ("WhatsApp does not accept our login.", _ADMIN),
    "63002": ("Our WhatsApp sender is not set up.", _ADMIN),
    "63007": ("Our WhatsApp sender does not exist at Twilio.", "An admin should check TWILIO_WHATSAPP_FROM."),
    "63008": ("Our WhatsApp sender is set up wrongly.", _ADMIN),
    "63020": ("Our WhatsApp business account is not verified or was closed.", _ADMIN),
    "63022": ("Our WhatsApp sender's name is not confirmed.", _ADMIN),
    "63051": ("Our WhatsApp business account is locked.", _ADMIN),
})  # fmt: skip

PASSING = {
    **_all(Kind.TEMPORARY, Scope.CHANNEL, {
        "20429": ("Twilio had too many requests of ours at once; it did not take this one.", _AGAIN),
        "20503": ("Twilio was out of order for a moment.", _AGAIN),
        "30017": ("The carrier's network is crowded.", _LATER),
        "30020 30021 63010": ("Twilio had a fault of its own.", _LATER),
        "30022": ("More was sent than the carriers allow us.", _LATER),
        "60005": ("The carrier had a fault of its own.", _LATER),
        "63009 63012 63023": ("WhatsApp had a fault of its own.", _LATER),
        "63017 63018": ("More was sent than WhatsApp allows us at once.", _AGAIN),
    }),
    **_all(Kind.TEMPORARY, Scope.CHANNEL, {
        "21611": ("Our sender's queue at Twilio is full.", "It is tried again in a quarter of an hour."),
        "30001": ("Our queue at Twilio was full.", _LATER),
    }, wait=15 * 60, uses_try=False),  # A limit of ours says nothing about this message.
    **_all(Kind.TEMPORARY, Scope.CHANNEL, {
        "30023 30027": ("Our sender has reached what the carriers allow it for one day.", _TOMORROW),
        "63038": ("WhatsApp's number of messages for one day is used up.", _TOMORROW),
    }, wait=6 * 3600, uses_try=False),
    **_all(Kind.TEMPORARY, Scope.RECIPIENT, {
        "30003": ("The guest's phone is off, without signal, or a landline.",
            "Retry in an hour, or use another channel."),
        "30450": ("Twilio blocked it as a likely fraud, for up to half an hour.", "Retry in half an hour."),
    }, wait=30 * 60),
    **_all(Kind.TEMPORARY, Scope.RECIPIENT, {
        "30008": ("The carrier gave no reason why it was not delivered.", "Retry once, then use another channel."),
    }),
    **_all(Kind.TEMPORARY, Scope.RECIPIENT, {
        "14107": ("Too many messages went to and fro with this number; an automatic reply may answer ours.", _AGAIN),
    }, wait=30),
}  # fmt: skip

DOUBTFUL = _all(Kind.UNKNOWN, Scope.CHANNEL, {
    "20500": ("Twilio had a fault, and may have taken it or not.", "Nothing to do: Twilio is asked before a repeat."),
    "30410": ("The carrier did not answer; it may have arrived or not.", "Ask the guest before sending again."),
})  # fmt: skip

# Answers without a code of Twilio's: only the HTTP status is known, and a proxy may have written it.
_SAME = {"401": "20003", "403": "20006", "404": "20404", "429": "20429", "503": "20503"}
HTTP: dict[str, Reason] = {
    **{f"http-{status}": replace((ACCOUNT | PASSING)[code], link="") for status, code in _SAME.items()},
    "http-402": Reason(Kind.MISCONFIGURED, Scope.CHANNEL, "The Twilio account has no money left.", _ADMIN),
    "http-407": Reason(Kind.MISCONFIGURED, Scope.CHANNEL, "The proxy between us and Twilio asks for a login.", _ADMIN),
    "http-408": Reason(Kind.TEMPORARY, Scope.CHANNEL, "The request reached Twilio too slowly.", _AGAIN),
    "http-425": Reason(Kind.TEMPORARY, Scope.CHANNEL, "The request reached Twilio too early.", _AGAIN),
}

CODES: dict[str, Reason] = {**ADDRESS, **TEXT, **ACCOUNT, **PASSING, **DOUBTFUL, **HTTP}


# Of these codes the guest's number or wish is the cause: they say nothing of other guests.
OF_ONE_GUEST = frozenset({
    "21211", "21217", "21401", "21421", "21610", "21614", "30004", "30005", "30006", "63003", "63014", "63024", "63032",
    "63033",
})  # fmt: skip


def reason_for(code: str) -> Reason:
    """Returns what a code means; an unknown one is final, so that nothing is repeated blindly."""
    if code in CODES:
        return CODES[code]
    status = code.removeprefix("http-")
    if status != code and status.isdigit():
        return _of_status(int(status))
    known = {"code": code or "(none)"}
    text = gettext("The provider refused it with the code %(code)s, which is not in Bellhop's list.", **known)
    helps = "Open the code's page to read what it means, then correct the message or send it again."
    return Reason(Kind.PERMANENT, Scope.RECIPIENT, text, helps, f"{PAGE}{code}" if code.isdigit() else "")


def _of_status(status: int) -> Reason:
    if status >= 500:
        return replace(DOUBTFUL["20500"], link="")
    if status < 400:
        text = gettext("Twilio's address answers with a redirection (HTTP %(status)s).", status=status)
        return Reason(Kind.MISCONFIGURED, Scope.CHANNEL, text, "An admin should check TWILIO_API_URL and the proxy.")
    text = gettext("Twilio refused it (HTTP %(status)s) without a reason.", status=status)
    return Reason(Kind.PERMANENT, Scope.RECIPIENT, text, _ADMIN)
