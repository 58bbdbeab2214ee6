import { createHmac, randomBytes } from "node:crypto";
import { asciiLower } from "../base/ascii.ts";
import type { Clock } from "../base/clock.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import { formatLocalPart } from "../message/address.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import type { Store } from "../store/store.ts";
import type { Addresses, Resolution } from "./contract.ts";
import { ForwardCircles } from "./forward-circles.ts";
import { isToken, KeptSenders } from "./kept-senders.ts";
import { isRewritten, originalSender, rewriteSender, type Mailbox } from "./srs.ts";

const KEY_SETTING = "srs-key";
const KEY_OCTETS = 32;
/** RFC 5321 §4.5.3.1.1 */
const LOCAL_PART_OCTETS = 64;
/** 80 bits: nobody finds out by trying which address is behind it. */
const MARK_LENGTH = 20;

/** Forwards under a name of ours, and lets the bounces of such mail find their sender (SRS). */
export class Forwarding {
  readonly #key: Buffer;
  readonly #clock: Clock;
  readonly #kept: KeptSenders;
  /** Addresses whose mail came back. */
  readonly circles: ForwardCircles;

  constructor(key: Buffer, clock: Clock, tables: Store["tables"]) {
    this.#key = key;
    this.#clock = clock;
    this.circles = new ForwardCircles(clock);
    this.#kept = new KeptSenders(key, clock, tables);
  }

  /** The key is made at first use and never shared with another server. */
  static async open(store: Store, clock: Clock): Promise<Forwarding> {
    const known = await store.directory.setting(KEY_SETTING);
    const key = known === undefined ? randomBytes(KEY_OCTETS) : Buffer.from(known, "hex");
    if (known === undefined) await store.directory.putSetting(KEY_SETTING, key.toString("hex"));
    return new Forwarding(key, clock, store.tables);
  }

  /**
   * The envelope sender of a forwarded message, as on the wire; empty for the null sender. Where the sender does not fit
   * into a local part with what is added, he is kept here and a token stands for him. RFC 5321 §4.5.3.1.1
   */
  async senderFor(sender: EnvelopeAddress | null, domain: string): Promise<string> {
    if (sender === null) return "";
    const written = (from: Mailbox): string => {
      const { localPart } = rewriteSender(from, domain, this.#key, this.#clock.now());
      return formatLocalPart(localPart);
    };
    const whole = written(sender);
    if (Buffer.byteLength(whole) <= LOCAL_PART_OCTETS) return `${whole}@${domain}`;
    const token = await this.#kept.keep(`${formatLocalPart(sender.localPart)}@${sender.domain}`);
    return `${token === undefined ? whole : written(token)}@${domain}`;
  }

  /** The same addresses, and those that we wrote ourselves: they lead to the sender, and take bounces only. */
  including(addresses: Addresses): Addresses {
    return {
      isLocalDomain: (domain) => addresses.isLocalDomain(domain),
      owns: (account, address) => addresses.owns(account, address),
      resolve: (address) =>
        isRewritten(address.localPart) ? this.#resolve(addresses, address) : addresses.resolve(address),
    };
  }

  /** What Delivered-To says of an alias: its address, or (where it is not `shown` to other recipients) a mark only we know again. */
  traceOf(alias: EnvelopeAddress, shown: boolean): string {
    return shown ? alias.text : `${this.#markOf(alias)}@${alias.domain}`;
  }

  /** Which aliases have forwarded a message with these Delivered-To fields. */
  tracesIn(fields: readonly string[]): (alias: EnvelopeAddress) => boolean {
    const traces = new Set(fields.map((field) => asciiLower(field.trim())));
    return (alias) => [true, false].some((shown) => traces.has(asciiLower(this.traceOf(alias, shown))));
  }

  #markOf(alias: EnvelopeAddress): string {
    const mark = createHmac("sha256", this.#key).update(`delivered-to ${asciiLower(alias.text)}`);
    return `forwarded-${mark.digest("hex").slice(0, MARK_LENGTH)}`;
  }

  /** True where only the null sender may write there. */
  isForBounces(address: EnvelopeAddress): boolean {
    return originalSender(address.localPart, this.#key, this.#clock.now()) !== undefined;
  }

  async #resolve(addresses: Addresses, address: EnvelopeAddress): Promise<Resolution> {
    const original = await this.#original(addresses, address);
    return original === undefined
      ? addresses.resolve(address)
      : { kind: "local", accounts: [], remote: [original] };
  }

  async #original(addresses: Addresses, address: EnvelopeAddress): Promise<string | undefined> {
    if (!(await addresses.isLocalDomain(address.domain))) return undefined;
    const original = originalSender(address.localPart, this.#key, this.#clock.now());
    if (original === undefined) return undefined;
    const text = isToken(original)
      ? await this.#kept.find(original)
      : `${formatLocalPart(original.localPart)}@${original.domain}`;
    const parsed = text === undefined ? undefined : parseMailbox(text);
    return parsed?.ok === true ? parsed.value.text : undefined;
  }
}
