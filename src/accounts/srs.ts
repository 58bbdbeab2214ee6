import { createHmac } from "node:crypto";
import { asciiLower } from "../base/ascii.ts";
import { constantTimeEqual } from "../base/secret.ts";

/**
 * Sender rewriting for forwarded mail, so that SPF holds for the next hop and bounces find their way back: the scheme
 * of Meng Weng Wong and Shevek (libsrs2), which has no RFC. Pure: key and time are arguments.
 *
 *   SRS0=hash=day=domain=local-part@us          the first forwarder
 *   SRS1=hash=domain==hash=day=domain=…@us      a further one, which names the first
 */
export type Mailbox = { readonly localPart: string; readonly domain: string };

const HASH_LENGTH = 8;
const DAY_MS = 86_400_000;
/** Bounces that come later are strangers': no queue keeps mail for three weeks. */
export const VALID_DAYS = 21;
const DAYS_MODULO = 1024;
export const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

export const isRewritten = (localPart: string): boolean => /^srs[01][=+-]/i.test(localPart);

/** The envelope sender under which a message of `sender` is forwarded by a server of `domain`. */
export function rewriteSender(
  { localPart, domain }: Mailbox,
  ours: string,
  key: Buffer,
  now_ms: number,
): Mailbox {
  const first = /^srs0[=+-](.+)$/i.exec(localPart);
  if (first) return { localPart: srs1(`${domain}==${first[1] ?? ""}`, key), domain: ours };
  const further = /^srs1[=+-][^=]+=(.+)$/i.exec(localPart);
  if (further) return { localPart: srs1(further[1] ?? "", key), domain: ours };
  const rest = `${dayText(now_ms)}=${domain}=${localPart}`;
  return { localPart: `SRS0=${hashOf(rest, key)}=${rest}`, domain: ours };
}

const srs1 = (rest: string, key: Buffer): string => `SRS1=${hashOf(rest, key)}=${rest}`;

/** Whom a bounce to a rewritten address is for; undefined where we never wrote it, or too long ago. */
export function originalSender(localPart: string, key: Buffer, now_ms: number): Mailbox | undefined {
  const parts = /^srs([01])[=+-]([a-z2-7]{8})=(.+)$/i.exec(localPart);
  const [, kind, hash, rest] = parts ?? [];
  if (hash === undefined || rest === undefined) return undefined;
  if (!constantTimeEqual(asciiLower(hash), hashOf(rest, key))) return undefined;
  if (kind === "1") {
    const [, host, before] = /^([^=]+)==(.+)$/.exec(rest) ?? [];
    return host === undefined || before === undefined
      ? undefined
      : { localPart: `SRS0=${before}`, domain: host };
  }
  const [, day, domain, local] = /^([a-z2-7]{2})=([^=]+)=(.+)$/i.exec(rest) ?? [];
  if (day === undefined || domain === undefined || local === undefined) return undefined;
  return isRecent(day, now_ms) ? { localPart: local, domain } : undefined;
}

/** Mail servers on the way may change the case of local parts, so it plays no part. */
function hashOf(rest: string, key: Buffer): string {
  const digest = createHmac("sha256", key).update(asciiLower(rest)).digest();
  return Array.from(digest.subarray(0, HASH_LENGTH), (octet) => BASE32[octet % 32]).join("");
}

function dayText(now_ms: number): string {
  const day = Math.floor(now_ms / DAY_MS) % DAYS_MODULO;
  return `${BASE32[day >> 5] ?? ""}${BASE32[day & 31] ?? ""}`;
}

function isRecent(text: string, now_ms: number): boolean {
  const [high = "", low = ""] = asciiLower(text);
  const day = BASE32.indexOf(high) * 32 + BASE32.indexOf(low);
  const today = Math.floor(now_ms / DAY_MS) % DAYS_MODULO;
  return (today - day + DAYS_MODULO) % DAYS_MODULO <= VALID_DAYS;
}
