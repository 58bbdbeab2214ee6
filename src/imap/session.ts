import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { ModSeq, Uid } from "../base/mail-ids.ts";
import type { Connection } from "../net/connection.ts";
import type { Identity, Mechanism } from "../sasl/exchange.ts";
import type { Delta, FlagList, ImapAccount, ImapBackend, ImapSessionFacts, OpenMailbox } from "./backend.ts";
import { capabilities } from "./capabilities.ts";
import type { State } from "./command.ts";
import type { ImapLimits } from "./limits.ts";
import { NO_MODES, type Modes } from "./modes.ts";
import { formatFlags } from "./response.ts";
import { Selected } from "./selected.ts";
import { formatSet } from "./sequence-set.ts";

export type SessionOptions = {
  readonly backend: ImapBackend;
  readonly limits: ImapLimits;
  readonly log: Log;
  readonly clock: Clock;
  readonly startTls: (() => TLSSocketOptions) | undefined;
};

const NO_UIDS = new Uint32Array(0);

/** One client's session: its state, what it has selected and switched on, and the way to write to it. */
export class ImapSession {
  readonly connection: Connection;
  readonly options: SessionOptions;
  facts: ImapSessionFacts;
  modes: Modes = NO_MODES;
  selected: Selected | undefined;
  /** The result of SEARCH RETURN (SAVE), uids. RFC 5182 */
  savedSearch: Uint32Array = NO_UIDS;
  failedLogins = 0;
  /** Tag of the command under way. */
  tag = "";
  /** True between responses, when a BYE may be written. */
  resting = true;
  readonly #began_ms: number;
  #account: ImapAccount | undefined;
  #loggedOut = false;
  #unflushed_octets = 0;

  constructor(connection: Connection, facts: ImapSessionFacts, options: SessionOptions) {
    this.connection = connection;
    this.facts = facts;
    this.options = options;
    this.#began_ms = options.clock.now();
  }

  get state(): State {
    if (this.#loggedOut) return "logout";
    if (this.#account === undefined) return "not-authenticated";
    return this.selected ? "selected" : "authenticated";
  }

  /** Only asked for by commands of the states that have one. */
  get account(): ImapAccount {
    if (this.#account === undefined) throw new Error("no account before login");
    return this.#account;
  }

  /** Only asked for by commands of the selected state. */
  get mailbox(): Selected {
    if (this.selected === undefined) throw new Error("no mailbox selected");
    return this.selected;
  }

  get loggedIn(): boolean {
    return this.#account !== undefined;
  }

  /** What is left of the time from connect to login (D-19). */
  get loginTimeLeft_ms(): number {
    const { clock, limits } = this.options;
    return Math.max(1, this.#began_ms + limits.login_ms - clock.now());
  }

  /** What AUTHENTICATE takes now; -PLUS only where the connection can be bound to. */
  get mechanisms(): readonly Mechanism[] {
    if (this.facts.tls === undefined) return [];
    const bound = this.connection.exportedKey() !== undefined;
    const offered = this.options.backend.mechanisms(this.facts);
    return offered.filter((mechanism) => bound || !mechanism.endsWith("-PLUS"));
  }

  get capabilities(): string {
    const { backend, startTls } = this.options;
    return capabilities({
      loggedIn: this.loggedIn,
      startTls: startTls !== undefined && this.facts.tls === undefined,
      mechanisms: this.mechanisms,
      appendSizeMax: backend.appendSizeMax,
    });
  }

  /** After STARTTLS. Nothing the client said in clear is remembered, for there is nothing it could have said. */
  secured(tls: NonNullable<ImapSessionFacts["tls"]>): void {
    this.facts = { ...this.facts, tls };
  }

  async login(identity: Identity): Promise<void> {
    this.#account = await this.options.backend.account(identity);
    this.facts = { ...this.facts, identity };
  }

  logOut(): void {
    this.deselect();
    this.#loggedOut = true;
  }

  select(box: OpenMailbox): Selected {
    this.savedSearch = NO_UIDS;
    return (this.selected = new Selected(box));
  }

  deselect(): void {
    this.selected?.box.close();
    this.selected = undefined;
    this.savedSearch = NO_UIDS;
  }

  /** Switches something on; nothing is ever switched off again. */
  enable(modes: Partial<Modes>): void {
    this.modes = { ...this.modes, ...modes };
  }

  /** By ENABLE, or by a command that speaks of modseqs: then the client hears where it stands. RFC 7162 §3.1 */
  enableCondstore(): void {
    if (this.modes.condstore) return;
    this.enable({ condstore: true });
    if (this.selected !== undefined) this.#tellModSeq(this.selected);
  }

  /** An untagged response, without `* ` and line end. */
  untagged(text: string): void {
    this.write(`* ${text}\r\n`);
  }

  write(octets: string | Uint8Array): void {
    this.#unflushed_octets += octets.length;
    this.connection.write(octets);
  }

  /** Lets the client take what is written before more is made; cheap as long as little waits. */
  async breathe(): Promise<void> {
    if (this.#unflushed_octets < this.options.limits.unflushed_octets) return;
    this.#unflushed_octets = 0;
    await this.connection.flush();
  }

  /** Flags for FETCH, with \Recent for sessions that know it. RFC 3501 §2.3.2 */
  flagsOf(uid: Uid, flags: FlagList): string {
    const recent = !this.modes.rev2 && this.selected?.isRecent(uid) === true;
    return formatFlags(recent ? [...flags, "\\Recent"] : flags);
  }

  /** Before a FETCH response with keywords the client has not heard of: the new list of flags. RFC 9051 §7.3.5 */
  introduceKeywords(flags: FlagList): void {
    if (this.selected?.learnKeywords(flags) !== true) return;
    this.untagged(`FLAGS ${formatFlags(this.selected.flags)}`);
    this.untagged(`OK [PERMANENTFLAGS ${formatFlags(this.selected.permanentFlags)}] New keywords`);
  }

  /**
   * Tells the client what others did to its mailbox. While `keepNumbers`, EXPUNGE may not be sent: messages that are
   * gone keep their numbers until the next time (E-03).
   */
  async sync(keepNumbers: boolean): Promise<void> {
    const { selected } = this;
    if (selected === undefined) return;
    const { view, told } = selected;
    const delta = await selected.box.delta(view.modSeq);
    view.hold(delta.vanished);
    const released = !keepNumbers && view.holdsGone;
    if (released) this.#tellGone(selected);
    this.#tellAppeared(selected, delta);
    for (const { uid, flags, modSeq } of delta.changed) {
      if ((told.get(uid) ?? 0) < modSeq) this.#tellFlags(selected, uid, flags, modSeq);
      await this.breathe();
    }
    view.modSeq = delta.modSeq;
    told.clear();
    // VANISHED carries no modseq: the client learns here how far it has come, or that it must not go so far yet.
    if (this.modes.qresync && (released || view.holdsGone)) this.#tellModSeq(selected);
  }

  /** RFC 7162 §3.2: never beyond a removal that has not been told. */
  #tellModSeq({ view }: Selected): void {
    this.untagged(`OK [HIGHESTMODSEQ ${view.completeModSeq}] Told up to here`);
  }

  #tellGone({ view }: Selected): void {
    const { uids, numbers } = view.release();
    if (this.modes.qresync) this.untagged(`VANISHED ${formatSet(uids)}`);
    else for (const number of numbers) this.untagged(`${number} EXPUNGE`);
  }

  #tellAppeared(selected: Selected, { appeared }: Delta): void {
    if (selected.view.append(appeared.map(({ uid }) => uid)) === 0) return;
    this.untagged(`${selected.view.count} EXISTS`);
    if (!this.modes.rev2) this.untagged(`${selected.recentCount} RECENT`);
  }

  #tellFlags({ view }: Selected, uid: Uid, flags: FlagList, modSeq: ModSeq): void {
    const number = view.numberOf(uid);
    if (number === 0) return;
    this.introduceKeywords(flags);
    const modseq = this.modes.condstore ? ` MODSEQ (${modSeq})` : "";
    this.untagged(`${number} FETCH (UID ${uid} FLAGS ${this.flagsOf(uid, flags)}${modseq})`);
  }
}
