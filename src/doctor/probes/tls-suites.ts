import type { CheckId } from "../checks.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { HostTarget, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { SHA1_SIGNATURES, WEAK_GROUPS } from "../wire/client-hello.ts";
import type { ServerHello } from "../wire/server-flight.ts";
import {
  STRONG_SUITES,
  suiteName,
  WEAK_SUITES,
  weaknessOf,
  type Suite,
  type WeakClass,
} from "../wire/suites.ts";
import { Knocking, notLooked, type Said } from "./hello.ts";
import { placeOf } from "./open-tls.ts";
import { seen, seenReason } from "../words/seen.ts";

const CHECK_OF: Readonly<Record<WeakClass, CheckId>> = {
  null: "cipher-null",
  anon: "cipher-anon",
  export: "cipher-export",
  low: "cipher-low",
  "3des": "cipher-3des",
  rsa: "cipher-rsa",
  cbc: "cipher-cbc",
  dhe: "dh-group",
};
const CLASSES = Object.keys(CHECK_OF) as WeakClass[];
/** Internet.nl TLS-5: below 3,072 bits insufficient, above to be phased out. */
const DH_BITS_MIN = 3_072;

/** Which bad suites a server takes from one who offers nothing better: one hello when it takes none. Internet.nl TLS-3 to TLS-5 */
export const tlsSuites: Probe<HostTarget> = {
  id: "tls-suites",
  title: phrase("Weak ciphers", "Schwache Verfahren"),
  source: "RFC 9325 §4, Internet.nl TLS-3 to TLS-5, testssl.sh cipherlist_*",
  checks: [...CLASSES.map((one) => CHECK_OF[one]), "cipher-order"],
  async run(host, net) {
    const knocking = new Knocking(host, net);
    const found = new Map<WeakClass, ServerHello>();
    let last: Said = { kind: "unknown", reason: "" };
    while (found.size < CLASSES.length) {
      const left = WEAK_SUITES.filter((suite) => !found.has(weaknessOf(suite) as WeakClass));
      last = await knocking.hello({ suites: left.map(({ code }) => code) });
      if (last.kind !== "hello") break;
      const chosen: Suite = { code: last.suite, name: suiteName(last.suite) };
      const weakness = weaknessOf(chosen);
      // A server may not choose what was not offered; one that does ends the questions.
      if (weakness === undefined || found.has(weakness)) break;
      found.set(weakness, last);
    }
    if (last.kind === "refused" && last.how !== NO_COMMON_SUITE) last = await oneByOne(knocking, found, last);
    const doubt = await doubtOf(last, knocking);
    const place = placeOf(host);
    return [
      ...CLASSES.map((one) => {
        const hello = found.get(one);
        if (hello !== undefined) return accepted(one, place, hello);
        return doubt === undefined
          ? fine(CHECK_OF[one], place, last.kind === "refused" ? seenReason(last.how) : seen("refused"))
          : unknown(CHECK_OF[one], place, seenReason(doubt), "not-looked", { reason: doubt });
      }),
      await order(host, knocking, found, doubt),
    ];
  },
};

/** The alert of a server that has none of what was offered. */
const NO_COMMON_SUITE = "handshake_failure";

/**
 * A server that hangs up may have stumbled over the one suite it chose (Dovecot over DHE without parameters) and have others
 * that it would take: each class is asked for alone.
 */
async function oneByOne(knocking: Knocking, found: Map<WeakClass, ServerHello>, before: Said): Promise<Said> {
  let last = before;
  for (const one of CLASSES.filter((weakness) => !found.has(weakness))) {
    const suites = WEAK_SUITES.filter((suite) => weaknessOf(suite) === one).map(({ code }) => code);
    const said = await knocking.hello({ suites });
    if (said.kind === "hello") found.set(one, said);
    else if (said.kind !== "refused") return said;
    else last = said;
  }
  return last;
}

/** Why what was not chosen is not known to be refused: only a server that speaks TLS at all can say no by hanging up. */
async function doubtOf(last: Said, knocking: Knocking): Promise<string | undefined> {
  if (last.kind === "unknown") return last.reason;
  if (last.kind === "hello" || last.kind === "ssl2") return "a cipher that was not offered";
  if (last.certain) return undefined;
  const control = await knocking.hello();
  return control.kind === "hello" ? undefined : "no handshake succeeds";
}

function accepted(weakness: WeakClass, place: string, { suite, keyExchange }: ServerHello): Finding {
  const cipher = suiteName(suite);
  const check = CHECK_OF[weakness];
  if (weakness !== "dhe") {
    // G-43: CBC with SHA-2 is to be phased out, all else here is insufficient.
    const isPhasedOut = weakness === "cbc" && !cipher.endsWith("_CBC_SHA");
    return (isPhasedOut ? warning : failure)(check, place, cipher, "tls-weak-accepted", { cipher });
  }
  const bits = keyExchange?.primeBits;
  if (bits === undefined)
    return unknown(check, place, cipher, "not-looked", { reason: "no ServerKeyExchange" });
  return (bits < DH_BITS_MIN ? failure : warning)(
    check,
    place,
    seen("bits", { name: cipher, bits: String(bits) }),
    "dh-group-small",
    {
      bits: String(bits),
    },
  );
}

/** Worst first, then best first: a server with an order of its own answers both alike. Needed only where it has bad ones (G-44). */
async function order(
  host: HostTarget,
  knocking: Knocking,
  found: ReadonlyMap<WeakClass, ServerHello>,
  doubt: string | undefined,
): Promise<Finding> {
  const place = placeOf(host);
  if (found.size === 0)
    return doubt === undefined
      ? fine("cipher-order", place, seen("good-only"))
      : unknown("cipher-order", place, seenReason(doubt), "not-looked", { reason: doubt });
  const weak = [...found.values()].map(({ suite }) => suite);
  const strong = STRONG_SUITES.map(({ code }) => code);
  const said = await knocking.hello({ suites: [...weak, ...strong] });
  if (said.kind !== "hello") return notLooked(["cipher-order"], host, said.kind)[0] as Finding;
  const name = suiteName(said.suite);
  if (weaknessOf({ code: said.suite, name }) === undefined) return fine("cipher-order", place, name);
  return failure("cipher-order", place, name, "cipher-order-client", { cipher: name });
}

/** What a server takes for the exchange of keys: curves, and the hash it signs with. Internet.nl TLS-5, TLS-6 */
export const tlsKeyExchange: Probe<HostTarget> = {
  id: "tls-key-exchange",
  title: phrase("Key exchange", "Schlüsselaustausch"),
  source: "RFC 8422 §5.1.1, RFC 9155, Internet.nl TLS-5, TLS-6",
  checks: ["weak-curves", "key-exchange-hash"],
  async run(host, net) {
    const knocking = new Knocking(host, net);
    const suites = [...STRONG_SUITES, ...WEAK_SUITES]
      .filter(({ name }) => name.startsWith("TLS_ECDHE_"))
      .map(({ code }) => code);
    const curves = await knocking.hello({ suites, groups: WEAK_GROUPS });
    if (curves.kind === "unknown") return notLooked(this.checks, host, curves.reason);
    const hash = await knocking.hello({ suites, signatures: SHA1_SIGNATURES });
    return [
      await judged("weak-curves", host, knocking, curves, ({ keyExchange }) =>
        keyExchange?.curve === undefined || !WEAK_GROUPS.includes(keyExchange.curve)
          ? undefined
          : String(keyExchange.curve),
      ),
      await judged("key-exchange-hash", host, knocking, hash, ({ keyExchange }) =>
        keyExchange?.signature === undefined || !SHA1_SIGNATURES.includes(keyExchange.signature)
          ? undefined
          : "SHA-1",
      ),
    ];
  },
};

async function judged(
  check: "weak-curves" | "key-exchange-hash",
  host: HostTarget,
  knocking: Knocking,
  said: Said,
  look: (hello: ServerHello) => string | undefined,
): Promise<Finding> {
  const place = placeOf(host);
  if (said.kind === "hello") {
    // Every suite that was offered has one: who hung up before it showed nothing.
    if (said.keyExchange === undefined) return notLooked([check], host, "no ServerKeyExchange")[0] as Finding;
    const found = look(said);
    if (found === undefined) return fine(check, place, seen("better-chosen"));
    return check === "weak-curves"
      ? failure(check, place, seen("curve", { number: found }), "curve-weak", { curve: found })
      : warning(check, place, found, "key-exchange-sha1");
  }
  const doubt = await doubtOf(said, knocking);
  return doubt === undefined
    ? fine(check, place, said.kind === "refused" ? seenReason(said.how) : seen("refused"))
    : unknown(check, place, seenReason(doubt), "not-looked", { reason: doubt });
}
