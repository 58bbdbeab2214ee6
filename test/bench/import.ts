/**
 * `npm run import-bench`: a mailbox of 10,000 messages from Dovecot over TLS, while our server runs; killed twice,
 * resumed, then every message compared with what Dovecot holds. `--count N` for another size.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TestServer } from "../e2e/server.ts";
import { OldServer } from "../moving/dovecot-imap.ts";
import { forgetLastLine, killedAfter } from "../moving/killed-import.ts";
import { foundLines, makeOldMail, wantedLines } from "../moving/old-mail.ts";
import { openAt } from "../store/engine.ts";
import { peerPrefix } from "./peer-packages.ts";

const { values } = parseArgs({ options: { count: { type: "string", default: "10000" } } });
const count = Number(values.count);
/** Shares of the messages. */
const FOLDERS = { "": 0.5, ".Gesendet": 0.25, ".Archiv.2019": 0.25 } as const;
const BECOMES = { "": "INBOX", ".Gesendet": "Sent", ".Archiv.2019": "Archiv/2019" } as const;
type Folder = keyof typeof FOLDERS;
const folders = Object.keys(FOLDERS) as Folder[];

const prefix = peerPrefix();
if (typeof prefix === "string") {
  console.log(`Skipped: ${prefix}.`);
  process.exit(0);
}
const mail = makeOldMail(
  Object.fromEntries(folders.map((folder) => [folder, Math.round(count * FOLDERS[folder])])),
);
await using old = await OldServer.start(prefix, mail);
await using server = await TestServer.start({ users: ["killed", "whole"] });

async function compare(user: string): Promise<void> {
  await using store = await openAt(join(server.directory, "data/store"));
  for (const folder of folders)
    assert.deepEqual(
      await foundLines(store, server.login(user), BECOMES[folder]),
      wantedLines(mail.get(folder) ?? []),
      BECOMES[folder],
    );
}

const batches = count / 64;
await killedAfter(server, old.options(server.login("killed")), Math.floor(batches / 3));
forgetLastLine(server);
console.log("killed after a third of the messages, between a commit and its record");
await killedAfter(server, old.options(server.login("killed")), Math.floor(batches / 3));
console.log("killed again after two thirds");
const resumed = await server.cliLater(...old.options(server.login("killed")), "--json");
assert.equal(resumed.status, 0, resumed.stderr);
const rest = JSON.parse(resumed.stdout) as { readonly moved: number };
await compare("killed");
console.log(
  `resumed: the last ${rest.moved} came; all ${count} are there once, equal in octets, flags, keywords, dates`,
);

const whole = await server.cliLater(...old.options(server.login("whole")));
assert.equal(whole.status, 0, whole.stderr);
await compare("whole");
console.log(`in one go, each commit synced:\n${whole.stdout}`);
