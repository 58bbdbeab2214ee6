import type { Log } from "../base/log.ts";
import type { ModSeq } from "../base/mail-ids.ts";
import type { TLSSocketOptions } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { Connection } from "../net/connection.ts";
import type { Identity } from "../sasl/exchange.ts";
import type {
  Delta,
  FlagList,
  ImapAccount,
  ImapBackend,
  ImapSessionFacts,
  MessageFlags,
  OpenMailbox,
} from "./backend.ts";
import { capabilities } from "./capabilities.ts";
import type { State } from "./command.ts";
import type { ImapLimits } from "./limits.ts";
import { NO_MODES, type Modes } from "./modes.ts";
import { formatFlags } from "./response.ts";
import { View } from "./tracker.ts";

export type SessionOptions = {
  readonly backend: ImapBackend;
  readonly limits: ImapLimits;
  readonly log: Log;
  readonly clock: Clock;
  readonly startTls: (() => TLSSocketOptions) | undefined;
};

/** A mailbox as this session sees it. */
export type Selected = {
  readonly name: string;
  readonly box: OpenMailbox;
  readonly view: View;
  /** Modseqs this session has told its client of, so that its own changes are not told twice. */
  readonly told: Map<number, ModSeq>;
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
  #account: ImapAccount | undefined;
  #loggedOut = false;
  #unflushed_octets = 0;

  constructor(connection: Connection, facts: ImapSessionFacts, options: SessionOptions) {
    this.connection = connection;
    this.facts = facts;
    this.options = options;
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

  get capabilities(): string {
    const { backend, startTls } = this.options;
    const tls = this.facts.tls !== undefined;
    return capabilities({
      loggedIn: this.#account !== undefined,
      tls,
      startTls: startTls !== undefined && !tls,
      mechanisms: backend.mechanisms(this.facts),
      appendSizeMax: backend.appendSizeMax,
    });
  }

  /** After STARTTLS: everything the client said in clear is forgotten, which here is nothing but the tag. */
  secured(tls: NonNullable<ImapSessionFacts["tls"]>): void {
    this.facts = { ...this.facts, tls };
  }

  async login(identity: Identity): Promise<void> {
    this.facts = { ...this.facts, identity };
    this.#account = await this.options.backend.account(identity);
  }

  logOut(): void {
    this.deselect();
    this.#loggedOut = true;
  }

  select(name: string, box: OpenMailbox): void {
    this.selected = { name, box, view: new View(box.uids, box.status.highestModSeq), told: new Map() };
    this.savedSearch = NO_UIDS;
  }

  deselect(): void {
    this.selected?.box.close();
    this.selected = undefined;
    this.savedSearch = NO_UIDS;
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
  flagsOf(uid: number, flags: FlagList): string {
    const recent = !this.modes.rev2 && this.selected !== undefined && uid >= this.selected.box.firstRecent;
    return formatFlags(recent ? [...flags, "\\Recent"] : flags);
  }

  /**
   * Tells the client what others did to its mailbox. While `keepNumbers`, EXPUNGE may not be sent: then nothing is taken
   * in, and the next call tells it all (E-03).
   */
  async sync(keepNumbers: boolean): Promise<void> {
    const { selected } = this;
    if (selected === undefined) return;
    const delta = await selected.box.delta(selected.view.modSeq);
    const vanished = delta.vanished.filter((uid) => selected.view.has(uid));
    if (keepNumbers && vanished.length > 0) return;
    for (const number of selected.view.remove(vanished)) this.untagged(`${number} EXPUNGE`);
    this.#tellAppeared(selected, delta);
    for (const change of delta.changed) this.#tellFlags(selected, change);
    selected.view.modSeq = delta.modSeq;
    selected.told.clear();
  }

  #tellAppeared(selected: Selected, { appeared }: Delta): void {
    if (selected.view.append(appeared.map(({ uid }) => uid)) === 0) return;
    this.untagged(`${selected.view.count} EXISTS`);
    if (!this.modes.rev2) this.untagged(`${this.recentCount(selected)} RECENT`);
  }

  recentCount({ view, box }: Selected): number {
    const { uids } = view;
    let count = 0;
    for (let i = uids.length - 1; i >= 0 && (uids[i] as number) >= box.firstRecent; i--) count++;
    return count;
  }

  #tellFlags(selected: Selected, { uid, flags, modSeq }: MessageFlags): void {
    const number = selected.view.numberOf(uid);
    if (number === 0 || (selected.told.get(uid) ?? 0) >= modSeq) return;
    const modseq = this.modes.condstore ? ` MODSEQ (${modSeq})` : "";
    this.untagged(`${number} FETCH (UID ${uid} FLAGS ${this.flagsOf(uid, flags)}${modseq})`);
  }
}
