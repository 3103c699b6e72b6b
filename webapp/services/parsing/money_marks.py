"""Tables of the text beside an amount: signs of currencies, and marks of money in and money out.

An amount with other text beside it is refused: an unknown mark may mean that money went out.
"""

from webapp.money import CODES

# The currencies that a sign or a short word may mean; a sign of several fits each of them.
_DOLLARS = (
    "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CVE DOP FJD GYD HKD JMD KYD LRD MXN NAD NIO NZD SBD SGD SRD TOP TTD TWD"
    " USD UYU XCD"
)
_SIGNS = {
    "$": _DOLLARS, "us$": "USD", "u$s": "USD", "usd$": "USD", "$us": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD NIO",
    "ca$": "CAD", "can$": "CAD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "nt$": "TWD", "mx$": "MXN", "mex$": "MXN",
    "r$": "BRL", "rd$": "DOP", "j$": "JMD", "tt$": "TTD", "bz$": "BZD", "b$": "BND", "fj$": "FJD", "n$": "NAD",
    "g$": "GYD", "ec$": "XCD", "bds$": "BBD", "$u": "UYU", "clp$": "CLP", "col$": "COP", "ar$": "ARS", "mop$": "MOP",
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP EGP FKP GIP SHP SSP SDG SYP LBP", "stg": "GBP", "gb£": "GBP",
    "¥": "JPY CNY", "jp¥": "JPY", "cn¥": "CNY", "円": "JPY", "元": "CNY TWD HKD MOP", "圓": "TWD HKD", "人民币": "CNY",
    "rmb": "CNY", "원": "KRW", "₩": "KRW KPW", "₹": "INR", "rs": "INR LKR MUR NPR PKR SCR", "rp": "IDR", "rm": "MYR",
    "₨": "INR LKR MUR NPR PKR SCR", "₽": "RUB", "руб": "RUB BYN", "₺": "TRY", "tl": "TRY", "₴": "UAH", "грн": "UAH",
    "₸": "KZT", "₫": "VND", "đ": "VND", "vnđ": "VND", "฿": "THB", "₪": "ILS", "₦": "NGN", "₱": "PHP CUP", "₡": "CRC",
    "₲": "PYG", "₵": "GHS", "gh₵": "GHS", "₭": "LAK", "₮": "MNT", "₼": "AZN", "₾": "GEL", "៛": "KHR", "৳": "BDT",
    "֏": "AMD", "﷼": "IRR OMR QAR SAR YER", "د.إ": "AED", "ر.س": "SAR", "د.ك": "KWD", "د.ب": "BHD", "ر.ق": "QAR",
    "ر.ع": "OMR", "د.أ": "JOD", "د.ت": "TND", "ج.م": "EGP", "kr": "DKK ISK NOK SEK", "kn": "BAM", "zł": "PLN",
    "zl": "PLN", "kč": "CZK", "kc": "CZK", "ft": "HUF", "лв": "BGN", "lei": "MDL RON", "din": "RSD", "дин": "RSD",
    "fr": "CHF XAF XOF XPF", "sfr": "CHF", "fcfa": "XAF XOF", "cfa": "XAF XOF", "r": "ZAR", "s/": "PEN", "s/.": "PEN",
    "bs": "BOB VED VES", "q": "GTQ", "ksh": "KES", "tsh": "TZS", "ush": "UGX", "dhs": "AED MAD", "dh": "AED MAD",
}  # fmt: skip
CURRENCIES: dict[str, frozenset[str]] = {code.casefold(): frozenset({code}) for code in CODES} | {
    sign.rstrip("."): frozenset(codes.split()) for sign, codes in _SIGNS.items()
}

# Marks of direction, in lower case and without full stops: beside an amount, or in a column of their own.
OUT = frozenset(
    """
    - d dr db dbit debit debet debits debited débit debito débito débitos debitado debe dare soll s lastschrift
    belastung ausgang ausgabe auszahlung sollbuchung af uit uitgaand uitgave out outgoing outflow withdrawal
    withdrawals withdrawn paidout moneyout payment-out expense spent sent retrait dépense sortie cargo adeudo
    retiro egreso gasto salida addebito uscita prelievo saída saida wypływ obciążenie wypłata wydatek uttag
    debitering utbetalning utgift trekk hævning udbetaling otto veloitus pano-otto výdaj odchozí terhelés çıkış
    borç gider расход дебет списание 支出 出金 支払 引出 借 借方 출금 지출 مدين خصم חובה
    """.split()  # noqa: SIM905  # As words they are read and added to more easily than as quoted strings.
)
IN = frozenset(
    """
    + c cr crdt k kr. credit credits credited crédit crédito créditos credito creditado kredit avoir haber avere h
    haben gutschrift eingang einnahme einzahlung habenbuchung bij in incoming inflow deposit deposits deposited
    paidin moneyin received income versement recette entrée abono ingreso entrada depósito deposito accredito
    entrata versamento receita wpływ uznanie wpłata insättning kreditering inbetalning inntekt innskudd
    indbetaling indtægt hyvitys příjem příchozí jóváírás giriş alacak gelir приход кредит поступление зачисление
    収入 入金 預入 貸 贷 贷方 收入 存入 입금 دائن إيداع זכות
    """.split()  # noqa: SIM905  # As words they are read and added to more easily than as quoted strings.
)
