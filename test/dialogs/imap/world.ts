import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { DEFAULT_MAILBOXES } from "../../../src/base/default-mailboxes.ts";
import type { MemoryLog } from "../../../src/base/log.ts";
import type { ImapAccount, ImapBackend } from "../../../src/imap/backend.ts";
import { imapBackend } from "../../../src/mailbox/imap-backend.ts";
import { scan } from "../../../src/message/mime.ts";
import type { Identity } from "../../../src/sasl/exchange.ts";
import { openStore } from "../../../src/store/sqlite/open.ts";
import { NO_FLAGS } from "../../../src/store/store.ts";
import { MEMORY_ACCOUNT, MemoryBackend } from "./memory-backend.ts";
import { LOGIN, MemoryLogins } from "./memory-logins.ts";
import { MAIL } from "./mail.ts";

/** What a dialog's server stands on. */
export interface World extends AsyncDisposable {
  readonly backend: ImapBackend;
  /** A message arrives by SMTP. */
  deliver(octets: Buffer): Promise<void>;
  /** Fails when a session left something behind. */
  assertClean(): void;
}

export type Engine = "memory" | "store";

const RECEIVED_MS = Date.UTC(2026, 10, 24, 9, 0, 5);
const APPEND_OCTETS = 1_000_000;

export async function makeWorld(
  engine: Engine,
  settings: ReadonlyMap<string, string>,
  log: MemoryLog,
): Promise<World> {
  const options = {
    appendSizeMax: Number(settings.get("append") ?? APPEND_OCTETS),
    quota_octets: Number(settings.get("quota") ?? 0),
    manner: settings.get("manner") ?? "",
  };
  const world = engine === "memory" ? memoryWorld(options) : await storeWorld(options, log);
  const identity: Identity = { account: MEMORY_ACCOUNT, login: LOGIN, credential: 1 };
  if (options.manner !== "broken")
    await fill(await world.backend.account(identity), settings.get("mail") ?? "three");
  return world;
}

type Options = ConstructorParameters<typeof MemoryBackend>[0];

async function fill(account: ImapAccount, mail: string): Promise<void> {
  for (const entry of MAIL[mail] ?? []) {
    const [, flags = "", text = ""] = /^(?:([\\$][^|\n:]*)\|)?([\s\S]*)$/.exec(entry) ?? [];
    const octets = Buffer.from(text, "latin1");
    const message = { octets, flags: flags === "" ? [] : flags.split(" "), internalDate_ms: RECEIVED_MS };
    const appended = await account.append("INBOX", [message]);
    if (!appended.ok) throw new Error(appended.error.text);
  }
}

function memoryWorld(options: Options): World {
  const backend = new MemoryBackend(options);
  return {
    backend,
    async deliver(octets) {
      const account = await backend.account();
      await account.append("INBOX", [{ octets, flags: [], internalDate_ms: RECEIVED_MS }]);
    },
    assertClean() {
      if (backend.sessions !== 0) throw new Error(`${backend.sessions} sessions are still connected`);
      if (backend.openBoxes !== 0) throw new Error(`${backend.openBoxes} mailboxes are still open`);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The real store in a temporary directory, with the real mailboxes over it. */
async function storeWorld({ appendSizeMax, quota_octets, manner }: Options, log: MemoryLog): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-imap-"));
  const store = await openStore({ directory, log, clock: systemClock });
  await store.directory.addDomain("wachpost.test");
  const added = await store.directory.addAccount({
    login: LOGIN,
    displayName: "You",
    quota_octets,
    administrator: false,
    scramSalt: Buffer.alloc(16, 1),
    created_ms: 0,
    mailboxes: DEFAULT_MAILBOXES,
  });
  if (!added.ok) throw new Error(added.error);
  const account = added.value;
  const backend = imapBackend({
    store,
    logins: {
      mechanisms: (tls) => (tls ? ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"] : []),
      authenticator: () => new MemoryLogins(manner, account),
    },
    hostName: "mx.wachpost.test",
    appendSizeMax,
    clock: systemClock,
    log,
  });
  return {
    backend: { ...backend, account: (identity) => backend.account({ ...identity, account }) },
    async deliver(octets) {
      const copies = [{ account, mailbox: "INBOX", flags: NO_FLAGS }];
      const source = { kind: "octets", octets } as const;
      await store.mail.deliver({ source, outline: scan(octets), received_ms: RECEIVED_MS, copies });
    },
    assertClean() {},
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
