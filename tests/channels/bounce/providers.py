# ruff: noqa: E501 - what servers write is as long as it is
"""Returned mails as single providers and products write them, made up one by one; as in `bounce_shapes`."""

import base64

from tests.channels.bounce.shapes import DAEMON, GROUP, HEAD, LATE, LOST, MAIL, TO, dsn, words

# Relays that write a Message-ID of their own: only our second mark is left.
SES_HEAD = HEAD.replace("<bounced@desk.example>", "<0102018f-000000@eu-west-1.amazonses.example>")
FOLDED = HEAD.replace("X-Bellhop-Ref: ", "X-Bellhop-Ref:\n\t").replace("Message-ID: ", "Message-ID:\n ")


def parts(*bodies: str, kind: str = "multipart/report; report-type=delivery-status", sender: str = DAEMON) -> str:
    """A mail of these parts, each with its own head."""
    inner = "".join(f"--p1\n{body}\n" for body in bodies)
    return (
        f'{sender}Subject: Undelivered mail\nMIME-Version: 1.0\nContent-Type: {kind}; boundary="p1"\n\n{inner}--p1--\n'
    )


def status(fields: str) -> str:
    return f"Content-Type: message/delivery-status\n\n{fields}"


WHOLE = f"Content-Type: message/rfc822\n\n{MAIL}"
SORRY = "Content-Type: text/plain\n\nIt could not be delivered.\n"
FAILED = f"{GROUP}Action: failed\nStatus: 5.1.1\n"
NESTED = parts(SORRY, status(FAILED), WHOLE).partition("Content-Type: ")[2].replace("p1", "p2")
YANDEX = (
    "This is the mail system at host mail.yandex.example.\n\nI'm sorry to have to inform you that your message could not\n"
    "be delivered to one or more recipients. It's attached below.\n\n***\n\nК сожалению, мы вынуждены сообщить Вам о том, "
    f"что Ваше письмо не может\nбыть отправлено одному или нескольким адресатам.\n\n<{TO}>: host mx.example[192.0.2.1] said: "
)
AUONE = "From: no-reply@app.phone.example\nReturn-Path: <no-reply@app.phone.example>\nTo: desk@desk.example\n"

PROVIDERS: dict[str, tuple[str, str, str]] = {
    "yandex": (parts(f"Content-Type: text/plain; charset=utf-8\n\n{YANDEX}550 5.7.1 No such user!", status(
        f"Reporting-MTA: dns; mail.yandex.example\nX-Yandex-Queue-ID: 7F1C\nX-Yandex-Sender: rfc822; desk@desk.example\n"
        f"Arrival-Date: Wed,  3 Mar 2027 10:00:00 +0300 (MSK)\n\n{GROUP}Original-Recipient: rfc822;{TO}\nAction: failed\n"
        "Status: 5.7.1\nRemote-MTA: dns; mx.example\nDiagnostic-Code: smtp; 550 5.7.1 No such user!\n"), WHOLE), LOST, "5.7.1"),
    "yandex in words": (words(f"{YANDEX}550 5.1.1 unknown", "=?utf-8?B?0J3QtdC00L7RgdGC0LDQstC70LXQvdC90L7QtQ==?="),
                        LOST, "5.1.1"),
    "amazon ses": (dsn(
        f"Reporting-MTA: dns; a7-1.amazonses.example\n\nAction: failed\nFinal-Recipient: rfc822; {TO}\nDiagnostic-Code: smtp; "
        "550 5.1.1 user unknown\nStatus: 5.1.1\n", head=SES_HEAD), LOST, "5.1.1"),
    "amazon ses held it back": (dsn(
        f"Reporting-MTA: dns; amazonses.example\n\nAction: failed\nFinal-Recipient: rfc822; {TO}\nDiagnostic-Code: Amazon SES "
        "has suppressed sending to this address because it has a recent history of bouncing as an invalid address.\n"
        "Status: 5.1.1\n", head=SES_HEAD), LOST, "5.1.1"),
    "amazon ses gave up": (dsn(
        f"Reporting-MTA: dns; amazonses.example\n\nAction: failed\nFinal-Recipient: rfc822; {TO}\nDiagnostic-Code: smtp; 554 "
        "4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.0 mx>\nStatus: 4.4.7\n", head=SES_HEAD),
        LOST, "late 4.4.7"),
    "messagelabs": (parts(
        f"Content-Type: text/plain\n\nThis is the mail delivery agent at messagelabs.example.\nI was unable to deliver your "
        f"message to the following addresses.\n\n{TO}\n\nReason: 550 {TO}... No such user\n\nThe message subject was: Your "
        "booking\nThe message identifier was: DB/3F-17375\n",
        status(f"Reporting-MTA: dns; server-1.messagelabs.example\n\nOriginal-Recipient: rfc822; {TO}\n{GROUP}Action: failed\n"
               f"Status: 5.0.0\nRemote-MTA: dns; mx\nDiagnostic-Code: smtp; 550 {TO}... No such user\n"), WHOLE), LOST, "5.1.1"),
    "messagelabs in words": (words(
        f"This is the mail delivery agent at messagelabs.example.\nI was unable to deliver your message to the following "
        f"addresses:\n\n{TO}\n\nReason: 552 5.2.2 mailbox full\n", "Mail Delivery Failure"), LOST, "5.2.2"),
    "mimecast": (dsn(
        f"Reporting-MTA : dns; eu-smtp-1.mimecast.example\n\nFinal-Recipient : rfc/822;{TO}\nAction : failed\nStatus : 5.4.1\n"
        "Diagnostic-Code : smtp; 550 Recipient address rejected: Access denied\n"), LOST, "5.4.1"),
    "mimecast without semicolon": (dsn(
        f"Final-Recipient : rfc/822 {TO}\nAction : Failed\nStatus : 5.0.0 (permanent failure)\n"
        "Diagnostic-Code : smtp; 550 Rejected by header based manually Blocked Senders - policy\n"), LOST, "5.7.1"),
    "mailmarshal": (words(
        f"Your message:\n   From:    desk@desk.example\n   Subject: Your booking\n\nCould not be delivered because of\n\n550 5.1.1 "
        f"User unknown\n\nThe following recipients were affected:\n    {TO}\n\nAdditional Information\n====\n",
        'Undeliverable Mail: "Your booking"'), LOST, "5.1.1"),
    "mailmarshal without a code": (words(
        f"Your message:\n   From:    desk@desk.example\n   Subject: Your booking\n\nCould not be delivered because of\n\nThe "
        f"mailbox of this user is full\n\nThe following recipients were affected:\n    {TO}\n", "Undeliverable Mail"),
        LOST, "5.2.2"),
    "lotus notes": (
        f"{DAEMON}Subject: Undeliverable message\n\n------- Failure Reasons  --------\n\nUser not listed in public Name & Address "
        f"Book\n{TO}\n\n------- Returned Message --------\n{MAIL}", LOST, "5.1.1"),
    "lotus notes, full": (
        f"{DAEMON}Subject: Undeliverable message\n\n------- Failure Reasons  --------\n\nRecipient's mailbox has exceeded its "
        f"quota\n{TO}\n\n------- Returned Message --------\n{MAIL}", LOST, "5.2.2"),
    "kddi": (
        f"{AUONE}Subject: Mail could not be delivered\n\n Your mail sent on: Wed, 3 Mar 2027 19:00:00 +0900\n     Could not be "
        f"delivered to: <{TO}>\n     As their mailbox is full.\n\n{MAIL}", LOST, "5.2.2"),
    "kddi, unknown": (
        f"{AUONE}Subject: Your mail\n\n Your mail sent on: Wed, 3 Mar 2027 19:00:00 +0900\n     Could not be delivered to: <{TO}>\n"
        f"     As the remote domain doesnt exist.\n\n{MAIL}", LOST, "5.1.2"),
    "ezweb": (words(f"The user(s) account is temporarily over quota.\n\n<{TO}>", "Mail System Error - Returned Mail"),
              LOST, "5.2.2"),
    "web.de": (words(
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to\n"
        f"one or more of its recipients. This is a permanent error.\n\nThe following address failed:\n\n\"{TO}\":\nSMTP error "
        "from remote server for RCPT TO command, host: mx.example (192.0.2.1) reason: 550 5.1.1 <nobody> unknown",
        "Mail delivery failed: returning message to sender"), LOST, "5.1.1"),
    "web.de in German": (words(
        f"Diese Nachricht wurde automatisch erstellt.\n\nIhre E-Mail konnte nicht zugestellt werden an:\n\n{TO}\n\nDer Empfänger "
        "ist unbekannt.", "Unzustellbar: Ihre Buchung"), LOST, "5.1.1"),
    "imail": (words(f"Unknown user: {TO}\n\nOriginal message follows.", "Undeliverable Mail"), LOST, "5.1.1"),
    "interscan": (words(f"Unable to deliver message to <{TO}>.\n\nSent >>> RCPT TO:<{TO}>\nReceived <<< 550 5.2.1 no mailbox",
                        "Mail delivery failed"), LOST, "5.2.1"),
    "mcafee": (words(f"--- The following addresses had delivery problems ---\n\n<{TO}>   (User unknown {TO})",
                     "Mail delivery problem"), LOST, "5.1.1"),
    "a sendmail of old": (words(
        f"   ----- Transcript of session follows -----\n550 {TO}... Host unknown (Name server: guests.example: host not found)\n",
        "Returned mail: Host unknown"), LOST, "5.1.2"),
    "a log's fields": (words(
        f"Your message could not be delivered.\nto={TO}, relay=mx.example, dsn=5.1.1, status=bounced"), LOST, "5.1.1"),
    "facebook": (dsn(
        f"Reporting-MTA: dns; 192.0.2.1\n\n{GROUP}Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 RCP-P2 "
        "http://postmaster.example\nLast-Attempt-Date: Wed, 3 Mar 2027 10:00:00 -0800\n"), LOST, "5.1.1"),
    "a report in a mail of parts": (
        parts("Content-Type: text/plain\n\nForwarded by a list.", f"Content-Type: {NESTED}", kind="multipart/mixed"), LOST, "5.1.1"),
    "two layers down": (parts(
        "Content-Type: multipart/mixed; boundary=q\n\n--q\n" + SORRY + f"--q\n{status(FAILED)}\n--q\n{WHOLE}\n--q--",
        kind="multipart/mixed"), LOST, "5.1.1"),
    "our mail first": (parts(WHOLE, status(FAILED), SORRY), LOST, "5.1.1"),
    "the words last": (parts(status(FAILED), WHOLE, SORRY), LOST, "5.1.1"),
    "no words": (parts(status(FAILED), WHOLE), LOST, "5.1.1"),
    "a reason over three lines": (dsn(
        f"{GROUP}Diagnostic-Code: smtp; 550-5.2.1 The mailbox\n550-5.2.1 host mx.example said: it is\n550 5.2.1 switched off\n"
        "Action: failed\nStatus: 5.2.1\n"), LOST, "5.2.1"),
    "a reason, unindented, without a status": (dsn(
        f"{GROUP}Diagnostic-Code: smtp; 550 the account of this guest\nis disabled\nAction: failed\n"), LOST, "5.2.1"),
    "expired, a space as status": (dsn(f"{GROUP}Action: expired\nStatus: \nDiagnostic-Code: X-Postfix; connect to mx: "
                                       "Connection timed out\n"), LOST, "5.4.7"),
    "expired in capitals": (dsn(f"{GROUP}Action: EXPIRED\nStatus:\n\n"), LOST, "5.0.0"),
    "folded marks": (dsn(FAILED, head=FOLDED), LOST, "5.1.1"),
    "folded marks in words": (words(f"It could not be delivered to {TO}: 550 5.1.1 unknown", mail=f"{FOLDED}\nDear guest\n"),
                              LOST, "5.1.1"),
    "folded marks, quoted": (words(
        f"It could not be delivered to {TO}: 550 5.1.1 unknown", mail="> " + FOLDED.replace("\n", "\n> ")), LOST, "5.1.1"),
    "folded fields": (dsn(f"Final-Recipient:\n rfc822;\n {TO}\nAction:\n failed\nStatus:\n 5.1.1\n"), LOST, "5.1.1"),
    "words in base64, our mail beside": (parts(
        "Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(
            f"次のあて先へのメッセージはエラーのため送信できませんでした。\n{TO}\n550 5.1.1".encode("iso-2022-jp")).decode(), WHOLE,
        kind="multipart/mixed"), LOST, "5.1.1"),
    "a delay with a sum of the class": (dsn(
        f"{GROUP}Action: delayed\nStatus: 4.0.0\nDiagnostic-Code: smtp; 451 4.7.1 Greylisted\nWill-Retry-Until: Fri, 5 Mar 2027\n"),
        LATE, "4.7.1"),
}  # fmt: skip
