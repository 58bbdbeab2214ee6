import { reason as r, type ReasonWords } from "./language.ts";

const TABLE_EN = "Your own entry decided; change or remove it.";
const TABLE_DE = "Ihr eigener Eintrag hat entschieden; ändern oder entfernen Sie ihn.";
const SPF_EN =
  "The owner of the domain has to allow the client in the SPF record, or the mail must be sent through the domain's own servers.";
const SPF_DE =
  "Der Inhaber der Domain muss den Client im SPF-Eintrag zulassen, oder die Post muss über die eigenen Server der Domain gesendet werden.";

/** Answers of access tables and of the rules that only permit, refuse or put off (`src/policy`). */
export const TABLE_REASONS = {
  "table-ok": r("Your table {table} lets {key} through.", "Ihre Tabelle {table} lässt {key} durch."),
  "table-dunno": r(
    "Your table {table} leaves {key} to the other rules.",
    "Ihre Tabelle {table} überlässt {key} den anderen Regeln.",
  ),
  "table-reject": r(
    "Your table {table} refuses {key}[[ ({value})]].",
    "Ihre Tabelle {table} lehnt {key} ab[[ ({value})]].",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-defer": r(
    "Your table {table} puts {key} off[[ ({value})]].",
    "Ihre Tabelle {table} schiebt {key} auf[[ ({value})]].",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-defer-if-permit": r(
    "Your table {table} puts {key} off where nothing else refuses it.",
    "Ihre Tabelle {table} schiebt {key} auf, wenn nichts anderes ihn ablehnt.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-defer-if-reject": r(
    "Your table {table} turns a refusal of {key} into a delay.",
    "Ihre Tabelle {table} macht aus einer Ablehnung von {key} einen Aufschub.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-discard": r(
    "Your table {table} says DISCARD for {key}; nothing is accepted and then dropped here, so it was refused.",
    "Ihre Tabelle {table} sagt für {key} DISCARD; hier wird nichts angenommen und dann weggeworfen, deshalb wurde abgelehnt.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-hold": r(
    "Your table {table} says that {key} is to be held.",
    "Ihre Tabelle {table} sagt, dass {key} angehalten werden soll.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-prepend": r(
    "Your table {table} adds a header field for {key}.",
    "Ihre Tabelle {table} fügt für {key} ein Kopffeld hinzu.",
  ),
  "table-redirect": r(
    "Your table {table} redirects {key}.",
    "Ihre Tabelle {table} leitet {key} um.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-bcc": r(
    "Your table {table} asks for a copy for {key}.",
    "Ihre Tabelle {table} verlangt für {key} eine Kopie.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-filter": r(
    "Your table {table} names a filter for {key}.",
    "Ihre Tabelle {table} nennt für {key} einen Filter.",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "table-warn": r("Your table {table} only notes {key}.", "Ihre Tabelle {table} vermerkt {key} nur."),
  "table-rules": r(
    "Your table {table} names other rules for {key}[[ ({value})]].",
    "Ihre Tabelle {table} nennt für {key} andere Regeln[[ ({value})]].",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "no-entry": r("The table has no entry for it.", "Die Tabelle hat dazu keinen Eintrag."),
  "entry-skipped": r(
    "The entry {key} of your table {table} cannot be carried out[[ ({why})]].",
    "Der Eintrag {key} Ihrer Tabelle {table} lässt sich nicht ausführen[[ ({why})]].",
    TABLE_EN,
    TABLE_DE,
    "own-entry",
  ),
  "sender-not-proven": r(
    "Your table[[ {table}]] would let the sender through, but nothing proves that the mail is his; an address alone is easily forged.",
    "Ihre Tabelle[[ {table}]] ließe den Absender durch, aber nichts belegt, dass die Post von ihm ist; eine Adresse allein ist leicht gefälscht.",
    SPF_EN,
    SPF_DE,
  ),
  misconfigured: r(
    "The rules of this server have an error[[ ({why})]]; until it is mended nothing is accepted on their word.",
    "Die Regeln dieses Servers haben einen Fehler[[ ({why})]]; bis er behoben ist, wird auf ihr Wort nichts angenommen.",
    "`wachpost check` names the error.",
    "`wachpost check` nennt den Fehler.",
  ),
  reject: r(
    "A rule refuses everybody who comes this far.",
    "Eine Regel lehnt alle ab, die bis hierher kommen.",
    "An exception before that rule.",
    "Eine Ausnahme vor dieser Regel.",
    "table",
  ),
  defer: r(
    "A rule puts off everybody who comes this far.",
    "Eine Regel schiebt alle auf, die bis hierher kommen.",
    "An exception before that rule.",
    "Eine Ausnahme vor dieser Regel.",
    "table",
  ),
  "defer-if-permit": r(
    "A rule says that a permission becomes a delay.",
    "Eine Regel macht aus einer Erlaubnis einen Aufschub.",
    "An exception before that rule.",
    "Eine Ausnahme vor dieser Regel.",
    "table",
  ),
  "defer-if-reject": r(
    "A rule says that a refusal becomes a delay.",
    "Eine Regel macht aus einer Ablehnung einen Aufschub.",
    "An exception before that rule.",
    "Eine Ausnahme vor dieser Regel.",
    "table",
  ),
  sleep: r(
    "A rule let the client wait for {seconds} seconds.",
    "Eine Regel hat den Client {seconds} Sekunden warten lassen.",
  ),
  permit: r(
    "A rule permits everybody who comes this far.",
    "Eine Regel erlaubt alle, die bis hierher kommen.",
  ),
  "trusted-network": r(
    "The address[[ {address}]] is in a network that the configuration trusts.",
    "Die Adresse[[ {address}]] liegt in einem Netz, dem die Konfiguration vertraut.",
  ),
  "own-address": r(
    "The address[[ {address}]] is one of this machine.",
    "Die Adresse[[ {address}]] gehört zu diesem Rechner.",
  ),
  "logged-in": r(
    "The client had logged in[[ as {login}]].",
    "Der Client hatte sich angemeldet[[ als {login}]].",
  ),
  "our-domain": r("The domain is one of this server.", "Die Domain gehört zu diesem Server."),
  "not-our-domain": r(
    "The recipient is not in a domain of this server.",
    "Der Empfänger liegt nicht in einer Domain dieses Servers.",
  ),
  "not-applicable": r("The rule has nothing to say here.", "Die Regel hat hier nichts zu sagen."),
} satisfies Readonly<Record<string, ReasonWords>>;
