import type { Domain } from "../../base/domain-name.ts";
import type { Compared } from "../../doctor/compare.ts";
import { zoneFileLine } from "../../doctor/published.ts";
import { phrase, say } from "../../doctor/words/phrase.ts";
import { DNS_ADVICE, STATE_WORDS } from "../../doctor/words/dns-advice.ts";
import type { RecordChange } from "../../dns/update.ts";
import type { Language } from "../../journal/words/language.ts";
import type { ZoneProvider } from "../../dns/update-client.ts";
import type { Job } from "../job.ts";
import { comparedRecords } from "../our-records.ts";
import { authoritativeViews, zoneProvider } from "../our-zones.ts";
import { done, todo, waiting, type Look, type Step } from "../step.ts";
import { faultLook } from "../update-faults.ts";
import { reasonText } from "../words/reasons.ts";
import { SENTENCES } from "../words/sentences.ts";
import { hasStore } from "./domain.ts";

const TTL_S = 3600;
/** Secondaries follow within seconds where they are notified. */
const PROPAGATION_MS = 120_000;
const LOOK_MS = 500;

/** The DNS records: set where we may, shown as lines to copy where not, and waited for. CAA has its own time. */
export const recordsStep: Step = {
  id: "records",
  title: phrase("DNS records", "DNS-Einträge"),
  essential: false,
  async look(job) {
    if (!(await hasStore(job))) return todo("records-todo");
    if (job.answers.publicAddresses.length === 0)
      return waiting("records-no-address", {}, { remedy: { word: "records-address", values: {} } });
    return await lookAt(allButCaa, job);
  },
  act: (job) => publish(allButCaa, job),
};

const allButCaa: Asked = async (job) =>
  (await comparedRecords(job)).filter(({ record }) => record.type !== "CAA");

/** Those a step is about, as they stand in the DNS now. */
export type Asked = (job: Job) => Promise<readonly Compared[]>;

export async function lookAt(asked: Asked, job: Job): Promise<Look> {
  const compared = await asked(job);
  const look = summary(compared, job);
  const { dnsUpdate } = job.answers;
  if (look.standing !== "waiting") return look;
  const settable = settableOf(compared).length;
  if (dnsUpdate !== undefined && settable > 0)
    return todo("records-set", {
      count: String(settable),
      all: String(compared.length),
      server: dnsUpdate.server,
    });
  return job.pause === undefined || dnsUpdate !== undefined ? look : { ...look, standing: "todo" };
}

export async function publish(asked: Asked, job: Job): Promise<Look> {
  const provider = await zoneProvider(job);
  if (provider === undefined) return await byHand(asked, job);
  const settable = settableOf(await asked(job));
  const changes: RecordChange[] = [];
  for (const one of settable) changes.push(...(await changesFor(one, provider, job)));
  const made = await provider.change(changes);
  if (!made.ok) return faultLook(made.error, linesOf(settable, job));
  return await propagated(asked, job, new Set(changes.map(({ name, type }) => `${name} ${type}`)));
}

async function changesFor(one: Compared, provider: ZoneProvider, job: Job): Promise<readonly RecordChange[]> {
  const { record, state, found } = one;
  const { name, type, data } = record;
  // Who gave us the address keeps its name; only now and then that is us.
  if (record.purpose === "ptr" && (await provider.zoneOf(name)) === undefined) return [];
  // An alias takes the place of everything else of its name.
  if (type === "CNAME" && (await isTaken(name, job))) return [];
  const change = { name, type, ttl_s: TTL_S };
  // Other CAA records stay: of its name, clearing would take them all.
  if (isLoose(one))
    return [
      { ...change, kind: "remove", data: found },
      { ...change, kind: "add", data },
    ];
  return [
    ...(state === "different" ? [{ ...change, kind: "clear", data: "" } as const] : []),
    { ...change, kind: "add", data },
  ];
}

async function isTaken(name: Domain, job: Job): Promise<boolean> {
  for (const view of await authoritativeViews(job)) {
    for (const type of ["CNAME", "A", "AAAA", "TXT"] as const)
      if ((await view.query(name, type)).kind === "records") return true;
  }
  return false;
}

/** Shows the lines, waits for the operator, then for the name servers. */
async function byHand(asked: Asked, job: Job): Promise<Look> {
  const look = summary(await asked(job), job);
  if (job.pause === undefined || look.standing === "done") return look;
  for (const line of look.lines ?? []) job.show(line);
  const answer = await job.pause(say(SENTENCES["records-pause"], job.language, {}));
  // The lines have been shown; a DNS that does not answer is not worth waiting for.
  if (answer === "skip" || look.word === "records-unknown") return { ...look, lines: [] };
  const wanted = (await asked(job)).filter(isWrong).map(({ record }) => `${record.name} ${record.type}`);
  return await propagated(asked, job, new Set(wanted));
}

/** Asks the authoritative servers until all show what was set, or the patience is over. */
async function propagated(asked: Asked, job: Job, wanted: ReadonlySet<string>): Promise<Look> {
  const begun_ms = job.clock.now();
  for (;;) {
    const compared = await asked(job);
    const lacking = compared.filter(
      ({ record, state }) => state !== "ok" && wanted.has(`${record.name} ${record.type}`),
    );
    const waited_ms = job.clock.now() - begun_ms;
    if (lacking.length === 0 || waited_ms > PROPAGATION_MS) {
      const look = summary(compared, job);
      if (lacking.length === 0 || look.standing === "done") return look;
      return waiting(
        "records-slow",
        { count: String(lacking.length) },
        { lines: linesOf(lacking, job), remedy: { word: "records-slow-fix", values: {} } },
      );
    }
    const values = {
      seen: String(wanted.size - lacking.length),
      all: String(wanted.size),
      seconds: String(Math.round(waited_ms / 1000)),
    };
    job.progress(say(SENTENCES["records-propagating"], job.language, values));
    await job.clock.sleep(LOOK_MS);
  }
}

/** Names that nobody but a server of ours uses; what an earlier one left there may go. */
const OUR_OWN: readonly string[] = ["dkim", "srv", "mta-sts-id"];

/** What is missing is added; what is different stays, for it may be somebody's mail today. */
const isSettable = ({ record, state }: Compared): boolean =>
  state === "missing" || (state === "different" && OUR_OWN.includes(record.purpose));

/** What stands there names our authority and nothing else, as we publish it before there is an account. */
const isLoose = ({ record, state, found }: Compared): boolean =>
  record.purpose === "caa-account" &&
  state === "different" &&
  found === `${record.data.split(";")[0] ?? ""}"`;

/** Where somebody else may issue for the host, nobody is shut out by us. */
function settableOf(compared: readonly Compared[]): readonly Compared[] {
  const foreign = compared.some(
    (one) => one.record.purpose === "caa-account" && one.state === "different" && !isLoose(one),
  );
  return compared.filter(
    (one) => isLoose(one) || (isSettable(one) && !(foreign && one.record.purpose === "caa-nobody")),
  );
}

const isWrong = ({ state }: Compared): boolean => state !== "ok";

/** The needed ones decide; what is advised is shown beside them. */
function summary(compared: readonly Compared[], job: Job): Look {
  const wrong = compared.filter(isWrong);
  const all = String(compared.length);
  if (wrong.length === 0) return done("records-done", { all });
  const lines = linesOf(wrong, job);
  const unknown = wrong.filter(({ state }) => state === "unknown");
  if (unknown.length === compared.length)
    return waiting(
      "records-unknown",
      { reason: reasonText(unknown[0]?.found ?? "", job.language) },
      { lines, remedy: { word: "records-network", values: {} } },
    );
  return waiting(
    "records-missing",
    { count: String(wrong.length), all },
    { lines, remedy: { word: "records-publish", values: {} } },
  );
}

const foundText = (found: string, state: Compared["state"], language: Language): string =>
  state === "unknown" ? reasonText(found, language) : found;

/** A line to copy, and below it what it is for. */
const linesOf = (wrong: readonly Compared[], { language }: Job): readonly string[] =>
  wrong.flatMap(({ record, state, found }) => [
    zoneFileLine(record),
    `    ; ${say(DNS_ADVICE[record.purpose], language, {})} (${say(STATE_WORDS[state], language, { found: foundText(found, state, language) })})`,
  ]);
