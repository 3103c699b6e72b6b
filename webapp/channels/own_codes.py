"""Our own codes: Bellhop's decisions, and failures for which no provider gave a code."""

from functools import partial

from webapp.channels.base import Kind, Reason, Scope

_temporary = partial(Reason, Kind.TEMPORARY, Scope.CHANNEL, advice="Nothing to do: it is tried again by itself.")
_permanent = partial(Reason, Kind.PERMANENT, Scope.RECIPIENT)
_text = partial(Reason, Kind.PERMANENT, Scope.TEMPLATE)
_misconfigured = partial(Reason, Kind.MISCONFIGURED, Scope.CHANNEL)
_unknown = partial(Reason, Kind.UNKNOWN, Scope.CHANNEL)

OURS: dict[str, Reason] = {
    # Bellhop's own decisions.
    "expired": _permanent("It could not be sent while it still made sense, so it was not sent at all.",
        "Call the guest if the booking is still ahead."),
    "tries_used_up": _permanent("Every try failed.",
        "Look at the last try's reason; retry by hand once that has passed, or call the guest."),
    "may_have_arrived": _unknown("The line was cut while it was handed over: it may have arrived, or not.",
        "Ask the guest before sending again, or the guest may get it twice."),
    "opted_out": _permanent("The guest asked not to be written to on this channel.",
        "Use another channel that the guest agreed to; a guest who changes their mind can text START."),
    "superseded": _permanent("A newer message about the booking took its place before it went out.", "Nothing to do."),
    "undone": _permanent("Undone in time.", "Nothing to do."),
    "provider_off": Reason(Kind.PERMANENT, Scope.CHANNEL, "This channel is switched off.",
        "Use another channel, or ask an admin to switch it on."),
    "no_template": _text("WhatsApp only takes approved templates, and this event and language has none.",
        "An admin can add its Content SID under WhatsApp templates; then retry."),
    "bad_address": _permanent("This is not an address that can be written to.",
        "Correct it on the booking and resend."),
    "no_smtputf8": _permanent("The address has letters before the @ that our mail server cannot send to.",
        "Ask the guest for another e-mail address, or use another channel."),
    "bug": _text("Bellhop itself made a mistake with this message; nothing was sent.",
        "Tell an admin; the log has the details. Other messages are not affected."),
    # Answers that did not come, or came incomplete.
    "unknown": _unknown("The provider may have it: its answer did not come.",
        "Nothing to do: the provider is asked before anything is sent again."),
    "no_answer": _unknown("The worker stopped while it was handing this message over.",
        "Nothing to do: the provider is asked before anything is sent again."),
    "mail_interrupted": _unknown("The mail server did not confirm the mail that it was given.",
        "Nothing to do: it is sent once more under the same Message-ID, so that most mailboxes show it once."),
    "cut_in_body": _temporary("The line to the mail server broke while the mail went over; it was not taken."),
    "not_found": _temporary("The provider's list does not show it, so it did not arrive there."),
    "no_receipt": _unknown("The provider took it, but never said whether it arrived.",
        "Ask the guest if it matters: some networks and phones send no receipts."),
    "no_code": _permanent("The provider says that it was not delivered, without a reason.",
        "Check the number with the guest, or use another channel."),
    # Connections that could not be made: nothing was sent.
    "dns": _temporary("The provider's name could not be looked up; nothing was sent."),
    "refused": _temporary("The provider refused the connection; nothing was sent."),
    "connect_timeout": _temporary("The provider could not be reached in time; nothing was sent."),
    "unreachable": _temporary("The provider could not be reached; nothing was sent."),
    "tls": _temporary("No secure connection to the provider came about; nothing was sent."),
    "cut_early": _temporary("The provider hung up before the message was handed over; nothing was sent."),
    "deadline": _temporary("The provider took too long before the message was handed over; nothing was sent."),
    # Settings of ours that are wrong.
    "certificate": _misconfigured("The provider's certificate is not valid for its name, so nothing was sent to it.",
        "An admin should check MAIL_SERVER (its name must match the certificate) and this machine's clock."),
    "not_supported": _misconfigured("The mail server does not offer what the settings ask for (encryption or a login).",
        "An admin should check MAIL_PORT, MAIL_USE_TLS, MAIL_USE_SSL and MAIL_USERNAME."),
    "bad_login": _misconfigured(
        "MAIL_USERNAME or MAIL_PASSWORD has characters that the mail server's login cannot carry.",
        "An admin should set a password of plain letters, digits and signs."),
}  # fmt: skip
