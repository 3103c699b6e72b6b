"""The fields of a file of bookings, with the headers that many tools and languages use for them."""

import unicodedata
from collections.abc import Mapping

from webapp.i18n import N_
from webapp.models import BookingStatus
from webapp.services.imports.columns import Field

FIELDS = (
    Field("reference", N_("Reference"), headers=
        "booking reference, reservation reference, ref, booking ref, booking number, booking no, booking id, "
        "order code, order number, order id, order no, confirmation code, confirmation number, reservation number, "
        "reservation id, reservation, booking, transaction id, appointment id, book number, ticket id, order, "
        "code, number, id, buchungsnr, buchungs nr, reservierungsnr, bestellnr, auftragsnr, auftragsnummer, "
        "vorgangsnr, vorgangsnummer, buchungsnummer, buchungscode, bestellnummer, bestellcode, reservierungsnummer, "
        "numéro de réservation, référence, n° de commande, número de reserva, referencia, localizador, "
        "numero prenotazione, riferimento, codice prenotazione, boekingsnummer, reserveringsnummer, referentie, "
        "referência, código da reserva, numer rezerwacji, bokningsnummer, bookingnummer, rezervasyon numarası, "
        "rezervasyon no, 予約番号, 订单号, 預訂編號, 预订编号, 예약번호"),
    Field("name", N_("Name"), needed=True, instead=("first_name", "last_name"), headers=
        "guest name, customer name, client name, full name, contact name, traveler name, traveller name, "
        "lead guest, lead traveler, lead traveller, lead traveler name, lead guest name, lead customer, "
        "booker name, booked by, invitee name, attendee name, buyer name, organizer name, billing name, "
        "invoice address: name, customer full name, guest, customer, client, attendee, booker, invitee, gast, "
        "gastname, kunde, kundenname, name des gastes, teilnehmer, nom du client, nom complet, nom, "
        "nombre completo, nombre del cliente, cliente, nombre, nome completo, nome cliente, nome do cliente, "
        "nominativo, ospite, nome, naam, naam gast, klant, imię i nazwisko, klient, gość, namn, kund, navn, "
        "ad soyad, adı soyadı, müşteri, misafir, 氏名, お名前, 名前, 予約者名, お客様名, 姓名, 客人姓名, 联系人, "
        "고객명, 이름"),
    Field("first_name", N_("First name"), headers=
        "first, given name, given names, forename, firstname, guest first name, customer first name, "
        "client first name, contact first name, billing first name, attendee first name, traveler first name, "
        "lead traveler first name, invitee first name, vorname, prénom, nombre de pila, primer nombre, "
        "nome próprio, primeiro nome, voornaam, imię, förnamn, fornavn, isim, ad, keresztnév, 名, 이름"),
    Field("last_name", N_("Last name"), headers=
        "last, surname, family name, lastname, guest last name, customer last name, client last name, "
        "contact last name, billing last name, attendee last name, traveler last name, lead traveler last name, "
        "invitee last name, nachname, familienname, zuname, nom de famille, apellido, apellidos, cognome, "
        "achternaam, sobrenome, apelido, nazwisko, efternamn, efternavn, soyad, soyadı, soyisim, vezetéknév, 姓, 성"),
    Field("phone", N_("Phone"), headers=
        "mobile, phone number, telephone, tel, mobile number, mobile phone, cell phone, cell, contact number, "
        "contact phone, customer phone, customer phone number, guest phone, client phone, booker phone, "
        "billing phone, traveler phone, text reminder number, whatsapp, telefon, telefonnummer, handy, "
        "handynummer, mobil, mobilnummer, téléphone, n° de téléphone, portable, teléfono, móvil, telefono, "
        "cellulare, numero di telefono, telefoonnummer, mobiel, telefone, telemóvel, celular, numer telefonu, "
        "komórka, mobilnr, tlf, cep telefonu, telefon numarası, 電話番号, 携帯電話, 電話, 电话, 手机, 手机号, "
        "전화번호"),
    Field("email", N_("E-mail"), headers=
        "email, mail, email address, customer email, guest email, client email, contact email, booker email, "
        "invitee email, attendee email, billing email, traveler email, buyer email, e-mail-adresse, mailadresse, "
        "courriel, adresse e-mail, adresse mail, correo electrónico, correo, indirizzo e-mail, posta elettronica, "
        "e-mailadres, endereço de e-mail, adres e-mail, e-postadress, e-post, e-posta, eposta, メールアドレス, "
        "メール, 邮箱, 电子邮件, 電子郵件, 이메일"),
    Field("service", N_("Service"), needed=True, headers=
        "service name, product name, product title, product, tour name, tour, activity name, activity title, "
        "activity, experience title, experience, event name, event type name, event type, item name, item, "
        "class name, class, appointment type, bookable product, ticket type, event, what, leistung, angebot, "
        "produkt, aktivität, führung, veranstaltung, prestation, activité, produit, visite, événement, servicio, "
        "actividad, producto, evento, servizio, attività, esperienza, prodotto, dienst, activiteit, rondleiding, "
        "serviço, atividade, experiência, usługa, wycieczka, tjänst, aktivitet, tjeneste, ydelse, oplevelse, "
        "hizmet, tur, etkinlik, サービス, プラン, プラン名, アクティビティ, 体験, 服务, 产品, 活动, 項目, 상품명, "
        "title, type"),
    Field("starts", N_("Starts"), needed=True, headers=
        "start, starts at, start date time, start datetime, session start, session date, start date & time, "
        "start date and time, start date/time, tour date, activity date, travel date, event date, experience date, "
        "service date, appointment date, booking start date, visit date, event start date, event start, "
        "event date & time, date from, start date, date and time, date/time, datetime, date time, arrival date, "
        "when, date, day, beginn, startdatum, termin, tourdatum, veranstaltungsdatum, datum, tag, début, "
        "date de début, date de visite, fecha de inicio, fecha y hora, fecha, inicio, data inizio, data e ora, "
        "inizio, data e hora, data de início, data, begin, begindatum, data rozpoczęcia, termin rozpoczęcia, "
        "startdag, dato, tarih, başlangıç, başlangıç tarihi, 日付, 日時, 予約日, 利用日, 開始日時, 開始日, 日期, "
        "开始时间, 開始時間, 活动日期, 날짜, start time"),
    Field("time", N_("Time"), headers=
        "start time, tour time, arrival time, activity time, event time, time slot, timeslot, visit time, "
        "appointment time, event start time, booking start time, time from, hour, uhrzeit, zeit, startzeit, heure, "
        "heure de début, hora, hora de inicio, ora, orario, ora inizio, tijd, starttijd, aanvangstijd, horário, "
        "hora de início, godzina, czas, tid, starttid, tidspunkt, klokkeslæt, saat, başlangıç saati, 時間, 時刻, "
        "開始時刻, 开始时刻, 时间, 시간"),
    Field("party_size", N_("Guests"), headers=
        "party size, pax, total pax, total of pax, people, persons, participants, number of guests, "
        "number of people, number of participants, total guests, total participants, travellers, travelers, "
        "number of travelers, attendees, seats, covers, quantity, qty, ticket quantity, tickets, spots, "
        "group size, headcount, personen, anzahl personen, teilnehmerzahl, anzahl, personnes, nombre de personnes, "
        "personas, número de personas, participantes, persone, numero persone, partecipanti, aantal personen, "
        "deelnemers, aantal, pessoas, número de pessoas, liczba osób, uczestnicy, antal personer, antal, "
        "deltagere, deltagare, kişi sayısı, kişi, 人数, 予約人数, 人數, 인원"),
    Field("adults", N_("Adults"), headers=
        "adult, number of adults, erwachsene, adultes, adultos, adulti, volwassenen, dorośli, vuxna, voksne, "
        "yetişkin, 大人, 成人"),
    Field("children", N_("Children"), headers=
        "child, number of children, kids, kinder, enfants, niños, bambini, kinderen, crianças, dzieci, barn, børn, "
        "çocuk, 子供, 小人, 儿童"),
    Field("amount", N_("Amount"), needed=True, headers=
        "total amount, order total, booking total, grand total, total price, total due, total cost, total value, "
        "gross total, gross amount, appointment price, service price, payment amount, total paid, total, gross, "
        "retail price, gross revenue, amount charged, order value, value, price, cost, betrag, gesamtbetrag, "
        "gesamtpreis, gesamt, summe, endbetrag, preis, montant, montant total, total ttc, prix total, prix, "
        "importe, importe total, precio total, precio, importo, importo totale, totale, prezzo, bedrag, "
        "totaalbedrag, totaal, prijs, valor, valor total, preço total, preço, kwota, suma, cena, belopp, summa, "
        "totalt, pris, beløb, i alt, tutar, toplam, toplam tutar, fiyat, 金額, 合計, 合計金額, 料金, 金额, 总价, "
        "總價, 价格, 금액"),
    Field("currency", N_("Currency"), headers=
        "currency code, order currency, payment currency, service currency, ccy, währung, waehrung, devise, "
        "monnaie, moneda, divisa, valuta, moeda, waluta, para birimi, 通貨, 货币, 幣別, 币种, 통화"),
    Field("status", N_("Status"), headers=
        "booking status, reservation status, order status, appointment status, event status, attendee status, "
        "state, buchungsstatus, reservierungsstatus, statut, état, estado, stato, boekingsstatus, situação, stan, "
        "status rezerwacji, bokningsstatus, durum, 状態, ステータス, 予約状況, 状态, 狀態, 订单状态, 상태, "
        "canceled, cancelled"),
    Field("language", N_("Language"), headers=
        "lang, locale, guest language, customer language, sprache, langue, idioma, lingua, taal, język, språk, "
        "sprog, dil, 言語, 语言"),
)  # fmt: skip
_CONFIRMED = """
confirmed booked accepted approved active bestätigt gebucht bestaetigt confirmé confirmée réservé réservée confirmado
confirmada reservado reservada confermato confermata prenotato bevestigd geboekt potwierdzona potwierdzone potwierdzony
bekräftad bokad bekræftet booket onaylandı 確定 確認済み 予約確定 已确认 已確認 確認 확정
"""
_PENDING = """
pending requested tentative unconfirmed offen ausstehend angefragt vorgemerkt pendiente en-attente pendente in-attesa
in-afwachting oczekująca oczekujące väntande afventer beklemede 仮予約 未確定 承認待ち 待确认 待確認 대기
"""
STATES = {"": BookingStatus.PENDING}
STATES |= {word.replace("-", " "): BookingStatus.CONFIRMED for word in _CONFIRMED.split()}
STATES |= {word.replace("-", " "): BookingStatus.PENDING for word in _PENDING.split()}
_SURNAME, _GIVEN = ("last", "surname", "nachname", "apellido"), ("first", "given", "vorname", "nombre")
_EASTERN = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")


def full_name(cells: Mapping[str, str], columns: Mapping[str, str]) -> str:
    """Returns the guest's name from its own column, or from first and last name in the order of their language.

    Some languages call one of the two just "name" (French nom, Italian nome): then that column is the missing part.
    """
    name, first, last = cells["name"], cells["first_name"], cells["last_name"]
    if name and any(f" {part} " in f" {name} " and part != name for part in (first, last) if part):
        return name
    if name and first and last:
        return name
    first, last = first or (name if last else ""), last or (name if first else "")
    if not (first and last):
        return _in_order(name, columns.get("name", "")) or first or last
    return f"{last} {first}" if _begins_with_surname(columns.get("last_name", ""), last) else f"{first} {last}"


def _in_order(name: str, header: str) -> str:
    """Returns a name in the usual order; under the header "Last, first" a comma separates the two parts."""
    words = header.casefold()
    surname = min(
        (words.find(w) for w in ("last", "surname", "nachname", "apellido", "cognome") if w in words), default=-1
    )
    given = max((words.find(w) for w in ("first", "given", "vorname", "nombre", "nome") if w in words), default=-1)
    if name.count(",") == 1 and 0 <= surname < given:
        last, first = (part.strip() for part in name.split(","))
        return f"{first} {last}"
    return name


def _begins_with_surname(header: str, last: str) -> bool:
    return header.casefold().startswith("vezetékn") or all(
        unicodedata.name(c, "").startswith(_EASTERN) for c in f"{header}{last}" if c.isalpha()
    )
