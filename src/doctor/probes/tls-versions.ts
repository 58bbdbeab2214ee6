import { X509Certificate } from "node:crypto";
import type { CheckId } from "../checks.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { HostTarget, Probe } from "../probe.ts";
import type { NoteId } from "../words/notes.ts";
import { phrase } from "../words/phrase.ts";
import { EXTENSIONS, VERSIONS } from "../wire/client-hello.ts";
import type { ServerHello } from "../wire/server-flight.ts";
import { suiteName, TLS13_SUITES } from "../wire/suites.ts";
import { Knocking, notLooked, type Said } from "./hello.ts";
import { placeOf } from "./open-tls.ts";
import { absent, seen, seenReason, verbatim } from "../words/seen.ts";

const OLD = [
  ["ssl3", "SSL 3.0", VERSIONS.ssl3],
  ["tls-1-0", "TLS 1.0", VERSIONS.tls10],
  ["tls-1-1", "TLS 1.1", VERSIONS.tls11],
] as const satisfies readonly (readonly [CheckId, string, number])[];

/** Every version by a ClientHello of its own, and what the hello of TLS 1.2 shows. RFC 8996; Internet.nl TLS-2, TLS-7, TLS-8 */
export const tlsVersions: Probe<HostTarget> = {
  id: "tls-versions",
  title: phrase("Versions of TLS", "Versionen von TLS"),
  source: "RFC 6176, RFC 7568, RFC 8996, RFC 9325 §3, Internet.nl TLS-2, TLS-7, TLS-8",
  checks: [
    "ssl2",
    "ssl3",
    "tls-1-0",
    "tls-1-1",
    "tls-1-2",
    "tls-compression",
    "secure-renegotiation",
    "extended-master-secret",
    "heartbeat",
    "fallback-scsv",
    "cert-chain",
  ],
  async run(host, net) {
    const knocking = new Knocking(host, net);
    const modern = await knocking.hello({ compression: true });
    if (modern.kind === "unknown") return notLooked(this.checks, host, modern.reason);
    const newest = isVersion(modern, VERSIONS.tls12) ? modern : await tls13(knocking);
    const findings: Finding[] = [...fromHello12(host, modern, newest)];
    const old: number[] = [];
    let doubt: string | undefined;
    for (const [check, name, version] of OLD) {
      const said = await knocking.hello({ version });
      if (isVersion(said, version)) old.push(version);
      if (said.kind === "unknown") doubt = said.reason;
      findings.push(version12(check, host, name, said, isVersion(said, version), newest));
    }
    const ssl2 = await knocking.ssl2();
    findings.push(version12("ssl2", host, "SSL 2.0", ssl2, ssl2.kind === "ssl2", newest));
    findings.push(await fallback(host, knocking, modern, { lower: old.at(-1), doubt }));
    return findings;
  },
};

const tls13 = (knocking: Knocking): Promise<Said> =>
  knocking.hello({ version: VERSIONS.tls13, suites: TLS13_SUITES.map(({ code }) => code) });

const isVersion = (said: Said, version: number): said is ServerHello =>
  said.kind === "hello" && said.version === version;

/** `newest`: a hello that has to succeed before a server that hangs up has said no. */
function version12(
  check: CheckId,
  host: HostTarget,
  name: string,
  said: Said,
  accepted: boolean,
  newest: Said,
): Finding {
  const place = placeOf(host);
  if (accepted) {
    const suite = said.kind === "hello" ? suiteName(said.suite) : "";
    return failure(check, place, verbatim(name, suite), "tls-old-accepted", { version: name });
  }
  if (said.kind === "hello") return fine(check, place, seen("another-version"));
  if (said.kind === "refused" && (said.certain || newest.kind === "hello"))
    return fine(check, place, seenReason(said.how));
  const reason = said.kind === "unknown" ? said.reason : "no handshake succeeds";
  return unknown(check, place, seenReason(reason), "not-looked", { reason });
}

/** What a hello of TLS 1.2 tells in clear; a server of TLS 1.3 alone has none of these faults. */
function fromHello12(host: HostTarget, modern: Said, newest: Said): readonly Finding[] {
  const place = placeOf(host);
  const checks = [
    "tls-compression",
    "secure-renegotiation",
    "extended-master-secret",
    "heartbeat",
  ] as const satisfies readonly CheckId[];
  if (modern.kind !== "hello") {
    if (newest.kind !== "hello") return notLooked(["tls-1-2", ...checks], host, "no handshake succeeds");
    return [
      warning(
        "tls-1-2",
        place,
        seenReason(modern.kind === "refused" ? modern.how : modern.kind),
        "tls-no-12",
      ),
      ...checks.map((check) => fine(check, place, seen("only-13"))),
      ...notLooked(["cert-chain"], host, "TLS 1.3 only"),
    ];
  }
  const { extensions, compression } = modern;
  const have = (check: CheckId, extension: number, wanted: boolean, name: string, note: NoteId): Finding =>
    extensions.has(extension) === wanted
      ? fine(check, place, wanted ? name : absent(name))
      : (check === "extended-master-secret" || check === "heartbeat" ? warning : failure)(
          check,
          place,
          wanted ? absent(name) : name,
          note,
        );
  return [
    modern.version === VERSIONS.tls12
      ? fine("tls-1-2", place, suiteName(modern.suite))
      : warning("tls-1-2", place, verbatim(`0x0${modern.version.toString(16)}`), "tls-no-12"),
    compression === 0
      ? fine("tls-compression", place, seen("none"))
      : failure("tls-compression", place, seen("method", { number: String(compression) }), "compression-on"),
    have(
      "secure-renegotiation",
      EXTENSIONS.renegotiationInfo,
      true,
      "renegotiation_info",
      "renegotiation-insecure",
    ),
    have(
      "extended-master-secret",
      EXTENSIONS.extendedMasterSecret,
      true,
      "extended_master_secret",
      "ems-missing",
    ),
    have("heartbeat", EXTENSIONS.heartbeat, false, "heartbeat", "heartbeat-on"),
    chain(place, modern),
  ];
}

/** RFC 5246 §7.4.2: the server's own first, each certified by the next. */
function chain(place: string, { certificates }: ServerHello): Finding {
  let read: readonly X509Certificate[];
  try {
    read = certificates.map((der) => new X509Certificate(der));
  } catch {
    return failure("cert-chain", place, seen("unreadable"), "chain-order", { place: "1" });
  }
  if (read.length === 0) return unknown("cert-chain", place, "", "not-looked", { reason: "no certificate" });
  const names = read.map((one) => one.subject.split("\n").at(-1) ?? "").join(" < ");
  const broken = read.findIndex((one, at) => at > 0 && read[at - 1]?.checkIssued(one) !== true);
  return broken < 0
    ? fine("cert-chain", place, names)
    : failure("cert-chain", place, names, "chain-order", { place: String(broken + 1) });
}

/** RFC 7507: a client that says it has stepped down is turned away where there is better. */
async function fallback(
  host: HostTarget,
  knocking: Knocking,
  modern: Said,
  { lower, doubt }: { readonly lower: number | undefined; readonly doubt: string | undefined },
): Promise<Finding> {
  const place = placeOf(host);
  if (modern.kind !== "hello")
    return notLooked(["fallback-scsv"], host, "no handshake succeeds")[0] as Finding;
  // One that gave no answer may be the one to step down to.
  if (lower === undefined && doubt !== undefined)
    return notLooked(["fallback-scsv"], host, doubt)[0] as Finding;
  if (lower === undefined || lower >= modern.version)
    return fine("fallback-scsv", place, seen("no-fallback"));
  const said = await knocking.hello({ version: lower, fallback: true });
  if (said.kind === "refused") return fine("fallback-scsv", place, seenReason(said.how));
  return said.kind === "hello"
    ? failure("fallback-scsv", place, seen("accepted"), "fallback-missing")
    : unknown("fallback-scsv", place, "", "not-looked", { reason: said.kind });
}
