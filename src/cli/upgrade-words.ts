import { phrase, type Phrase } from "../doctor/words/phrase.ts";

/** What `wachpost upgrade` says, in the language of the terminal or of --lang. */
export const UPGRADE_WORDS = {
  version: phrase("version    {version}", "Version    {version}"),
  schema: phrase("schema     {schema}", "Schema     {schema}"),
  nodata: phrase("schema     no data yet", "Schema     noch keine Daten"),
  schemalater: phrase(
    "schema     {schema}; the next start of the server brings it to {known}",
    "Schema     {schema}; der nächste Start des Servers bringt es auf {known}",
  ),
  asidenothing: phrase("set aside  nothing", "beiseite   nichts"),
  aside: phrase(
    "set aside  on {day}: {from}, {state}; {size} MB of its own, kept until {until}",
    "beiseite   am {day}: {from}, {state}; {size} MB für sich, aufbewahrt bis {until}",
  ),
  from: phrase("schema {schema}", "Schema {schema}"),
  fromversion: phrase("schema {schema} of version {version}", "Schema {schema} der Version {version}"),
  before: phrase(
    "before schema {schema}; `wachpost upgrade rollback` goes back to it",
    "vor Schema {schema}; `wachpost upgrade rollback` kehrt dahin zurück",
  ),
  rolledback: phrase("rolled back on {day}", "zurückgekehrt am {day}"),
  nothingtodo: phrase(
    "Nothing to do: the data have this version's schema.",
    "Nichts zu tun: Die Daten haben das Schema dieser Version.",
  ),
  upgraded: phrase(
    "The data have schema {to} now, it was {from}. What they were is set aside; `wachpost upgrade status` shows it.",
    "Die Daten haben jetzt Schema {to}, vorher war es {from}. Was sie waren, liegt beiseite; `wachpost upgrade status` zeigt es.",
  ),
  back: phrase(
    "The store of {day} is back, with schema {schema}.",
    "Der Speicher vom {day} ist wieder da, mit Schema {schema}.",
  ),
  install: phrase(
    "Now install the version before and start it: npm install -g wachpost@{version}",
    "Installieren Sie jetzt die Version davor, und starten Sie sie: npm install -g wachpost@{version}",
  ),
  keptaside: phrase(
    "The store that went is kept in {directory} for 14 days.",
    "Der Speicher, der ging, bleibt 14 Tage in {directory}.",
  ),
  carriedone: phrase(
    "Carried over: 1 message that came since, under the uids they had, and {queued} in the queue; {done} sent since left the queue.",
    "Mitgenommen: 1 Nachricht, die seither kam, unter ihrer UID, und {queued} in der Warteschlange; {done} seither gesendete sind nicht mehr darin.",
  ),
  carried: phrase(
    "Carried over: {messages} messages that came since, under the uids they had, and {queued} in the queue; {done} sent since left the queue.",
    "Mitgenommen: {messages} Nachrichten, die seither kamen, unter ihren UIDs, und {queued} in der Warteschlange; {done} seither gesendete sind nicht mehr darin.",
  ),
  asnow: phrase(
    "Accounts, passwords, addresses, tables, keys and records are as they are now. Flags, moves and deletions of older mail are as they were then.",
    "Konten, Passwörter, Adressen, Tabellen, Schlüssel und Protokolle sind, wie sie jetzt sind. Markierungen, Umzüge und Löschungen älterer Mail sind, wie sie damals waren.",
  ),
  holdlost: phrase(
    "LEGAL HOLD IS LOST: that schema does not know it. Nothing keeps these accounts from being removed, and after the next upgrade it must be ordered anew (`wachpost account retention LOGIN --hold`): {logins}.",
    "DIE AUFBEWAHRUNGSANORDNUNG IST VERLOREN: Jenes Schema kennt sie nicht. Nichts hindert daran, diese Konten zu entfernen, und nach der nächsten Aktualisierung ist sie neu anzuordnen (`wachpost account retention LOGIN --hold`): {logins}.",
  ),
  newest: phrase("update     none: {version} is the newest", "Neuerung   keine: {version} ist die neueste"),
  newer: phrase(
    "update     {version} of {date}{mark}: {text}",
    "Neuerung   {version} vom {date}{mark}: {text}",
  ),
  nobodyasked: phrase(
    "update     nobody was asked (`wachpost upgrade check`)",
    "Neuerung   niemand wurde gefragt (`wachpost upgrade check`)",
  ),
  lookfailed: phrase(
    "           the last look failed: {fault}",
    "           der letzte Blick gelang nicht: {fault}",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;
