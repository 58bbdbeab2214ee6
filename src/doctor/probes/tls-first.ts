import type { Result } from "../../base/result.ts";
import { fine, unknown, type Finding } from "../finding.ts";
import type { Handshake, HostTarget } from "../probe.ts";
import { seen, seenReason } from "../words/seen.ts";
import { isImplicit, placeOf, whyNot, type OpenFailure } from "./open-tls.ts";

/** Where TLS comes first, no password is said in clear: known only once TLS came. A port that keeps silent shows nothing. */
export function tlsFirst(host: HostTarget, opened: Result<Handshake, OpenFailure>): readonly Finding[] {
  if (!isImplicit(host.service)) return [];
  const place = placeOf(host);
  if (opened.ok) return [fine("auth-before-tls", place, seen("tls-first"))];
  const reason = whyNot(opened.error);
  return [unknown("auth-before-tls", place, seenReason(reason), "not-looked", { reason })];
}
