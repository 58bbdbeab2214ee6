import { note } from "./phrase.ts";

export const OPERATIONS_NOTES = {
  "disk-low": note(
    "{free} % of the disk are free; below {min} % new mail is put off.",
    "{free} % der Platte sind frei; unter {min} % wird neue Mail vertröstet.",
    "Make room, or give {data} a larger disk.",
    "Schaffen Sie Platz, oder geben Sie {data} eine größere Platte.",
  ),
  "own-unknown": note(
    "This server could not be asked: {what}.",
    "Dieser Server ließ sich nicht fragen: {what}.",
    "Run the doctor on the machine and as the user of the server, with --config FILE.",
    "Rufen Sie den Doktor auf der Maschine und als Benutzer des Servers auf, mit --config DATEI.",
  ),
  "data-open": note(
    "Others on this machine may read {data} (mode {mode}).",
    "Andere auf dieser Maschine dürfen {data} lesen (Modus {mode}).",
    "chmod 700 {data}",
    "chmod 700 {data}",
  ),
  "queue-old": note(
    "The oldest of {length} waiting messages has waited {hours} hours.",
    "Die älteste von {length} wartenden Nachrichten wartet seit {hours} Stunden.",
    "`wachpost queue list` shows why.",
    "`wachpost queue list` zeigt, warum.",
  ),
  "backup-unknown": note(
    "Where backups are kept is not known here.",
    "Wo Sicherungen liegen, ist hier nicht bekannt.",
    "Make one with `wachpost backup DIR`, and tell the doctor: --backup DIR",
    "Erstellen Sie eine mit `wachpost backup VERZEICHNIS` und nennen Sie es dem Doktor: --backup VERZEICHNIS",
  ),
  "backup-old": note(
    "The newest backup is {hours} hours old.",
    "Die neueste Sicherung ist {hours} Stunden alt.",
    "Make one: `wachpost backup DIR`; best every night by a timer.",
    "Erstellen Sie eine: `wachpost backup VERZEICHNIS`; am besten jede Nacht durch einen Timer.",
  ),
  "settings-weak": note(
    "Weaker than the default: {settings}.",
    "Schwächer als vorgesehen: {settings}.",
    "Remove these lines from the configuration if nothing needs them.",
    "Entfernen Sie diese Zeilen aus der Konfiguration, wenn nichts sie braucht.",
  ),
  "resolver-blind": note(
    "The resolver does not check DNSSEC signatures, so DANE is off.",
    "Der Resolver prüft keine DNSSEC-Signaturen, darum ist DANE abgeschaltet.",
    'Install one that does on this machine (apt-get install unbound) and set dns.servers = ["127.0.0.1"].',
    'Installieren Sie auf dieser Maschine einen, der es tut (apt-get install unbound), und setzen Sie dns.servers = ["127.0.0.1"].',
  ),
  "resolver-unknown": note(
    "Whether the resolver checks DNSSEC signatures cannot be told; until it can, DANE is off.",
    "Ob der Resolver DNSSEC-Signaturen prüft, lässt sich nicht sagen; bis dahin ist DANE abgeschaltet.",
    "See that dns.signed_name and dns.bogus_name can be asked for, or name others.",
    "Sorgen Sie dafür, dass sich dns.signed_name und dns.bogus_name abfragen lassen, oder nennen Sie andere.",
  ),
  "clock-behind": note(
    "The clock is behind: the certificate was made in the future ({made}).",
    "Die Uhr geht nach: Das Zertifikat ist aus der Zukunft ({made}).",
    "Set the clock and let it follow a time server (systemd-timesyncd, chrony).",
    "Stellen Sie die Uhr und lassen Sie sie einem Zeitserver folgen (systemd-timesyncd, chrony).",
  ),
  "clock-unknown": note(
    "Whether the clock is right cannot be told from here.",
    "Ob die Uhr richtig geht, lässt sich von hier nicht sagen.",
    "Let it follow a time server: `timedatectl set-ntp true`, or chrony.",
    "Lassen Sie sie einem Zeitserver folgen: `timedatectl set-ntp true` oder chrony.",
  ),
  "examination-none": note(
    "The server started more than an hour ago and has never examined itself.",
    "Der Server läuft seit über einer Stunde und hat sich noch nie selbst untersucht.",
    "See that the server runs, and look for doctor.failed and task.failed in the log.",
    "Sehen Sie nach, ob der Server läuft, und suchen Sie doctor.failed und task.failed im Protokoll.",
  ),
  "examination-died": note(
    "The last examination by the server itself came to no end: {why}.",
    "Die letzte Untersuchung durch den Server selbst kam zu keinem Ende: {why}.",
    "If this one here ends well, the next one will too; else look for doctor.failed in the log.",
    "Endet diese hier gut, wird es auch die nächste; sonst suchen Sie doctor.failed im Protokoll.",
  ),
  "examination-old": note(
    "The last full examination by the server itself was {hours} hours ago.",
    "Die letzte vollständige Untersuchung durch den Server selbst ist {hours} Stunden her.",
    "See that the server runs, and look for doctor.failed in the log.",
    "Sehen Sie nach, ob der Server läuft, und suchen Sie doctor.failed im Protokoll.",
  ),
  "canary-lost": note(
    "The last mail of the server to itself was lost at: {lost}.",
    "Die letzte Mail des Servers an sich selbst ging verloren bei: {lost}.",
    "submission and inbound: does the port answer, and with a good certificate? queue: `wachpost queue`. reading: IMAP and the disk.",
    "submission und inbound: Antwortet der Port, mit gutem Zertifikat? queue: `wachpost queue`. reading: IMAP und die Platte.",
  ),
  "canary-old": note(
    "The last mail of the server to itself was {hours} hours ago.",
    "Die letzte Mail des Servers an sich selbst ist {hours} Stunden her.",
    "See that the server runs, and look for task.failed in the log.",
    "Sehen Sie nach, ob der Server läuft, und suchen Sie task.failed im Protokoll.",
  ),
  "postfix-setting": note("{place}: {why}", "{place} sagt: {why}", "{remedy}", "{remedy}"),
} as const;
