/** How much a domain of ours sends to the large providers in a day: from about 5000 on they demand more than of a letter. */
import { BoundedMap } from "../accounts/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { mailboxesOf, parseAddressList } from "../message/address.ts";
import { findFields } from "../message/header.ts";
import { parseDomain } from "../base/domain-name.ts";
import { domainOf } from "../queue/transport.ts";

/** Messages in 24 hours to one provider: early enough to act before 5000, where Gmail, Yahoo and Microsoft draw the line. */
export const BULK_PER_DAY = 4000;
const HOURS = 24;
const HOUR_MS = 3_600_000;
/** Pairs of domain and provider remembered. */
const PAIRS_MAX = 4_000;

const PROVIDERS: Readonly<Record<string, string>> = {
  "gmail.com": "Gmail",
  "googlemail.com": "Gmail",
  "yahoo.com": "Yahoo",
  "yahoo.de": "Yahoo",
  "ymail.com": "Yahoo",
  "aol.com": "Yahoo",
  "outlook.com": "Microsoft",
  "outlook.de": "Microsoft",
  "hotmail.com": "Microsoft",
  "hotmail.de": "Microsoft",
  "live.com": "Microsoft",
  "live.de": "Microsoft",
  "msn.com": "Microsoft",
  "icloud.com": "Apple",
  "me.com": "Apple",
  "mac.com": "Apple",
};

/** `<https:…>` to be posted to, without a person. RFC 8058 §3.1 */
export function hasOneClick(octets: Buffer): boolean {
  const post = findFields(octets, "list-unsubscribe-post");
  const where = findFields(octets, "list-unsubscribe");
  return (
    post.some((value) => /^List-Unsubscribe=One-Click$/i.test(value.trim())) &&
    where.some((value) => /<https:\/\//i.test(value))
  );
}

/** A domain of ours that writes to one provider as only bulk senders do. */
export type BulkSender = {
  readonly domain: string;
  readonly provider: string;
  readonly in24h: number;
  /** The last message could be left with one click. */
  readonly oneClick: boolean;
};

type Hour = { readonly hour: number; count: number };
type Counted = {
  readonly domain: string;
  readonly provider: string;
  readonly hours: Hour[];
  told_ms: number;
  oneClick: boolean;
};

/** Of the last 24 hours; older hours are forgotten. */
function sentOf({ hours }: Counted, now_ms: number): number {
  const hour = Math.floor(now_ms / HOUR_MS);
  while (hours[0] !== undefined && hours[0].hour <= hour - HOURS) hours.shift();
  return hours.reduce((sum, { count }) => sum + count, 0);
}

/** Counts and warns; nothing is ever refused for it. The counts begin anew with the process. */
export class BulkWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pairs = new BoundedMap<Counted>(PAIRS_MAX);
  /** Those above the line when they were last counted. */
  readonly #bulk = new Set<Counted>();

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** One message of ours and those it goes to. Each recipient counts, as he does at the provider. */
  count(octets: Buffer, recipients: readonly string[]): void {
    const [author] = mailboxesOf(parseAddressList(findFields(octets, "from")[0] ?? "").addresses);
    const domain = parseDomain(author?.domain ?? "");
    if (domain === undefined) return;
    for (const recipient of recipients) {
      const provider = PROVIDERS[domainOf(recipient)];
      if (provider !== undefined) this.#add(domain, provider, octets);
    }
  }

  /** Who is above the line now. */
  bulkSenders(): readonly BulkSender[] {
    const now_ms = this.#clock.now();
    const found: BulkSender[] = [];
    for (const counted of this.#bulk) {
      const in24h = sentOf(counted, now_ms);
      const { domain, provider, oneClick } = counted;
      if (in24h < BULK_PER_DAY) this.#bulk.delete(counted);
      else found.push({ domain, provider, in24h, oneClick });
    }
    return found;
  }

  #add(domain: string, provider: string, octets: Buffer): void {
    const now_ms = this.#clock.now();
    const key = `${domain} ${provider}`;
    const counted: Counted = this.#pairs.get(key) ?? {
      domain,
      provider,
      hours: [],
      told_ms: Number.NEGATIVE_INFINITY,
      oneClick: false,
    };
    this.#pairs.set(key, counted);
    const hour = Math.floor(now_ms / HOUR_MS);
    const last = counted.hours.at(-1);
    if (last?.hour === hour) last.count++;
    else counted.hours.push({ hour, count: 1 });
    const sent = sentOf(counted, now_ms);
    if (sent < BULK_PER_DAY) return;
    counted.oneClick = hasOneClick(octets);
    this.#bulk.add(counted);
    if (now_ms - counted.told_ms < HOURS * HOUR_MS) return;
    counted.told_ms = now_ms;
    this.#log.write("warn", "submission.bulk", {
      domain,
      provider,
      in24h: sent,
      oneClick: counted.oneClick,
      remedy: counted.oneClick ? REMEDY : `${ONE_CLICK} ${REMEDY}`,
    });
  }
}

const ONE_CLICK =
  "Circulars need List-Unsubscribe with an https address and List-Unsubscribe-Post: List-Unsubscribe=One-Click (RFC 8058).";
const REMEDY =
  "From 5000 a day on, large providers want SPF, DKIM and DMARC to pass and circulars to be left with one click; `wachpost doctor` checks the first three.";
