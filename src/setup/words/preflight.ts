import { note, phrase, type Note, type Phrase } from "../../doctor/words/phrase.ts";

/** What is looked at before anything is changed. */
export const PREFLIGHT_TITLES = {
  node: phrase("Node", "Node"),
  memory: phrase("Memory", "Speicher"),
  disk: phrase("Disk", "Platte"),
  clock: phrase("Clock", "Uhr"),
  software: phrase("Other mail software", "Andere Mailsoftware"),
  ports: phrase("Ports of mail", "Ports für Mail"),
  name: phrase("Name of the server", "Name des Servers"),
  domain: phrase("Domain", "Domain"),
  resolver: phrase("Resolver checks DNSSEC", "Resolver prüft DNSSEC"),
  address: phrase("Public address", "Öffentliche Adresse"),
  reverse: phrase("Reverse name", "Rückwärtsname"),
  lists: phrase("Blocklists", "Sperrlisten"),
  outbound: phrase("Port 25 outwards", "Port 25 nach außen"),
} as const satisfies Readonly<Record<string, Phrase>>;
export type PreflightTitle = keyof typeof PREFLIGHT_TITLES;

/** What can be wrong, and what to do. */
export const PREFLIGHT_NOTES = {
  "node-old": note(
    "Node {version} is too old.",
    "Node {version} ist zu alt.",
    "Run `npm ci` in the checkout, or install the package: it brings Node 26.",
    "Rufen Sie `npm ci` im Checkout auf, oder installieren Sie das Paket: Es bringt Node 26 mit.",
  ),
  "memory-low": note(
    "{size} of memory is little; 1 GB is comfortable.",
    "{size} Speicher sind wenig; 1 GB ist bequem.",
    "Take a larger machine, or add swap, if people complain.",
    "Nehmen Sie eine größere Maschine oder richten Sie Swap ein, wenn es hakt.",
  ),
  "disk-low": note(
    "{size} are free where {data} will be; mail grows.",
    "{size} sind frei, wo {data} liegen wird; Mail wächst.",
    "Make room, or name a larger disk with --data DIR.",
    "Schaffen Sie Platz, oder nennen Sie mit --data VERZEICHNIS eine größere Platte.",
  ),
  "disk-unknown": note(
    "The free space for {data} could not be learned.",
    "Der freie Platz für {data} ließ sich nicht ermitteln.",
    "df -h {data}",
    "df -h {data}",
  ),
  "clock-off": note(
    "The clock is {seconds} s off. Signatures, certificates and codes depend on it.",
    "Die Uhr geht {seconds} s falsch. Signaturen, Zertifikate und Codes hängen an ihr.",
    "apt-get install systemd-timesyncd && timedatectl set-ntp true",
    "apt-get install systemd-timesyncd && timedatectl set-ntp true",
  ),
  "clock-alone": note(
    "Without a certificate authority there is no clock to compare ours with.",
    "Ohne Zertifizierungsstelle gibt es keine Uhr zum Vergleichen.",
    "timedatectl says whether it is synchronised.",
    "timedatectl sagt, ob sie synchronisiert ist.",
  ),
  "clock-unknown": note(
    "The clock could not be compared with {host}: {reason}.",
    "Die Uhr ließ sich nicht mit {host} vergleichen: {reason}.",
    "timedatectl says whether it is synchronised.",
    "timedatectl sagt, ob sie synchronisiert ist.",
  ),
  "software-enabled": note(
    "What starts with this machine and takes mail: {names}.",
    "Was mit dieser Maschine startet und Mail annimmt: {names}.",
    "systemctl disable --now {units}; coming from Postfix: wachpost import postfix /etc/postfix",
    "systemctl disable --now {units}; von Postfix kommend: wachpost import postfix /etc/postfix",
  ),
  "software-there": note(
    "Installed, though nothing starts it: {names}.",
    "Installiert, auch wenn nichts es startet: {names}.",
    "Remove what you do not need. Programs that call sendmail can use `wachpost sendmail` instead.",
    "Entfernen Sie, was Sie nicht brauchen. Programme, die sendmail rufen, können `wachpost sendmail` nehmen.",
  ),
  "port-held": note(
    "Port {port} is held by {holder}.",
    "Port {port} hält {holder}.",
    "Stop that program: there can be one mail server on a machine.",
    "Beenden Sie dieses Programm: Auf einer Maschine kann es nur einen Mailserver geben.",
  ),
  "name-odd": note(
    "{name} is no name the world can use.",
    "{name} ist kein Name, den die Welt benutzen kann.",
    "Take one below your domain: --hostname mail.{domain}",
    "Nehmen Sie einen unter Ihrer Domain: --hostname mail.{domain}",
  ),
  "name-local": note(
    "The name {name} ends in .{ending}, which exists only in private networks.",
    "Der Name {name} endet auf .{ending}, das es nur in privaten Netzen gibt.",
    "Take one below your domain: --hostname mail.{domain}",
    "Nehmen Sie einen unter Ihrer Domain: --hostname mail.{domain}",
  ),
  "domain-missing": note(
    "The DNS does not know {domain}.",
    "Das DNS kennt {domain} nicht.",
    "Register it, or let whoever did give it name servers.",
    "Registrieren Sie sie, oder lassen Sie ihr Nameserver geben.",
  ),
  "domain-elsewhere": note(
    "Mail for {domain} goes to {hosts} today.",
    "Mail an {domain} geht heute zu {hosts}.",
    "Nothing is taken away by setup. Change the MX record last, when everybody has an account here.",
    "Setup nimmt nichts weg. Ändern Sie den MX-Eintrag zuletzt, wenn hier alle ein Konto haben.",
  ),
  "domain-unknown": note(
    "The DNS does not answer for {domain}: {reason}.",
    "Das DNS antwortet nicht für {domain}: {reason}.",
    "Check the network and /etc/resolv.conf, or name a resolver with --dns ADDRESS:PORT.",
    "Prüfen Sie Netz und /etc/resolv.conf, oder nennen Sie einen Resolver mit --dns ADRESSE:PORT.",
  ),
  "resolver-remote": note(
    "No resolver on this machine vouches for DNSSEC, so DANE cannot protect outgoing mail.",
    "Kein Resolver auf dieser Maschine bürgt für DNSSEC; DANE kann ausgehende Mail so nicht schützen.",
    "apt-get install unbound, and `nameserver 127.0.0.1` in /etc/resolv.conf (docs/decisions/0003)",
    "apt-get install unbound, und `nameserver 127.0.0.1` in /etc/resolv.conf (docs/decisions/0003)",
  ),
  "resolver-silent": note(
    "The resolver does not answer: {reason}.",
    "Der Resolver antwortet nicht: {reason}.",
    "apt-get install unbound, and `nameserver 127.0.0.1` in /etc/resolv.conf",
    "apt-get install unbound, und `nameserver 127.0.0.1` in /etc/resolv.conf",
  ),
  "address-none": note(
    "This machine has no public address of its own; it may stand behind another one.",
    "Diese Maschine hat keine eigene öffentliche Adresse; vielleicht steht sie hinter einer anderen.",
    "Name the address the world sees: --public-address ADDRESS; ports 25, 465 and 993 must lead from there to here.",
    "Nennen Sie die Adresse, die die Welt sieht: --public-address ADRESSE; die Ports 25, 465 und 993 müssen von dort hierher führen.",
  ),
  "address-private": note(
    "{address} is not an address of the Internet.",
    "{address} ist keine Adresse des Internets.",
    "Name the address the world sees: --public-address ADDRESS",
    "Nennen Sie die Adresse, die die Welt sieht: --public-address ADRESSE",
  ),
  "reverse-todo": note(
    "{address} has no reverse name yet.",
    "{address} hat noch keinen Rückwärtsnamen.",
    "Setup sets it to {name}, with the other DNS records.",
    "Setup setzt ihn auf {name}, mit den anderen DNS-Einträgen.",
  ),
  "reverse-missing": note(
    "{address} has no reverse name; many servers refuse its mail.",
    "{address} hat keinen Rückwärtsnamen; viele Server lehnen ihre Mail ab.",
    "Ask who gave you the address (hosting provider) to set its PTR to {name}.",
    "Bitten Sie den, der Ihnen die Adresse gab (Hoster), ihren PTR auf {name} zu setzen.",
  ),
  "reverse-different": note(
    "{address} is called {found}.",
    "{address} heißt {found}.",
    "Ask who gave you the address to set its PTR to {name}, or take that name: --hostname {found}",
    "Bitten Sie den, der Ihnen die Adresse gab, ihren PTR auf {name} zu setzen, oder nehmen Sie diesen Namen: --hostname {found}",
  ),
  "reverse-unconfirmed": note(
    "{address} is called {found}, but that name does not lead back.",
    "{address} heißt {found}, aber dieser Name führt nicht zurück.",
    "Publish the address record of {found}; it is among the DNS records below.",
    "Veröffentlichen Sie den Adresseintrag von {found}; er steht unten bei den DNS-Einträgen.",
  ),
  "reverse-unknown": note(
    "The reverse name of {address} could not be looked up.",
    "Der Rückwärtsname von {address} ließ sich nicht nachschlagen.",
    "Check the network and the resolver.",
    "Prüfen Sie Netz und Resolver.",
  ),
  "list-listed": note(
    "{address} is on {list} ({codes}): somebody sent spam from it, or its network is for homes.",
    "{address} steht auf {list} ({codes}): Jemand hat von ihr Spam gesendet, oder ihr Netz ist für Privatanschlüsse.",
    "Ask to be removed at https://check.spamhaus.org/ or at {list}; if that fails, take another address.",
    "Beantragen Sie die Streichung unter https://check.spamhaus.org/ oder bei {list}; hilft das nicht, nehmen Sie eine andere Adresse.",
  ),
  "list-refused": note(
    "{list} does not answer this resolver ({codes}), as it does for public ones.",
    "{list} antwortet diesem Resolver nicht ({codes}), wie allen öffentlichen.",
    "Use a resolver of your own: apt-get install unbound",
    "Nehmen Sie einen eigenen Resolver: apt-get install unbound",
  ),
  "list-unknown": note(
    "{list} could not be asked about {address}.",
    "{list} ließ sich nicht nach {address} fragen.",
    "Look there by hand: https://check.spamhaus.org/",
    "Sehen Sie von Hand nach: https://check.spamhaus.org/",
  ),
  "outbound-closed": note(
    "No mail server answers on port 25, though the network works: it is blocked on the way.",
    "Kein Mailserver antwortet auf Port 25, obwohl das Netz geht: Er ist unterwegs gesperrt.",
    "Ask your hosting provider to open port 25 outwards; many do so on request. Or send through a smarthost (outbound.transports).",
    "Bitten Sie Ihren Hoster, Port 25 nach außen zu öffnen; viele tun es auf Anfrage. Oder senden Sie über einen Smarthost (outbound.transports).",
  ),
  "outbound-unknown": note(
    "Whether port 25 is open outwards could not be learned: {reason}.",
    "Ob Port 25 nach außen offen ist, ließ sich nicht feststellen: {reason}.",
    "Check the network, then run `wachpost setup {domain} --preflight` again.",
    "Prüfen Sie das Netz und rufen Sie `wachpost setup {domain} --preflight` noch einmal auf.",
  ),
} as const satisfies Readonly<Record<string, Note>>;
export type PreflightNote = keyof typeof PREFLIGHT_NOTES;
