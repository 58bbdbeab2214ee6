import { reason as r, type ReasonWords } from "./language.ts";

const DNS_EN = "Nothing needs to be done: the sending server tries again, and the DNS may answer then.";
const DNS_DE =
  "Es ist nichts zu tun: Der sendende Server versucht es noch einmal, und dann antwortet das DNS vielleicht.";
const WAIT_EN =
  "Nothing needs to be done: a real mail server tries again by itself, and is known from then on.";
const WAIT_DE =
  "Es ist nichts zu tun: Ein echter Mailserver versucht es von selbst noch einmal und ist von da an bekannt.";
const DELIST_EN =
  "The owner of the address can see at the list why it stands there, and have it removed. Trust the client here only if you know who it is.";
const DELIST_DE =
  "Der Inhaber der Adresse kann bei der Liste erfahren, warum er dort steht, und sich austragen lassen. Vertrauen Sie dem Client hier nur, wenn Sie wissen, wer es ist.";
const NAME_EN = "The operator of the client has to give its address a name that points back to it.";
const NAME_DE = "Der Betreiber des Clients muss der Adresse einen Namen geben, der auf sie zurückführt.";
const HELO_EN = "The operator of the client has to set its host name.";
const HELO_DE = "Der Betreiber des Clients muss dessen Rechnernamen richtig einstellen.";
const SPF_EN =
  "The owner of the domain has to allow the client in the SPF record, or the mail must be sent through the domain's own servers.";
const SPF_DE =
  "Der Inhaber der Domain muss den Client im SPF-Eintrag zulassen, oder die Post muss über die eigenen Server der Domain gesendet werden.";
const DMARC_EN =
  "A valid signature of the domain (DKIM), or sending through its own servers (SPF), would have let it through.";
const DMARC_DE =
  "Eine gültige Signatur der Domain (DKIM) oder der Versand über deren eigene Server (SPF) hätte genügt.";
const FORWARDER_EN = "Forwarders and mailing lists that you know are named in policy.dmarc_forwarders.";
const FORWARDER_DE = "Weiterleiter und Mailinglisten, die Sie kennen, nennen Sie in policy.dmarc_forwarders.";
const LOGIN_EN = "Log in before sending with this address.";
const LOGIN_DE = "Melden Sie sich an, bevor Sie mit dieser Adresse senden.";
const SLOWER_EN = "Nothing needs to be done: the sending server tries again by itself, more slowly.";
const SLOWER_DE = "Es ist nichts zu tun: Der sendende Server versucht es von selbst noch einmal, langsamer.";

/** Verdicts of the rules: `src/policy`. Where the SMTP dialogue has the same reason, its words are used. */
export const POLICY_REASONS = {
  // Lists
  listed: r(
    "The list {zone} names {client}[[ (its answer: {code})]].",
    "Die Liste {zone} führt {client}[[ (ihre Antwort: {code})]].",
    DELIST_EN,
    DELIST_DE,
    "table",
  ),
  "listed-score": r(
    "{client} stands on so many lists that the points reach the limit: {points}[[ ({zones})]].",
    "{client} steht auf so vielen Listen, dass die Punkte die Grenze erreichen: {points}[[ ({zones})]].",
    DELIST_EN,
    DELIST_DE,
    "table",
  ),
  "score-below": r(
    "The points of the lists stay below the limit: {points}.",
    "Die Punkte der Listen bleiben unter der Grenze: {points}.",
  ),
  "not-listed": r("The list[[ {zone}]] does not name it.", "Die Liste[[ {zone}]] führt ihn nicht."),
  "list-error": r(
    "The list[[ {zone}]] gave no usable answer[[ ({error})]]; that counts as no verdict.",
    "Die Liste[[ {zone}]] hat keine brauchbare Antwort gegeben[[ ({error})]]; das gilt nicht als Urteil.",
  ),
  "allow-listed": r(
    "The allow list {zone} vouches for {client}[[ (its answer: {code})]].",
    "Die Positivliste {zone} bürgt für {client}[[ (ihre Antwort: {code})]].",
  ),
  "allow-list-not-learned": r(
    "An allow list[[ ({zone})]] did not answer; what was refused otherwise is only put off.",
    "Eine Positivliste[[ ({zone})]] hat nicht geantwortet; was sonst abgelehnt würde, wird nur aufgeschoben.",
    DNS_EN,
    DNS_DE,
    "table",
  ),
  "link-listed": r(
    "The message links to {host}, which the list {zone} names[[ (its answer: {code})]].",
    "Die Nachricht verweist auf {host}, und die Liste {zone} führt diesen Namen[[ (ihre Antwort: {code})]].",
    "The owner of that name can see at the list why it stands there, and have it removed. Vouch for it here only if you know the site.",
    "Der Inhaber des Namens kann bei der Liste erfahren, warum er dort steht, und ihn austragen lassen. Bürgen Sie hier nur dafür, wenn Sie die Seite kennen.",
    "link",
  ),
  "link-vouched": r(
    "The message links to {host}, which the list {zone} names, but your table links vouches for it.",
    "Die Nachricht verweist auf {host}, und die Liste {zone} führt diesen Namen; Ihre Tabelle links bürgt aber dafür.",
  ),
  // Names of the client
  "no-name": r(
    "The address {address} has no name that points back to it[[ (it points to {reverse})]].",
    "Die Adresse {address} hat keinen Namen, der auf sie zurückführt[[ (sie nennt {reverse})]].",
    NAME_EN,
    NAME_DE,
    "table",
  ),
  "no-reverse-name": r(
    "The address {address} has no name in the DNS.",
    "Die Adresse {address} hat im DNS keinen Namen.",
    NAME_EN,
    NAME_DE,
    "table",
  ),
  "name-not-learned": r(
    "The DNS did not say which name {address} has.",
    "Das DNS hat nicht gesagt, welchen Namen {address} hat.",
    DNS_EN,
    DNS_DE,
    "table",
  ),
  "early-talk": r(
    "The client talked before it was its turn, as programs do that send spam.",
    "Der Client hat gesprochen, bevor er an der Reihe war; das tun Programme, die Spam versenden.",
    "The software of the sender has to wait for the replies.",
    "Die Software des Absenders muss die Antworten abwarten.",
    "table",
  ),
  "not-encrypted": r(
    "The session was not encrypted.",
    "Die Sitzung war nicht verschlüsselt.",
    "The client has to use STARTTLS.",
    "Der Client muss STARTTLS benutzen.",
  ),
  // HELO
  "invalid-helo": r(
    "The client called itself {helo}, which is not a host name.",
    "Der Client nannte sich {helo}; das ist kein Rechnername.",
    HELO_EN,
    HELO_DE,
    "table",
  ),
  "helo-is-ours": r(
    "The client called itself {helo}, which is a name or address of this server.",
    "Der Client nannte sich {helo}; das ist ein Name oder eine Adresse dieses Servers.",
    HELO_EN,
    HELO_DE,
    "table",
  ),
  "helo-not-full": r(
    "The client called itself {helo}, which is not a full host name.",
    "Der Client nannte sich {helo}; das ist kein vollständiger Rechnername.",
    HELO_EN,
    HELO_DE,
    "table",
  ),
  "helo-unknown": r(
    "The client called itself {helo}, a name that the DNS does not know.",
    "Der Client nannte sich {helo}; diesen Namen kennt das DNS nicht.",
    HELO_EN,
    HELO_DE,
    "table",
  ),
  "helo-not-learned": r(
    "The DNS did not say whether the name {helo}, which the client gave itself, exists.",
    "Das DNS hat nicht gesagt, ob es den Namen {helo} gibt, den der Client sich gab.",
    DNS_EN,
    DNS_DE,
    "table",
  ),
  // Addresses
  "address-not-full": r(
    "The address {address} has no full domain.",
    "Die Adresse {address} hat keine vollständige Domain.",
    "Write the address in full, with its domain.",
    "Schreiben Sie die Adresse vollständig, mit Domain.",
    "table",
  ),
  "address-literal": r(
    "The address has an address literal in place of a domain.",
    "Die Adresse hat ein Adressliteral statt einer Domain.",
  ),
  "domain-unknown": r(
    "The domain {domain} does not exist or can have no mail, so nobody could answer.",
    "Die Domain {domain} gibt es nicht, oder sie kann keine Post bekommen; niemand könnte antworten.",
    "The owner of the domain has to mend its DNS; check the address for typing errors too.",
    "Der Inhaber der Domain muss deren DNS berichtigen; prüfen Sie auch die Adresse auf Tippfehler.",
    "table",
  ),
  "domain-not-learned": r(
    "The DNS did not say whether the domain {domain} exists.",
    "Das DNS hat nicht gesagt, ob es die Domain {domain} gibt.",
    DNS_EN,
    DNS_DE,
    "table",
  ),
  "unknown-sender": r(
    "The sender {sender} is in a domain of this server, but nobody here has the address.",
    "Der Absender {sender} liegt in einer Domain dieses Servers, aber niemand hat hier diese Adresse.",
    "Whoever sends so has to use an address that exists.",
    "Wer so sendet, muss eine Adresse benutzen, die es gibt.",
    "table",
  ),
  "sender-needs-login": r(
    "{sender} is an address of somebody here, and the client had not logged in.",
    "{sender} ist eine Adresse von jemandem hier, und der Client hatte sich nicht angemeldet.",
    LOGIN_EN,
    LOGIN_DE,
  ),
  "multi-recipient-bounce": r(
    "A notice without sender had several recipients[[ ({recipients})]]; real ones have one.",
    "Eine Meldung ohne Absender hatte mehrere Empfänger[[ ({recipients})]]; echte haben nur einen.",
    "The software of the sender has to be mended.",
    "Die Software des Absenders muss berichtigt werden.",
    "table",
  ),
  // Proof of origin
  "spf-fail": r(
    "The domain {domain} says in its SPF record that {client} may not send for it[[ ({mechanism})]][[; {setting} says what becomes of such mail]].",
    "Die Domain {domain} erklärt in ihrem SPF-Eintrag, dass {client} nicht für sie senden darf[[ ({mechanism})]][[; {setting} sagt, was aus solcher Post wird]].",
    `${SPF_EN} ${FORWARDER_EN}`,
    `${SPF_DE} ${FORWARDER_DE}`,
  ),
  "spf-forwarder": r(
    "The domain {domain} says in its SPF record that {client} may not send for it, but the message came through a forwarder or list that {setting} names: {comment}.",
    "Die Domain {domain} erklärt in ihrem SPF-Eintrag, dass {client} nicht für sie senden darf; die Nachricht kam aber über einen Weiterleiter oder eine Liste, die {setting} nennt: {comment}.",
  ),
  "dmarc-undecided": r(
    "Whether the message is from {domain}, as its From field says, the DNS did not tell; for mail that is not, that domain asks: {requested} (DMARC).",
    "Ob die Nachricht von {domain} ist, wie das Feld From sagt, hat das DNS nicht gesagt; für Post, die es nicht ist, bittet diese Domain um: {requested} (DMARC).",
    `${DNS_EN} ${FORWARDER_EN}`,
    `${DNS_DE} ${FORWARDER_DE}`,
  ),
  "dmarc-doubtful": r(
    "Whether the message is from {domain}, as its From field says, the DNS did not tell, so it is taken for junk; for mail that is not, that domain asks: {requested} (DMARC).",
    "Ob die Nachricht von {domain} ist, wie das Feld From sagt, hat das DNS nicht gesagt, darum gilt sie als Spam; für Post, die es nicht ist, bittet diese Domain um: {requested} (DMARC).",
    `${DMARC_EN} ${FORWARDER_EN}`,
    `${DMARC_DE} ${FORWARDER_DE}`,
  ),
  "dmarc-fail": r(
    "Neither SPF nor DKIM shows that the message is from {domain}, as its From field says; for such mail that domain asks: {requested} (DMARC).",
    "Weder SPF noch DKIM belegen, dass die Nachricht von {domain} ist, wie das Feld From sagt; für solche Post bittet diese Domain um: {requested} (DMARC).",
    `${DMARC_EN} ${FORWARDER_EN}`,
    `${DMARC_DE} ${FORWARDER_DE}`,
  ),
  "dmarc-forwarder": r(
    "It failed DMARC (the domain {domain} asks: {requested}), but came through a forwarder that the configuration trusts[[, {setting}]]: {comment}.",
    "Sie hat DMARC nicht bestanden (die Domain {domain} bittet um: {requested}), kam aber über einen Weiterleiter, dem die Konfiguration vertraut[[, {setting}]]: {comment}.",
  ),
  "dmarc-sealed": r(
    "It failed DMARC (the domain {domain} asks: {requested}), but had passed before a list or forwarder changed it; the ARC seal that says so is of a domain the configuration trusts[[, {setting}]]: {comment}.",
    "Sie hat DMARC nicht bestanden (die Domain {domain} bittet um: {requested}), hatte aber bestanden, bevor eine Liste oder ein Weiterleiter sie veränderte; das ARC-Siegel dafür ist von einer Domain, der die Konfiguration vertraut[[, {setting}]]: {comment}.",
  ),
  "dmarc-temperror": r(
    "The DNS did not say what the domain {domain} asks for (DMARC), and neither SPF nor DKIM shows that the message is from there, as its From field says.",
    "Das DNS hat nicht gesagt, worum die Domain {domain} bittet (DMARC), und weder SPF noch DKIM belegen, dass die Nachricht von dort ist, wie das Feld From sagt.",
    `The sending server tries again, and the DNS may answer then; if it never does, the owner of the domain has to mend its name servers. policy.dmarc_unknown = "record" takes such mail. ${FORWARDER_EN}`,
    `Der sendende Server versucht es noch einmal, und dann antwortet das DNS vielleicht; bleibt es stumm, muss der Inhaber der Domain deren Nameserver in Ordnung bringen. policy.dmarc_unknown = "record" nimmt solche Post an. ${FORWARDER_DE}`,
  ),
  "dmarc-unknown-forwarder": r(
    "The DNS did not say what the domain {domain} asks for (DMARC), but the message came through a forwarder or list that {setting} names: {comment}.",
    "Das DNS hat nicht gesagt, worum die Domain {domain} bittet (DMARC); die Nachricht kam aber über einen Weiterleiter oder eine Liste, die {setting} nennt: {comment}.",
  ),
  "dmarc-no-dns": r(
    "Nothing could be learned of the domain {domain} (DMARC): the DNS of the world has not answered this server for hours, or not at all since it was started, so no mail waits for it.",
    "Über die Domain {domain} war nichts zu erfahren (DMARC): Das DNS der Welt hat diesem Server seit Stunden nicht geantwortet, oder seit seinem Start noch nie, darum wartet keine Post darauf.",
  ),
  // Rates
  "greylisted-nameless": r(
    "{client} has no name that points back to it and was unknown; such clients have to come a second time[[, here after {wait_s} seconds]].",
    "{client} hat keinen Namen, der auf ihn zurückführt, und war unbekannt; solche Clients müssen ein zweites Mal kommen[[, hier nach {wait_s} Sekunden]].",
    WAIT_EN,
    WAIT_DE,
    "table",
  ),
  "greylisted-generic-name": r(
    "{client} has a name as providers give to the lines of their customers and was unknown; such clients have to come a second time[[, here after {wait_s} seconds]].",
    "{client} hat einen Namen, wie ihn Anbieter den Anschlüssen ihrer Kunden geben, und war unbekannt; solche Clients müssen ein zweites Mal kommen[[, hier nach {wait_s} Sekunden]].",
    WAIT_EN,
    WAIT_DE,
    "table",
  ),
  "greylisted-listed": r(
    "{client} stands on a list of the DNS and was unknown; such clients have to come a second time[[, here after {wait_s} seconds]].",
    "{client} steht auf einer Liste im DNS und war unbekannt; solche Clients müssen ein zweites Mal kommen[[, hier nach {wait_s} Sekunden]].",
    WAIT_EN,
    WAIT_DE,
    "table",
  ),
  correspondent: r(
    "The client looked suspicious, but somebody here has written to {sender}.",
    "Der Client war verdächtig, aber jemand hier hat an {sender} geschrieben.",
  ),
  "rate-limited": r(
    "{client} sent more in a short time than is allowed[[: {count} of {limit}]].",
    "{client} hat in kurzer Zeit mehr gesendet, als erlaubt ist[[: {count} bei einer Grenze von {limit}]].",
    SLOWER_EN,
    SLOWER_DE,
    "table",
  ),
  banned: r(
    "{client} was banned[[ ({why})]] for a while[[: it {offence}]][[, until {until}]].",
    "{client} war für eine Weile gesperrt[[ ({why})]][[, als Grund steht dort: {offence}]][[, bis {until}]].",
    "The ban ends by itself.",
    "Die Sperre endet von selbst.",
    "table",
  ),
} satisfies Readonly<Record<string, ReasonWords>>;
