import { parseDomain } from "../base/domain-name.ts";
import { whenHere, type Soon } from "../base/soon.ts";
import type { Dns, DnsAnswer, RecordData, RecordType } from "../dns/answer.ts";
import type { AskedFact } from "../journal/record.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { isCount, isDnsAnswer, isListState, isTableAnswer } from "./recorded-answers.ts";
import { searchText, type TableSearch } from "./table-search.ts";

/** What a table said: the entry found, nothing, or that there is no such table. */
export type TableAnswer = { readonly key: string; readonly value: string } | "none" | "no-such-table";

/** Is a DNS list to be believed today? `off`: it lists everything or nothing, or refuses us (D-03). */
export type ListState = "on" | "off";

/** Everything a judgement asks of the world. One object per judgement, so that the answers are recorded together. */
export interface Ask {
  /** `shown` stands in the record in place of a name that holds a key (D-07). */
  dns<T extends RecordType>(name: string, type: T, shown?: string): Soon<DnsAnswer<RecordData[T]>>;
  /** The same with the shorter patience that lists get (D-06). */
  dnsList(name: string, type: "A" | "TXT", shown?: string): Soon<DnsAnswer<string>>;
  table(table: string, search: TableSearch): Soon<TableAnswer>;
  listState(zone: string): Soon<ListState>;
  /** What has been counted under this name: `messages 192.0.2.0/24`. */
  counter(name: string): Soon<number>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The world as it is. */
export type World = {
  readonly dns: Dns;
  lookUp(table: string, search: TableSearch): Soon<TableAnswer>;
  listState(zone: string): ListState;
  count(name: string): Promise<number>;
  now(): number;
};

/** Asks the world, each question within its time and all within theirs. */
export function liveAsk(world: World, signal?: AbortSignal): Ask {
  const begun_ms = world.now();
  let lists_ms: number | undefined;
  const left = (total_ms: number, since_ms: number): number => total_ms - (world.now() - since_ms);
  const query = <T extends RecordType>(name: string, type: T, patience_ms: number) =>
    patientQuery(
      world.dns,
      name,
      type,
      Math.min(patience_ms, left(POLICY_LIMITS.dnsTotal_ms, begun_ms)),
      signal,
    );
  return {
    dns: (name, type) => query(name, type, POLICY_LIMITS.dnsAnswer_ms),
    dnsList(name, type) {
      lists_ms ??= world.now();
      return query(
        name,
        type,
        Math.min(POLICY_LIMITS.listAnswer_ms, left(POLICY_LIMITS.listsTotal_ms, lists_ms)),
      );
    },
    table: (table, search) => world.lookUp(table, search),
    listState: (zone) => world.listState(zone),
    counter: (name) => world.count(name),
    now: () => world.now(),
  };
}

/** A name that is none does not exist; a resolver that breaks or is late has failed. Nothing is thrown. What is known needs no patience. */
function patientQuery<T extends RecordType>(
  dns: Dns,
  name: string,
  type: T,
  patience_ms: number,
  signal: AbortSignal | undefined,
): Soon<DnsAnswer<RecordData[T]>> {
  const domain = parseDomain(name);
  if (domain === undefined) return { kind: "nxdomain", ttl_s: 0, authenticated: false };
  if (signal?.aborted || patience_ms <= 0) return { kind: "failure", reason: "budget" };
  const known = dns.known?.(domain, type);
  if (known !== undefined) return known;
  return new Promise((resolve) => {
    const stop = new AbortController();
    const late = (): void => {
      settle({ kind: "failure", reason: "timeout" });
      stop.abort(new Error("the rules wait no longer"));
    };
    const timer = setTimeout(late, patience_ms);
    signal?.addEventListener("abort", late, { once: true });
    const settle = (answer: DnsAnswer<RecordData[T]>): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", late);
      resolve(answer);
    };
    dns.query(domain, type, stop.signal).then(settle, () => settle({ kind: "failure", reason: "broken" }));
  });
}

/** An `Ask` that remembers, and the questions with their answers in the order they were answered. */
export type Recording = { readonly ask: Ask; readonly asked: readonly AskedFact[] };

/** Writes every question and answer down; the same question twice is asked once. */
export function recordingAsk(real: Ask): Recording {
  const asked: AskedFact[] = [];
  const known = new Map<string, Map<string, Soon<unknown>>>();
  const once = <T>(kind: string, question: string, find: () => Soon<T>): Soon<T> => {
    let alike = known.get(kind);
    if (alike === undefined) known.set(kind, (alike = new Map()));
    const before = alike.get(question);
    if (before !== undefined) return before as Soon<T>;
    const answer = whenHere(find(), (found) => {
      asked.push({ kind, question, answer: found });
      return found;
    });
    alike.set(question, answer);
    return answer;
  };
  let now: number | undefined;
  const ask: Ask = {
    dns: (name, type, shown) =>
      once("dns", dnsQuestion(type, shown ?? name), () => real.dns(name, type, shown)),
    dnsList: (name, type, shown) =>
      once("dns", dnsQuestion(type, shown ?? name), () => real.dnsList(name, type, shown)),
    table: (table, search) =>
      once("table", `${table} ${searchText(search)}`, () => real.table(table, search)),
    listState: (zone) => once("list", zone.toLowerCase(), () => real.listState(zone)),
    counter: (name) => once("counter", name, () => real.counter(name)),
    now() {
      if (now === undefined) {
        now = real.now();
        asked.push({ kind: "clock", question: "now", answer: now });
      }
      return now;
    },
  };
  return { ask, asked };
}

const dnsQuestion = (type: string, name: string): string => `${type} ${name.toLowerCase()}`;

/** Answers from the record, and what it could not answer. */
export type Replaying = { readonly ask: Ask; readonly unanswered: readonly string[] };

/**
 * Answers from recorded facts. What was never asked is not guessed: it is reported, and the question fails the way a
 * dead resolver or a missing table would. `tables` are tables of the new rules, which are asked anew.
 */
export function replayingAsk(
  facts: readonly AskedFact[],
  tables?: { has(table: string): boolean; lookUp(table: string, search: TableSearch): TableAnswer },
): Replaying {
  // A judgement asks a few dozen questions: looking through them costs less than a map of them. What was asked twice was
  // answered once; the first word counts.
  const known = (kind: string, question: string): AskedFact | undefined => {
    for (const fact of facts) if (fact.question === question && fact.kind === kind) return fact;
    return undefined;
  };
  const unanswered: string[] = [];
  const answer = <T>(kind: string, question: string, fits: (found: unknown) => boolean, otherwise: T): T => {
    const same = known(kind, question);
    if (same !== undefined && fits(same.answer)) return same.answer as T;
    unanswered.push(`${kind} ${question}`);
    return otherwise;
  };
  const failure: DnsAnswer<never> = { kind: "failure", reason: "never-asked" };
  const dns = (type: string, question: string) =>
    answer("dns", question, (found) => isDnsAnswer(found, type), failure);
  const ask: Ask = {
    dns: (name, type, shown) => dns(type, dnsQuestion(type, shown ?? name)),
    dnsList(name, type, shown) {
      const question = dnsQuestion(type, shown ?? name);
      // The words of a list stand in a reply and decide nothing.
      if (type === "TXT" && known("dns", question) === undefined) return failure;
      return dns(type, question);
    },
    table(table, search) {
      if (tables?.has(table)) return tables.lookUp(table, search);
      return answer<TableAnswer>("table", `${table} ${searchText(search)}`, isTableAnswer, "none");
    },
    listState: (zone) => answer<ListState>("list", zone.toLowerCase(), isListState, "on"),
    counter: (name) => answer("counter", name, isCount, 0),
    now: () => answer("clock", "now", isCount, 0),
  };
  return { ask, unanswered };
}
