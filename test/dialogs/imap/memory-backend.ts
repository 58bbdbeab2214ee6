import type { AccountId, ModSeq, Uid, UidValidity } from "../../../src/base/mail-ids.ts";
import { err, ok, type Err, type Result } from "../../../src/base/result.ts";
import type {
  AppendMessage,
  CopyResult,
  Delta,
  FetchedMessage,
  FlagList,
  ImapAccount,
  ImapBackend,
  ImapRefusal,
  ImapSessionFacts,
  MailboxListing,
  MailboxStatus,
  MessageFlags,
  OpenMailbox,
} from "../../../src/imap/backend.ts";
import { canonicalName, checkNewName, parentNames } from "../../../src/mailbox/mailbox-name.ts";
import { scan } from "../../../src/message/mime.ts";
import type { Authenticator, Mechanism } from "../../../src/sasl/exchange.ts";
import { MemoryLogins } from "./memory-logins.ts";
import { matches } from "./memory-search.ts";

export type Stored = {
  readonly uid: Uid;
  readonly octets: Buffer;
  readonly internalDate_ms: number;
  readonly saved_ms: number;
  readonly emailId: string;
  readonly appeared: number;
  flags: readonly string[];
  modSeq: ModSeq;
};

export type MemoryOptions = {
  readonly appendSizeMax: number;
  readonly quota_octets: number;
  /** `refuses` connections, `throttled` logins, a `broken` account. */
  readonly manner: string;
};

const MECHANISMS: readonly Mechanism[] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"];
const DEFAULTS: readonly (readonly [string, string?])[] = [
  ["INBOX"],
  ["Archive", "\\Archive"],
  ["Drafts", "\\Drafts"],
  ["Junk", "\\Junk"],
  ["Sent", "\\Sent"],
  ["Trash", "\\Trash"],
];

/** One account whose mailboxes live in memory; sessions share them as they share a store. */
export class MemoryBackend implements ImapBackend {
  readonly hostName = "mx.wachpost.test";
  readonly appendSizeMax: number;
  readonly options: MemoryOptions;
  readonly boxes = new Map<string, MemoryBox>();
  readonly subscriptions = new Set<string>();
  sessions = 0;
  openBoxes = 0;
  #modSeq = 1;
  #ids = 0;

  constructor(options: MemoryOptions) {
    this.options = options;
    this.appendSizeMax = options.appendSizeMax;
    for (const [name, use] of DEFAULTS) {
      this.boxes.set(name, new MemoryBox(this, use));
      this.subscriptions.add(name);
    }
  }

  async connect(): Promise<string | undefined> {
    if (this.options.manner === "refuses") return "Too many connections from your address";
    this.sessions++;
    return undefined;
  }

  disconnected(): void {
    this.sessions--;
  }

  mechanisms({ tls }: ImapSessionFacts): readonly Mechanism[] {
    return tls === undefined ? [] : MECHANISMS;
  }

  authenticator(): Authenticator {
    return new MemoryLogins(this.options.manner);
  }

  async account(): Promise<ImapAccount> {
    if (this.options.manner === "broken") throw new Error("the store is broken");
    return new MemoryAccount(this);
  }

  nextModSeq(): ModSeq {
    return ++this.#modSeq as ModSeq;
  }

  nextId(): number {
    return ++this.#ids;
  }

  get used_octets(): number {
    let used = 0;
    for (const box of this.boxes.values())
      for (const { octets } of box.messages.values()) used += octets.length;
    return used;
  }
}

class MemoryBox {
  readonly id: number;
  readonly specialUse: string | undefined;
  readonly messages = new Map<Uid, Stored>();
  readonly vanished: { readonly uid: Uid; readonly modSeq: number; readonly appeared: number }[] = [];
  readonly listeners = new Set<() => void>();
  readonly uidValidity: UidValidity;
  deleted = false;
  uidNext = 1 as Uid;
  recentFrom = 1 as Uid;
  modSeq = 1 as ModSeq;
  readonly #backend: MemoryBackend;

  constructor(backend: MemoryBackend, specialUse?: string) {
    this.#backend = backend;
    this.specialUse = specialUse;
    this.id = backend.nextId();
    this.uidValidity = (1000 + this.id) as UidValidity;
  }

  get all(): Stored[] {
    return [...this.messages.values()];
  }

  /** Everything in one step, like a commit. */
  change(make: (modSeq: ModSeq) => void): void {
    this.modSeq = this.#backend.nextModSeq();
    make(this.modSeq);
    for (const listener of Array.from(this.listeners)) listener();
  }

  add(modSeq: ModSeq, message: Omit<Stored, "uid" | "modSeq" | "appeared" | "saved_ms">): Uid {
    const uid = this.uidNext;
    this.uidNext = (uid + 1) as Uid;
    this.messages.set(uid, { ...message, uid, modSeq, appeared: modSeq, saved_ms: Date.now() });
    return uid;
  }

  remove(modSeq: ModSeq, uid: Uid): void {
    const appeared = this.messages.get(uid)?.appeared ?? 0;
    if (this.messages.delete(uid)) this.vanished.push({ uid, modSeq, appeared });
  }

  status(): MailboxStatus {
    const { all, uidNext, uidValidity, modSeq, id } = this;
    return {
      messages: all.length,
      unseen: all.filter(({ flags }) => !flags.includes("\\Seen")).length,
      deleted: all.filter(({ flags }) => flags.includes("\\Deleted")).length,
      size_octets: all.reduce((sum, { octets }) => sum + octets.length, 0),
      uidNext,
      uidValidity,
      highestModSeq: modSeq,
      mailboxId: `M${id}`,
    };
  }
}

const refuse = (code: ImapRefusal["code"], text: string): Err<ImapRefusal> => err({ code, text });
const missing = refuse("NONEXISTENT", "No such mailbox");

class MemoryAccount implements ImapAccount {
  readonly #backend: MemoryBackend;

  constructor(backend: MemoryBackend) {
    this.#backend = backend;
  }

  get #boxes(): Map<string, MemoryBox> {
    return this.#backend.boxes;
  }

  async list(): Promise<readonly MailboxListing[]> {
    const { subscriptions } = this.#backend;
    const names = new Set([...this.#boxes.keys(), ...subscriptions]);
    for (const name of this.#boxes.keys()) for (const parent of parentNames(name)) names.add(parent);
    return [...names]
      .sort((a, b) => Number(b === "INBOX") - Number(a === "INBOX") || (a < b ? -1 : 1))
      .map((name) => {
        const specialUse = this.#boxes.get(name)?.specialUse;
        return {
          name,
          exists: this.#boxes.has(name),
          subscribed: subscriptions.has(name),
          ...(specialUse === undefined ? {} : { specialUse }),
        };
      });
  }

  async status(name: string): Promise<Result<MailboxStatus, ImapRefusal>> {
    const box = this.#boxes.get(canonicalName(name));
    return box ? ok(box.status()) : missing;
  }

  async create(name: string, specialUse?: string): Promise<Result<{ mailboxId: string }, ImapRefusal>> {
    const checked = checkNewName(name);
    if (!checked.ok) return checked;
    if (this.#boxes.has(checked.value)) return refuse("ALREADYEXISTS", "A mailbox of this name exists");
    if (specialUse !== undefined && [...this.#boxes.values()].some((box) => box.specialUse === specialUse))
      return refuse("CANNOT", "Another mailbox has this use");
    this.#makeParents(checked.value);
    const box = new MemoryBox(this.#backend, specialUse);
    this.#boxes.set(checked.value, box);
    return ok({ mailboxId: `M${box.id}` });
  }

  #makeParents(name: string): void {
    for (const parent of parentNames(name))
      if (!this.#boxes.has(parent)) this.#boxes.set(parent, new MemoryBox(this.#backend));
  }

  async delete(name: string): Promise<Result<void, ImapRefusal>> {
    const canonical = canonicalName(name);
    const box = this.#boxes.get(canonical);
    if (box === undefined) return missing;
    if (canonical === "INBOX") return refuse("CANNOT", "Not possible with INBOX");
    if ([...this.#boxes.keys()].some((other) => other.startsWith(`${canonical}/`)))
      return refuse("HASCHILDREN", "The mailbox has others below it");
    this.#boxes.delete(canonical);
    box.deleted = true;
    for (const listener of Array.from(box.listeners)) listener();
    return ok(undefined);
  }

  async rename(from: string, to: string): Promise<Result<void, ImapRefusal>> {
    const target = checkNewName(to);
    if (!target.ok) return target;
    const source = canonicalName(from);
    const box = this.#boxes.get(source);
    if (box === undefined) return missing;
    if (this.#boxes.has(target.value)) return refuse("ALREADYEXISTS", "A mailbox of this name exists");
    if (source === "INBOX") {
      await this.create(to);
      const inbox = new MemoryAccount(this.#backend);
      const opened = await inbox.open("INBOX", false);
      if (opened.ok) await opened.value.move(Uint32Array.from(box.messages.keys()), target.value);
      if (opened.ok) opened.value.close();
      return ok(undefined);
    }
    this.#makeParents(target.value);
    for (const [name, moved] of Array.from(this.#boxes)) {
      if (name !== source && !name.startsWith(`${source}/`)) continue;
      this.#boxes.delete(name);
      this.#boxes.set(target.value + name.slice(source.length), moved);
    }
    return ok(undefined);
  }

  async subscribe(name: string, subscribed: boolean): Promise<Result<void, ImapRefusal>> {
    const checked = checkNewName(name);
    if (!checked.ok) return checked;
    if (subscribed) this.#backend.subscriptions.add(checked.value);
    else this.#backend.subscriptions.delete(checked.value);
    return ok(undefined);
  }

  async append(
    name: string,
    messages: readonly AppendMessage[],
  ): Promise<Result<{ uidValidity: UidValidity; uids: readonly Uid[] }, ImapRefusal>> {
    const box = this.#boxes.get(canonicalName(name));
    if (box === undefined) return refuse("TRYCREATE", "No such mailbox");
    const more = messages.reduce((sum, { octets }) => sum + octets.length, 0);
    if (overQuota(this.#backend, more)) return refuse("OVERQUOTA", "The account is full");
    const uids: Uid[] = [];
    box.change((modSeq) => {
      for (const { octets, flags, internalDate_ms = Date.now() } of messages) {
        const emailId = `E${this.#backend.nextId()}`;
        uids.push(
          box.add(modSeq, { octets: Buffer.from(octets), flags: unique(flags), internalDate_ms, emailId }),
        );
      }
    });
    return ok({ uidValidity: box.uidValidity, uids });
  }

  async open(name: string, readOnly: boolean): Promise<Result<OpenMailbox, ImapRefusal>> {
    const box = this.#boxes.get(canonicalName(name));
    return box ? ok(new MemoryOpenBox(this.#backend, box, readOnly)) : missing;
  }

  async quota(): Promise<{ used_octets: number; limit_octets: number }> {
    return { used_octets: this.#backend.used_octets, limit_octets: this.#backend.options.quota_octets };
  }
}

const SYSTEM_FLAGS = ["\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft"];
const rank = (flag: string): number => {
  const at = SYSTEM_FLAGS.indexOf(flag.toLowerCase());
  return at < 0 ? SYSTEM_FLAGS.length : at;
};

/** Each flag once, system flags first: the order the store gives them. */
const unique = (flags: FlagList): FlagList =>
  flags
    .filter((flag, i) => flags.findIndex((other) => same(other, flag)) === i)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const overQuota = ({ options, used_octets }: MemoryBackend, more: number): boolean =>
  options.quota_octets > 0 && used_octets + more > options.quota_octets;

class MemoryOpenBox implements OpenMailbox {
  readonly readOnly: boolean;
  readonly status: MailboxStatus;
  readonly uids: Uint32Array;
  readonly firstRecent: Uid;
  readonly firstUnseen: Uid | undefined;
  readonly keywords: readonly string[];
  readonly #backend: MemoryBackend;
  readonly #box: MemoryBox;
  readonly #stops: (() => void)[] = [];

  constructor(backend: MemoryBackend, box: MemoryBox, readOnly: boolean) {
    backend.openBoxes++;
    this.#backend = backend;
    this.#box = box;
    this.readOnly = readOnly;
    this.status = box.status();
    this.uids = Uint32Array.from(box.messages.keys());
    this.firstRecent = box.recentFrom;
    if (!readOnly) box.recentFrom = box.uidNext;
    this.firstUnseen = box.all.find(({ flags }) => !flags.includes("\\Seen"))?.uid;
    const keywords = box.all.flatMap(({ flags }) => flags.filter((flag) => !flag.startsWith("\\")));
    this.keywords = [...new Set(keywords)].sort();
  }

  async delta(since: ModSeq): Promise<Delta> {
    const { all, vanished, modSeq, deleted } = this.#box;
    if (deleted) return { modSeq: since, appeared: [], changed: [], vanished: all.map(({ uid }) => uid) };
    const later = all.filter((message) => message.modSeq > since).map((message) => ({ ...message }));
    return {
      modSeq,
      appeared: later.filter(({ appeared }) => appeared > since),
      changed: later.filter(({ appeared }) => appeared <= since),
      vanished: vanished
        .filter((gone) => gone.modSeq > since && gone.appeared <= since)
        .map(({ uid }) => uid)
        .sort((a, b) => a - b),
    };
  }

  watch(listener: () => void): () => void {
    this.#box.listeners.add(listener);
    const stop = (): void => void this.#box.listeners.delete(listener);
    this.#stops.push(stop);
    return stop;
  }

  #those(uids: Uint32Array): Stored[] {
    const wanted = new Set<number>(uids);
    return this.#box.all.filter(({ uid }) => wanted.has(uid));
  }

  async *messages(uids: Uint32Array): AsyncIterable<FetchedMessage> {
    for (const message of this.#those(uids)) {
      if (!this.#box.messages.has(message.uid)) continue;
      const { octets, emailId } = message;
      yield {
        ...message,
        size_octets: octets.length,
        threadId: `T${emailId.slice(1)}`,
        outline: async () => scan(octets),
        octets: async (start, end) => octets.subarray(start, end),
      } as FetchedMessage;
    }
  }

  async *flags(uids: Uint32Array): AsyncIterable<readonly MessageFlags[]> {
    yield this.#those(uids).map(({ uid, flags, modSeq }) => ({ uid, flags, modSeq }));
  }

  async storeFlags(
    uids: Uint32Array,
    { action, flags, unchangedSince }: Parameters<OpenMailbox["storeFlags"]>[1],
  ): Promise<Result<{ stored: readonly MessageFlags[]; modified: readonly Uid[] }, ImapRefusal>> {
    if (this.readOnly) return refuse("NOPERM", "The mailbox is open read-only");
    const those = this.#those(uids);
    const fresh = those.filter(({ modSeq }) => modSeq <= (unchangedSince ?? Infinity));
    this.#box.change((modSeq) => {
      for (const message of fresh) {
        const others = message.flags.filter((flag) => !flags.some((named) => same(named, flag)));
        const now = { add: [...message.flags, ...flags], remove: others, replace: [...flags] }[action];
        const changed = unique(now).join() !== message.flags.join();
        message.flags = unique(now);
        if (changed) message.modSeq = modSeq;
      }
    });
    return ok({
      stored: fresh.map(({ uid, flags: now, modSeq }) => ({ uid, flags: now, modSeq })),
      modified: those.filter((message) => !fresh.includes(message)).map(({ uid }) => uid),
    });
  }

  async expunge(uids?: Uint32Array): Promise<Result<readonly Uid[], ImapRefusal>> {
    if (this.readOnly) return refuse("NOPERM", "The mailbox is open read-only");
    const those = uids === undefined ? this.#box.all : this.#those(uids);
    const gone = those.filter(({ flags }) => flags.includes("\\Deleted")).map(({ uid }) => uid);
    if (gone.length > 0)
      this.#box.change((modSeq) => {
        for (const uid of gone) this.#box.remove(modSeq, uid);
      });
    return ok(gone);
  }

  async copy(uids: Uint32Array, target: string): Promise<Result<CopyResult, ImapRefusal>> {
    const to = this.#backend.boxes.get(canonicalName(target));
    if (to === undefined) return refuse("TRYCREATE", "No such mailbox");
    const those = this.#those(uids);
    const more = those.reduce((sum, { octets }) => sum + octets.length, 0);
    if (overQuota(this.#backend, more)) return refuse("OVERQUOTA", "The account is full");
    return ok(this.#transfer(those, to));
  }

  #transfer(those: readonly Stored[], to: MemoryBox): CopyResult {
    const target: Uid[] = [];
    if (those.length > 0)
      to.change((modSeq) => {
        for (const message of those) target.push(to.add(modSeq, message));
      });
    return { uidValidity: to.uidValidity, source: those.map(({ uid }) => uid), target };
  }

  async move(uids: Uint32Array, target: string): Promise<Result<CopyResult, ImapRefusal>> {
    if (this.readOnly) return refuse("NOPERM", "The mailbox is open read-only");
    const to = this.#backend.boxes.get(canonicalName(target));
    if (to === undefined) return refuse("TRYCREATE", "No such mailbox");
    const moved = this.#transfer(this.#those(uids), to);
    this.#box.change((modSeq) => {
      for (const uid of moved.source) this.#box.remove(modSeq, uid);
    });
    return ok(moved);
  }

  async search(
    key: Parameters<OpenMailbox["search"]>[0],
    view: Uint32Array,
  ): Promise<Result<Uint32Array, ImapRefusal>> {
    return ok(
      Uint32Array.from(
        this.#those(view).filter((message) => matches(key, message)),
        ({ uid }) => uid,
      ),
    );
  }

  close(): void {
    this.#backend.openBoxes--;
    for (const stop of this.#stops.splice(0)) stop();
  }
}

/** Its only account. */
export const MEMORY_ACCOUNT = 1 as AccountId;
