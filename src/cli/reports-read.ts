/** Reads reports where they are: in mailboxes, newest first and within bounds, or in files that are named. */
import type { Command } from "commander";
import { basename } from "node:path";
import { REPORT_LIMITS } from "../authentication/reports/limits.ts";
import { originOfReport } from "../authentication/reports/origin.ts";
import { unpackReport } from "../authentication/reports/unpack.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { loadConfig } from "../config/load.ts";
import type { Dns } from "../dns/answer.ts";
import { resolver } from "../dns/configured.ts";
import { scan } from "../message/mime.ts";
import type { MailboxRow, Store } from "../store/store.ts";
import { FoundReports } from "../mta/reports/found.ts";
import { readMailboxes, sameOrganization } from "../mta/reports/read-mailboxes.ts";
import { configFile, globals, withStore } from "./context.ts";
import { readBoundedFile } from "./named-file.ts";

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
