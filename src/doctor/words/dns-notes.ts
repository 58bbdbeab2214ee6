import { note } from "./phrase.ts";

export const DNS_NOTES = {
  "dns-failed": note(
    "The DNS gave no usable answer for {name} ({reason}).",
    "Das DNS gab für {name} keine brauchbare Antwort ({reason}).",
    "Ask again later; `servfail` from a validating resolver can also mean a broken DNSSEC signature: look at {name} with `delv`.",
    "Fragen Sie später noch einmal; `servfail` von einem prüfenden Resolver kann auch eine kaputte DNSSEC-Signatur sein: `delv` zeigt mehr über {name}.",
  ),
  "domain-gone": note(
    "The domain {domain} does not exist in the DNS.",
    "Die Domain {domain} gibt es im DNS nicht.",
    "Check the spelling, the registration and the delegation.",
    "Prüfen Sie Schreibweise, Registrierung und Delegation.",
  ),
  "mx-missing": note(
    "{domain} names no mail host; senders try its own address instead.",
    "{domain} nennt keinen Mailserver; Absender versuchen es bei der Adresse der Domain selbst.",
    "Publish: {domain}. MX 10 {host}.",
    "Veröffentlichen Sie: {domain}. MX 10 {host}.",
  ),
  "mx-null-and-more": note(
    "A null MX (no mail) stands beside mail hosts.",
    "Ein Null-MX (keine Mail) steht neben Mailservern.",
    "Remove `{domain}. MX 0 .`, or all others.",
    "Entfernen Sie `{domain}. MX 0 .` oder alle anderen.",
  ),
  "mx-null": note(
    "{domain} says that it takes no mail (null MX).",
    "{domain} sagt, dass es keine Mail annimmt (Null-MX).",
    "If that is meant, add SPF `v=spf1 -all` and DMARC `p=reject`. If not, publish mail hosts instead.",
    "Ist das gewollt, ergänzen Sie SPF `v=spf1 -all` und DMARC `p=reject`. Sonst veröffentlichen Sie Mailserver.",
  ),
  "mx-alias": note(
    "{name} is an alias of {target}; some servers refuse to deliver there.",
    "{name} ist ein Alias von {target}; manche Server stellen dort nicht zu.",
    "Name {target} in the MX record, or give {name} addresses of its own.",
    "Nennen Sie {target} im MX-Eintrag, oder geben Sie {name} eigene Adressen.",
  ),
  "mx-no-address": note(
    "The mail host {name} has no address.",
    "Der Mailserver {name} hat keine Adresse.",
    "Publish an A and an AAAA record for {name}, or remove it from the MX records.",
    "Veröffentlichen Sie A und AAAA für {name}, oder nehmen Sie ihn aus den MX-Einträgen.",
  ),
  "mx-not-public": note(
    "{name} has the address {address}, which nobody on the Internet can reach.",
    "{name} hat die Adresse {address}, die im Internet niemand erreicht.",
    "Publish the public address of {name}.",
    "Veröffentlichen Sie die öffentliche Adresse von {name}.",
  ),
  "mx-elsewhere": note(
    "The MX records of {domain} do not name this server ({host}).",
    "Die MX-Einträge von {domain} nennen diesen Server ({host}) nicht.",
    "Publish: {domain}. MX 10 {host}.",
    "Veröffentlichen Sie: {domain}. MX 10 {host}.",
  ),
  "mx-no-ipv6": note(
    "{name} has no IPv6 address.",
    "{name} hat keine IPv6-Adresse.",
    "Publish an AAAA record, with a PTR record for that address, or mail over IPv6 is refused elsewhere.",
    "Veröffentlichen Sie einen AAAA-Eintrag und für diese Adresse einen PTR-Eintrag, sonst wird Mail über IPv6 anderswo abgelehnt.",
  ),
  "ns-few": note(
    "{domain} has {count} name server; if it fails, all mail waits.",
    "{domain} hat {count} Nameserver; fällt er aus, wartet alle Mail.",
    "Add a second name server in another network.",
    "Ergänzen Sie einen zweiten Nameserver in einem anderen Netz.",
  ),
  "ns-no-ipv6": note(
    "Only {count} name servers of {domain} have an IPv6 address.",
    "Nur {count} Nameserver von {domain} haben eine IPv6-Adresse.",
    "Ask the DNS provider, or move to one whose name servers have IPv6.",
    "Fragen Sie den DNS-Anbieter, oder wechseln Sie zu einem mit IPv6.",
  ),
  "dnssec-off": note(
    "{name} is not signed: answers about it can be forged, and DANE cannot protect its mail.",
    "{name} ist nicht signiert: Antworten darüber lassen sich fälschen, und DANE kann die Mail nicht schützen.",
    "Switch DNSSEC on at the DNS provider and give the registrar the DS record.",
    "Schalten Sie DNSSEC beim DNS-Anbieter ein und hinterlegen Sie den DS-Eintrag beim Registrar.",
  ),
  "resolver-blind": note(
    "The resolver does not validate DNSSEC, or its word cannot be trusted on the way here.",
    "Der Resolver prüft DNSSEC nicht, oder sein Wort ist auf dem Weg hierher nicht vertrauenswürdig.",
    "Run a validating resolver on this machine (unbound) and name it in dns.servers, e.g. 127.0.0.1:53.",
    "Betreiben Sie auf dieser Maschine einen prüfenden Resolver (unbound) und nennen Sie ihn in dns.servers, z. B. 127.0.0.1:53.",
  ),
  "caa-missing": note(
    "Any authority in the world may issue certificates for {name}.",
    "Jede Zertifizierungsstelle der Welt darf Zertifikate für {name} ausstellen.",
    'Publish which may, e.g. {name}. CAA 0 issue "letsencrypt.org"',
    'Veröffentlichen Sie, welche es darf, z. B. {name}. CAA 0 issue "letsencrypt.org"',
  ),
  "caa-no-issue": note(
    "CAA records exist, but none says who may issue.",
    "Es gibt CAA-Einträge, aber keiner sagt, wer ausstellen darf.",
    'Add {name}. CAA 0 issue "letsencrypt.org" (the authority you use).',
    'Ergänzen Sie {name}. CAA 0 issue "letsencrypt.org" (Ihre Zertifizierungsstelle).',
  ),
  "ptr-missing": note(
    "The address {address} has no name; large providers refuse mail from it.",
    "Die Adresse {address} hat keinen Namen; große Anbieter lehnen Mail von ihr ab.",
    "Ask whoever gave you the address to set its reverse name (PTR) to {name}.",
    "Lassen Sie den Anbieter der Adresse ihren Rückwärtsnamen (PTR) auf {name} setzen.",
  ),
  "ptr-unconfirmed": note(
    "{address} is called {found}, but that name does not lead back to it.",
    "{address} heißt {found}, aber dieser Name führt nicht zu ihr zurück.",
    "Set the PTR of {address} to {name}, and give {name} that address.",
    "Setzen Sie den PTR von {address} auf {name}, und geben Sie {name} diese Adresse.",
  ),
} as const;
