import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ManualClock } from "../base/clock.ts";
import { parseIp, type IpAddress } from "../base/ip.ts";
import { silentLog } from "../base/log.ts";
import { networksOf } from "../policy/settings.ts";
import { openStore } from "../store/sqlite/open.ts";
import { openBanBook } from "./ban-book.ts";
import { BanList } from "./ban-list.ts";
import { BAN_LIMITS } from "./rate-limits.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? assert.fail(text);
const BAD = ip("203.0.113.9");

/** Waits for what must come soon; the test's own time-out ends it otherwise. */
async function until(true_: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await true_())) await pause(5);
}

test("bans outlive a restart, are listed in the table, lifted there, and the allow list is obeyed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wachpost-bans-"));
  const clock = new ManualClock();
  const store = await openStore({ directory: join(directory, "store"), log: silentLog, clock });
  const { tables } = store;
  const open = async (bans: BanList) =>
    openBanBook({ tables, bans, trusted: networksOf("198.51.100.0/24"), clock, log: silentLog });
  try {
    const first = new BanList(clock);
    const book = await open(first);
    const ban = first.ban(BAD, "tried 10 times to relay") ?? assert.fail("banned");
    book.add(ban);
    await book[Symbol.asyncDispose]();
    const [row] = await tables.accessEntries("bans", clock.now());
    assert.deepEqual(
      [row?.key, row?.reason, row?.author, row?.expires_ms],
      ["203.0.113.9/32", "tried 10 times to relay", "wachpost", ban.until_ms],
    );

    const second = new BanList(clock);
    await using again = await open(second);
    assert.deepEqual(second.find(BAD), ban);
    assert.equal(second.isSpared(ip("198.51.100.1")), true);
    // Made while the table is looked at: neither is lost.
    const other = second.ban(ip("192.0.2.1"), "guessed 30 passwords") ?? assert.fail("banned");
    again.add(other);
    assert.equal(await tables.removeAccess("bans", "203.0.113.9/32"), true);
    const spare = { table: "clients", value: "OK", reason: "our monitor", author: "admin", created_ms: 1 };
    await tables.putAccess({ ...spare, key: "100.64.0.0/10" });
    await until(() => {
      clock.advance(BAN_LIMITS.poll_ms);
      return second.find(BAD) === undefined;
    });
    assert.deepEqual(second.find(ip("192.0.2.1")), other);
    await until(() => {
      clock.advance(1);
      return second.isSpared(ip("100.64.1.1"));
    });
  } finally {
    await store[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  }
});
