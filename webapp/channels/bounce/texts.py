"""The words by which returned mails that follow no standard are recognised."""

import re

# Phrases of programs that return mails. Single words would stand in letters too.
FAILURE = re.compile(
    r"""could\ not\ be\ delivered | (was|were)\ not\ delivered | wasn.?t\ delivered | not\ be\ delivered\ to |
    couldn.?t\ be\ delivered | (was|were)\ not\ able\ to\ deliver | (un|not\ )able\ to\ deliver |
    wasn.?t\ able\ to\ del | cannot\ be\ delivered | can.?t\ be\ delivered | delivery\ (has\ |to\ .{0,200})?failed |
    mail\ delivery\ failed | undeliver(able|ed) | delivery\ failure | failure\ (notice|delivery) |
    (returned|returning)\ (mail|message)\b | permanent(ly)?\ (fatal\ )?(error|fail) | failed\ permanently |
    recipient\ address\ rejected | delivery\ status\ notification | did\ not\ reach\ the\ following |
    unrouteable\ address | not\ deliver(ed|able)\ (to|the|your|message) | user\ unknown |
    (unknown|invalid|no\ such)\ (user|recipient|address) | this\ user\ doesn.?t\ have\ a | failed\ to\ deliver |
    has\ been\ rejected | nicht\ (zugestellt|ausgeliefert) | konnte\ nicht | unzustellbar | nicht\ erreichbar |
    no\ ha\ podido | impossible\ de | n.a\ pas\ pu | n.ont\ pas\ pu | не\ может\ быть\ доставлено | не\ доставлено |
    не\ удалось\ доставить | 送信できません | 配信(不能|できません) | 次のあて先 | メールが届きません | 存在しません |
    mailbox\ (is\ )?(full|unavailable) | unable\ to\ be\ delivered |
    error\ (occurred\ )?while\ (trying\ to\ )?deliver | delivery\ error | rejected\ your\ mess | does\ not\ exist |
    host\ unknown | message\ (was\ )?(blocked|rejected|not\ sent|bounced) | over\ quota | fatal\ errors |
    returned\ to\ sender | could\ not\ send | problem\ delivering | mail\ system\ error | bounced |
    your\ e?-?mail\ .{0,60}(refused|rejected|blocked) | not\ listed\ in | dead\ letter""",
    re.IGNORECASE | re.VERBOSE,
)
DELAY = re.compile(
    r"""warning:?\ (message\ )?(still\ )?(delayed|could\ not\ (be\ delivered\ )?(send|for))|still\ undelivered
    |delivery\ (is\ |has\ been\ |temporarily\ |status\ notification\ \()delay(ed)?|message\ delayed|will\ (be\ re-?tried
    |continue\ to\ (try|be\ tried)|keep\ trying|retry)|this\ is\ a\ warning\ message\ only|no\ action\ is\ required\ on
    |not\ yet\ been\ delivered|has\ not\ been\ delivered\ yet|delivery\ attempts\ will\ continue|verzögert|wird\ weiter
    |do\ not\ need\ to\ resend|delivery\ incomplete|temporary\ (problem|error)\ (while\ )?delivering""",
    re.IGNORECASE | re.VERBOSE,
)
GIVEN_UP = re.compile(
    r"given\ up|giving\ up|permanent\ error|retry\ time(out)?\ (not\ reached.{0,40})?exceeded|too\ long|expired|"
    r"failed\ permanently|permanent\ failure|maximum\ (time|retries)",
    re.IGNORECASE | re.VERBOSE,
)
SENDER = re.compile(
    r"mailer[-_. ]?daemon|post ?master|mail[-_ ]?(delivery|deliver|system|admin|router)|delivery[-_ ]?(sub|sys|notif)|"
    r"microsoftexchange|bounce|system[-_ ]?admin|mail[-_]?failure|no-?reply@.*(mail|delivery)|amavis|double-bounce",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver|returned mail|failure notice|delivery (status|failure|fail|report|notif|error|problem)|mail (delivery|"
    r"failure|error|system)|could not be delivered|non[- ]?delivery|not delivered|unzustellbar|nicht zustell|message "
    r"not delivered|nondeliverable|mail could not|rejected|bounce|warning: (message|could)|"
    r"недоставленн|не доставлено|送信|配信|エラー|unable to deliver|delayed|fehler|non remis|no se pudo|onbestelbaar",
    re.IGNORECASE,
)
# Where the report ends, and the mail that came back begins.
QUOTED = re.compile(
    r"^[ \t>]{0,99}-{2,}.{0,80}(copy of|original|returned|header|below this line|transcript of the message|kopie|"
    r"headers of)"
    r".{0,60}$|^[ \t>]{0,99}(original message|original headers?|message headers?( follow)?|ursprüngliche|"
    r"the header of the original|diagnostic information for administrators).{0,60}:?\s*$|"
    r"^[ \t>]{0,99}(received:? ?from |x-bellhop-\w+:)",
    re.IGNORECASE | re.MULTILINE,
)
VACATION = re.compile(
    r"^(auto(matic|mated|matische|matisch)?[- ]?(re|ant|rép|resp)\w*|out of (the )?office|vacation|abwesen|away from|"
    r"on leave|réponse automatique|absence|respuesta autom|risposta autom|自動(応答|返信)|автоответ|autosvar|"
    r"i am (away|out)|on (vacation|holiday))",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"(confirm|verify) (that )?you(r| are)? .{0,30}(message|email|human|not a)|challenge[- ]?response|boxbe|spamarrest|"
    r"please confirm your (message|email)|anti-?spam (confirmation|verification)|requires? (sender )?verification",
    re.IGNORECASE,
)
# The code of a reason that has none.
_CODES = (
    (r"(mailbox|quota|inbox|account|user|storage|disk).{0,40}(full|exceed|over ?quota|size limit)|over ?quota|"
     r"exceeded.{0,20}(quota|storage)|quota", "5.2.2"),
    (r"(disabled|inactive|suspended|deactivated|switched off|expired|locked)\b.{0,40}(account|mailbox|user|address)|"
     r"(account|mailbox|user|address).{0,40}(disabled|inactive|suspended|deactivated|locked)", "5.2.1"),
    (r"(unknown|unrouteable|invalid|no such|not exist|non-?existent).{0,30}(domain|host)|(domain|host).{0,40}"
     r"(not found|unknown|not exist|n.?t exist|couldn.?t (be found|find))|unrouteable|nxdomain|no mx|mx record|"
     r"dns error", "5.1.2"),
    (r"(user|recipient|mailbox|address|account|addressee|person|alias)\b.{0,60}(unknown|not (be )?found|not exist|"
     r"n.?t exist|n.?t be found|invalid|not listed|rejected|not known|unavailable|not valid|doesn.?t have|no longer)|"
     r"(unknown|no such|invalid|nonexistent|bad|not a valid)\s.{0,20}(user|recipient|mailbox|address|account|person)|"
     r"unbekannt|存在しません|あて先|не существует|not listed in|couldn.?t be found|no mailbox here", "5.1.1"),
    (r"too (large|big)|size (exceeds|limit)|exceeds .{0,30}size", "5.3.4"),
    (r"spam|policy|content|virus|blocked|unsolicited", "5.7.1"),
    (r"timed? ?out|connection refused|unreachable|no route|too long|expired|retry|not respond", "5.4.7"),
    (r"loop|too many hops", "5.4.6"),
)  # fmt: skip


def code_of(words: str) -> str:
    """Returns the code of a reason in words; empty if none is known."""
    return next((code for pattern, code in _CODES if re.search(pattern, words, re.IGNORECASE)), "")
