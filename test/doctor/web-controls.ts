/** Web servers whose TLS is wrong in one way each: policies, settings, the console, JMAP (G-64). */
import type { CheckId } from "../../src/doctor/checks.ts";
import type { Grade } from "../../src/doctor/finding.ts";
import { VERSIONS } from "../../src/doctor/wire/client-hello.ts";
import type { NoteId } from "../../src/doctor/words/notes.ts";
import { issued, rsaCertificate } from "./certificates.ts";
import type { Script } from "./scripted-server.ts";
import type { ServerControl } from "./server-controls.ts";
import { GOOD_WIRE } from "./wire-controls.ts";
import { domainOf, HOST } from "./world.ts";

const row = (
  name: string,
  check: CheckId,
  grade: Grade,
  note: NoteId,
  script: Script,
  more: Partial<ServerControl> = {},
): ServerControl => ({
  name: `${name}, web`,
  check,
  grade,
  note,
  script: () => ({ ...script, service: "web" }),
  service: "web",
  ...more,
});

const certified = (names: readonly string[], from_days: number, to_days: number): Script => {
  const { key, certificate: cert } = issued(names, from_days, to_days);
  return { tls: { key, cert } };
};
const good = issued([HOST], -1, 60);
const selfSigned = rsaCertificate(HOST, 3072, "sha256");

export const WEB_CONTROLS: readonly ServerControl[] = [
  row(
    "named in the DNS and shut",
    "reachable",
    "fail",
    "web-closed",
    {},
    {
      gone: true,
      announced: true,
      named: domainOf("mta-sts.example.org"),
    },
  ),
  row(
    "JMAP named in the DNS and shut",
    "reachable",
    "fail",
    "jmap-closed",
    {},
    { gone: true, announced: true },
  ),
  row("early data", "early-data", "warn", "early-data-on", { earlyData: true }),
  row("TLS 1.1 accepted", "tls-1-1", "fail", "tls-old-accepted", {
    wire: { ...GOOD_WIRE, versions: [VERSIONS.tls12, VERSIONS.tls11] },
  }),
  row("TLS 1.2 at best", "tls-version", "warn", "tls-no-13", {
    tls: { key: good.key, cert: good.certificate, maxVersion: "TLSv1.2" },
  }),
  row("RC4 accepted", "cipher-low", "fail", "tls-weak-accepted", {
    wire: { ...GOOD_WIRE, suites: [0xc02c, 0xc02b, 0x0005] },
  }),
  row("DH of 1024 bits", "dh-group", "fail", "dh-group-small", {
    wire: { ...GOOD_WIRE, suites: [0xc02c, 0xc02b, 0x009e], primeBits: 1024 },
  }),
  row("RSA key exchange", "tls-group", "fail", "tls-group-weak", {
    tls: {
      key: selfSigned.key,
      cert: selfSigned.certificate,
      maxVersion: "TLSv1.2",
      ciphers: "AES256-GCM-SHA384",
    },
  }),
  row("renegotiates without end", "client-renegotiation", "warn", "renegotiation-by-client", {
    tls: { key: good.key, cert: good.certificate },
  }),
  row("self-signed", "cert-trust", "fail", "cert-untrusted", {
    tls: { key: selfSigned.key, cert: selfSigned.certificate },
  }),
  row("another name", "cert-name", "fail", "cert-wrong-name", certified(["other.example.org"], -1, 60)),
  row("expired", "cert-days", "fail", "cert-expired", certified([HOST], -90, -2)),
  row("ends in 10 days", "cert-days", "warn", "cert-soon", certified([HOST], -80, 10)),
];
