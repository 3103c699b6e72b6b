"""Reads fields leniently: delivery reports (RFC 3464, RFC 6533) and complaints (RFC 5965)."""

import re
from dataclasses import replace
from email.message import Message

from webapp.channels.bounce import texts
from webapp.channels.bounce.fields import ADDRESS, CODE, Fields, address, groups, text_of
from webapp.channels.bounce.report import FAILED, GAVE_UP, WORDS, Fate, Report, Sort
from webapp.channels.smtp import codes as smtp_codes

_JUNK = re.compile(
    r"^complaint about message from|^(fbl|abuse|spam) (report|complaint)|email feedback report", re.IGNORECASE
)


def report(about: Report, status: str, text: str) -> Report | None:
    """Returns what the fields of the status parts say, else those in the text."""
    for where in (status, text if "final-recipient" in text.lower() else ""):
        fates = tuple(fate for group in groups(where) if (fate := _fate(group)))
        if fates:
            return replace(about, fates=fates)
    return None


def _fate(group: Fields) -> Fate | None:
    """Returns what one group says; None if it names no recipient, or says nothing that is understood."""
    names = ("final-recipient", "original-recipient", "x-actual-recipient")
    named = {address(group.get(name, "")) for name in names} - {""}
    action = re.split(r"[^a-z]", group.get("action", "").lower().strip(), maxsplit=1)[0]
    code = _code(group)
    if not action:
        action = {"5": "failed", "4": "delayed"}.get(code[:1], "")
    # The server's word is always translated: ours means another thing even if it reads the same.
    if action not in WORDS or not named:
        return None
    if action in FAILED:
        code = _fault(code, group.get("diagnostic-code", ""))
        code = f"{GAVE_UP} {code}" if code.startswith("4") else code
    return Fate(frozenset(named), WORDS[action], code)


def _fault(code: str, answer: str) -> str:
    """Returns the code, after the fault if it is ours; a code without a reason gets one from the answer's words."""
    fault = smtp_codes.returned_code(code or "5.0.0", answer)
    if code not in ("", "5.0.0") or fault != "5.0.0":
        return fault
    by_words = texts.code_of(" ".join(ADDRESS.sub(" ", answer).split()))
    return by_words or fault


def _code(group: Fields) -> str:
    """Returns the code of the group; if it says no more than its class, the other server's answer may."""
    said = CODE.search(group.get("status", ""))
    code = said[0] if said else ""
    answer = CODE.search(group.get("diagnostic-code", ""))
    if answer and (not said or (code.endswith(".0.0") and answer[0][0] == code[0])):
        return answer[0]
    return code


def complaint(about: Report, mail: Message, feedback: str, text: str, returned: tuple[Message, ...]) -> Report | None:
    """Returns a complaint: somebody marked a mail as spam, or wants no more. None if it is not one."""
    report_type = str(mail.get_param("report-type", "")).lower()
    said = feedback or (text if re.search(r"^feedback-type\s*:", text, re.IGNORECASE | re.MULTILINE) else "")
    subject = text_of(mail, "Subject")
    if not said and report_type != "feedback-report" and not (_JUNK.search(subject) and returned):
        return None
    fields = {name: value for group in groups(said) for name, value in group.items()}
    kind = fields.get("feedback-type", "abuse").lower().split(" ")[0] or "abuse"
    found = {address(fields.get(name, "")) for name in ("original-rcpt-to", "removal-recipient")} - {""}
    if not found:
        heads = " ".join(text_of(head, name) for head in returned for name in ("To", "X-Original-To", "Delivered-To"))
        found = {one.lower() for one in ADDRESS.findall(heads)}
    # An address that was blacked out names nobody.
    named = frozenset(one for one in found if not re.search(r"redact|xxx|\*|removed|hidden|anonym", one))
    sort = Sort.NO_SPAM if kind in ("not-spam", "dkim", "auth-failure") else Sort.COMPLAINT
    return replace(about, sort=sort, why=kind[:24], fates=(Fate(named, "complaint", ""),))
