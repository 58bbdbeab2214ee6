import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Command } from "commander";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { explainCommand } from "../../src/cli/explain.ts";
import { findRelated } from "../../src/journal/find.ts";
import { JOURNAL_LIMITS } from "../../src/journal/limits.ts";
import { DEFAULT_PRIVACY } from "../../src/journal/privacy.ts";
import type { JournalRecord } from "../../src/journal/record.ts";
import { startRecorder } from "../../src/journal/recorder.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { FATES, NOON_MS } from "./cases.ts";

const DAY_MS = 86_400_000;

function dataDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-journal-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const storeIn = (data: string): Promise<Store> =>
  openStore({ directory: join(data, "store"), log: silentLog, clock: systemClock });

async function fill(store: Store, records: readonly JournalRecord[]): Promise<void> {
  await using recorder = startRecorder({
    write: (entries) => store.journal.record(entries),
    clock: systemClock,
    log: silentLog,
    privacy: DEFAULT_PRIVACY,
  });
  for (const record of records) recorder.add(record);
  await recorder.flush();
}

/** The same story under other ids. */
const renamed = (records: readonly JournalRecord[], mark: string): readonly JournalRecord[] =>
  JSON.parse(JSON.stringify(records).replaceAll("s4kw8r2c", `s${mark}`).replaceAll("q7mt3v9zk2", `q${mark}`));

test("any of its names finds the whole story, and no other", async (t) => {
  await using store = await storeIn(dataDirectory(t));
  await fill(store, [
    ...renamed(FATES["accepted"] ?? [], "one"),
    ...renamed(FATES["dnsbl"] ?? [], "two"),
    ...renamed(FATES["bounced"] ?? [], "three"),
    ...(FATES["throttled-login"] ?? []),
  ]);
  const stories = async (text: string, last_ms?: number): Promise<string[]> => {
    const question = { text, now_ms: NOON_MS + DAY_MS, ...(last_ms === undefined ? {} : { last_ms }) };
    const { records } = await findRelated(question, store.journal);
    return records.map(({ kind, id }) => `${kind} ${id}`);
  };
  const accepted = ["session sone", "message qone", "fate qone", "fate qone"];
  for (const { name, text, want } of [
    { name: "queue id", text: "QONE", want: accepted },
    { name: "session id", text: "sone", want: accepted },
    { name: "IP address", text: "::ffff:192.0.2.25", want: accepted },
    { name: "a refused client", text: "203.0.113.9", want: ["session stwo"] },
    { name: "nobody", text: "nobody@example.org", want: [] },
    { name: "nothing", text: "", want: [] },
  ]) {
    assert.deepEqual(await stories(text), want, name);
  }
  assert.deepEqual(
    (await stories("carl@example.com")).filter((one) => !one.startsWith("delivery")),
    ["session sthree", "message qthree"],
  );
  assert.equal((await stories("carl@example.com")).length, 9);
  assert.deepEqual(
    new Set(await stories("<20261124.1@example.net>")),
    new Set([...accepted, ...(await stories("qthree"))]),
  );
  assert.equal((await stories("203.0.113.80")).length, 23);
  assert.deepEqual(await stories("qone", DAY_MS / 4), [], "too long ago");
  assert.equal((await stories("qone", 2 * DAY_MS)).length, 4);
});

test("a late event leads to its session, which is older than the asked time", async (t) => {
  await using store = await storeIn(dataDirectory(t));
  await fill(store, FATES["junk"] ?? []);
  const { records } = await findRelated(
    { text: "anna@example.org", now_ms: NOON_MS + 90 * 60_000, last_ms: 60_000 },
    store.journal,
  );
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["session", "message", "fate"],
  );
});

test("a question about everything is answered in part, and says so", async (t) => {
  await using store = await storeIn(dataDirectory(t));
  const stories = Array.from({ length: 400 }, (_, i) => renamed(FATES["accepted"] ?? [], `m${i}`)).flat();
  await fill(store, stories);
  const found = await findRelated({ text: "anna@example.org", now_ms: NOON_MS }, store.journal);
  assert.ok(found.records.length <= JOURNAL_LIMITS.foundMax);
  assert.equal(found.more, true);
});

test("wachpost explain: sentences for people, records for programs", async (t) => {
  const data = dataDirectory(t);
  await using store = await storeIn(data);
  await fill(store, FATES["dnsbl"] ?? []);
  const run = async (...argv: string[]): Promise<string> => {
    const program = new Command().option("--data <dir>").option("--json").exitOverride();
    program.configureOutput({ writeErr: () => {} });
    explainCommand(program);
    const write = t.mock.method(process.stdout, "write", () => true);
    await program.parseAsync(["--data", data, ...argv], { from: "user" });
    write.mock.restore();
    return write.mock.calls.map((call) => String(call.arguments[0])).join("");
  };
  assert.match(
    await run("explain", "203.0.113.9", "--lang", "de", "--zone", "UTC"),
    /Die Liste zen\.spamhaus\.org führt 203\.0\.113\.9/,
  );
  assert.match(
    await run("explain", "s4kw8r2c", "--lang", "en"),
    /Exception: wachpost allow 203\.0\.113\.9 --reason/,
  );
  const json = JSON.parse(await run("--json", "explain", "s4kw8r2c", "--lang", "en")) as {
    records: unknown[];
    more: boolean;
  };
  assert.equal(json.records.length, 1);
  assert.equal(json.more, false);
  assert.match(await run("explain", "nothing-here", "--lang", "en"), /^The journal has nothing about this/);
  await assert.rejects(run("explain", "x", "--zone", "Mars/Base"), /Mars\/Base is not a time zone/);
  await assert.rejects(run("explain", "x", "--last", "soon"), /12h or 7d/);
});
