import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { replayInThreads } from "../../src/cli/replay-threads.ts";
import { loadConfig } from "../../src/config/load.ts";
import { checkedPolicy } from "../../src/policy/from-config.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import type { JournalReads, Store } from "../../src/store/store.ts";
import { STRANGER } from "./stranger.ts";

const alone = availableParallelism() < 2 && "needs two processors";

test(
  "a thread that is ready before there is work for it takes part all the same",
  { skip: alone },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "wachpost-threads-"));
    try {
      const rules = join(directory, "rules.toml");
      writeFileSync(rules, 'hostname = "mail.example.org"\n[policy]\nclient = "reject"\n');
      await using store = await openStore({
        directory: join(directory, "store"),
        log: silentLog,
        clock: systemClock,
      });
      const now_ms = Date.now();
      const judgement = {
        at_ms: now_ms,
        command: "rcpt",
        decision: "permit",
        asked: [],
        steps: [],
        facts: STRANGER,
      };
      const body = JSON.stringify({ kind: "session", id: "s", messages: [], judgements: [judgement] });
      await store.journal.record([{ kind: "session", id: "s", at_ms: now_ms, keys: [], body }]);
      const started = once(process, "worker") as Promise<[Worker]>;
      const readyThenJudged = started.then(async ([worker]) => {
        await once(worker, "message");
        return { judged: once(worker, "message") };
      });
      /** This thread has no work to give until the other is ready, and does none itself until the other has. */
      const journalScan: JournalReads["journalScan"] = async function* (question) {
        const { judged } = await readyThenJudged;
        if (question.kind === "session") await judged;
        yield* store.journal.journalScan(question);
      };
      const patient: Store = Object.create(store, { journal: { value: { ...store.journal, journalScan } } });
      const work = { directory, rules };
      const lists = checkedPolicy(await loadConfig(rules));
      const result = await replayInThreads(patient, lists, work, {
        from_ms: now_ms - 1_000,
        now_ms: now_ms + 1,
      });
      assert.deepEqual([result.judged, result.changes], [1, { "permit -> reject": 1 }]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);
