import { phrase, type Phrase } from "../../doctor/words/phrase.ts";

/** About the DNS records. */
export const RECORD_SENTENCES = {
  "records-done": phrase("All {all} are right.", "Alle {all} stimmen."),
  "records-todo": phrase(
    "They follow from the domain and its keys.",
    "Sie ergeben sich aus der Domain und ihren Schlüsseln.",
  ),
  "records-no-address": phrase(
    "The address the world reaches this server at is not known.",
    "Unter welcher Adresse die Welt diesen Server erreicht, ist nicht bekannt.",
  ),
  "records-address": phrase(
    "Name it, and give the same command again: --public-address ADDRESS",
    "Nennen Sie sie, mit demselben Befehl: --public-address ADRESSE",
  ),
  "records-set": phrase(
    "{count} of {all} are set at {server}.",
    "{count} von {all} werden bei {server} gesetzt.",
  ),
  "records-missing": phrase(
    "{count} of {all} are missing or different.",
    "{count} von {all} fehlen oder sind anders.",
  ),
  "records-unknown": phrase(
    "Whether they are there is not known: the DNS does not answer ({reason}).",
    "Ob sie da sind, ist unbekannt: Das DNS antwortet nicht ({reason}).",
  ),
  "records-publish": phrase(
    "Enter the lines above where the DNS of your domain is kept; --zone-file FILE writes them all. Then run the same command again.",
    "Tragen Sie die Zeilen oben dort ein, wo das DNS Ihrer Domain liegt; --zone-file DATEI schreibt alle. Rufen Sie dann denselben Befehl noch einmal auf.",
  ),
  "records-network": phrase(
    "Check the network and /etc/resolv.conf, or name a resolver with --dns ADDRESS:PORT.",
    "Prüfen Sie Netz und /etc/resolv.conf, oder nennen Sie einen Resolver mit --dns ADRESSE:PORT.",
  ),
  "records-propagating": phrase(
    "waiting for the name servers: {seen} of {all} records seen everywhere, {seconds} s (Ctrl-C: go on another time)",
    "warte auf die Nameserver: {seen} von {all} Einträgen überall zu sehen, {seconds} s (Strg-C: ein andermal weiter)",
  ),
  "records-slow": phrase(
    "{count} records are not seen on every name server yet.",
    "{count} Einträge sind noch nicht auf jedem Nameserver zu sehen.",
  ),
  "records-slow-fix": phrase(
    "Name servers follow within minutes, some within hours. Run the same command again then: it looks once more.",
    "Nameserver folgen binnen Minuten, manche binnen Stunden. Rufen Sie dann denselben Befehl noch einmal auf: Er sieht wieder nach.",
  ),
  "records-pause": phrase(
    "Enter them where your DNS is kept, then press Enter (s and Enter: later). ",
    "Tragen Sie sie bei Ihrem DNS ein und drücken Sie dann Enter (s und Enter: später). ",
  ),
  "issuance-todo": phrase(
    "It follows from the account with the certificate authority.",
    "Es ergibt sich aus dem Konto bei der Zertifizierungsstelle.",
  ),
  "issuance-open": phrase(
    "Nothing to publish: there is no authority, or it has not said what CAA calls it.",
    "Nichts zu veröffentlichen: Es gibt keine Zertifizierungsstelle, oder sie hat nicht gesagt, wie CAA sie nennt.",
  ),
  "pin-none": phrase(
    "Not without a certificate of an authority.",
    "Nicht ohne Zertifikat einer Zertifizierungsstelle.",
  ),
  "pin-unsigned": phrase(
    "Not without DNSSEC: no resolver on this machine vouches for {domain}.",
    "Nicht ohne DNSSEC: Kein Resolver auf dieser Maschine bürgt für {domain}.",
  ),
  "pin-todo": phrase("TLSA records are set at {name}.", "TLSA-Einträge werden bei {name} gesetzt."),
  "pin-done": phrase(
    "{name} names the key that is served, and the next one.",
    "{name} nennt den Schlüssel, der gilt, und den nächsten.",
  ),
  "pin-missing": phrase(
    "{name} does not name the key that is served and the next one.",
    "{name} nennt den geltenden Schlüssel und den nächsten nicht.",
  ),
  "update-unreachable": phrase(
    "The DNS server cannot be reached: {detail}",
    "Der DNS-Server ist nicht zu erreichen: {detail}",
  ),
  "update-no-zone": phrase(
    "The DNS server has no zone for {detail}.",
    "Der DNS-Server hat keine Zone für {detail}.",
  ),
  "update-refused": phrase(
    "The DNS server refuses the change ({detail}).",
    "Der DNS-Server verweigert die Änderung ({detail}).",
  ),
  "update-bad-key": phrase(
    "The DNS server does not know the key.",
    "Der DNS-Server kennt den Schlüssel nicht.",
  ),
  "update-bad-signature": phrase(
    "The DNS server knows the key, but its secret is another one.",
    "Der DNS-Server kennt den Schlüssel, aber mit einem anderen Geheimnis.",
  ),
  "update-bad-time": phrase(
    "The clocks of this machine and of the DNS server are more than five minutes apart.",
    "Die Uhren dieser Maschine und des DNS-Servers gehen mehr als fünf Minuten auseinander.",
  ),
  "update-forged": phrase(
    "The answer was not signed by the key: it may not be from the DNS server at all.",
    "Die Antwort war nicht mit dem Schlüssel signiert: Vielleicht ist sie gar nicht vom DNS-Server.",
  ),
  "update-failed": phrase(
    "The DNS server could not do it ({detail}).",
    "Der DNS-Server konnte es nicht ({detail}).",
  ),
  "update-fix": phrase(
    "Check --dns-update and --tsig, and what the server's update-policy allows the key; or enter the lines by hand.",
    "Prüfen Sie --dns-update und --tsig und was die update-policy des Servers dem Schlüssel erlaubt; oder tragen Sie die Zeilen von Hand ein.",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;
