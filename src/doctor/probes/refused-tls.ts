import type { CheckId } from "../checks.ts";
import { failure, fine, unknown, type Finding } from "../finding.ts";
import type { Handshake, HostTarget, Net, Offer, Probe } from "../probe.ts";
import type { NoteId } from "../words/notes.ts";
import { phrase } from "../words/phrase.ts";
import { OLD, WEAK_ONLY } from "./offers.ts";
import { openTls, placeOf } from "./open-tls.ts";

/** A handshake that offers TLS 1.0 and 1.1 only; a good server refuses it. RFC 8996; Internet.nl TLS-2 */
export const oldVersions: Probe<HostTarget> = {
  id: "old-versions",
  title: phrase("Old versions of TLS", "Alte Versionen von TLS"),
  source: "RFC 8996, Internet.nl TLS-2",
  checks: ["tls-old"],
  run: (host, net) =>
    mustBeRefused("tls-old", host, net, OLD, "tls-old-accepted", ({ protocol }) => ({ version: protocol })),
};

/** A handshake that offers only what RFC 9325 §4.1 warns of. Internet.nl TLS-3 */
export const weakCiphers: Probe<HostTarget> = {
  id: "weak-ciphers",
  title: phrase("Weak ciphers", "Schwache Verfahren"),
  source: "RFC 9325 §4.1, Internet.nl TLS-3, TLS-4",
  checks: ["tls-weak"],
  run: (host, net) =>
    mustBeRefused("tls-weak", host, net, WEAK_ONLY, "tls-weak-accepted", ({ cipher }) => ({ cipher })),
};

async function mustBeRefused(
  check: CheckId,
  host: HostTarget,
  net: Net,
  offer: Offer,
  note: NoteId,
  values: (handshake: Handshake) => Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  const place = placeOf(host);
  const opened = await openTls(host, net, offer, () => {});
  if (opened.ok) {
    const { protocol, cipher } = opened.value;
    return [failure(check, place, `${protocol} ${cipher}`, note, values(opened.value))];
  }
  const why = opened.error;
  if (why.at === "handshake" && why.failure.kind === "refused")
    return [fine(check, place, why.failure.detail)];
  const reason = why.at === "handshake" ? why.failure.detail : `${why.at}: ${why.reason}`;
  return [unknown(check, place, reason, "not-looked", { reason })];
}
