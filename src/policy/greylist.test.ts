import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../base/ip.ts";
import type { AccessTableRow } from "../store/store.ts";
import { GREYLIST_WAIT_S, Greylist, greylistQuestion } from "./greylist.ts";

const DAY_S = 86_400;

function greylist() {
  const rows = new Map<string, AccessTableRow>();
  let now_ms = 1_000_000_000_000;
  const clock = { now: () => now_ms, sleep: async () => {} };
  const tables = {
    accessEntries: async () => [...rows.values()],
    accessLookup: async (_table: string, key: string, at_ms: number) => {
      const row = rows.get(key);
      return row !== undefined && (row.expires_ms ?? Infinity) > at_ms ? row : undefined;
    },
    accessTables: async () => ["greylist"],
    tablesVersion: async () => 0,
    putAccess: async (row: AccessTableRow) => void rows.set(row.key, row),
  };
  const list = new Greylist(tables, clock as never);
  return { list, rows, pass: (seconds: number) => void (now_ms += seconds * 1000) };
}

const question = (client: string): string =>
  greylistQuestion(parseIp(client) ?? assert.fail(client), "A@B.example", "you@example.org");

test("one network, sender and recipient are one question", () => {
  assert.equal(question("192.0.2.1"), "greylist 192.0.2.0/24 a@b.example you@example.org from 192.0.2.1");
  const remembered = (client: string): string => question(client).replace(/ from .*/, "");
  assert.equal(remembered("192.0.2.1"), remembered("192.0.2.250"));
  assert.notEqual(remembered("192.0.2.1"), remembered("192.0.3.1"));
  assert.equal(remembered("2001:db8::1"), remembered("2001:db8::ffff:1"));
});

test("the second visit counts from the first; who came back is known for 36 days from then", async () => {
  const { list, pass } = greylist();
  const ask = (): Promise<number> => list.since_s(question("192.0.2.1"));
  assert.equal(await ask(), 0);
  pass(60);
  assert.equal(await ask(), 60);
  pass(GREYLIST_WAIT_S);
  assert.equal(await ask(), 360);
  pass(35 * DAY_S);
  assert.ok((await ask()) >= GREYLIST_WAIT_S);
  pass(37 * DAY_S);
  assert.equal(await ask(), 0, "forgotten");
});

test("a client that came again is known for every sender; its neighbours are not", async () => {
  const { list, pass } = greylist();
  const other = (client: string): Promise<number> =>
    list.since_s(greylistQuestion(parseIp(client) ?? assert.fail(client), "new@b.example", "me@example.org"));
  await list.since_s(question("192.0.2.1"));
  pass(GREYLIST_WAIT_S + 1);
  await list.since_s(question("192.0.2.1"));
  assert.ok((await other("192.0.2.1")) >= GREYLIST_WAIT_S);
  assert.equal(await other("192.0.2.9"), 0);
  for (let month = 0; month < 4; month++) {
    pass(30 * DAY_S);
    assert.ok((await other("192.0.2.1")) >= GREYLIST_WAIT_S, `known in month ${month}`);
  }
});

test("who does not come again within a day is forgotten", async () => {
  const { list, pass } = greylist();
  assert.equal(await list.since_s(question("192.0.2.1")), 0);
  pass(DAY_S + 1);
  assert.equal(await list.since_s(question("192.0.2.1")), 0);
});

test("a flood of new ones is not written down without end", async () => {
  const { list, rows } = greylist();
  for (let i = 0; i < 6_000; i++) await list.since_s(`greylist ${i} from ${i}`);
  assert.equal(rows.size, 5_000);
  assert.ok((await list.since_s("greylist 9999 from 9999")) >= GREYLIST_WAIT_S);
});
