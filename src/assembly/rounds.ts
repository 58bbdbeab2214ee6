import { createHash } from "node:crypto";
import type { Addresses } from "../accounts/contract.ts";
import type { AlertChange } from "../alerts/book.ts";
import { Teller } from "../alerts/tell.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { programVersion } from "../base/program-version.ts";
import type { Config } from "../config/schema.ts";
import { failure, fine } from "../doctor/finding.ts";
import { historyDirectory, keepReport, lastScheduled } from "../doctor/history.ts";
import { reportJson } from "../doctor/report-json.ts";
import { readState, SCHEDULE_SETTING, type ScheduleState } from "../doctor/schedule-state.ts";
import { bookText, readBook } from "../rounds/book-text.ts";
import { runExamination, type Examination } from "../rounds/examination.ts";
import { ROUNDS_LIMITS } from "../rounds/limits.ts";
import { keyOf, newsOf, type Book } from "../rounds/news.ts";
import { due, lookEvery_ms, type ExaminationDue } from "../rounds/schedule.ts";
import type { Store } from "../store/store.ts";
import { setAsides } from "../upgrade/set-asides.ts";
import { announce } from "./announce.ts";
import { repeat } from "./repeat.ts";
import type { RoundFigures } from "./round-figures.ts";

export type RoundTools = {
  readonly store: Store;
  readonly addresses: Addresses;
  readonly figures: RoundFigures;
  readonly wakeQueue: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** Findings that have been told, for the next process. */
const BOOK_SETTING = "doctor-told";

/** The doctor inside the running server: short looks, a full examination a day, and what has changed is told. */
export function startRounds(config: Config, tools: RoundTools): AsyncDisposable | undefined {
  const { enabled, light_s } = config.doctor;
  if (!enabled) return undefined;
  const over = new AbortController();
  const rounds = new Rounds(config, tools, over.signal);
  const every_ms = lookEvery_ms(light_s, ROUNDS_LIMITS.look_ms);
  const looking = repeat("doctor", every_ms, () => rounds.look(), tools);
  return {
    async [Symbol.asyncDispose]() {
      over.abort(new Error("shutting down"));
      await looking[Symbol.asyncDispose]();
    },
  };
}

/** About an examination that came to its end. */
type Examined = {
  readonly kind: ExaminationDue;
  readonly at_ms: number;
  readonly took: string;
  /** The first since version or configuration changed. */
  readonly isNew: boolean;
};

/** Said beside what has become worse; names the way back where an upgrade has left one. */
function somethingNew(data: string): AlertChange {
  const [last] = setAsides(data);
  const kind = last !== undefined && last.rolledBack_ms === undefined ? "doctor-upgraded" : "doctor-new";
  return { state: "raised", alert: { id: "doctor:new", kind, urgent: false, values: {} } };
}

class Rounds {
  readonly #config: Config;
  readonly #tools: RoundTools;
  readonly #signal: AbortSignal;
  readonly #teller = new Teller();
  readonly #digest: string;
  readonly #begin_ms: number;
  #state: ScheduleState | undefined;

  constructor(config: Config, tools: RoundTools, signal: AbortSignal) {
    this.#config = config;
    this.#tools = tools;
    this.#signal = signal;
    this.#digest = digestOf(config);
    this.#begin_ms = tools.clock.now() + config.doctor.start_s * 1000;
  }

  /** Examines where that is due. */
  async look(): Promise<void> {
    const now_ms = this.#tools.clock.now();
    const state = this.#state ?? (await this.#begin(now_ms));
    const kind = now_ms < this.#begin_ms ? undefined : due(state, this.#digest, now_ms, this.#config.doctor);
    if (kind !== undefined) await this.#examine(kind, state);
    else if (this.#teller.owes) await this.#tell([]);
  }

  async #begin(now_ms: number): Promise<ScheduleState> {
    const known = readState(await this.#tools.store.directory.setting(SCHEDULE_SETTING), Math.random);
    return await this.#save({ ...known, begun_ms: now_ms });
  }

  async #examine(kind: ExaminationDue, state: ScheduleState): Promise<void> {
    const { store, clock, log } = this.#tools;
    const begun_ms = clock.now();
    // Whatever goes wrong from here on, the next one has time.
    this.#state = { ...state, failed_ms: begun_ms };
    const ended = await runExamination({ config: this.#config, kind }, this.#signal);
    if (this.#signal.aborted) return;
    const book = readBook(await store.directory.setting(BOOK_SETTING));
    if (!ended.ok) {
      log.write("error", "doctor.failed", { kind, detail: ended.error });
      await this.#save({ ...state, failed_ms: clock.now(), outcome: ended.error });
      return await this.#diedOf(ended.error, book, state.failed_ms === 0);
    }
    const seconds = Math.ceil((clock.now() - begun_ms) / 1000);
    const isNew = kind === "full" && state.digest !== "" && state.digest !== this.#digest;
    await this.#keep(ended.value, { kind, at_ms: begun_ms, took: `${seconds} s`, isNew }, book);
    const times = kind === "full" ? { full_ms: begun_ms, digest: this.#digest } : { light_ms: begun_ms };
    await this.#save({ ...state, ...times, failed_ms: 0, outcome: `${seconds} s` });
  }

  /** One that dies or hangs is a finding itself. */
  async #diedOf(why: string, book: Book | undefined, isFirst: boolean): Promise<void> {
    const { hostname, alerts } = this.#config;
    const died = failure("self-examination", hostname, why, "examination-died", { why });
    const news = newsOf({ book: book ?? new Map() }, [died], "light", alerts.language);
    if (book !== undefined || isFirst) await this.#tell(news.changes);
    // Without a first examination all its findings would be news.
    if (book !== undefined) await this.#tools.store.directory.putSetting(BOOK_SETTING, bookText(news.book));
  }

  async #keep(
    { looked, expected }: Examination,
    { kind, at_ms, took, isNew }: Examined,
    book: Book | undefined,
  ): Promise<void> {
    const { hostname, data, alerts } = this.#config;
    const { store, log, figures } = this.#tools;
    const found = [...looked, fine("self-examination", hostname, took)];
    const report = reportJson(found, alerts.language, expected);
    const { score, counts } = report;
    log.write("info", "doctor.examined", { kind, score, ...counts, took });
    const directory = historyDirectory(data, "self");
    const before = await lastScheduled(directory);
    const known = before && { looked: new Set(before.report.findings.map(keyOf)) };
    const problem = await keepReport(directory, report, at_ms, kind);
    if (problem !== undefined) log.write("error", "doctor.not-kept", { detail: problem });
    if (kind === "full") figures.examined(report, at_ms);
    const news = newsOf({ book, ...known }, found, kind, alerts.language);
    const isWorse = news.changes.some(({ state }) => state === "raised");
    await this.#tell(isNew && isWorse ? [...news.changes, somethingNew(data)] : news.changes);
    await store.directory.putSetting(BOOK_SETTING, bookText(news.book));
  }

  /** One letter for all of it. */
  async #tell(changes: readonly AlertChange[]): Promise<void> {
    await announce(this.#teller, changes, { ...this.#tools, config: this.#config, signal: this.#signal });
  }

  async #save(state: ScheduleState): Promise<ScheduleState> {
    await this.#tools.store.directory.putSetting(SCHEDULE_SETTING, JSON.stringify(state));
    this.#state = state;
    return state;
  }
}

/** Of version and configuration: either can break what was well. */
function digestOf(config: Config): string {
  return createHash("sha256").update(programVersion()).update(JSON.stringify(config)).digest("hex");
}
