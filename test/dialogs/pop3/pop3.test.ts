import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseDialog } from "./dialog.ts";
import { playInMemory, playOverTcp } from "./stage.ts";

const folder = new URL("./", import.meta.url);
const dialogs = readdirSync(folder)
  .filter((file) => file.endsWith(".dialog"))
  .map((file) => parseDialog(file, readFileSync(new URL(file, folder), "utf8")));

describe("POP3 dialogs over memory", { concurrency: 4 }, () => {
  for (const dialog of dialogs) test(dialog.name, () => playInMemory(dialog).then(() => {}));
});

describe("POP3 dialogs over TCP", { concurrency: 4 }, () => {
  for (const dialog of dialogs) test(dialog.name, () => playOverTcp(dialog).then(() => {}));
});

test("an injection before TLS is in the log (T-33)", async () => {
  const injection = dialogs.find(({ name }) => name === "stls-injection.dialog");
  assert.ok(injection);
  const { log } = await playOverTcp(injection);
  assert.deepEqual(
    log.events.filter(({ level }) => level === "warn").map(({ event }) => event),
    ["pop3.stls-injection"],
  );
});
