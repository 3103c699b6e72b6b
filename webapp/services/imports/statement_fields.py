"""The fields of a bank statement, and the words of banks for them. Data only."""

from webapp.i18n import N_
from webapp.services.imports.columns import Field

FIELDS = (
    Field("amount", N_("Amount"), needed=True, headers=
        "money in, paid in, amount in, credit, credit amount, deposit, deposits, deposit amt, deposit amount, "
        "credits, betrag, umsatz, gutschrift, haben, habenbetrag, betrag haben, montant, montant eur, "
        "montant euros, crédit, crédit euros, importe, importe eur, abono, abonos, haber, importo, entrate, "
        "accrediti, avere, bedrag, bij, value, transaction amount, gross, gross amount, net amount, "
        "amount local currency, kwota, kwota operacji, kwota transakcji, uznania, belopp, beløp, beløb, "
        "insättning, inn på konto, innskudd, valor, valor r, valor eur, crédito, suma, částka, objem, összeg, "
        "tutar, işlem tutarı, сумма, 金額, 入金額, 入金, お預り金額, お預入れ, 预入金额, 收入金额, 贷方金额, "
        "交易金额, 입금액, 入出金, 預かり金額, määrä euroa, määrä, montant operation en euro, cad, "
        "transaktionsbetrag, betrag in eur, saldo change, gutschrift in chf, credit in chf"),
    Field("out", N_("Money out"), headers=
        "paid out, amount out, debit, debit amount, withdrawal, withdrawals, withdrawal amt, withdrawal amount, "
        "debits, soll, sollbetrag, betrag soll, lastschrift, belastung, débit, débit euros, cargo, cargos, debe, "
        "uscite, addebiti, dare, af, obciążenia, uttag, ut fra konto, uttak, débito, gider, 出金額, 出金, "
        "お支払金額, 支払い金額, 支払金額, debet, お引出し, 支出金额, 借方金额, 출금액, lastschrift in chf, "
        "debit in chf"),
    Field("direction", N_("In or out"), headers=
        "af bij, debit credit, credit debit, dr cr, cr dr, d c, c d, dc, cd, d k, s h, soll haben, h s, "
        "debet credit, bij af, sens, signo, segno, tipo d c, transaction sign, sign, direction, "
        "debit credit indicator, credit debit indicator, cdi, creditdebit indicator, richting, suunta, riktning, "
        "retning, betrag vorzeichen, indicator, dr or cr, in out, kierunek, 借貸, 借贷标志, 收支, 入払区分"),
    Field("state", N_("State"), headers=
        "status, transaction status, booking status, payment status, info, zustand, buchungsstatus, statut, état, "
        "estado, stato, tila, stan, durum, статус, 状態, 交易状态, contabilizzazione"),
    Field("text", N_("Text"), needed=True, headers=
        "description, description 1, details, reference, payment reference, purpose, narrative, narration, memo, "
        "notes, particulars, remarks, transaction remarks, transaction details, verwendungszweck, buchungstext, "
        "beschreibung, beschreibung1, buchungs details, avisierungstext, mitteilung, kundenreferenz, libellé, "
        "libelle, libelle operation, détail, concepto, descripción, observaciones, causale, descrizione, "
        "descrizione operazione, dettagli, mededelingen, vrije mededeling, naam omschrijving, omschrijving, "
        "omschrijving 1, communication, transaction description, remittance information, message, tytuł, "
        "tytuł operacji, opis, opis operacji, opis transakcji, meddelande, beskrivning, rubrik, text, tekst, "
        "forklaring, melding, viesti, descrição, descricao, histórico, título, zpráva pro příjemce, poznámka, "
        "popis, közlemény, açıklama, lançamento, назначение платежа, описание, 入出金内容, 摘要内容, 摘要, 内容, "
        "お取り扱い内容, 备注, 附言, 적요, subject, item title, custom label"),
    Field("day", N_("Date"), headers=
        "booking date, transaction date, value date, posted, posting date, date posted, posted date, "
        "completed date, date completed, finished on, completed on, txn date, tran date, trans date, buchungstag, "
        "buchungsdatum, buchung, valutadatum, wertstellung, datum, fecha, fecha operación, fecha valor, f valor, "
        "date opération, date de l opération, date comptable, date valeur, data, data contabile, data valuta, "
        "data operazione, data operacji, data księgowania, data transakcji, boekdatum, transactiedatum, "
        "rentedatum, datum uitvoering, bokföringsdag, bokføringsdato, bogføringsdato, bogført, dato, kirjauspäivä, "
        "data lançamento, data do lançamento, data mov, datum zaúčtování, datum provedení, könyvelés dátuma, "
        "tarih, işlem tarihi, дата, 日付, 取引日, お取引日, 交易日期, 거래일시, created utc, date time, valuta"),
    Field("payer", N_("Payer"), headers=
        "name, payee name, counterparty, counter party, from, from name, payee, sender, sender name, source name, "
        "beneficiary, payer, payer name, remitter, auftraggeber, auftraggeber begünstigter, begünstigter auftraggeber, "
        "auftraggeber zahlungsempfänger, auftraggeber zahlungspflichtiger, zahlungspartner, "
        " begünstigter zahlungspflichtiger, beguenstigter zahlungspflichtiger, "
        "beguenstigter, begünstigter, zahlungspflichtiger, zahlungspflichtige r, auftraggeber empfänger, "
        "name zahlungsbeteiligter, partner name, partnername, other party, counterparty name, merchant, naam, "
        "naam tegenpartij, tegenpartij, nom, contrepartie, nom contrepartie, ordinante, beneficiario, ordenante, "
        "nadawca odbiorca, nadawca, kontrahent, dane kontrahenta, avsändare, avsender, saaja maksaja, maksaja, "
        "remetente, pagador, název protiúčtu, protistrana, partner elnevezése, контрагент, плательщик, "
        "振込依頼人名, 対方户名, 对方户名, 거래처"),
    Field("code", N_("Bank’s own number"), headers=
        "transaction id, transactionid, id, transaction reference, transaction number, bank reference, "
        "entry reference, fitid, reference number, ref no, ref no cheque no, chq ref no, cheque ref no, utr, "
        "utr number, transaktionsnummer, transaktions id, transaktionsid, transactie id, transactiereferentie, "
        "volgnr, numéro d opération, transferwise id, wise id, end to end reference, identificador, "
        "verifikationsnummer, arkivref, arkistointitunnus, numer referencyjny, nr transakcji, id operácie, "
        "číslo operace, id pohybu, 交易流水号, 流水号"),
    Field("currency", N_("Currency"), headers=
        "währung, waehrung, devise, moneda, valuta code, ccy, currency code, payment currency, account currency, "
        "transaction currency, munt, divisa, waluta, valuuta, moeda, měna, mena, deviza, pénznem, döviz, "
        "para birimi, валюта, 通貨, 币种, 통화, valuta"),
)  # fmt: skip

# States of a line, in lower case without accents. A state in neither set needs a person.
FINAL = frozenset(
    """
    completed|complete|booked|posted|cleared|settled|executed|success|successful|succeeded|final|finished|ok|paid|
    received|accepted|processed|approved|confirmed|done|umsatz gebucht|gebucht|abgeschlossen|ausgefuhrt|verbucht|
    comptabilise|execute|effectue|termine|valide|liquidado|completado|completada|contabilizado|realizado|ejecutado|
    efetivado|efetuado|concluido|concluida|confirmado|contabilizzato|contabilizzata|eseguito|completato|geboekt|
    verwerkt|uitgevoerd|voltooid|zaksiegowana|zaksiegowano|zrealizowana|zrealizowany|rozliczona|wykonana|bokford|
    bokfort|bogfort|utford|udfort|gjennomfort|gennemfort|kirjattu|zauctovano|provedeno|realizovano|konyvelt|teljesult|
    tamamlandi|gerceklesti|исполнен|исполнено|проведен|проведено|выполнен|выполнено|完了|済|成功|已完成|交易成功|
    완료|정상
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
NOT_FINAL = frozenset(
    """
    pending|reverted|reversed|reversal|declined|failed|failure|cancelled|canceled|rejected|refused|returned|bounced|
    expired|voided|void|denied|blocked|on hold|held|hold|unclaimed|uncleared|authorised|authorized|authorisation|
    authorization|processing|in progress|incomplete|scheduled|upcoming|future|created|requested|draft|planned|
    pre booked|prebooked|reserved|reservation|not booked|unposted|estimated|refunded|charged back|chargeback|
    disputed|umsatz vorgemerkt|vorgemerkt|vormerkung|umsatz vorgemerkt und nicht gebucht|offen|ausstehend|
    in bearbeitung|reserviert|storniert|storno|abgelehnt|zuruckgewiesen|fehlgeschlagen|ruckbuchung|rucklastschrift|
    ruckgabe|en attente|a venir|en cours|refuse|rejete|annule|echoue|pendiente|en proceso|rechazado|rechazada|
    anulado|anulada|cancelado|cancelada|devuelto|devuelta|retenido|pendente|em processamento|recusado|estornado|
    agendado|in sospeso|in attesa|in corso|non contabilizzato|rifiutato|annullato|stornato|in behandeling|
    gereserveerd|geweigerd|mislukt|geannuleerd|openstaand|oczekujaca|oczekujacy|w trakcie|odrzucona|odrzucony|
    anulowana|zablokowana|blokada|niezaksiegowana|reserverad|reserveret|vantande|avvisad|avvist|afvist|ventende|venter|slettet|
    avbruten|katevaraus|odottaa|hylatty|ceka|cekajici|zamitnuto|blokace|fuggoben|elutasitva|bekliyor|beklemede|
    reddedildi|iptal|iade|в обработке|ожидает|отклонен|отклонено|отменен|отменено|возврат|холд|処理中|未完了|取消|
    保留|处理中|待处理|失败|已撤销|退款|대기|취소|실패
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
# Words in any other cell that make a line doubtful: it may be no payment of a guest.
DOUBTFUL = frozenset(
    """
    refund refunded refunds reversal reversed reverted chargeback returned declined cancelled canceled pending
    vorgemerkt storno stornierung rucklastschrift ruckbuchung ruckuberweisung erstattung ruckzahlung remboursement
    rejet devolucion reembolso devolucao estorno rimborso terugbetaling retour zwrot aterbetalning tilbagebetaling
    annule annulee annulation rejete impaye anulado anulada anulacion rechazado rechazada devuelto devuelta estornado
    estornada stornato stornata annullato annullata insoluto storniert geannuleerd gestorneerd stornering teruggeboekt
    odrzucona odrzucony anulowana anulowany avvist afvist makulerad rejected denied bounced unpaid failed voided
    cancellation undone dishonoured dishonored
    refusjon iade возврат 返金 組戻 取消 退款 환불
    """.split()  # noqa: SIM905  # As words they are read and added to more easily than as quoted strings.
)
