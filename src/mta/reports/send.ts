/** Sends the reports of the days that are over: each once, whatever happens to this process. C-20, T-53 */
import type { Addresses } from "../../accounts/contract.ts";
import { formatResults } from "../../authentication/authentication-results.ts";
import type { Log } from "../../base/log.ts";
import { err } from "../../base/result.ts";
import { scan } from "../../message/mime.ts";
import { parseMailbox } from "../../smtp/grammar.ts";
import type { ReportDue, ReportSettled } from "../../store/report-counts.ts";
import type { Delivery, Store } from "../../store/store.ts";
import type { PostReport } from "../../tls/tlsrpt-post.ts";
import type { Journal } from "../journal.ts";
import { planFor } from "../plan.ts";
import { reportNotTaken, reportPostponed, reportSettled, reportTooMany } from "./events.ts";
import { REPORTS_LIMITS } from "./limits.ts";
import { domainOfReporter } from "./reporter.ts";
import {
  prepareReport,
  type Prepared,
  type PreparedMail,
  type PreparedPost,
  type Preparing,
} from "./prepare.ts";
import { SentToday } from "./sent-today.ts";

export type Sending = Omit<Preparing, "reports" | "now_ms"> & {
  readonly store: Store;
  readonly addresses: Addresses;
  /** This server's, by which its own findings are known. */
  readonly hostName: string;
  readonly now: () => number;
  readonly newId: () => string;
  readonly journal: Pick<Journal, "entry">;
  readonly post?: PostReport;
  readonly log: Log;
};

export type SentCount = { readonly sent: number; readonly none: number; readonly later: number };

/** Everything that is due from days before this one. */
export async function sendDue(sending: Sending, before_day: string): Promise<SentCount> {
  const due = await sending.store.reports.reportsDue({ before_day, limit: REPORTS_LIMITS.dueMax });
  const today = await SentToday.of(sending.store, sending.now());
  const count = { sent: 0, none: 0, later: 0 };
  const queue = due.values();
  const work = async (): Promise<void> => {
    for (const one of queue) {
      if (sending.signal?.aborted === true) return;
      const { state } = await sendReport(sending, one, today);
      count[state === "ready" ? "sent" : state]++;
    }
  };
  await Promise.all(Array.from({ length: REPORTS_LIMITS.atOnce }, work));
  return count;
}

/** One report; its mails are queued in the commit that says it was sent. */
export async function sendReport(sending: Sending, due: ReportDue, today: SentToday): Promise<Prepared> {
  const { store, log, reporter } = sending;
  const now_ms = sending.now();
  const whole = await prepareReport({ ...sending, reports: store.reports, now_ms }, due);
  const prepared = due.kind === "tls" && whole.state === "ready" ? bounded(whole, due, today, log) : whole;
  if (prepared.state === "later") {
    reportPostponed(log, due, prepared.why);
    return prepared;
  }
  const posts = prepared.state === "ready" ? await posted(sending, due, prepared.posts, today) : [];
  if (prepared.state === "ready" && prepared.posts.length > 0 && posts.length + prepared.mails.length === 0)
    return { ...prepared, state: "later", why: "https" };
  const { reportId, told } = prepared;
  const mails = prepared.state === "ready" ? await letters(sending, prepared.mails, now_ms) : [];
  const sentTo = [
    ...mails.map(({ id, to }) => ({ id, to })),
    ...posts.map(({ url }) => ({ id: "", to: url })),
  ];
  const outcome =
    prepared.state === "none" ? prepared.outcome : sentTo.length === 0 ? "no-such-address" : "sent";
  const settled: ReportSettled = {
    kind: due.kind,
    day: due.day,
    domain: due.domain,
    settled_ms: now_ms,
    reportId,
    outcome,
    told,
    sentTo,
  };
  const isFirst = await store.reports.settleReport(
    settled,
    mails.map(({ delivery }) => delivery),
  );
  if (isFirst) reportSettled(log, settled, reporter.from);
  return prepared;
}

/** Only to places that did not have enough of it today. */
function bounded(
  prepared: Extract<Prepared, { state: "ready" }>,
  due: ReportDue,
  today: SentToday,
  log: Log,
): Prepared {
  const hasRoom = (to: string): boolean => today.take(to) || (reportTooMany(log, due, to), false);
  const mails = prepared.mails.filter(({ to }) => hasRoom(to));
  const posts = prepared.posts.filter(({ url }) => hasRoom(url));
  const { reportId, told, text } = prepared;
  if (mails.length + posts.length > 0) return { ...prepared, mails, posts };
  return { reportId, told, text, state: "none", outcome: "too-many-there" };
}

/**
 * Those that took it. A commit cannot hold what another server did: killed in between, it is posted again, under the same
 * report id. Only where nobody takes it, neither an endpoint nor a mailbox, it is tried again: else one that does not would
 * make us bring it to the others every hour.
 */
async function posted(
  { post, log, signal, store, now }: Sending,
  due: ReportDue,
  posts: readonly PreparedPost[],
  today: SentToday,
): Promise<readonly PreparedPost[]> {
  const takers: PreparedPost[] = [];
  for (const one of posts) {
    await today.posting(one.url, store.directory, now());
    const taken = (await post?.(one.url, one.octets, signal)) ?? err("nothing here can post");
    if (taken.ok) takers.push(one);
    else reportNotTaken(log, due, one.url, taken.error);
  }
  return takers;
}

type Letter = { readonly id: string; readonly to: string; readonly delivery: Delivery };

/** Notices about a report nobody could deliver would help nobody: NOTIFY=NEVER. */
async function letters(
  { addresses, hostName, newId, reporter, journal }: Sending,
  mails: readonly PreparedMail[],
  now_ms: number,
): Promise<readonly Letter[]> {
  const found: Letter[] = [];
  for (const { to, octets: signed } of mails) {
    const address = parseMailbox(to);
    if (!address.ok) continue;
    const { copies, onward, logins } = await planFor(addresses, [{ to: address.value, notify: ["NEVER"] }]);
    if (copies.length === 0 && onward.length === 0) continue;
    const id = newId();
    const trace = `Return-Path: <${reporter.from}>\r\n${ownResults(hostName, domainOfReporter(reporter))}`;
    const octets = Buffer.concat([Buffer.from(trace), signed]);
    const queue = {
      id,
      from: reporter.from,
      smtpUtf8: false,
      body: "7BIT" as const,
      created_ms: now_ms,
      recipients: onward,
    };
    const entry = journal.entry({
      kind: "message",
      id,
      at_ms: now_ms,
      session: "",
      sender: reporter.from,
      recipients: [to],
      size_octets: octets.length,
      outcome: copies.length === 0 ? "queued" : "delivered",
      copies: copies.map(({ account, mailbox }) => ({ login: logins.get(account) ?? "", mailbox })),
    });
    const delivery: Delivery = {
      source: { kind: "octets", octets },
      outline: scan(octets),
      received_ms: now_ms,
      copies,
      ...(onward.length === 0 ? {} : { queue }),
      journal: [entry],
    };
    found.push({ id, to, delivery });
  }
  return found;
}

/** No door judges what is delivered here: who reads it later is told that we have just signed it. RFC 8601 §2.7.1 */
function ownResults(authServId: string, domain: string): string {
  const results = [
    { method: "dkim", result: "pass", properties: [{ type: "header", name: "d", value: domain }] },
    { method: "dmarc", result: "none", properties: [{ type: "header", name: "from", value: domain }] },
  ];
  return `Authentication-Results: ${formatResults({ authServId, results })}\r\n`;
}
