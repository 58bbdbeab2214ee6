/** Reads reports where they are, in mailboxes: newest first and within bounds. */
import { mayHoldReport } from "../../authentication/reports/attachment.ts";
import { isSameOrganization } from "../../authentication/reports/destination.ts";
import { REPORT_LIMITS } from "../../authentication/reports/limits.ts";
import { originOfReport, type SameOrganization } from "../../authentication/reports/origin.ts";
import { registrant } from "../../base/domain-name.ts";
import type { Dns } from "../../dns/answer.ts";
import { decodeWords } from "../../message/encoded-word.ts";
import type { Outline } from "../../message/outline.ts";
import type { MailboxRow, MessageRow, Store } from "../../store/store.ts";
import { FoundReports } from "./found.ts";

/** Each pair is asked for once, and no more than so many: the names are the senders' choice. */
export function sameOrganization(dns: Dns): SameOrganization {
  const known = new Map<string, Promise<boolean>>();
  return (one, other) => {
    const key = `${one} ${other}`;
    const asked = known.get(key);
    if (asked !== undefined) return asked;
    if (known.size >= REPORT_LIMITS.organizationsMax) return Promise.resolve(false);
    const answer = isSameOrganization(one, other, dns).then((same) => same === true);
    known.set(key, answer);
    return answer;
  };
}

type ReadOptions = {
  /** By which our own findings are known. */
  readonly authServId: string;
  readonly since_ms: number;
  readonly isSame?: SameOrganization;
  readonly bounds?: Bounds;
  /** No more mails of a mailbox than so many, the newest. */
  readonly newestMails?: number;
};
type Bounds = { readonly [Name in "runOctetsMax" | "reporterOctetsMax" | "reporterDayMails"]: number };

/** The newest mails first. */
export async function readMailboxes(
  store: Store,
  boxes: readonly MailboxRow[],
  options: ReadOptions,
): Promise<FoundReports> {
  const run = new Run(store, options);
  for (const box of boxes) await run.read(box);
  return run.found;
}

const DAY_MS = 86_400_000;
/** Rows asked for at once, from the newest. */
const BATCH = 500;

/** What was spent so far. Anybody can write to a report address: the newest mails are read, and nobody's crowd out others. */
class Run {
  readonly found: FoundReports;
  readonly #store: Store;
  readonly #options: ReadOptions;
  readonly #bounds: Bounds;
  readonly #octets = new Map<string, number>();
  readonly #mails = new Map<string, number>();
  #octetsOfAll = 0;

  constructor(store: Store, options: ReadOptions) {
    this.#store = store;
    this.#options = options;
    this.found = new FoundReports(options.isSame);
    this.#bounds = options.bounds ?? REPORT_LIMITS;
  }

  async read({ id }: MailboxRow): Promise<void> {
    const { mail } = this.#store;
    const uids = await mail.uids(id);
    const first = Math.max(0, uids.length - (this.#options.newestMails ?? uids.length));
    for (let end = uids.length; end > first; end -= BATCH) {
      const batch = uids.subarray(Math.max(first, end - BATCH), end);
      const rows: MessageRow[] = [];
      for await (const some of mail.messages(id, batch)) rows.push(...some);
      for (const row of rows.toReversed()) await this.#message(row);
    }
  }

  async #message({ blob, internalDate_ms }: MessageRow): Promise<void> {
    if (internalDate_ms < this.#options.since_ms) return;
    const { mail } = this.#store;
    const outline = await mail.outline(blob);
    if (outline === undefined || !isReport(outline)) return;
    const header = await mail.octets(blob, 0, outline.root.body.start);
    if (header === undefined) return;
    const origin = originOfReport(header, this.#options.authServId);
    if (origin.kind === "unproven") return this.found.noteUnproven(origin);
    const { domain } = origin;
    if (!this.#hasRoom(domain, internalDate_ms)) return this.found.noteLeftOut(domain);
    const octets = await mail.octets(blob);
    if (octets !== undefined)
      this.#spend(domain, await this.found.noteMail(octets, outline, { domain, byHand: false }));
  }

  #hasRoom(domain: string, at_ms: number): boolean {
    const day = `${registrant(domain)} ${Math.floor(at_ms / DAY_MS)}`;
    const mails = this.#mails.get(day) ?? 0;
    this.#mails.set(day, mails + 1);
    const { reporterDayMails, reporterOctetsMax, runOctetsMax } = this.#bounds;
    return (
      mails < reporterDayMails &&
      (this.#octets.get(registrant(domain)) ?? 0) < reporterOctetsMax &&
      this.#octetsOfAll < runOctetsMax
    );
  }

  #spend(domain: string, octets: number): void {
    const near = registrant(domain);
    this.#octets.set(near, (this.#octets.get(near) ?? 0) + octets);
    this.#octetsOfAll += octets;
  }
}

/** Complaints have subjects of every kind, but are multipart/report. */
const isReport = (outline: Outline): boolean =>
  (outline.root.subtype === "report" || /report/i.test(decodeWords(outline.envelope.subject ?? ""))) &&
  mayHoldReport(outline);
