/** Servers whose TLS is wrong in one way each, in forms OpenSSL no longer has (G-64). */
import type { CheckId } from "../../src/doctor/checks.ts";
import type { Grade } from "../../src/doctor/finding.ts";
import { EXTENSIONS, VERSIONS } from "../../src/doctor/wire/client-hello.ts";
import type { NoteId } from "../../src/doctor/words/notes.ts";
import { AUTHORITY } from "./certificates.ts";
import { GOOD_PAIR } from "./scripted-server.ts";
import type { ServerControl } from "./server-controls.ts";
import type { WireScript } from "./wire-server.ts";

/** TLS 1.2 without a fault. */
export const GOOD_WIRE: WireScript = {
  versions: [VERSIONS.tls12],
  suites: [0xc02c, 0xc02b],
  certificates: [GOOD_PAIR.certificate],
};

const row = (
  name: string,
  check: CheckId,
  grade: Grade,
  note: NoteId,
  change: Partial<WireScript>,
): ServerControl => ({ name, check, grade, note, script: () => ({ wire: { ...GOOD_WIRE, ...change } }) });
const also = (version: number | "ssl2"): Partial<WireScript> => ({ versions: [VERSIONS.tls12, version] });
const takes = (...suites: number[]): Partial<WireScript> => ({ suites: [0xc02c, 0xc02b, ...suites] });

export const WIRE_CONTROLS: readonly ServerControl[] = [
  row("SSL 2.0 accepted", "ssl2", "fail", "tls-old-accepted", also("ssl2")),
  row("SSL 3.0 accepted", "ssl3", "fail", "tls-old-accepted", also(VERSIONS.ssl3)),
  row("TLS 1.0 accepted", "tls-1-0", "fail", "tls-old-accepted", also(VERSIONS.tls10)),
  row("TLS 1.1 accepted", "tls-1-1", "fail", "tls-old-accepted", also(VERSIONS.tls11)),
  row("TLS 1.1 at best", "tls-1-2", "warn", "tls-no-12", { versions: [VERSIONS.tls11] }),
  row("TLS 1.3 alone", "tls-1-2", "warn", "tls-no-12", { versions: [VERSIONS.tls13], suites: [0x1301] }),
  row("NULL accepted", "cipher-null", "fail", "tls-weak-accepted", takes(0x003b)),
  row("ECDHE without encryption", "cipher-null", "fail", "tls-weak-accepted", takes(0xc010)),
  row("anonymous DH accepted", "cipher-anon", "fail", "tls-weak-accepted", takes(0x00a6)),
  row("40 bits accepted", "cipher-export", "fail", "tls-weak-accepted", takes(0x0003)),
  row("RC4 accepted", "cipher-low", "fail", "tls-weak-accepted", takes(0x0005)),
  row("DES accepted", "cipher-low", "fail", "tls-weak-accepted", takes(0x0009)),
  row("triple DES accepted", "cipher-3des", "fail", "tls-weak-accepted", takes(0x000a)),
  row("RSA key exchange accepted", "cipher-rsa", "fail", "tls-weak-accepted", takes(0x009c)),
  row("CBC with SHA-1 accepted", "cipher-cbc", "fail", "tls-weak-accepted", takes(0xc013)),
  row("CBC with SHA-2 accepted", "cipher-cbc", "warn", "tls-weak-accepted", takes(0xc024)),
  row("CBC behind a DHE that breaks off", "cipher-cbc", "fail", "tls-weak-accepted", {
    ...takes(0x0033, 0xc013),
    stumbles: [0x0033],
    silent: true,
  }),
  row("the client decides", "cipher-order", "fail", "cipher-order-client", {
    ...takes(0x0005),
    order: "client",
  }),
  row("DH of 1024 bits", "dh-group", "fail", "dh-group-small", { ...takes(0x009e), primeBits: 1024 }),
  row("DH of 2048 bits", "dh-group", "fail", "dh-group-small", { ...takes(0x009e), primeBits: 2048 }),
  row("DH of 4096 bits", "dh-group", "warn", "dh-group-small", { ...takes(0x009e), primeBits: 4096 }),
  row("sect163k1 accepted", "weak-curves", "fail", "curve-weak", { curves: [0x17, 1] }),
  row("signs with SHA-1", "key-exchange-hash", "warn", "key-exchange-sha1", { signature: 0x0201 }),
  row("compression", "tls-compression", "fail", "compression-on", { compression: true }),
  row("no RFC 5746", "secure-renegotiation", "fail", "renegotiation-insecure", {
    extensions: [EXTENSIONS.extendedMasterSecret],
  }),
  row("no RFC 7627", "extended-master-secret", "warn", "ems-missing", {
    extensions: [EXTENSIONS.renegotiationInfo],
  }),
  row("heartbeats", "heartbeat", "warn", "heartbeat-on", {
    extensions: [EXTENSIONS.renegotiationInfo, EXTENSIONS.extendedMasterSecret, EXTENSIONS.heartbeat],
  }),
  row("no RFC 7507", "fallback-scsv", "fail", "fallback-missing", {
    ...also(VERSIONS.tls11),
    ignoresFallback: true,
  }),
  row("chain in the wrong order", "cert-chain", "fail", "chain-order", {
    certificates: [AUTHORITY.certificate, GOOD_PAIR.certificate],
  }),
  {
    name: "early data behind STARTTLS",
    check: "early-data",
    grade: "warn",
    note: "early-data-on",
    script: () => ({ earlyData: true }),
  },
  {
    name: "early data on port 465",
    check: "early-data",
    grade: "warn",
    note: "early-data-on",
    script: () => ({ earlyData: true, service: "submissions" }),
    service: "submissions",
  },
  row("nothing but hanging up", "cipher-null", "unknown", "not-looked", { versions: [], silent: true }),
];
