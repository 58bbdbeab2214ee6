import { fine, unknown, warning, type Finding } from "../finding.ts";
import type { Handshake, HostTarget, Net, Service, Visit } from "../probe.ts";
import { maxEarlyData } from "../wire/session.ts";
import { absent, seen, seenReason } from "../words/seen.ts";
import { heloOf, placeOf } from "./open-tls.ts";

/**
 * Does a server take data with the first octets of a resumed session? Nobody can tell such data from a copy that somebody
 * else sends once more. What it offers stands in its tickets, which come before its first words. RFC 8446 §8, §E.5
 */
export async function earlyData(
  host: HostTarget,
  { protocol }: Handshake,
  visit: Visit,
  net: Net,
): Promise<Finding> {
  const place = placeOf(host);
  if (protocol !== "TLSv1.3") return fine("early-data", place, absent("TLS 1.3"));
  const lost = (reason: string): Finding =>
    unknown("early-data", place, seenReason(reason), "not-looked", { reason });
  const silence = await firstWords(host, visit, net);
  const offered = visit.sessions.map(maxEarlyData);
  const most = Math.max(0, ...offered.map((octets) => octets ?? 0));
  if (most > 0)
    return warning("early-data", place, seen("early-octets", { octets: String(most) }), "early-data-on");
  if (silence !== undefined) return lost(silence);
  if (offered.includes(undefined)) return lost("a session nobody can read");
  return offered.length === 0
    ? fine("early-data", place, seen("no-tickets"))
    : fine("early-data", place, absent("early_data"));
}

/** What makes each service say something and stay; where it speaks first, nothing. */
function question(host: HostTarget, visit: Visit, net: Net): string | undefined {
  const ehlo = `EHLO ${heloOf(visit, net)}`;
  const asked: Partial<Readonly<Record<Service, string>>> = {
    smtp: ehlo,
    submission: ehlo,
    imap: "d1 NOOP",
    pop3: "CAPA",
    web: `GET / HTTP/1.1\r\nHost: ${host.name}\r\n`,
  };
  return asked[host.service];
}

/** Waits until the server has said something inside TLS; the text says why it did not. */
export async function firstWords(host: HostTarget, visit: Visit, net: Net): Promise<string | undefined> {
  const asked = question(host, visit, net);
  if (asked !== undefined) visit.write(asked);
  const line = await visit.line();
  return line.ok ? undefined : line.error;
}
