import { note } from "./phrase.ts";

export const TRANSPORT_NOTES = {
  unreachable: note(
    "{host} could not be reached: {reason}.",
    "{host} war nicht erreichbar: {reason}.",
    "Is the server running and the port open in every firewall? Many networks block port 25; then ask from another one.",
    "Läuft der Server, ist der Port in jeder Firewall offen? Viele Netze sperren Port 25; fragen Sie dann aus einem anderen.",
  ),
  "not-looked": note(
    "This could not be looked at: {reason}.",
    "Das ließ sich nicht ansehen: {reason}.",
    "Settle the other findings of this host first, then ask again.",
    "Klären Sie zuerst die übrigen Befunde dieses Servers und fragen Sie dann noch einmal.",
  ),
  "more-hosts": note(
    "{count} further addresses were not visited.",
    "{count} weitere Adressen wurden nicht besucht.",
    "Look at each with --host NAME:PORT.",
    "Sehen Sie jede mit --host NAME:PORT an.",
  ),
  "starttls-missing": note(
    "The server does not offer STARTTLS: mail to it travels readable for everyone on the way.",
    "Der Server bietet kein STARTTLS an: Mail an ihn ist unterwegs für alle lesbar.",
    "Give the server a certificate and switch TLS on.",
    "Geben Sie dem Server ein Zertifikat und schalten Sie TLS ein.",
  ),
  "starttls-broken": note(
    "STARTTLS is offered but does not work: {reason}.",
    "STARTTLS wird angeboten, funktioniert aber nicht: {reason}.",
    "Look into the server's log; mostly the certificate or its key cannot be read.",
    "Sehen Sie in das Protokoll des Servers; meist ist das Zertifikat oder sein Schlüssel nicht lesbar.",
  ),
  "tls-no-13": note(
    "The server speaks {version} at best.",
    "Der Server spricht höchstens {version}.",
    "Allow TLS 1.3.",
    "Erlauben Sie TLS 1.3.",
  ),
  "tls-old-accepted": note(
    "The server still accepts {version}.",
    "Der Server nimmt noch {version} an.",
    "Set the lowest version to TLS 1.2.",
    "Setzen Sie die niedrigste Version auf TLS 1.2.",
  ),
  "tls-cipher-weak": note(
    "The server chose {cipher}, although better was offered.",
    "Der Server wählte {cipher}, obwohl Besseres angeboten war.",
    "Allow only ECDHE with AES-GCM or ChaCha20, in the server's order.",
    "Erlauben Sie nur ECDHE mit AES-GCM oder ChaCha20, in der Reihenfolge des Servers.",
  ),
  "tls-weak-accepted": note(
    "The server accepts {cipher} from those who offer nothing better.",
    "Der Server nimmt {cipher} an, wenn nichts Besseres angeboten wird.",
    "Switch off RSA key exchange, CBC, 3DES, RC4 and anonymous suites.",
    "Schalten Sie RSA-Schlüsselaustausch, CBC, 3DES, RC4 und anonyme Verfahren ab.",
  ),
  "tls-group-weak": note(
    "Keys are exchanged with {group}.",
    "Schlüssel werden mit {group} ausgetauscht.",
    "Allow X25519MLKEM768, X25519, P-256 and P-384.",
    "Erlauben Sie X25519MLKEM768, X25519, P-256 und P-384.",
  ),
  "cert-untrusted": note(
    "The certificate is not trusted ({reason}).",
    "Dem Zertifikat wird nicht vertraut ({reason}).",
    "Use a certificate of a public authority, and send its intermediate certificates too.",
    "Benutzen Sie ein Zertifikat einer öffentlichen Stelle und senden Sie auch die Zwischenzertifikate.",
  ),
  "cert-own-authority": note(
    "The certificate comes from this server's own authority: nobody else trusts it.",
    "Das Zertifikat stammt von der eigenen Stelle dieses Servers: Niemand sonst vertraut ihm.",
    "Get one from a public authority and name it in tls.certificate and tls.key.",
    "Besorgen Sie eines von einer öffentlichen Stelle und nennen Sie es in tls.certificate und tls.key.",
  ),
  "cert-wrong-name": note(
    "The certificate is not for {name}; it names {names}.",
    "Das Zertifikat gilt nicht für {name}; es nennt {names}.",
    "Get a certificate that names {name}.",
    "Besorgen Sie ein Zertifikat, das {name} nennt.",
  ),
  "cert-expired": note(
    "The certificate is not valid today (until {until}).",
    "Das Zertifikat gilt heute nicht (bis {until}).",
    "Renew it now.",
    "Erneuern Sie es jetzt.",
  ),
  "cert-soon": note(
    "The certificate ends in {days} days.",
    "Das Zertifikat endet in {days} Tagen.",
    "Renew it; automatic renewal should have done so by now, so look why it has not.",
    "Erneuern Sie es; die automatische Erneuerung hätte es schon tun sollen: Sehen Sie nach, warum nicht.",
  ),
  "cert-key-weak": note(
    "The certificate's key is {key}.",
    "Der Schlüssel des Zertifikats ist {key}.",
    "Use ECDSA P-256, or RSA with 3072 bits.",
    "Nehmen Sie ECDSA P-256 oder RSA mit 3072 Bit.",
  ),
  "cert-signature-weak": note(
    "The certificate is signed with {algorithm}.",
    "Das Zertifikat ist mit {algorithm} signiert.",
    "Get a new one; public authorities have used SHA-2 since 2016.",
    "Besorgen Sie ein neues; öffentliche Stellen benutzen seit 2016 SHA-2.",
  ),
  "dane-missing": note(
    "There is no TLSA record: senders cannot tell this server from an impostor.",
    "Es gibt keinen TLSA-Eintrag: Absender können diesen Server nicht von einem falschen unterscheiden.",
    "With DNSSEC, publish: {name}. TLSA 3 1 1 {digest}",
    "Mit DNSSEC veröffentlichen Sie: {name}. TLSA 3 1 1 {digest}",
  ),
  "dane-unsigned": note(
    "The TLSA record is not signed, so senders pass over it.",
    "Der TLSA-Eintrag ist nicht signiert; Absender übergehen ihn.",
    "Switch DNSSEC on for this zone.",
    "Schalten Sie DNSSEC für diese Zone ein.",
  ),
  "dane-mismatch": note(
    "No TLSA record fits the certificate: senders that use DANE do not deliver here.",
    "Kein TLSA-Eintrag passt zum Zertifikat: Absender, die DANE benutzen, stellen hier nicht zu.",
    "Publish now: {name}. TLSA 3 1 1 {digest}",
    "Veröffentlichen Sie sofort: {name}. TLSA 3 1 1 {digest}",
  ),
} as const;
