"""The words by which a guest says stop or start. A word counts only where it is the whole text, as with Twilio.

In a sentence ("please stop by at nine", "we stop here") it means anything: such a text is shown to a person, who takes
the channel off the booking where that is meant. What Twilio takes for stop it refuses to send to afterwards, whatever
we do (error 21610), but on WhatsApp it refuses nothing: there we alone keep the promise.
"""

import re
import unicodedata

from webapp.services.parsing.text import without_invisible

# Twilio's own: https://help.twilio.com/articles/223134027 and, of French, https://www.twilio.com/docs/proxy/opt-out-keywords
STOP = ("STOP", "STOPALL", "UNSUBSCRIBE", "QUIT", "OPTOUT", "REVOKE", "ARRET", "ARRETE", "ARRETT")
# To Twilio these stop too; a guest may mean the booking, so a person reads them all the same.
STOP_OR_MORE = ("CANCEL", "END")
START = ("START", "UNSTOP", "YES")
# Ours, by language: words that operators and senders of the country teach their readers, and that mean no booking.
STOP_ELSEWHERE = {
    "ar": "توقف إيقاف ايقاف أوقف قف",
    "cs": "ODHLÁSIT UKONČIT",
    "da": "AFMELD FRAMELD",
    "de": "STOPP ABMELDEN ABBESTELLEN AUSTRAGEN",
    "el": "ΣΤΟΠ ΔΙΑΚΟΠΗ ΔΙΑΓΡΑΦΗ",
    "es": "ALTO BAJA PARAR DETENER DARDEBAJA DARMEDEBAJA",
    "fi": "LOPETA SEIS",
    "fr": "ARRÊTER ARRÊTEZ DÉSABONNER DÉSINSCRIRE DÉSINSCRIPTION",
    "he": "הסר הסרה עצור הפסק",
    "hi": "बंद रोकें रोको",
    "hr": "ODJAVA PREKID",
    "hu": "LEIRATKOZÁS LEIRATKOZOM ÁLLJ",
    "id": "BERHENTI HENTIKAN",
    "it": "FERMA BASTA DISISCRIVI CANCELLAMI DISISCRIVIMI",
    "ja": "停止 配信停止 ストップ",
    "ko": "수신거부 중지 중단 그만",
    "nl": "STOPPEN AFMELDEN UITSCHRIJVEN",
    "no": "AVMELD MELDAV",
    "pl": "WYPISZ WYREJESTRUJ ZATRZYMAJ",
    "pt": "SAIR PARE DESCADASTRAR REMOVER",
    "ro": "DEZABONARE OPREȘTE",
    "ru": "СТОП ОТПИСАТЬСЯ ОТПИСКА ОТПИШИТЕ",
    "sv": "AVREGISTRERA AVPRENUMERERA SLUTA",
    "th": "หยุด ยกเลิกรับข่าวสาร",
    "tr": "DUR DURDUR ÇIK RET",
    "uk": "ВІДПИСАТИСЯ ВІДПИСКА",
    "vi": "DỪNG NGỪNG",
    "zh": "停止 退订 退訂 TD",
}  # fmt: skip
# Letters of other alphabets that look like Latin ones: who writes STOP with them means STOP.
_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧΣՏՕⅠ", "ABESIJKMHOPCTYXABEZHIKMNOPTYXSSOI"
)  # fmt: skip


def wish_of(text: str) -> str:
    """Read a whole text as `stop`, `start`, or nothing that changes consent."""
    said = _bare(text)
    return "stop" if said in _STOPS else "start" if said in _STARTS else ""


def may_mean_more(text: str) -> bool:
    """Whether a word that stops may be about the booking as well."""
    return _bare(text) in _MORE


def _bare(text: str) -> str:
    """The letters alone, in capitals without accents: case, spaces, dots, quotes and pictures make no other word."""
    wide = unicodedata.normalize("NFKC", without_invisible(text[:80]))
    letters = unicodedata.normalize("NFKD", wide.upper())
    return re.sub(r"[^\w]|_", "", letters.translate(_LOOK_ALIKE))


_ELSEWHERE = (word for words in STOP_ELSEWHERE.values() for word in words.split())
_STOPS = frozenset(_bare(word) for word in (*STOP, *STOP_OR_MORE, *_ELSEWHERE))
_STARTS = frozenset(map(_bare, START))
_MORE = frozenset(map(_bare, STOP_OR_MORE))
