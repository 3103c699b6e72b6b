# ruff: noqa: E501 - what servers write is as long as it is
"""Returned mails as servers write them, made up one by one: each with what must be read of it.

Every one brings back the mail `<bounced@desk.example>` to nobody@guests.example.
"""

TO = "nobody@guests.example"
HEAD = (
    "Received: from desk.example by relay.example; Wed, 3 Mar 2027 10:00:00 +0000\nFrom: Desk <desk@desk.example>\n"
    f"To: {TO}\nSubject: Your booking\nMessage-ID: <bounced@desk.example>\nX-Bellhop-Ref: bounced@desk.example\n"
    "X-Bellhop-Attempt: 0123456789ab\n"
)
MAIL = f"{HEAD}\nDear guest, your booking is confirmed.\n"
DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: desk@desk.example\nReturn-Path: <>\n"


def words(said: str, subject: str = "failure notice", more: str = "", mail: str = MAIL) -> str:
    """A returned mail that is one text, with ours below it."""
    return f"{DAEMON}{more}Subject: {subject}\n\n{said}\n\n--- Below this line is a copy of the message.\n\n{mail}"


def dsn(fields: str, kind: str = "message/delivery-status", head: str = HEAD, report: str = "report") -> str:
    """A report in parts."""
    return (
        f"{DAEMON}Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/{report}; boundary="b1"\n\n--b1\nContent-Type: text/plain\n\nSorry.\n\n--b1\n'
        f"Content-Type: {kind}\n\n{fields}\n--b1\nContent-Type: text/rfc822-headers\n\n{head}\n--b1--\n"
    )


EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered "
    f"to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {TO}\n    "
)
QMAIL = (
    "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following "
    f"addresses.\nThis is a permanent error; I've given up.\n\n<{TO}>:\n"
)
LOST, LATE = "undelivered", "delayed"
GROUP = f"Final-Recipient: rfc822; {TO}\n"

# Name: the mail, the status, the code.
SHAPES: dict[str, tuple[str, str, str]] = {
    # Standard reports with odd fields.
    "space before the colon": (dsn(f"Final-Recipient : rfc822; {TO}\nAction : failed\nStatus : 5.1.1\n"), LOST, "5.1.1"),
    "a slash after the type": (dsn(f"Final-Recipient: rfc822/;{TO}\nAction: failed\nStatus: 5.1.1\n"), LOST, "5.1.1"),
    "no type": (dsn(f"Final-Recipient: {TO}\nAction: failed\nStatus: 5.1.1\n"), LOST, "5.1.1"),
    "brackets": (dsn(f"Final-Recipient: RFC822; <{TO}>\nAction: failed\nStatus: 5.1.1\n"), LOST, "5.1.1"),
    "lines that go on unindented": (
        dsn(f"{GROUP}Diagnostic-Code: smtp; 550 5.2.1 The mailbox\nis switched off\nAction: failed\nStatus: 5.2.1\n"),
        LOST, "5.2.1"),
    "another order": (dsn(f"Status: 5.1.1\nAction: failed\n{GROUP}"), LOST, "5.1.1"),
    "expired, empty status": (dsn(f"{GROUP}Action: expired\nStatus:\n"), LOST, "5.0.0"),
    "expired, fourth class": (dsn(f"{GROUP}Action: expired\nStatus: 4.4.7\n"), LOST, "late 4.4.7"),
    "status in the diagnostic code": (
        dsn(f"{GROUP}Action: failed\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n"), LOST, "5.1.1"),
    "status with words": (dsn(f"{GROUP}Action: failed (gone)\nStatus: 5.1.1 (bad mailbox)\n"), LOST, "5.1.1"),
    "no action": (dsn(f"{GROUP}Status: 5.1.1\n"), LOST, "5.1.1"),
    "no empty line between groups": (
        dsn(f"Reporting-MTA: dns; mx.example\n{GROUP}Action: failed\nStatus: 5.1.1\n"), LOST, "5.1.1"),
    "two groups in one": (
        dsn(f"Final-Recipient: rfc822; other@x.example\nAction: relayed\nStatus: 2.0.0\n{GROUP}Action: failed\n"
            "Status: 5.1.1\n"), LOST, "5.1.1"),
    "no report type": (dsn(f"{GROUP}Action: failed\nStatus: 5.1.1\n", report="mixed"), LOST, "5.1.1"),
    "a status part of type text": (
        dsn(f"{GROUP}Action: failed\nStatus: 5.1.1\n", 'text/plain; name="delivery-status"'), LOST, "5.1.1"),
    "all letters": (
        dsn(f"Final-Recipient: utf-8; {TO}\nAction: failed\nStatus: 5.1.1\n", "message/global-delivery-status"),
        LOST, "5.1.1"),
    "a delay": (dsn(f"{GROUP}Action: delayed\nStatus: 4.4.1\n"), LATE, "4.4.1"),
    "no Message-ID of ours": (
        dsn(f"{GROUP}Action: failed\nStatus: 5.1.1\n", head=HEAD.replace("<bounced@", "<relays-own@")), LOST, "5.1.1"),
    "our sender's domain": (
        dsn(f"{GROUP}Action: failed\nStatus: 5.7.26\nDiagnostic-Code: smtp; 550 5.7.26 unauthenticated\n"),
        LOST, "domain 5.7.26"),
    "our address on a list": (
        dsn(f"{GROUP}Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 554 5.7.1 blocked using zen.spamhaus.org\n"),
        LOST, "reputation 5.7.1"),
    "host not found": (
        dsn(f"{GROUP}Action: failed\nStatus: 5.4.4\nDiagnostic-Code: DNS; Host not found\n"), LOST, "5.4.4"),
    # Texts.
    "exim": (words(f"{EXIM}SMTP error after RCPT TO: host mx.example: 550 5.1.1 User unknown",
                   "Mail delivery failed: returning message to sender",
                   f"X-Failed-Recipients: {TO}\nAuto-Submitted: auto-replied\n"), LOST, "5.1.1"),
    "exim without a code": (words(f"{EXIM}Unrouteable address", "Mail delivery failed"), LOST, "5.1.2"),
    "exim given up": (words(f"{EXIM}retry timeout exceeded", "Mail delivery failed"), LOST, "5.4.7"),
    "exim warning": (words(
        "A message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours.\n"
        f"The address to which it has not been delivered yet is:\n\n  {TO}\n\nNo action is required on your part. "
        "Delivery attempts will continue.", "Warning: message 1abc delayed 24 hours"), LATE, ""),
    "qmail": (words(f"{QMAIL}192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown"), LOST, "5.1.1"),
    "qmail without a code": (words(f"{QMAIL}Sorry, no mailbox here by that name. (#5.1.1)"), LOST, "5.1.1"),
    "qmail full": (words(f"{QMAIL}The user's mailbox is over quota."), LOST, "5.2.2"),
    "postfix in words": (words(
        f"This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could not\n"
        f"be delivered to one or more recipients.\n\n<{TO}>: host mx said: 550 5.1.1 unknown",
        "Undelivered Mail Returned to Sender"), LOST, "5.1.1"),
    "sendmail": (words(
        f"   ----- The following addresses had permanent fatal errors -----\n<{TO}>\n\n   ----- Transcript of session "
        "follows -----\n550 5.1.1 User unknown", "Returned mail: see transcript for details"), LOST, "5.1.1"),
    "t-online": (words(
        f"|------------------------- Message log follows: -------------------------|\n no valid recipients were found for "
        f"this message\n|------------------------- Failed addresses follow: ---------------------|\n <{TO}> ... unknown "
        "user", "Mail delivery failed: returning message to sender", f"X-Failed-Recipients: {TO}\n"), LOST, "5.1.1"),
    "gmx": (words(
        f'{EXIM.split("The following", maxsplit=1)[0]}The following address\nfailed:\n\n"{TO}":\nSMTP error from remote server after '
        "RCPT command:\nhost: mx.example\n5.2.2 Mailbox Full", "Mail delivery failed"), LOST, "5.2.2"),
    "mail.ru": (words(
        f"Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n  {TO}\n    550 5.1.1 unknown",
        "Mail failure.", f"X-Failed-Recipients: {TO}\n"), LOST, "5.1.1"),
    "yahoo": (words(
        f"Sorry, we were unable to deliver your message to the following address.\n\n<{TO}>:\nRemote host said: 550 5.1.1 "
        "unknown [RCPT_TO]", "Failure Notice"), LOST, "5.1.1"),
    "zoho": (words(
        f"A message that you sent could not be delivered.\n{TO} Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 x",
        "Undelivered Mail Returned to Sender"), LOST, "5.1.1"),
    "exchange": (words(
        f"Your message did not reach some or all of the intended recipients.\n\nThe following recipient(s) cannot be "
        f"reached:\n\n  {TO} on 3/3/2027\n  The e-mail account does not exist. <mx #5.1.1>", "Undeliverable: Your booking"),
        LOST, "5.1.1"),
    "office 365": (words(
        f"Delivery has failed to these recipients or groups:\n\n{TO}\nThe email address you entered couldn't be found. "
        "Remote server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'", "Undeliverable: Your booking"),
        LOST, "5.1.10"),
    "gmail": (words(
        f"Address not found\n\nYour message wasn't delivered to {TO} because the address couldn't be found.\n550 5.1.1 The "
        "email account does not exist", "Delivery Status Notification (Failure)", f"X-Failed-Recipients: {TO}\n"),
        LOST, "5.1.1"),
    "workmail, fields in words": (words(
        f"An error occurred while trying to deliver the mail to the following recipients:\n{TO}\n\nAction: failed\n"
        f"Final-Recipient: rfc822; {TO}\nDiagnostic-Code: smtp; 550 5.1.1 x\nStatus: 5.1.1\n", "Delivery Status "
        "Notification (Failure)"), LOST, "5.1.1"),
    "courier": (words(
        f"This is a delivery status notification from mx.example.\n\nUNDELIVERABLE MAIL\nThe following addresses:\n\n<{TO}>"
        ":\n  550 User unknown.", "NOTICE: mail delivery status."), LOST, "5.1.1"),
    "domino": (words(
        f"Your message was not delivered to:\n\n{TO}\n\nbecause:\n\nUser not listed in Domino Directory",
        "DELIVERY FAILURE: User not listed in Domino Directory"), LOST, "5.1.1"),
    "groupwise": (words(
        f"The message that you sent was undeliverable to the following:\n\t{TO} (user not found)", "Message status - "
        "undeliverable"), LOST, "5.1.1"),
    "mdaemon": (words(
        f"The following data may contain sections which represent BASE64 encoded file attachments.\n{TO} - no such user "
        "here. Your message could not be delivered.", "Permanent Delivery Failure"), LOST, "5.1.1"),
    "docomo": (words(f"次のあて先へのメッセージはエラーのため送信できませんでした。\n{TO}\n550 Unknown user", "送信エラー"),
               LOST, "5.1.1"),
    "icloud, no mark of ours": (words(
        f"Your message could not be delivered: <{TO}> 552 5.2.2 over quota", "Undelivered Mail Returned to Sender",
        mail=MAIL.replace("X-Bellhop-Ref: bounced@desk.example\n", "")), LOST, "5.2.2"),
    "no address but our mark": (words(
        "Your message could not be delivered: mailbox full.", mail=MAIL.replace(f"To: {TO}\n", "")), LOST, "5.2.2"),
    "our limit": (words(
        f"Your message could not be delivered to {TO}: 550 5.4.5 Daily user sending limit exceeded"), LOST, "quota 5.4.5"),
}  # fmt: skip
