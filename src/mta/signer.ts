import { sealMessage, type SealOptions } from "../authentication/arc/seal.ts";
import { readSigningKey, type SigningKey } from "../authentication/dkim/key-pair.ts";
import { signMessage, type SignOptions } from "../authentication/dkim/sign.ts";
import type { Clock } from "../base/clock.ts";
import { parseDomain } from "../base/domain-name.ts";
import { mailboxesOf, parseAddressList } from "../message/address.ts";
import { findFields } from "../message/header.ts";
import type { Store } from "../store/store.ts";

/** A next hop, or a mailbox that is fetched by another server, may have it in a queue of its own. */
const AFTER_QUEUE_S = 2 * 86_400;

/**
 * How long signatures hold, where they are to end: longer than the queue tries, which counts from the same moment.
 * With the default queue these are the seven days that leave a replay little time.
 */
export const signatureLifetime_s = (config: {
  readonly outbound: { readonly signatures_end: boolean };
  readonly queue: { readonly expire_s: number };
}): number | undefined =>
  config.outbound.signatures_end ? config.queue.expire_s + AFTER_QUEUE_S : undefined;

/** Keys change by the command line; a server that runs sees it within this time. */
const FRESH_MS = 5_000;

/** DKIM signatures for mail of our own domains: every active key of the domain in From (C-38). RFC 6376, RFC 8463 */
export class Signer {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #lifetime: { readonly lifetime_s?: number };
  readonly #keys = new Map<string, { readonly read_ms: number; readonly keys: readonly SigningKey[] }>();

  /** Without `lifetime_s` signatures do not end. */
  constructor(store: Store, clock: Clock, lifetime_s?: number) {
    this.#store = store;
    this.#clock = clock;
    this.#lifetime = lifetime_s === undefined ? {} : { lifetime_s };
  }

  /** The DKIM-Signature fields to put in front; empty where From is no domain of ours. */
  async signatures(octets: Buffer): Promise<Buffer> {
    const domain = authorDomain(octets);
    if (domain === undefined) return Buffer.alloc(0);
    return signMessage(octets, await this.#keysOf(domain), this.#options());
  }

  /**
   * The same for what this server writes under its own name: by the keys of the domain that name is in. A notice has no
   * sender SPF could prove, and large providers refuse mail nothing proves. C-38
   */
  async ownSignatures(octets: Buffer, hostName: string): Promise<Buffer> {
    const labels = (parseDomain(hostName) ?? "").split(".");
    for (let above = 0; above < labels.length - 1; above++) {
      const keys = await this.#keysOf(labels.slice(above).join("."));
      if (keys.length > 0) return signMessage(octets, keys, this.#options());
    }
    return Buffer.alloc(0);
  }

  /** The three ARC fields of a domain of ours, to be put in front; empty where it has no RSA key or the chain is broken. */
  async seal(
    octets: Buffer,
    domain: string,
    found: Pick<SealOptions, "chain" | "authenticationResults">,
  ): Promise<Buffer> {
    const key = (await this.#keysOf(domain)).find(({ algorithm }) => algorithm === "rsa-sha256");
    const none = Buffer.alloc(0);
    return key === undefined
      ? none
      : (sealMessage(octets, key, { ...found, now_ms: this.#clock.now() }) ?? none);
  }

  #options(): SignOptions {
    return { now_ms: this.#clock.now(), ...this.#lifetime };
  }

  async #keysOf(domain: string): Promise<readonly SigningKey[]> {
    const now_ms = this.#clock.now();
    const known = this.#keys.get(domain);
    if (known !== undefined && now_ms - known.read_ms < FRESH_MS) return known.keys;
    const rows = await this.#store.directory.signingKeys(domain);
    const active = rows.filter((row) => row.active_ms <= now_ms && (row.retired_ms ?? Infinity) > now_ms);
    const keys = active.flatMap((row) => readSigningKey(row) ?? []);
    // Only domains of ours have keys, so that strangers' names do not fill the map.
    if (keys.length > 0) this.#keys.set(domain, { read_ms: now_ms, keys });
    return keys;
  }
}

function authorDomain(octets: Buffer): string | undefined {
  const [from, more] = findFields(octets, "from");
  if (from === undefined || more !== undefined) return undefined;
  const [author] = mailboxesOf(parseAddressList(from).addresses);
  return author === undefined ? undefined : parseDomain(author.domain);
}
