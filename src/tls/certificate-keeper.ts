import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Result } from "../base/result.ts";
import type { AcmeFailure } from "./acme-failure.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { readMessage } from "./acme-messages.ts";
import type { CertificateWish } from "./acme-order.ts";
import { failurePause_ms, readWindow, renewByLifetime, renewInWindow } from "./acme-renewal.ts";
import { ExpiryWatch } from "./certificate-alarm.ts";
import { checkPair, type CertificateFacts } from "./certificate-check.ts";
import * as events from "./certificate-events.ts";
import { notAside, putAside, stillAside, asideSchema } from "./names-aside.ts";
import { CertificateHolder, keepChecking, type CertificateKeeper } from "./certificate-served.ts";
import type { KeyAndCertificate } from "./certificate.ts";
import { readKept, writeKept, type Served } from "./kept-pair.ts";
import type { NextKey } from "./next-key.ts";

/** Where certificates come from. */
export interface CertificateAuthority {
  order(wish: CertificateWish, signal?: AbortSignal): Promise<Result<KeyAndCertificate, AcmeFailure>>;
  /** The authority's advice about a certificate of its own; nothing where it gives none. RFC 9773 §4.1 */
  renewalInfo(
    identity: string,
    signal?: AbortSignal,
  ): Promise<Result<RenewalAdvice | undefined, AcmeFailure>>;
}
export type RenewalAdvice = {
  readonly window: { readonly start: string; readonly end: string };
  readonly explanation: string | undefined;
  readonly retryAfter_ms: number | undefined;
};

export type Keeping = {
  readonly names: readonly string[];
  /** Names the certificate should have as well; where they stand in the way, it is ordered without them. */
  moreNames?(): Promise<readonly string[]>;
  readonly authority: CertificateAuthority;
  readonly files: AcmeFiles;
  /** Which key a renewal takes; without it the first one stays for ever. */
  readonly nextKey?: NextKey;
  /** Served until the authority has given the first one. */
  readonly until: KeyAndCertificate;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};

/** How it stands, for `doctor` and the command line. */
export type KeeperStatus = {
  /** Undefined while there is no certificate of the authority. */
  readonly notAfter_ms: number | undefined;
  readonly renewAt_ms: number | undefined;
  /** In a row. */
  readonly failures: number;
  readonly lastFailure: Omit<AcmeFailure, "retryAfter_ms"> | undefined;
};

export interface AcmeKeeper extends CertificateKeeper {
  status(): KeeperStatus;
}

/** Looks at least this often: a machine that slept, or whose clock was set, is caught up with. */
const LOOK_MAX_MS = 3_600_000;
const LOOK_MIN_MS = 1_000;
/** RFC 9773 §4.3.2: what to do without a Retry-After, and what to think of an absurd one. */
const ADVICE_MS = 6 * 3_600_000;
const ADVICE_MIN_MS = 60_000;
const ADVICE_MAX_MS = 24 * 3_600_000;
/** Whatever the advice, a certificate is not replaced sooner than this: a confused authority must not be flooded. */
const BETWEEN_ORDERS_MS = 6 * 3_600_000;

const stateSchema = z.object({
  /** Which certificate the plan is for. */
  identity: z.string().optional(),
  renewAt_ms: z.number().optional(),
  /** The advice the moment was chosen from: it is chosen once for each window. */
  window: z.object({ start: z.string(), end: z.string() }).optional(),
  askAgain_ms: z.number().default(0),
  failures: z.number().default(0),
  nextTry_ms: z.number().default(0),
  lastFailure: z
    .object({
      code: z.string(),
      message: z.string(),
      remedy: z.string(),
      names: z.array(z.string()).readonly().exactOptional(),
    })
    .optional(),
  aside: asideSchema.default({}),
});
type State = z.infer<typeof stateSchema>;
const FRESH: State = { askAgain_ms: 0, failures: 0, nextTry_ms: 0, aside: {} };

/**
 * Keeps a certificate for `names` current: ordered when there is none, renewed when the authority advises (RFC 9773)
 * or else when a third of its life is left, with growing pauses after failures. Everything needed to go on after a
 * restart is in `files` (T-55).
 */
export async function keepCertificate(keeping: Keeping): Promise<AcmeKeeper> {
  const keeper = new Keeper(keeping, await readState(keeping.files), await readKept(keeping.files));
  const checking = keepChecking((signal) => keeper.check(signal), keeping);
  return {
    current: () => keeper.holder.current(),
    onChange: (listener) => keeper.holder.onChange(listener),
    status: () => keeper.status(),
    [Symbol.asyncDispose]: () => checking[Symbol.asyncDispose](),
  };
}

class Keeper {
  readonly holder: CertificateHolder;
  readonly #keeping: Keeping;
  readonly #expiry: ExpiryWatch;
  #state: State;
  #served: Served | undefined;
  #wished: readonly string[];
  /** That of the last certificate, also of one that is of no use any more: TLSA records may be of it. */
  #key: string | undefined;

  constructor(keeping: Keeping, state: State, kept: Served | undefined) {
    const served = kept?.facts.covers(keeping.names[0] ?? "") ? kept : undefined;
    this.#keeping = keeping;
    this.#key = kept?.pair.key;
    this.#wished = keeping.names;
    this.#state = state;
    this.#served = served;
    this.#expiry = new ExpiryWatch(keeping);
    this.holder = new CertificateHolder(served?.pair ?? keeping.until);
    if (served) events.certificateServed(keeping.log, "acme", served.facts.notAfter_ms);
  }

  status(): KeeperStatus {
    const { lastFailure, renewAt_ms, aside } = this.#state;
    const failures = Math.max(this.#state.failures, ...Object.values(aside).map((one) => one.failures));
    return { failures, lastFailure, renewAt_ms, notAfter_ms: this.#served?.facts.notAfter_ms };
  }

  /** One look: asks for advice, renews, raises the alarm, as each is due. Milliseconds until the next one. */
  async check(signal: AbortSignal): Promise<number> {
    const { clock, names } = this.#keeping;
    await this.#keeping.nextKey?.look(this.#key, signal);
    const more = (await this.#keeping.moreNames?.()) ?? [];
    const aside = stillAside(this.#state.aside, (name) => !more.includes(name));
    this.#state = { ...this.#state, aside };
    this.#wished = [...new Set([...names, ...notAside(more, aside, clock.now())])];
    if (this.#served) await this.#plan(this.#served.facts, signal);
    if (this.#isDue() && this.#mayTry()) await this.#renew(signal);
    if (this.#served) this.#expiry.look(this.#served.facts);
    const next_ms = this.#isDue() ? this.#state.nextTry_ms : (this.#state.renewAt_ms ?? 0);
    const until_ms = this.#served ? Math.min(next_ms, this.#state.askAgain_ms) : next_ms;
    return Math.min(Math.max(until_ms - clock.now(), LOOK_MIN_MS), LOOK_MAX_MS);
  }

  #isDue(): boolean {
    return !this.#covers(this.#wished) || this.#isOld();
  }

  #isOld(): boolean {
    return this.#keeping.clock.now() >= (this.#state.renewAt_ms ?? 0);
  }

  /** A new name need not wait because the last order went well. */
  #mayTry(): boolean {
    const { failures, nextTry_ms } = this.#state;
    return this.#keeping.clock.now() >= nextTry_ms || (failures === 0 && !this.#covers(this.#wished));
  }

  #covers(names: readonly string[]): boolean {
    const facts = this.#served?.facts;
    return facts !== undefined && names.every((name) => facts.covers(name));
  }

  /** Settles when to renew; the moment is chosen once, so that looking again does not move it. */
  async #plan(facts: CertificateFacts, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#keeping;
    const identity = facts.renewalIdentity;
    const isNew = this.#state.identity !== identity || this.#state.renewAt_ms === undefined;
    if (!isNew && clock.now() < this.#state.askAgain_ms) return;
    const advice = await this.#advice(identity, signal);
    const askAgain_ms = clock.now() + bounded(advice?.retryAfter_ms ?? ADVICE_MS);
    const { window } = isNew ? {} : this.#state;
    const read = advice && readWindow(advice.window);
    if (read?.ok === false) events.renewalInfoFailed(log, read.error);
    if (advice && read?.ok === true && !sameWindow(advice.window, window)) {
      const renewAt_ms = renewInWindow(facts, read.value, random());
      events.renewalPlanned(log, renewAt_ms, "authority");
      if (advice.explanation !== undefined) events.renewalAdvised(log, advice.explanation);
      await this.#save({ ...this.#state, identity, renewAt_ms, window: advice.window, askAgain_ms });
    } else if (isNew) {
      const renewAt_ms = renewByLifetime(facts, random());
      events.renewalPlanned(log, renewAt_ms, "lifetime");
      await this.#save({ ...this.#state, identity, renewAt_ms, window: undefined, askAgain_ms });
    } else await this.#save({ ...this.#state, askAgain_ms });
  }

  async #advice(identity: string | undefined, signal: AbortSignal): Promise<RenewalAdvice | undefined> {
    if (identity === undefined) return undefined;
    const answer = await this.#keeping.authority.renewalInfo(identity, signal);
    if (answer.ok) return answer.value;
    if (!signal.aborted) events.renewalInfoFailed(this.#keeping.log, answer.error.message);
    return undefined;
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, files, log, names } = this.#keeping;
    let result = await this.#order(this.#wished, signal);
    if (signal.aborted) return;
    const state: State = { ...FRESH, nextTry_ms: clock.now() + BETWEEN_ORDERS_MS };
    const refused = result.ok ? [] : this.#refused(result.error);
    if (!result.ok && refused.length > 0) {
      await this.#putAside(result.error, refused);
      // The others do not wait; where the certificate has them already, there is no need of another.
      this.#wished = this.#wished.filter((name) => !refused.includes(name));
      if (!this.#isDue()) return;
      result = await this.#order(this.#wished, signal);
      if (signal.aborted) return;
    }
    if (!result.ok) {
      await this.#failed(result.error);
      // The names that must be there do not wait for those that would be nice.
      const alone = this.#wished.length > names.length && (this.#isOld() || !this.#covers(names));
      if (!alone) return;
      result = await this.#order(names, signal);
      if (signal.aborted || !result.ok) return;
      const { failures, nextTry_ms } = this.#state;
      Object.assign(state, { failures, nextTry_ms });
    }
    const facts = checkPair(result.value);
    if (!facts.ok) return await this.#failed(unusable(facts.error));
    if ((await this.#keeping.nextKey?.mayServe(result.value.key, this.#key, signal)) === false)
      return await this.#failed(RECORD_GONE);
    await writeKept(files, result.value);
    this.#served = { pair: result.value, facts: facts.value };
    this.#key = result.value.key;
    await this.#save(this.#afterSuccess(state));
    this.holder.replace(result.value);
    events.certificateServed(log, "acme", facts.value.notAfter_ms);
    await this.#keeping.nextKey?.served(result.value.key);
    await this.#plan(facts.value, signal);
  }

  /** Of the names at fault those the certificate can do without. */
  #refused({ names = [] }: AcmeFailure): readonly string[] {
    const optional = names.filter((name) => !this.#keeping.names.includes(name));
    return optional.length < names.length ? [] : this.#wished.filter((name) => optional.includes(name));
  }

  async #putAside(failure: AcmeFailure, refused: readonly string[]): Promise<void> {
    const { clock, random, log } = this.#keeping;
    const { retryAfter_ms, ...lastFailure } = failure;
    const pause = { retryAfter_ms, random: random() };
    const aside = putAside(this.#state.aside, refused, clock.now(), pause);
    events.namesRefused(log, failure, refused);
    await this.#save({ ...this.#state, aside, lastFailure });
  }

  /** What was said of names that are still missing stays said. */
  #afterSuccess(state: State): State {
    const { aside: before, lastFailure } = this.#state;
    const aside = stillAside(before, (name) => this.#covers([name]));
    const told = state.failures > 0 || Object.keys(aside).length > 0;
    return { ...state, aside, ...(told ? { lastFailure } : {}) };
  }

  async #order(names: readonly string[], signal: AbortSignal): ReturnType<CertificateAuthority["order"]> {
    const { nextKey, authority } = this.#keeping;
    const replaces = this.#served?.facts.renewalIdentity;
    const key = nextKey === undefined ? this.#key : await nextKey.forRenewal(this.#key, signal);
    const wish = {
      names,
      ...(key === undefined ? {} : { key }),
      ...(replaces === undefined ? {} : { replaces }),
    };
    return authority.order(wish, signal);
  }

  async #failed({ retryAfter_ms, ...lastFailure }: AcmeFailure): Promise<void> {
    const { clock, random, log } = this.#keeping;
    const failures = this.#state.failures + 1;
    const nextTry_ms = clock.now() + failurePause_ms(failures, retryAfter_ms, random());
    events.renewalFailed(log, lastFailure, failures, nextTry_ms);
    await this.#save({ ...this.#state, failures, nextTry_ms, lastFailure });
  }

  async #save(state: State): Promise<void> {
    this.#state = state;
    await this.#keeping.files.write("renewal.json", JSON.stringify(state));
  }
}

const bounded = (pause_ms: number): number => Math.min(Math.max(pause_ms, ADVICE_MIN_MS), ADVICE_MAX_MS);

const sameWindow = (
  a: { start: string; end: string },
  b: { start: string; end: string } | undefined,
): boolean => a.start === b?.start && a.end === b.end;

const unusable = (detail: string): AcmeFailure => ({
  code: "acme-wrong-certificate",
  message: `The authority's certificate cannot be used: ${detail}.`,
  remedy: "It is ordered again by itself.",
});

const RECORD_GONE: AcmeFailure = {
  code: "tlsa-gone",
  message: "While the certificate was ordered, the TLSA record of its new key vanished.",
  remedy: "It is ordered again by itself; leave both lines of `wachpost dns DOMAIN` in the zone.",
};

/** A state that cannot be read is no reason to stop: the plan is made anew. */
async function readState(files: AcmeFiles): Promise<State> {
  const text = await files.read("renewal.json");
  const state = text === undefined ? undefined : readMessage(stateSchema, text);
  return state?.ok === true ? state.value : FRESH;
}
