/**
 * A process that writes to a store until it is killed or the store refuses. One line per answer on standard output:
 * `uid text` for each message accepted, `fault name` for a refusal, and it goes on after a line on standard input.
 */
import { once } from "node:events";
import { SystemFlag } from "../../src/store/store.ts";
import {
  addAccount,
  delivery,
  flags,
  mailboxNamed,
  sample,
  uidSet,
} from "../../src/store/conformance/fixtures.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { openAt } from "./engine.ts";

const [directory = "", run = "", size = "0"] = process.argv.slice(2);
const padding = "x".repeat(Number(size));
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** The same account in every run. */
async function accountIn(store: Awaited<ReturnType<typeof openAt>>): Promise<ReturnType<typeof addAccount>> {
  const known = await store.directory.accountByLogin("you@example.org");
  return known?.id ?? (await addAccount(store, "you@example.org"));
}

async function write(): Promise<void> {
  await using store = await openAt(directory);
  const account = await accountIn(store);
  const inbox = await mailboxNamed(store, account);
  /** Several at a time, so that commits hold more than one. */
  let attempt = 0;
  const lane = async (lane: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const text = `${run}-${attempt}-${lane}-${i}`;
      const note = { kind: "message", id: text, at_ms: i, keys: [text], body: "{}" };
      const [outcome] = await store.mail.deliver({
        ...delivery(sample(`${text}${padding}`), [account]),
        journal: [note],
      });
      if (outcome?.kind !== "stored") throw new Error(`not stored: ${outcome?.kind}`);
      say(`${outcome.uid} ${text}`);
      if (i % 3 === 0) {
        await store.mail.storeFlags(inbox.id, uidSet(outcome.uid), {
          action: "add",
          flags: flags(SystemFlag.flagged),
        });
        say(`flagged ${outcome.uid}`);
      }
    }
  };
  for (;;) {
    try {
      await Promise.all([lane(0), lane(1), lane(2), lane(3)]);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      say(`fault ${error.fault}`);
      await once(process.stdin, "data");
      attempt++;
    }
  }
}

try {
  await write();
} catch (error) {
  say(`fault ${error instanceof StoreError ? error.fault : String(error)}`);
}
