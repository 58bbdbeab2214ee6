import { reason as r, type ReasonWords } from "./language.ts";

const AGAIN_EN = "Nothing needs to be done: this server tries again by itself. It can be told to do so now.";
const AGAIN_DE =
  "Es ist nichts zu tun: Dieser Server versucht es von selbst noch einmal. Sie können ihn auch sofort dazu auffordern.";
const TYPING_EN = "Check the address for typing errors.";
const TYPING_DE = "Prüfen Sie die Adresse auf Tippfehler.";

/** Why mail could not leave: `src/queue`, `src/mta/outbound*`. */
export const DELIVERY_REASONS = {
  "not-tried": r(
    "No mail host of the destination was left to be tried.",
    "Es war kein Mailserver des Ziels mehr übrig, den man hätte versuchen können.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "slowed-down": r(
    "The destination asked for less mail at once; this message waits for its turn.",
    "Das Ziel bat um weniger Mail auf einmal; diese Nachricht wartet, bis sie an der Reihe ist.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "delivery-broken": r(
    "This server made an error of its own; the message is kept.",
    "Diesem Server ist selbst ein Fehler unterlaufen; die Nachricht bleibt erhalten.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "blob-gone": r(
    "The text of the message is lost from the store of this server.",
    "Der Text der Nachricht ist im Speicher dieses Servers verloren gegangen.",
    "Look at the disk and restore a backup.",
    "Prüfen Sie die Platte und spielen Sie eine Sicherung ein.",
  ),
  "bad-address": r(
    "The recipient is not an address.",
    "Der Empfänger ist keine Adresse.",
    TYPING_EN,
    TYPING_DE,
  ),
  "bad-domain": r(
    "The part behind the @ is not a domain.",
    "Der Teil hinter dem @ ist keine Domain.",
    TYPING_EN,
    TYPING_DE,
  ),
  "no-domain": r(
    "The domain of {recipient} does not exist.",
    "Die Domain von {recipient} gibt es nicht.",
    TYPING_EN,
    TYPING_DE,
  ),
  "null-mx": r(
    "The domain {domain} says in the DNS that it takes no mail (null MX), so no mail can be answered there.",
    "Die Domain {domain} erklärt im DNS, dass sie keine Post annimmt (Null-MX); antworten könnte man dort nicht.",
    "Another address is needed; this one can have no mail.",
    "Es braucht eine andere Adresse; diese kann keine Post bekommen.",
  ),
  "no-address": r(
    "The domain of {recipient} has no mail host with an address.",
    "Die Domain von {recipient} hat keinen Mailserver mit einer Adresse.",
    "The owner of the domain has to mend its DNS.",
    "Der Inhaber der Domain muss deren DNS berichtigen.",
  ),
  "routing-loop": r(
    "The mail host of {recipient} is this server, which is not responsible for the domain.",
    "Der Mailserver von {recipient} ist dieser Server, der aber für die Domain nicht zuständig ist.",
    "Add the domain here, or mend its MX record.",
    "Richten Sie die Domain hier ein, oder berichtigen Sie deren MX-Eintrag.",
  ),
  "bad-next-hop": r(
    "The next hop in the configuration is not a host with an address.",
    "Der nächste Server in der Konfiguration ist kein Rechner mit einer Adresse.",
    "Mend the route in the configuration.",
    "Berichtigen Sie den Weg in der Konfiguration.",
  ),
  "dns-failure": r(
    "The DNS gave no answer about the domain of {recipient}.",
    "Das DNS hat zur Domain von {recipient} nicht geantwortet.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "remote-connect": r(
    "No connection to the mail host {host} could be made.",
    "Zum Mailserver {host} kam keine Verbindung zustande.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "remote-timeout": r(
    "The mail host {host} took too long to answer.",
    "Der Mailserver {host} hat zu lange nicht geantwortet.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "remote-closed": r(
    "The mail host {host} broke the connection off.",
    "Der Mailserver {host} hat die Verbindung abgebrochen.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "remote-greeting": r(
    "The mail host {host} refused the conversation from the start.",
    "Der Mailserver {host} hat das Gespräch von Anfang an verweigert.",
    "Its operator may have blocked this server; the reply says more.",
    "Dessen Betreiber hat diesen Server vielleicht gesperrt; die Antwort sagt mehr.",
  ),
  "remote-protocol": r(
    "The mail host {host} did not keep to SMTP.",
    "Der Mailserver {host} hat sich nicht an SMTP gehalten.",
    "Its operator has to mend it.",
    "Dessen Betreiber muss das berichtigen.",
  ),
  "remote-tls": r(
    "The encryption with the mail host {host} could not be set up as required.",
    "Die Verschlüsselung mit dem Mailserver {host} kam nicht so zustande, wie es verlangt ist.",
    AGAIN_EN,
    AGAIN_DE,
    "queue-flush",
  ),
  "remote-login": r(
    "The relay {host} did not accept the login of this server.",
    "Der Server {host} hat die Anmeldung dieses Servers nicht angenommen.",
    "Check the login of the relay in the configuration.",
    "Prüfen Sie die Zugangsdaten für diesen Server in der Konfiguration.",
  ),
  "requiretls-unsupported": r(
    "The sender demanded TLS all the way (REQUIRETLS), and the mail host {host} does not promise to keep to that.",
    "Der Absender verlangte TLS auf dem ganzen Weg (REQUIRETLS); der Mailserver {host} sagt das nicht zu.",
    "Send the message without that demand, or to an address whose server offers REQUIRETLS.",
    "Senden Sie die Nachricht ohne diese Forderung oder an eine Adresse, deren Server REQUIRETLS anbietet.",
  ),
  "requiretls-unproven": r(
    "The sender demanded TLS all the way (REQUIRETLS), and the mail host {host} could not prove that it is the right one.",
    "Der Absender verlangte TLS auf dem ganzen Weg (REQUIRETLS); der Mailserver {host} konnte nicht belegen, dass er der richtige ist.",
    "Send the message without that demand. The recipient's domain needs DANE or MTA-STS, and a certificate for its mail host.",
    "Senden Sie die Nachricht ohne diese Forderung. Die Domain des Empfängers braucht DANE oder MTA-STS und ein Zertifikat für ihren Mailserver.",
  ),
  "remote-unsupported": r(
    "The mail host {host} cannot do what the message needs.",
    "Der Mailserver {host} kann nicht, was die Nachricht verlangt.",
    "Write to an address without special letters, or send in another form.",
    "Schreiben Sie an eine Adresse ohne besondere Zeichen, oder senden Sie die Nachricht in anderer Form.",
  ),
} satisfies Readonly<Record<string, ReasonWords>>;
