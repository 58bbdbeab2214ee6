/**
 * A list of releases, signed. The envelope is JSON: `{ "feed": text, "signature": base64 }`; the signature (Ed25519, RFC 8032) is
 * over the octets of the text behind a line that says what it is, so that no other signature of the same key will do.
 */
import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { err, ok, type Result } from "../base/result.ts";
import { FEED_AHEAD_MS, FEED_OCTETS_MAX, RELEASE_TEXT_MAX, RELEASES_MAX } from "./limits.ts";
import { compareVersions, isVersion } from "./version-order.ts";

export type Severity = "normal" | "security" | "critical";
export type Release = {
  readonly version: string;
  /** `2026-11-30` */
  readonly date: string;
  readonly severity: Severity;
  readonly text: { readonly en: string; readonly de: string };
  /** Of the package's tarball, hexadecimal digits. */
  readonly sha512: string;
};
export type Feed = {
  /** When it was signed. An older one than was seen before is refused. */
  readonly made_ms: number;
  /** From here on it says nothing: whoever holds newer feeds back does not do so unnoticed. */
  readonly expires_ms: number;
  readonly releases: readonly Release[];
};
export type FeedFault = "too-long" | "malformed" | "signature" | "expired" | "ahead" | "replayed";

const CONTEXT = "wachpost-feed-1\n";
/** SubjectPublicKeyInfo of Ed25519 in front of the 32 octets. RFC 8410 §4 */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** A public key as the settings keep it: its 32 octets in base64. */
export function feedKey(text: string): KeyObject | undefined {
  const octets = Buffer.from(text, "base64");
  if (octets.length !== 32 || octets.toString("base64") !== text) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI, octets]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

export const feedKeyText = (key: KeyObject): string =>
  createPublicKey(key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }))
    .export({ format: "der", type: "spki" })
    .subarray(SPKI.length)
    .toString("base64");

export function signFeed({ made_ms, expires_ms, releases }: Feed, key: KeyObject): string {
  const feed = JSON.stringify({ made: iso(made_ms), expires: iso(expires_ms), releases });
  return `${JSON.stringify({ feed, signature: sign(null, Buffer.from(CONTEXT + feed), key).toString("base64") })}\n`;
}

const iso = (at_ms: number): string => new Date(at_ms).toISOString();

/** The feed in an envelope, if it may be believed now. `seen_ms`: when the newest one so far was made. */
export function openFeed(
  envelope: string,
  key: KeyObject,
  now_ms: number,
  seen_ms: number,
): Result<Feed, FeedFault> {
  if (envelope.length > FEED_OCTETS_MAX) return err("too-long");
  const outer = objectIn(envelope);
  if (typeof outer?.feed !== "string" || typeof outer.signature !== "string") return err("malformed");
  const signature = Buffer.from(outer.signature, "base64");
  // Nothing of it is looked at before it is known to be ours.
  if (!verify(null, Buffer.from(CONTEXT + outer.feed), key, signature)) return err("signature");
  const feed = feedOf(objectIn(outer.feed));
  if (feed === undefined) return err("malformed");
  if (feed.expires_ms <= now_ms) return err("expired");
  if (feed.made_ms > now_ms + FEED_AHEAD_MS) return err("ahead");
  return feed.made_ms < seen_ms ? err("replayed") : ok(feed);
}

type Unknown = Readonly<Record<string, unknown>>;

function objectIn(text: string): Unknown | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Unknown => typeof value === "object" && value !== null;

function feedOf(value: Unknown | undefined): Feed | undefined {
  const [made_ms, expires_ms] = [timeOf(value?.made), timeOf(value?.expires)];
  const list = value?.releases;
  if (made_ms === undefined || expires_ms === undefined || !Array.isArray(list)) return undefined;
  if (list.length > RELEASES_MAX) return undefined;
  const releases = list.map(releaseOf);
  return releases.includes(undefined)
    ? undefined
    : { made_ms, expires_ms, releases: releases.filter((one) => one !== undefined) };
}

function timeOf(value: unknown): number | undefined {
  const at_ms = typeof value === "string" && value.length < 40 ? Date.parse(value) : Number.NaN;
  return Number.isFinite(at_ms) ? at_ms : undefined;
}

/** Undefined where anything of it is not as it must be. */
export function releaseOf(value: unknown): Release | undefined {
  if (!isObject(value)) return undefined;
  const { version, date, severity, text, sha512 } = value;
  if (typeof version !== "string" || !isVersion(version)) return undefined;
  if (typeof date !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date)) return undefined;
  if (severity !== "normal" && severity !== "security" && severity !== "critical") return undefined;
  if (typeof sha512 !== "string" || !/^[0-9a-f]{128}$/.test(sha512)) return undefined;
  const [en, de] = isObject(text) ? [lineOf(text.en), lineOf(text.de)] : [];
  return en === undefined || de === undefined
    ? undefined
    : { version, date, severity, text: { en, de }, sha512 };
}

/** It ends in letters and terminals: no control characters, one line. */
function lineOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > RELEASE_TEXT_MAX) return undefined;
  return /\p{C}/u.test(value) ? undefined : value;
}

const WEIGHT: Readonly<Record<Severity, number>> = { normal: 0, security: 1, critical: 2 };

/** What the feed has for who runs `version`: the newest release, with the worst severity of all that are newer. */
export function updateFor(version: string, releases: readonly Release[]): Release | undefined {
  const newer = releases.filter((one) => compareVersions(one.version, version) > 0);
  const newest = newer.toSorted((a, b) => compareVersions(b.version, a.version))[0];
  const worst = newer.toSorted((a, b) => WEIGHT[b.severity] - WEIGHT[a.severity])[0];
  if (newest === undefined || worst === undefined) return undefined;
  return WEIGHT[worst.severity] > WEIGHT[newest.severity]
    ? { ...newest, severity: worst.severity, text: worst.text }
    : newest;
}
