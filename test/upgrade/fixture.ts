/** A data directory with mail in it, as a server of an earlier version left it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import type { AccountId } from "../../src/base/mail-ids.ts";
import {
  addAccount,
  delivery,
  mailboxNamed,
  queued,
  rowsOf,
  sample,
  value,
} from "../../src/store/conformance/fixtures.ts";
import { segmentPath, segmentsDirectory } from "../../src/store/blobs/segment-files.ts";
import type { Store } from "../../src/store/store.ts";
import { rollBackStore, type RolledBack } from "../../src/upgrade/roll-back.ts";
import { upgradeStore } from "../../src/upgrade/upgrade-store.ts";
import type { UpgradeRecord } from "../../src/upgrade/set-asides.ts";
import { openAt } from "../store/engine.ts";
import { ageStore } from "./old-store.ts";

export { segmentPath, segmentsDirectory };

export type OldData = Disposable & { readonly data: string; readonly store: string };

/** Quick to sync, and links work there as elsewhere. */
const MEMORY = "/dev/shm";

/** One account with three messages in INBOX, one in Archive, and two on their way. */
export async function oldData(version: number): Promise<OldData> {
  const data = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "wachpost-upgrade-"));
  const directory = join(data, "store");
  {
    await using store = await openAt(directory);
    const account = await addAccount(store, "you@example.org");
    value(await store.mail.createMailbox(account, "Archive"));
    for (const text of ["old 1", "old 2", "old 3"])
      await store.mail.deliver(delivery(sample(text), [account]));
    await store.mail.deliver(delivery(sample("kept"), [account], "Archive"));
    for (const id of ["q1", "q2"])
      await store.mail.deliver({
        ...delivery(sample(id), []),
        queue: queued(id, ["a@example.net", "b@example.net"]),
      });
  }
  ageStore(directory, version);
  return { data, store: directory, [Symbol.dispose]: () => rmSync(data, { recursive: true, force: true }) };
}

export const upgradeNow = (data: string): Promise<UpgradeRecord | undefined> =>
  upgradeStore({ data, version: "2.0.0", clock: systemClock, told: () => {} });

const impatient: Clock = { ...systemClock, sleep: () => Promise.resolve() };

export const rollBackNow = (data: string): Promise<RolledBack> =>
  rollBackStore({ data, clock: impatient, told: () => {} });

/** The account of `oldData`. */
export const you = async (store: Store): Promise<AccountId> =>
  (await store.directory.accountByLogin("you@example.org"))?.id ?? assert.fail("the account is gone");

/** Subjects by uid of a mailbox, each read from its octets. */
export async function subjects(store: Store, mailbox = "INBOX"): Promise<Readonly<Record<number, string>>> {
  const found: Record<number, string> = {};
  for (const { uid, blob } of await rowsOf(store, (await mailboxNamed(store, await you(store), mailbox)).id))
    found[uid] = /^Subject: (.*)\r$/m.exec(String(await store.mail.octets(blob)))?.[1] ?? "unreadable";
  return found;
}

/** Runs the child until it kills itself after a step. */
export function killedAfter(what: "upgrade" | "rollback", step: string, data: string): void {
  const program = fileURLToPath(new URL("upgrade-child.ts", import.meta.url));
  const { signal, stderr } = spawnSync(process.execPath, [program, what, data, step], {
    encoding: "utf8",
  });
  assert.equal(signal, "SIGKILL", `${what}, ${step}: ${stderr}`);
}
