import { phrase, type Phrase } from "../../doctor/words/phrase.ts";
import { RECORD_SENTENCES } from "./record-sentences.ts";

/** What setup says about its steps. */
export const SENTENCES = {
  ...RECORD_SENTENCES,
  plain: phrase("{text}", "{text}"),
  refused: phrase("That is not possible: {message}", "Das geht nicht: {message}"),
  "command-failed": phrase("{command} failed: {output}", "{command} ist gescheitert: {output}"),
  "run-as-root": phrase(
    "Run setup as root (sudo), or do it yourself: {command}",
    "Führen Sie setup als root aus (sudo), oder tun Sie es selbst: {command}",
  ),
  "disk-full": phrase(
    "There is no space left on the disk ({path}).",
    "Auf der Platte ist kein Platz mehr ({path}).",
  ),
  "disk-full-fix": phrase(
    "Make room (df -h shows where), then run the same command again: it goes on from here.",
    "Schaffen Sie Platz (df -h zeigt, wo) und rufen Sie denselben Befehl noch einmal auf: Es geht hier weiter.",
  ),
  "not-allowed": phrase(
    "{path} may not be written by this user.",
    "{path} darf dieser Benutzer nicht schreiben.",
  ),
  "not-allowed-fix": phrase(
    "Run setup as root (sudo), or name other places with --data and --config.",
    "Führen Sie setup als root aus (sudo), oder nennen Sie andere Orte mit --data und --config.",
  ),
  "read-only": phrase("The disk with {path} is read-only.", "Die Platte mit {path} ist nur lesbar."),
  "system-error": phrase("The system says: {message}", "Das System sagt: {message}"),
  "again-fix": phrase(
    "Once that is settled, run the same command again: it goes on from here.",
    "Ist das behoben, rufen Sie denselben Befehl noch einmal auf: Es geht hier weiter.",
  ),

  "preflight-todo": phrase(
    "This machine and its address are looked at.",
    "Diese Maschine und ihre Adresse werden angesehen.",
  ),
  "preflight-done": phrase(
    "ok: {ok}, warnings: {warn}, failures: {fail}, unknown: {unknown}",
    "in Ordnung: {ok}, Warnungen: {warn}, Fehler: {fail}, unbekannt: {unknown}",
  ),
  "preflight-fix": phrase(
    "Settle the failures above; setup goes on all the same. Whether to run a server at all: docs/should-i.md",
    "Beheben Sie die Fehler oben; setup macht trotzdem weiter. Ob man überhaupt einen Server betreiben soll: docs/should-i.md",
  ),

  "user-yourself": phrase("The server runs as you.", "Der Server läuft als Sie."),
  "user-todo": phrase("The system user {user} is made.", "Der Systembenutzer {user} wird angelegt."),
  "user-done": phrase("{user}, without password and shell", "{user}, ohne Passwort und Shell"),
  "user-not-root": phrase(
    "The user {user} can only be made by root.",
    "Den Benutzer {user} kann nur root anlegen.",
  ),
  "user-failed": phrase(
    "The user {user} could not be made: {output}",
    "Der Benutzer {user} ließ sich nicht anlegen: {output}",
  ),
  "user-is-root": phrase(
    "{user} is root; the server never runs as root.",
    "{user} ist root; der Server läuft nie als root.",
  ),
  "user-choose": phrase("Name another one with --user NAME.", "Nennen Sie einen anderen mit --user NAME."),

  "directory-todo": phrase(
    "{data} is made, for the server alone.",
    "{data} wird angelegt, nur für den Server.",
  ),
  "directory-mode": phrase(
    "{data} gets its owner and mode 0700.",
    "{data} bekommt seinen Besitzer und Modus 0700.",
  ),
  "directory-done": phrase("{data}, mode 0700", "{data}, Modus 0700"),
  "directory-is-file": phrase("{data} is there and no directory.", "{data} ist da und kein Verzeichnis."),

  "config-todo": phrase("{file} is written.", "{file} wird geschrieben."),
  "config-anew": phrase(
    "{file}, as setup wrote it, is written anew with the new answers.",
    "{file}, so wie setup es schrieb, wird mit den neuen Antworten neu geschrieben.",
  ),
  "config-done": phrase("{file}", "{file}"),
  "config-kept": phrase("{file} was there and stays as it is.", "{file} war da und bleibt, wie es ist."),
  "config-secret": phrase(
    "The key for DNS updates is kept in {file}.",
    "Der Schlüssel für DNS-Änderungen kommt nach {file}.",
  ),
  "config-no-secret": phrase(
    "The secret of the DNS key is not in {file}. Give it again: --tsig NAME:ALGORITHM:FILE",
    "Das Geheimnis des DNS-Schlüssels ist nicht in {file}. Geben Sie es noch einmal an: --tsig NAME:ALGORITHMUS:DATEI",
  ),
  "config-wrong": phrase(
    "What would be written to {file} is not a good configuration:",
    "Was nach {file} geschrieben würde, ist keine gute Konfiguration:",
  ),
  "config-theirs-wrong": phrase(
    "{file} is there and cannot be used:",
    "{file} ist da und nicht zu gebrauchen:",
  ),
  "config-different": phrase(
    "{file} is there and describes another server. It is never overwritten.",
    "{file} ist da und beschreibt einen anderen Server. Es wird nie überschrieben.",
  ),
  "config-choose": phrase(
    "One more domain on this server: `wachpost domain add {domain}`, then `wachpost dns {domain}`. Else give the values that stand in it (--hostname, --data), move it away, or name another with --config FILE.",
    "Noch eine Domain auf diesem Server: `wachpost domain add {domain}`, dann `wachpost dns {domain}`. Sonst geben Sie die Werte an, die darin stehen (--hostname, --data), legen Sie die Datei beiseite, oder nennen Sie eine andere mit --config DATEI.",
  ),

  "domain-todo": phrase(
    "{domain} becomes a domain of this server, with keys of its own.",
    "{domain} wird eine Domain dieses Servers, mit eigenen Schlüsseln.",
  ),
  "domain-done": phrase("{domain}, signs with {selectors}", "{domain}, signiert mit {selectors}"),

  "account-todo": phrase("{account} is made.", "{account} wird angelegt."),
  "account-unseen": phrase(
    "{account} gets a new password: the run that made the last one was cut off.",
    "{account} bekommt ein neues Passwort: Der Lauf, der das letzte machte, brach ab.",
  ),
  "account-done": phrase("{account}, administrator", "{account}, Verwalter"),
  "account-password": phrase(
    "  Password of {account}, shown only now:  {password}",
    "  Passwort von {account}, nur jetzt zu sehen:  {password}",
  ),

  "service-none": phrase("No systemd unit is wanted.", "Keine systemd-Unit gewünscht."),
  "service-todo": phrase("{unit} is written.", "{unit} wird geschrieben."),
  "service-done": phrase("{unit}", "{unit}"),
  "service-kept": phrase("{unit} was there and stays as it is.", "{unit} war da und bleibt, wie es ist."),
  "service-unreachable": phrase(
    "The user {user} may not read {file}.",
    "Der Benutzer {user} darf {file} nicht lesen.",
  ),
  "service-install": phrase(
    "Install Wachpost where everybody can read it: npm pack && npm install -g ./wachpost-*.tgz",
    "Installieren Sie Wachpost, wo jeder es lesen kann: npm pack && npm install -g ./wachpost-*.tgz",
  ),

  "certificate-own": phrase(
    "From an authority of our own, {file}; mail programs must be told to trust it.",
    "Von einer eigenen Zertifizierungsstelle, {file}; Mailprogramme müssen ihr erst vertrauen.",
  ),
  "certificate-todo": phrase(
    "One for {names} is ordered ({challenge}).",
    "Eines für {names} wird bestellt ({challenge}).",
  ),
  "certificate-ordering": phrase("ordering a certificate for {names}", "bestelle ein Zertifikat für {names}"),
  "certificate-done": phrase("{names}, from {issuer}, until {until}", "{names}, von {issuer}, bis {until}"),
  "certificate-failed": phrase("There is none yet: {message}", "Es gibt noch keines: {message}"),
  "certificate-server": phrase(
    "The running server orders it; it has none yet.",
    "Der laufende Server bestellt es; er hat noch keines.",
  ),
  "certificate-retry": phrase(
    "{remedy} The next `wachpost setup` tries again, too.",
    "{remedy} Auch das nächste `wachpost setup` versucht es wieder.",
  ),
  "certificate-wait": phrase(
    "It tries again by itself, in an hour at the latest; `wachpost setup status {domain}` shows when it is there.",
    "Er versucht es von selbst wieder, spätestens in einer Stunde; `wachpost setup status {domain}` zeigt, wann es da ist.",
  ),

  "start-todo": phrase("The server is started.", "Der Server wird gestartet."),
  "start-done": phrase("{hostname} answers on port {port}.", "{hostname} antwortet auf Port {port}."),
  "start-waiting": phrase("The server is not running.", "Der Server läuft nicht."),
  "start-command": phrase("Start it: {command}", "Starten Sie ihn: {command}"),
  "start-held": phrase("Port {port} is held by {holder}.", "Port {port} hält {holder}."),
  "start-held-fix": phrase(
    "Stop that program (systemctl disable --now NAME), then run the same command again.",
    "Beenden Sie dieses Programm (systemctl disable --now NAME), und rufen Sie denselben Befehl noch einmal auf.",
  ),
  "start-failed": phrase("The server does not answer: {detail}", "Der Server antwortet nicht: {detail}"),

  "test-todo": phrase(
    "The server is examined from outside, as `wachpost doctor` does.",
    "Der Server wird von außen geprüft, wie `wachpost doctor` es tut.",
  ),
  "test-none": phrase("Not yet: the server does not run.", "Noch nicht: Der Server läuft nicht."),
  "test-points": phrase(
    "{percent} of 100 points; ok: {ok}, failures: {fail}, warnings: {warn}, unknown: {unknown}",
    "{percent} von 100 Punkten; in Ordnung: {ok}, Fehler: {fail}, Warnungen: {warn}, unbekannt: {unknown}",
  ),
  "test-fix": phrase(
    "`wachpost doctor` says how to mend each.",
    "`wachpost doctor` sagt zu jedem, was zu tun ist.",
  ),

  intro: phrase(
    "Setting up {domain} on {hostname}. Stop at any time with Ctrl-C; the same command goes on.",
    "{domain} wird auf {hostname} eingerichtet. Abbruch jederzeit mit Strg-C; derselbe Befehl macht weiter.",
  ),
  "intro-dry": phrase("What would be done; nothing is changed.", "Was getan würde; nichts wird verändert."),
  "left-none": phrase("Nothing is left to do.", "Es bleibt nichts zu tun."),
  "left-some": phrase("Left to do:", "Noch zu tun:"),
  "left-backup": phrase(
    "Backups: `wachpost backup DIR`, best every night and to another machine.",
    "Sicherungen: `wachpost backup VERZEICHNIS`, am besten jede Nacht und auf eine andere Maschine.",
  ),
  summary: phrase("{done} of {all} steps done.", "{done} von {all} Schritten fertig."),
  later: phrase("not reached", "nicht erreicht"),
  programs: phrase(
    "Mail programs: {account}, server {hostname}, IMAP {imaps} and SMTP {submissions}, both with TLS from the start.",
    "Mailprogramme: {account}, Server {hostname}, IMAP {imaps} und SMTP {submissions}, beide mit TLS von Anfang an.",
  ),
} as const satisfies Readonly<Record<string, Phrase>>;

export type SetupWord = keyof typeof SENTENCES;
