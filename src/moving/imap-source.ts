import { asciiLower } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import { Cursor } from "../imap/cursor.ts";
import { dateTime } from "../imap/date.ts";
import { toStored } from "../mailbox/flags.ts";
import type { Flags } from "../store/store.ts";
import { planFolders, type FolderPlan, type ListedFolder } from "./folder-plan.ts";
import { ImapClient, nameOctets, quoted, type ImapLogin } from "./imap-client.ts";
import type { ImapHost } from "./imap-connection.ts";
import { headerDate } from "./header-date.ts";
import { atomText, fetchItems, valueOctets, type Value } from "./imap-response.ts";
import { MOVING_LIMITS } from "./limits.ts";
import type { OpenedFolder, Source, SourceEntry, SourceFolder, SourceMessage } from "./source.ts";

const UID_MAX = 0xffff_ffff;

/** Somebody's mailbox on another IMAP server, opened for reading only: nothing there changes, not even \Seen. */
export async function imapSource(
  host: ImapHost,
  login: ImapLogin,
  map: ReadonlyMap<string, string>,
): Promise<Source> {
  const client = await ImapClient.open(host, login);
  try {
    const plan = await foldersOf(client, map);
    return new ImapSource(`${host.host}:${host.port} ${login.user}`, client, plan);
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

class ImapSource implements Source {
  readonly announcesSizes = true;
  readonly name: string;
  readonly folders: Source["folders"];
  readonly skipped: Source["skipped"];
  readonly #client: ImapClient;

  constructor(name: string, client: ImapClient, { folders, skipped }: FolderPlan) {
    this.name = name;
    this.folders = folders;
    this.skipped = skipped;
    this.#client = client;
  }

  async open({ id }: SourceFolder): Promise<Result<OpenedFolder, string>> {
    let validity = "";
    let exists = 0;
    const told = (values: readonly Value[]): void => {
      validity = /\[UIDVALIDITY ([0-9]{1,10})\]/i.exec(atomText(values[2]))?.[1] ?? validity;
      if (atomText(values[2]).toUpperCase() === "EXISTS") exists = Number(atomText(values[1])) || 0;
    };
    const answer = await this.#client.ask(`EXAMINE ${quoted(id)}`, { told });
    if (!answer.ok) return err(`the server does not open it: ${answer.text.slice(0, 200)}`);
    return ok({ validity, entries: exists === 0 ? [] : await this.#list() });
  }

  /** Ascending uids, each once, whatever the server says. */
  async #list(): Promise<readonly SourceEntry[]> {
    const sizes = new Map<number, number>();
    const told = (values: readonly Value[]): void => {
      const items = fetchItems(values);
      const uid = uidOf(items);
      if (uid === undefined || sizes.size >= MOVING_LIMITS.messagesOfFolder) return;
      sizes.set(uid, Number(atomText(items?.get("RFC822.SIZE"))) || 0);
    };
    await this.#client.must("UID FETCH 1:* (UID RFC822.SIZE)", {
      told,
      expected: MOVING_LIMITS.messagesOfFolder,
    });
    return [...sizes]
      .toSorted(([a], [b]) => a - b)
      .map(([uid, size_octets]) => ({ key: String(uid), size_octets }));
  }

  async fetch(entries: readonly SourceEntry[]): Promise<readonly SourceMessage[]> {
    const wanted = new Set(entries.map(({ key }) => key));
    const messages: SourceMessage[] = [];
    const told = (values: readonly Value[]): void => {
      const message = messageOf(fetchItems(values));
      if (message !== undefined && wanted.delete(message.key)) messages.push(message);
    };
    const set = entries.map(({ key }) => key).join(",");
    await this.#client.must(`UID FETCH ${set} (UID FLAGS INTERNALDATE BODY.PEEK[])`, {
      told,
      expected: entries.length,
      literal_octets: MOVING_LIMITS.message_octets,
    });
    return messages.toSorted((a, b) => Number(a.key) - Number(b.key));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }
}

function uidOf(items: ReadonlyMap<string, Value> | undefined): number | undefined {
  const uid = Number(atomText(items?.get("UID")));
  return Number.isInteger(uid) && uid >= 1 && uid <= UID_MAX ? uid : undefined;
}

function messageOf(items: ReadonlyMap<string, Value> | undefined): SourceMessage | undefined {
  const uid = uidOf(items);
  const octets = valueOctets(items?.get("BODY[]"));
  if (uid === undefined || octets === undefined || items === undefined) return undefined;
  return {
    key: String(uid),
    octets,
    flags: flagsOf(items.get("FLAGS")),
    internalDate_ms: dateOf(items.get("INTERNALDATE")) ?? headerDate(octets),
  };
}

function flagsOf(value: Value | undefined): Flags {
  const names = value?.kind === "list" ? value.items.map(atomText) : [];
  return toStored(names.filter((name) => name !== "" && name.length <= MOVING_LIMITS.keyword_octets));
}

function dateOf(value: Value | undefined): number | undefined {
  const cursor = new Cursor([`"${valueOctets(value)?.toString("latin1") ?? ""}"`], []);
  const date_ms = dateTime(cursor);
  return cursor.failed ? undefined : date_ms;
}

async function foldersOf(client: ImapClient, map: ReadonlyMap<string, string>): Promise<FolderPlan> {
  const { prefix, foreign } = await namespacesOf(client);
  const tells = client.can("SPECIAL-USE") && client.can("LIST-EXTENDED");
  const listed = await listOf(client, tells ? 'LIST "" "*" RETURN (SPECIAL-USE)' : 'LIST "" "*"');
  const subscribed = new Set((await listOf(client, 'LSUB "" "*"')).map(({ name }) => name));
  return planFolders(listed, { map, prefix, foreign, subscribed });
}

async function listOf(client: ImapClient, command: string): Promise<readonly ListedFolder[]> {
  const listed = new Map<string, ListedFolder>();
  const told = (values: readonly Value[]): void => {
    const [, word, attributes, delimiter, name] = values;
    if (!/^(LIST|LSUB)$/i.test(atomText(word)) || attributes?.kind !== "list") return;
    const folder = nameOctets(name);
    if (folder === undefined || listed.size >= MOVING_LIMITS.folders) return;
    const known = listed.get(folder);
    listed.set(folder, {
      name: folder,
      delimiter: nameOctets(delimiter),
      attributes: [...(known?.attributes ?? []), ...attributes.items.map(atomText)],
    });
  };
  await client.must(command, { told, expected: MOVING_LIMITS.folders });
  // INBOX first: it is what people miss.
  return [...listed.values()].toSorted(
    (a, b) => Number(isInbox(b)) - Number(isInbox(a)) || (a.name < b.name ? -1 : 1),
  );
}

const isInbox = ({ name }: ListedFolder): boolean => asciiLower(name) === "inbox";

/** RFC 2342: (personal) (other users') (shared), each a list of (prefix delimiter). */
async function namespacesOf(client: ImapClient): Promise<{ prefix: string; foreign: readonly string[] }> {
  let found: readonly Value[] = [];
  if (client.can("NAMESPACE"))
    await client.ask("NAMESPACE", {
      told: (values) => {
        if (atomText(values[1]).toUpperCase() === "NAMESPACE") found = values.slice(2);
      },
    });
  const prefixes = (value: Value | undefined): string[] =>
    value?.kind === "list"
      ? value.items.map((item) => (item.kind === "list" ? (nameOctets(item.items[0]) ?? "") : ""))
      : [];
  const [personal, others, shared] = found;
  return { prefix: prefixes(personal)[0] ?? "", foreign: [...prefixes(others), ...prefixes(shared)] };
}
