/** Reads reports where they are: in mailboxes, newest first and within bounds, or in files that are named. */
import type { Command } from "commander";
import { basename } from "node:path";
import { mayHoldReport } from "../authentication/reports/attachment.ts";
import { REPORT_LIMITS } from "../authentication/reports/limits.ts";
import { isSameOrganization } from "../authentication/reports/destination.ts";
import { originOfReport, type SameOrganization } from "../authentication/reports/origin.ts";
import { unpackReport } from "../authentication/reports/unpack.ts";
import { systemClock } from "../base/clock.ts";
import { registrant } from "../base/domain-name.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import type { Dns } from "../dns/answer.ts";
import { resolver } from "../dns/configured.ts";
import { decodeWords } from "../message/encoded-word.ts";
import { scan } from "../message/mime.ts";
import type { Outline } from "../message/outline.ts";
import type { MailboxRow, MessageRow, Store } from "../store/store.ts";
import { configFile, globals, withStore } from "./context.ts";
import { readBoundedFile } from "./named-file.ts";
import { FoundReports } from "./reports-found.ts";

export type MailboxesRead = { readonly account?: string; readonly mailbox: string; readonly last: number };

/**
 * Whoever names a file answers for where it comes from: nothing in a bare report proves its maker, and it is told apart. A
 * mail that bears findings of this server is believed no more than in the mailbox. The bounds are those of a mailbox.
 */
export async function reportsInFiles(command: Command, files: readonly string[]): Promise<FoundReports> {
  const settings = await settingsOf(command);
  const found = new FoundReports(settings && sameOrganization(settings.dns));
  let left = REPORT_LIMITS.runOctetsMax;
  for (const file of files) {
    const octets = left > 0 ? await readBoundedFile(file, FILE_OCTETS_MAX) : Buffer.alloc(0);
    if (left <= 0) found.noteLeftOut(basename(file));
    else if (octets === undefined) found.unreadable++;
    else left -= await noteFile(found, octets, settings?.hostname);
  }
  return found;
}

/** A packed report inside a mail. */
const FILE_OCTETS_MAX = 2 * REPORT_LIMITS.packedOctetsMax;

/** The octets it took to read it. */
async function noteFile(
  found: FoundReports,
  octets: Buffer,
  authServId: string | undefined,
): Promise<number> {
  const unpacked = unpackReport(octets);
  if (unpacked.ok && (await found.noteReport(unpacked.value))) return octets.length + unpacked.value.length;
  const outline = scan(octets);
  const origin = authServId === undefined ? undefined : originOfReport(octets, authServId);
  if (origin?.kind === "unproven" && origin.why !== "no-results") {
    found.noteUnproven(origin);
    return octets.length;
  }
  const sender = origin?.kind === "proven" ? origin.domain : undefined;
  return await found.noteMail(octets, outline, { domain: sender, byHand: true });
}

type Settings = { readonly hostname: string; readonly dns: Dns };

/** Files can be read where there is no server. */
async function settingsOf(command: Command): Promise<Settings | undefined> {
  const config = await loadConfig(configFile(globals(command))).catch(() => undefined);
  if (config === undefined) return undefined;
  return { hostname: config.hostname, dns: await resolver(config.dns.servers, systemClock) };
}

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

/** The mails themselves are where reports are kept: nothing else to back up or to forget. */
export async function reportsInMailboxes(
  command: Command,
  { account, mailbox, last }: MailboxesRead,
): Promise<FoundReports> {
  const { hostname, dns } = await loadConfig(configFile(globals(command)));
  const isSame = sameOrganization(await resolver(dns.servers, systemClock));
  return withStore(command, async (store) => {
    const boxes = await mailboxes(store, account, mailbox);
    return readMailboxes(store, boxes, { authServId: hostname, since_ms: Date.now() - last, isSame });
  });
}

type ReadOptions = {
  /** By which our own findings are known. */
  readonly authServId: string;
  readonly since_ms: number;
  readonly isSame?: SameOrganization;
  readonly bounds?: Bounds;
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

async function mailboxes(store: Store, login: string | undefined, name: string): Promise<MailboxRow[]> {
  const accounts = (await store.directory.accounts()).filter((row) =>
    login === undefined ? row.administrator : row.login === login,
  );
  if (accounts.length === 0)
    throw new OperatorError(
      "no-account",
      login === undefined ? "There is no administrator." : `There is no account ${login}.`,
      "Name the account that gets the reports with --account LOGIN.",
    );
  const boxes = await Promise.all(accounts.map(({ id }) => store.mail.mailboxByName(id, name)));
  return boxes.filter((box) => box !== undefined);
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
    for (let end = uids.length; end > 0; end -= BATCH) {
      const batch = uids.subarray(Math.max(0, end - BATCH), end);
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
