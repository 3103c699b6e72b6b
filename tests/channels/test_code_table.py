"""Every code of Twilio's that the research lists does what it says there: in an answer, and in a receipt."""

import pytest

from tests.factories import a_message, an_attempt
from tests.support.twilio.faults import reject
from webapp.channels.base import Misconfigured, Outcome, Permanent, Temporary, Unknown
from webapp.channels.reasons import explain
from webapp.channels.twilio_codes import CODES
from webapp.models import ChannelName, MessageStatus
from webapp.services.delivery import claim, receipts

IN_AN_ANSWER: dict[type[Outcome], str] = {
    Temporary: "20429 20503 21611 14107 63017 63018",
    Unknown: "20500",
    Permanent: "20422 21602 21603 21604 21617 21620 21623 21654 21655 21656 21211 21217 21401 21421 21408 21610 21612 "
    "21614 21219 21608 63015",
    Misconfigured: "20003 20005 20008 20404 30002 63051 21212 21606 21607 21703 21704 21705 63002 63007 63008",
}
IN_A_RECEIPT = (
    "30001 30002 30003 30004 30005 30006 30007 30008 30010 30017 60005 30020 30021 30022 30023 30027 30018 30024 30032 "
    "30034 30035 30410 30450 30036 63001 63020 63022 63003 63024 63005 63006 63013 63021 63030 63009 63010 63012 63023 "
    "63014 63032 63033 63015 63016 63017 63018 63027 63028 63040 63041 63042 63038 63049 63051 30500"
)


@pytest.mark.parametrize(
    ("code", "kind"), [(code, kind) for kind, codes in IN_AN_ANSWER.items() for code in codes.split()]
)
def test_a_code_in_the_answer_has_its_outcome(twilio, channel, outgoing, before_body, code, kind):
    """Only what is temporary is tried again; what is unknown is looked up; what is our account's closes the channel."""
    twilio.fail_next(reject(int(code), 429 if code == "20429" else 503 if code == "20503" else 400))

    assert type(channel().send(outgoing(), before_body)) is kind


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("code", IN_A_RECEIPT.split())
def test_a_code_in_a_receipt_fails_the_message_with_its_reason_and_sends_nothing(code):
    """The provider had taken it: only a person sends it again. No channel closes for a receipt."""
    message = a_message(status=MessageStatus.SENT)
    attempt = an_attempt(message, provider_id="SM1")

    receipts.receive(attempt.token, provider_id="SM1", status="undelivered", code=code)

    assert (message.status, message.error_code) == (MessageStatus.FAILED, code)
    assert claim.due_lanes(9) == []
    assert explain(ChannelName.SMS, code).helps


def test_no_code_of_the_table_is_left_out():
    listed = {code for codes in IN_AN_ANSWER.values() for code in codes.split()} | set(IN_A_RECEIPT.split())

    assert {code for code in CODES if code.isdigit()} - listed == {"20006", "21910"}  # Twilio's later additions.
