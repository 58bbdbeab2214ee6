import type { Words } from "../journal/words/language.ts";

type AlertWords = { readonly what: Words; readonly remedy: Words };

const alert = (en: string, de: string, remedyEn: string, remedyDe: string): AlertWords => ({
  what: { en, de },
  remedy: { en: remedyEn, de: remedyDe },
});

/** What each alert says, and what to do. Values stand in braces. */
export const ALERTS = {
  certificate: alert(
    "The certificate runs out in {days} days ({date}) and has not been renewed.",
    "Das Zertifikat läuft in {days} Tagen ab ({date}) und ist nicht erneuert worden.",
    "Look for certificate.renewal-failed or certificate.files-unusable in the log: it says what stands in the way.",
    "Suchen Sie im Protokoll certificate.renewal-failed oder certificate.files-unusable: Dort steht, was im Wege ist.",
  ),
  "certificate-over": alert(
    "The certificate has run out ({date}). Mail programs refuse to connect.",
    "Das Zertifikat ist abgelaufen ({date}). Mailprogramme verweigern die Verbindung.",
    "Look for certificate.renewal-failed or certificate.files-unusable in the log: it says what stands in the way.",
    "Suchen Sie im Protokoll certificate.renewal-failed oder certificate.files-unusable: Dort steht, was im Wege ist.",
  ),
  "certificate-dnssec": alert(
    "DNSSEC of {names} is broken: authorities may issue no certificate, and none is ordered.",
    "DNSSEC von {names} ist kaputt: Zertifizierungsstellen dürfen kein Zertifikat ausstellen, und es wird keines bestellt.",
    "Have the zone signed anew, and compare the DS record at the registrar with the keys of the zone. Until then mail from others may stay away as well. It is tried again by itself.",
    "Lassen Sie die Zone neu signieren, und vergleichen Sie den DS-Eintrag beim Registrar mit den Schlüsseln der Zone. Bis dahin kann auch Mail von anderen ausbleiben. Es wird von selbst wieder versucht.",
  ),
  "tlsa-mismatch": alert(
    "The TLSA records of {owner} do not name the key in use: senders that use DANE do not deliver here.",
    "Die TLSA-Einträge von {owner} nennen den benutzten Schlüssel nicht: Absender, die DANE benutzen, stellen hier nicht zu.",
    "See to it that this line is in the zone (with dns.update the server publishes it by itself; caches follow within the TTL of the old records): {line}",
    "Sorgen Sie dafür, dass diese Zeile in der Zone steht (mit dns.update veröffentlicht der Server sie selbst; Caches folgen binnen der TTL der alten Einträge): {line}",
  ),
  "tlsa-unreachable": alert(
    "The TLSA records cannot be kept in step with the certificate: the name server does not answer ({detail}).",
    "Die TLSA-Einträge können dem Zertifikat nicht folgen: Der Nameserver antwortet nicht ({detail}).",
    "Is the name server running, and is dns.update.server its address? It is tried again by itself; mail goes on, and the key of the certificate stays until then.",
    "Läuft der Nameserver, und ist dns.update.server seine Adresse? Es wird von selbst wieder versucht; die Mail läuft weiter, und der Schlüssel des Zertifikats bleibt bis dahin.",
  ),
  "tlsa-refused": alert(
    "The TLSA records cannot be kept in step with the certificate: the name server refuses the change ({detail}).",
    "Die TLSA-Einträge können dem Zertifikat nicht folgen: Der Nameserver lehnt die Änderung ab ({detail}).",
    "Its update-policy must allow the key of dns.update to change TLSA records. It is tried again by itself; mail goes on, and the key of the certificate stays until then.",
    "Seine update-policy muss dem Schlüssel von dns.update erlauben, TLSA-Einträge zu ändern. Es wird von selbst wieder versucht; die Mail läuft weiter, und der Schlüssel des Zertifikats bleibt bis dahin.",
  ),
  "tlsa-key": alert(
    "The TLSA records cannot be kept in step with the certificate: the name server does not accept the key of dns.update ({detail}).",
    "Die TLSA-Einträge können dem Zertifikat nicht folgen: Der Nameserver nimmt den Schlüssel von dns.update nicht an ({detail}).",
    "Check dns.update (server, key, algorithm, secret_file). It is tried again by itself; mail goes on, and the key of the certificate stays until then.",
    "Prüfen Sie dns.update (server, key, algorithm, secret_file). Es wird von selbst wieder versucht; die Mail läuft weiter, und der Schlüssel des Zertifikats bleibt bis dahin.",
  ),
  "tlsa-time": alert(
    "The TLSA records cannot be kept in step with the certificate: the clocks of this machine and of the name server differ by more than five minutes ({detail}).",
    "Die TLSA-Einträge können dem Zertifikat nicht folgen: Die Uhren dieser Maschine und des Nameservers gehen um mehr als fünf Minuten auseinander ({detail}).",
    "`timedatectl` shows whether this clock is synchronised; look at the other one as well. It is tried again by itself; mail goes on, and the key of the certificate stays until then.",
    "`timedatectl` zeigt, ob diese Uhr synchronisiert ist; sehen Sie auch nach der anderen. Es wird von selbst wieder versucht; die Mail läuft weiter, und der Schlüssel des Zertifikats bleibt bis dahin.",
  ),
  "tlsa-failed": alert(
    "The TLSA records cannot be kept in step with the certificate: the change failed ({detail}).",
    "Die TLSA-Einträge können dem Zertifikat nicht folgen: Die Änderung ist gescheitert ({detail}).",
    "Look at the log of the name server. Check dns.update (server, key, algorithm, secret_file). It is tried again by itself; mail goes on, and the key of the certificate stays until then.",
    "Sehen Sie in das Protokoll des Nameservers. Prüfen Sie dns.update (server, key, algorithm, secret_file). Es wird von selbst wieder versucht; die Mail läuft weiter, und der Schlüssel des Zertifikats bleibt bis dahin.",
  ),
  disk: alert(
    "Only {percent} % of the disk is free.",
    "Nur noch {percent} % der Platte sind frei.",
    "Make room, or move the data directory to a larger disk, before new mail is put off.",
    "Schaffen Sie Platz, oder legen Sie das Datenverzeichnis auf eine größere Platte, bevor neue Mail aufgeschoben wird.",
  ),
  "disk-full": alert(
    "Only {percent} % of the disk is free: new mail is being put off.",
    "Nur noch {percent} % der Platte sind frei: Neue Mail wird aufgeschoben.",
    "Make room now; senders try again for some days.",
    "Schaffen Sie jetzt Platz; die Absender versuchen es noch einige Tage.",
  ),
  "queue-long": alert(
    "{messages} messages wait to be delivered.",
    "{messages} Nachrichten warten auf Zustellung.",
    "`wachpost queue` shows them. One account with many of them has perhaps been taken over: disable it.",
    "`wachpost queue` zeigt sie. Gehören viele zu einem Konto, ist es vielleicht übernommen worden: Sperren Sie es.",
  ),
  "queue-old": alert(
    "A message has waited {hours} hours to be delivered; {messages} are waiting.",
    "Eine Nachricht wartet seit {hours} Stunden auf Zustellung; {messages} warten.",
    "`wachpost queue` shows what the other servers said.",
    "`wachpost queue` zeigt, was die anderen Server gesagt haben.",
  ),
  backup: alert(
    "The last backup is {hours} hours old.",
    "Die letzte Sicherung ist {hours} Stunden alt.",
    "Look for task.failed in the log, and whether the disk of backup.directory is there and has room.",
    "Suchen Sie im Protokoll task.failed, und ob die Platte von backup.directory da ist und Platz hat.",
  ),
  "backup-none": alert(
    "Backups are configured, but there is none.",
    "Sicherungen sind eingerichtet, aber es gibt keine.",
    "Look for task.failed in the log, and whether backup.directory and the key file are right.",
    "Suchen Sie im Protokoll task.failed, und ob backup.directory und die Schlüsseldatei stimmen.",
  ),
  "backup-drill": alert(
    "The last backup could not be restored on trial: {detail}",
    "Die letzte Sicherung ließ sich nicht zur Probe zurückspielen: {detail}",
    "`wachpost backup`, then `wachpost backup drill`: if the new one fails as well, look at the disk. It is tried again tomorrow.",
    "`wachpost backup`, dann `wachpost backup drill`: Scheitert auch die neue, sehen Sie nach der Platte. Morgen wird es wieder versucht.",
  ),
  "password-admin": alert(
    "The own password of the administrator {login} opens nothing from {date} on.",
    "Das eigene Passwort des Administrators {login} öffnet ab {date} nichts mehr.",
    "Set a new one: `wachpost account password {login}`. App passwords go on working.",
    "Setzen Sie ein neues: `wachpost account password {login}`. App-Passwörter gelten weiter.",
  ),
  "passwords-old": alert(
    "{count} people have passwords older than passwords.max_age_days: {logins}.",
    "{count} Personen haben Passwörter, die älter sind als passwords.max_age_days: {logins}.",
    "`wachpost account list` shows them. They go on working until `wachpost account password LOGIN` sets new ones.",
    "`wachpost account list` zeigt sie. Sie gelten weiter, bis `wachpost account password LOGIN` neue setzt.",
  ),
  update: alert(
    "Version {version} is there: {textEn}",
    "Version {version} ist da: {textDe}",
    "`wachpost upgrade status` shows the hash of its package; docs/upgrade.md says how it is installed, and how to go back.",
    "`wachpost upgrade status` zeigt den Hash ihres Pakets; docs/upgrade.md sagt, wie sie installiert wird und wie man zurückkehrt.",
  ),
  "update-security": alert(
    "Version {version} closes a hole: {textEn}",
    "Version {version} schließt eine Lücke: {textDe}",
    "Install it soon. `wachpost upgrade status` shows the hash of its package; docs/upgrade.md says how, and how to go back.",
    "Installieren Sie sie bald. `wachpost upgrade status` zeigt den Hash ihres Pakets; docs/upgrade.md sagt, wie, und wie man zurückkehrt.",
  ),
  "clock-jumped": alert(
    "The clock says {now}; when mail was last removed from folders that keep it for so many days, it said {before}. Nothing is removed by it for now.",
    "Die Uhr sagt {now}; als zuletzt Mail aus Ordnern mit Aufbewahrungszeit gelöscht wurde, sagte sie {before}. Bis auf Weiteres wird nach ihr nichts gelöscht.",
    "If it is right, as after a long time without power, nothing needs to be done: it is believed from {until} on. If it is wrong, set it (`timedatectl`).",
    "Geht sie richtig, etwa nach langer Zeit ohne Strom, ist nichts zu tun: Ab {until} wird ihr geglaubt. Geht sie falsch, stellen Sie sie (`timedatectl`).",
  ),
  "dns-list": alert(
    "The DNS list {zone} failed its test and is not asked any more.",
    "Die DNS-Liste {zone} hat ihre Prüfung nicht bestanden und wird nicht mehr gefragt.",
    "It comes back by itself when it passes. If it does not, take it out of policy.dnsbl_sites, or use a resolver of your own.",
    "Sie kommt von selbst zurück, wenn sie besteht. Wenn nicht, nehmen Sie sie aus policy.dnsbl_sites, oder nutzen Sie einen eigenen Resolver.",
  ),
  "ipv6-name": alert(
    "The IPv6 address {address} that mail would leave from has no name that leads back to it: large providers refuse mail from there, so it leaves over IPv4 wherever it can.",
    "Die IPv6-Adresse {address}, von der Mail abginge, hat keinen Namen, der zu ihr zurückführt: Große Anbieter lehnen Mail von dort ab, darum geht sie über IPv4, wo immer es geht.",
    "Have whoever gave you the address set its reverse name (PTR) to the host name, and give that name the address (AAAA). It is looked at every hour. Without any use for IPv6, name the IPv4 address in outbound.local_address.",
    "Lassen Sie den Anbieter der Adresse ihren Rückwärtsnamen (PTR) auf den Hostnamen setzen, und geben Sie diesem Namen die Adresse (AAAA). Stündlich wird nachgesehen. Brauchen Sie IPv6 nicht, nennen Sie die IPv4-Adresse in outbound.local_address.",
  ),
  "forward-circle": alert(
    "Mail to {address} goes on to {target} and comes back from there: it reaches nobody and returns to its sender.",
    "Mail an {address} geht weiter an {target} und kommt von dort zurück: Sie erreicht niemanden und geht an den Absender zurück.",
    "Let {target} keep it, or give {address} a mailbox here and take the forward out (`wachpost address`). If the forward is right, somebody sends mail that pretends to have been here: then nothing is to be done.",
    "Lassen Sie {target} sie behalten, oder geben Sie {address} hier ein Postfach und nehmen Sie die Weiterleitung heraus (`wachpost address`). Stimmt die Weiterleitung, schickt jemand Mail, die vorgibt, schon hier gewesen zu sein: Dann ist nichts zu tun.",
  ),
  "forward-circles": alert(
    "Mail to {count} addresses here goes on to another server and comes back from there: it reaches nobody and returns to its sender.",
    "Mail an {count} Adressen hier geht weiter an einen anderen Server und kommt von dort zurück: Sie erreicht niemanden und geht an den Absender zurück.",
    "Look for forward.circle and forward-loop in the log: they name the addresses. Does another server send all mail of a domain back here?",
    "Suchen Sie im Protokoll forward.circle und forward-loop: Dort stehen die Adressen. Schickt ein anderer Server alle Mail einer Domain hierher zurück?",
  ),
  bulk: alert(
    "{domain} has sent {count} messages to {provider} in 24 hours: from 5000 on it is a bulk sender there, for good.",
    "{domain} hat in 24 Stunden {count} Nachrichten an {provider} geschickt: Ab 5000 gilt es dort auf Dauer als Massenversender.",
    "SPF, DKIM and DMARC must pass: `wachpost doctor {domain}` checks them. If nobody meant to send so much, an account has been taken over: look at `wachpost queue`.",
    "SPF, DKIM und DMARC müssen stimmen: `wachpost doctor {domain}` prüft sie. Wollte niemand so viel senden, ist ein Konto übernommen worden: Sehen Sie in `wachpost queue` nach.",
  ),
  "bulk-no-way-out": alert(
    "{domain} has sent {count} messages to {provider} in 24 hours, the last without List-Unsubscribe by one click: from 5000 on {provider} demands it of circulars.",
    "{domain} hat in 24 Stunden {count} Nachrichten an {provider} geschickt, die letzte ohne List-Unsubscribe mit einem Klick: Ab 5000 verlangt {provider} das von Rundschreiben.",
    "Circulars need List-Unsubscribe with an https address and List-Unsubscribe-Post: List-Unsubscribe=One-Click. If nobody meant to send so much, an account has been taken over: look at `wachpost queue`.",
    "Rundschreiben brauchen List-Unsubscribe mit https-Adresse und List-Unsubscribe-Post: List-Unsubscribe=One-Click. Wollte niemand so viel senden, ist ein Konto übernommen worden: Sehen Sie in `wachpost queue` nach.",
  ),
  "tls-failures": alert(
    "Other servers could not send to {domain} over TLS as they should: {count} times in the last two days, mostly {kind}, as {reporters} report.",
    "Andere Server konnten nicht mit TLS, wie sie sollen, an {domain} senden: {count} Mal in den letzten zwei Tagen, meist {kind}, wie {reporters} berichten.",
    "`wachpost reports` shows what they report, `wachpost doctor {domain}` what is wrong with certificate, MTA-STS or TLSA records. If all is well here, somebody on the way may be meddling.",
    "`wachpost reports` zeigt, was sie berichten, `wachpost doctor {domain}`, was an Zertifikat, MTA-STS oder TLSA-Einträgen nicht stimmt. Ist hier alles gut, mischt sich vielleicht jemand unterwegs ein.",
  ),
  "doctor-fail": alert(
    "Not so: {title} ({subject}). {why}",
    "Nicht so: {title} ({subject}). {why}",
    "What to do: {remedy}",
    "Was zu tun ist: {remedy}",
  ),
  "doctor-warn": alert(
    "Could be better: {title} ({subject}). {why}",
    "Könnte besser sein: {title} ({subject}). {why}",
    "What to do: {remedy}",
    "Was zu tun ist: {remedy}",
  ),
  "doctor-unknown": alert(
    "Cannot be learned any more: {title} ({subject}). {why}",
    "Nicht mehr zu erfahren: {title} ({subject}). {why}",
    "What to do: {remedy}",
    "Was zu tun ist: {remedy}",
  ),
  "doctor-well": alert(
    "In order again: {title} ({subject}).",
    "Wieder in Ordnung: {title} ({subject}).",
    "Nothing needs to be done.",
    "Es ist nichts zu tun.",
  ),
  "doctor-new": alert(
    "Version or configuration have changed since the last full examination.",
    "Version oder Konfiguration sind seit der letzten vollständigen Untersuchung neu.",
    "If that is what broke it, go back to the one before and start the server again.",
    "Wenn es daran liegt, kehren Sie zur vorigen zurück und starten Sie den Server neu.",
  ),
  "doctor-upgraded": alert(
    "The version has changed since the last full examination, and with it the form of the data.",
    "Die Version ist seit der letzten vollständigen Untersuchung neu, und mit ihr die Form der Daten.",
    "If that is what broke it, stop the server, `wachpost upgrade rollback`, and install the version before; mail that came since is kept.",
    "Wenn es daran liegt, halten Sie den Server an, dann `wachpost upgrade rollback`, und installieren Sie die vorige Version; seither gekommene Mail bleibt erhalten.",
  ),
  "doctor-more": alert(
    "{count} more findings of the examination.",
    "{count} weitere Befunde der Untersuchung.",
    "`wachpost doctor --last` shows all of them.",
    "`wachpost doctor --last` zeigt sie alle.",
  ),
  canary: alert(
    "A mail of the server to itself did not get through within {seconds} seconds, lost at: {lost}.",
    "Eine Mail des Servers an sich selbst kam nicht binnen {seconds} Sekunden durch, verloren bei: {lost}.",
    "Mail of people may be stuck at the same place. submission and inbound: does the port answer, and with a good certificate (`wachpost doctor`)? queue: `wachpost queue`. reading: IMAP and the disk.",
    "An derselben Stelle kann die Mail von Menschen hängen. submission und inbound: Antwortet der Port, mit gutem Zertifikat (`wachpost doctor`)? queue: `wachpost queue`. reading: IMAP und die Platte.",
  ),
  test: alert(
    "This is a test. Alerts of {host} arrive.",
    "Dies ist ein Test. Warnungen von {host} kommen an.",
    "Nothing needs to be done.",
    "Es ist nichts zu tun.",
  ),
} as const;
export type AlertKind = keyof typeof ALERTS;

export const STATES = {
  raised: { en: "Alert", de: "Warnung" },
  cleared: { en: "Over", de: "Vorbei" },
} as const satisfies Readonly<Record<string, Words>>;
