/** Servers that are wrong in one way each, with what the doctor has to say about it (G-64). */
import type { Domain } from "../../src/base/domain-name.ts";
import type { SecureContextOptions } from "node:tls";
import type { CheckId } from "../../src/doctor/checks.ts";
import type { Grade } from "../../src/doctor/finding.ts";
import type { Service } from "../../src/doctor/probe.ts";
import type { NoteId } from "../../src/doctor/words/notes.ts";
import type { KeyAndCertificate } from "../../src/tls/certificate.ts";
import { issued, rsaCertificate } from "./certificates.ts";
import type { Script } from "./scripted-server.ts";
import { HOST } from "./world.ts";
import type { Control } from "./zone-controls.ts";

export type ServerControl = Control & {
  readonly name: string;
  readonly script: () => Script;
  readonly service?: Service;
  /** TLSA record of the port; `DIGEST` stands for the right one. */
  readonly tlsa?: string;
  readonly unsignedTlsa?: boolean;
  /** Nobody listens. */
  readonly gone?: boolean;
  /** Looked at as our own server, of which this is the only door. */
  readonly own?: boolean;
  /** Another name than the usual. */
  readonly named?: Domain;
  /** An SRV record sends mail programs there. */
  readonly announced?: boolean;
  /** The issuing authority is our own. */
  readonly ownAuthority?: boolean;
};

const row = (
  name: string,
  check: CheckId,
  grade: Grade,
  note: NoteId,
  script: () => Script,
  more: Partial<ServerControl> = {},
): ServerControl => ({ name, check, grade, note, script, ...more });

const contextOf = (pair: KeyAndCertificate, more: SecureContextOptions = {}): Script => ({
  tls: { key: pair.key, cert: pair.certificate, ...more },
});
const answers =
  (pattern: RegExp, answer: string): (() => Script) =>
  () => ({ answers: [[pattern, answer]] });
const good = (): KeyAndCertificate => issued([HOST], -1, 60);

export const SERVER_CONTROLS: readonly ServerControl[] = [
  row("none of its doors open", "server-answers", "fail", "server-silent", () => ({}), {
    gone: true,
    own: true,
  }),
  row("nobody listens", "reachable", "fail", "unreachable", () => ({}), { gone: true }),
  row("announced and shut", "reachable", "fail", "announced-closed", () => ({}), {
    gone: true,
    announced: true,
  }),
  row("no STARTTLS", "starttls", "fail", "starttls-missing", () => ({ tls: "none" })),
  row("STARTTLS refused", "starttls", "fail", "starttls-broken", () => ({
    tls: "none",
    extensions: ["STARTTLS"],
    answers: [[/^STARTTLS/, "454 4.7.0 TLS not available"]],
  })),
  row(
    "no certificate where TLS begins at once",
    "tls-version",
    "fail",
    "tls-broken",
    () => ({ service: "imaps", tls: {} }),
    { service: "imaps" },
  ),
  row("turned away", "starttls", "unknown", "turned-away", () => ({ banner: "554 5.7.1 Go away" })),
  row("TLS 1.2 at best", "tls-version", "warn", "tls-no-13", () =>
    contextOf(good(), { maxVersion: "TLSv1.2" }),
  ),
  row("TLS 1.0 accepted by OpenSSL", "tls-1-0", "fail", "tls-old-accepted", () =>
    contextOf(good(), { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" }),
  ),
  row("no encryption, by OpenSSL", "cipher-null", "fail", "tls-weak-accepted", () =>
    contextOf(good(), { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384:eNULL:@SECLEVEL=0" }),
  ),
  row("the client decides, by OpenSSL", "cipher-order", "fail", "cipher-order-client", () =>
    contextOf(good(), {
      ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0",
      honorCipherOrder: false,
    }),
  ),
  row("CBC chosen", "tls-cipher", "fail", "tls-cipher-weak", () =>
    contextOf(good(), { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" }),
  ),
  row("CBC accepted by OpenSSL", "cipher-cbc", "fail", "tls-weak-accepted", () =>
    contextOf(good(), { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" }),
  ),
  row("renegotiates without end", "client-renegotiation", "warn", "renegotiation-by-client", () =>
    contextOf(good()),
  ),
  row("RSA key exchange", "tls-group", "fail", "tls-group-weak", () =>
    contextOf(rsaCertificate(HOST, 3072, "sha256"), { maxVersion: "TLSv1.2", ciphers: "AES256-GCM-SHA384" }),
  ),
  row("finite-field Diffie-Hellman", "tls-group", "fail", "tls-group-weak", () =>
    contextOf(rsaCertificate(HOST, 3072, "sha256"), {
      maxVersion: "TLSv1.2",
      ciphers: "DHE-RSA-AES256-GCM-SHA384",
      dhparam: "auto",
    }),
  ),
  row("self-signed", "cert-trust", "warn", "cert-untrusted", () =>
    contextOf(rsaCertificate(HOST, 3072, "sha256")),
  ),
  row("own authority", "cert-trust", "warn", "cert-own-authority", () => ({}), { ownAuthority: true }),
  row(
    "self-signed for mail programs",
    "cert-trust",
    "fail",
    "cert-untrusted",
    () => ({
      ...contextOf(rsaCertificate(HOST, 3072, "sha256")),
      service: "submissions",
    }),
    { service: "submissions" },
  ),
  row("another name", "cert-name", "warn", "cert-wrong-name", () =>
    contextOf(issued(["other.example.org"], -1, 60)),
  ),
  row("expired", "cert-days", "fail", "cert-expired", () => contextOf(issued([HOST], -90, -2))),
  row("ends in 2 days", "cert-days", "fail", "cert-soon", () => contextOf(issued([HOST], -80, 2))),
  row("ends in 10 days", "cert-days", "warn", "cert-soon", () => contextOf(issued([HOST], -80, 10))),
  row("RSA 1024", "cert-key", "fail", "cert-key-weak", () =>
    contextOf(rsaCertificate(HOST, 1024, "sha256"), { ciphers: "ALL:@SECLEVEL=0" }),
  ),
  row("RSA 2048", "cert-key", "warn", "cert-key-weak", () => contextOf(rsaCertificate(HOST, 2048, "sha256"))),
  row("SHA-1", "cert-signature", "fail", "cert-signature-weak", () =>
    contextOf(rsaCertificate(HOST, 3072, "sha1"), { ciphers: "ALL:@SECLEVEL=0" }),
  ),
  row("no TLSA", "dane-exists", "warn", "dane-missing", () => ({})),
  row("one TLSA record", "dane-rollover", "warn", "dane-no-rollover", () => ({}), { tlsa: "3 1 1 DIGEST" }),
  row("TLSA unsigned", "dane-exists", "fail", "dane-unsigned", () => ({}), {
    tlsa: "3 1 1 DIGEST",
    unsignedTlsa: true,
  }),
  row("TLSA of another key", "dane-matches", "fail", "dane-mismatch", () => ({}), {
    tlsa: `3 1 1 ${"ab".repeat(32)}`,
  }),

  row("banner of another", "banner-name", "warn", "banner-other", () => ({ banner: "220 localhost ESMTP" })),
  row("few extensions", "extensions", "warn", "extensions-missing", () => ({ extensions: ["PIPELINING"] })),
  row("AUTH before TLS", "auth-before-tls", "fail", "auth-plain", () => ({
    extensions: ["PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
  })),
  row(
    "AUTH before TLS, submission",
    "auth-before-tls",
    "fail",
    "auth-plain",
    () => ({
      service: "submission",
      extensions: ["AUTH PLAIN"],
    }),
    { service: "submission" },
  ),
  row("VRFY tells", "vrfy", "fail", "vrfy-tells", answers(/^VRFY/, "250 2.1.5 <postmaster@example.org>")),
  row("VRFY tells of an address only", "vrfy", "fail", "vrfy-tells", () => ({
    answers: [
      [/^VRFY postmaster$/, "550 <postmaster@mail.example.org> Unrouteable address"],
      [/^VRFY postmaster@example\.org$/, "250 <postmaster@example.org> is deliverable"],
    ],
  })),
  row("EXPN tells of an address only", "expn", "fail", "expn-tells", () => ({
    answers: [
      [/^EXPN staff$/, "553 staff@mail.example.org is undeliverable"],
      [/^EXPN postmaster@example\.org$/, "250 <postmaster@example.org>"],
    ],
  })),
  row("EXPN tells", "expn", "fail", "expn-tells", answers(/^EXPN/, "250 2.1.5 <anna@example.org>")),
  row(
    "open relay",
    "relay",
    "fail",
    "relay-open",
    answers(/^RCPT TO:<postmaster@example\.net>/, "250 2.1.5 Ok"),
  ),
  row(
    "relay put off",
    "relay",
    "unknown",
    "put-off",
    answers(/^RCPT TO:<postmaster@example\.net>/, "450 4.7.1 Greylisted"),
  ),
  row(
    "everybody exists",
    "unknown-recipient",
    "fail",
    "unknown-accepted",
    answers(/^RCPT TO:<no-such/, "250 2.1.5 Ok"),
  ),
  row(
    "no postmaster",
    "postmaster",
    "fail",
    "role-refused",
    answers(/^RCPT TO:<postmaster@example\.org/, "550 5.1.1 No"),
  ),
  row("no abuse", "abuse", "fail", "role-refused", answers(/^RCPT TO:<abuse@/, "550 5.1.1 No")),
  row("null sender refused", "null-sender", "fail", "null-refused", answers(/^MAIL FROM:<>/, "550 5.7.1 No")),
  row(
    "no login needed",
    "login-needed",
    "fail",
    "no-login-needed",
    () => ({
      service: "submissions",
      answers: [[/^(?:MAIL|RCPT)/, "250 2.1.0 Ok"]],
    }),
    { service: "submissions" },
  ),

  row("percent hack", "relay-forms", "fail", "relay-open-form", answers(/^RCPT TO:<victim%/, "250 2.1.5 Ok")),
  row("bang path", "relay-forms", "fail", "relay-open-form", answers(/^RCPT TO:<[^>]*!/, "250 2.1.5 Ok")),
  row("source route", "relay-forms", "fail", "relay-open-form", answers(/^RCPT TO:<@/, "250 2.1.5 Ok")),
  row(
    "own domain may relay",
    "relay-forms",
    "fail",
    "relay-open-form",
    answers(/^RCPT TO:<victim@nobody-knows-this/, "250 2.1.5 Ok"),
  ),
  row("forms put off", "relay-forms", "unknown", "not-looked", answers(/^RCPT TO:<"/, "450 4.7.1 Later")),
  row("LF.LF ends a message", "smuggling", "fail", "smuggling-open", () => ({ end: "\n.\n" })),
  row("CRLF.CR ends a message", "smuggling", "fail", "smuggling-open", () => ({ end: "\r\n.\r" })),
  row("DATA put off", "smuggling", "unknown", "not-looked", answers(/^DATA/, "451 4.3.0 Later")),
  row("injection, SMTP", "starttls-injection", "fail", "starttls-injected", () => ({ injectable: true })),
  ...(["imap", "pop3"] as const).map((service) =>
    row(
      `injection, ${service.toUpperCase()}`,
      "starttls-injection",
      "fail",
      "starttls-injected",
      () => ({ service, injectable: true }),
      { service },
    ),
  ),
  row("any size", "size-limit", "warn", "size-ignored", answers(/^MAIL FROM:.* SIZE=/, "250 2.1.0 Ok")),
  row(
    "IMAP login in clear",
    "auth-before-tls",
    "fail",
    "auth-plain-mailbox",
    () => ({ service: "imap", capabilities: { plain: "IMAP4rev1 STARTTLS AUTH=PLAIN" } }),
    { service: "imap" },
  ),
  row(
    "POP3 login in clear",
    "auth-before-tls",
    "fail",
    "auth-plain-mailbox",
    () => ({ service: "pop3", capabilities: { plain: "STLS USER UIDL TOP" } }),
    { service: "pop3" },
  ),
  row(
    "no STARTTLS for IMAP",
    "starttls",
    "fail",
    "starttls-missing",
    () => ({ service: "imap", tls: "none" }),
    {
      service: "imap",
    },
  ),
  row(
    "few capabilities",
    "mailbox-capabilities",
    "warn",
    "capabilities-missing",
    () => ({ service: "imaps", capabilities: { secure: "IMAP4rev1 IDLE" } }),
    { service: "imaps" },
  ),
];
