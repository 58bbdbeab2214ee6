import { test } from "node:test";
import { changeSuite } from "./changes.ts";
import { deliverySuite } from "./delivery.ts";
import { directorySuite } from "./directory.ts";
import type { OpenEngine } from "./fixtures.ts";
import { fateSuite } from "./fates.ts";
import { flagSuite } from "./flags.ts";
import { journalSuite } from "./journal.ts";
import { mailboxSuite } from "./mailboxes.ts";
import { messageSuite } from "./messages.ts";
import { queueSuite } from "./queue.ts";
import { reportSuite } from "./reports.ts";
import { retentionSuite } from "./retention.ts";
import { tableSuite } from "./tables.ts";

const SUITES = [
  directorySuite,
  mailboxSuite,
  messageSuite,
  flagSuite,
  fateSuite,
  changeSuite,
  deliverySuite,
  queueSuite,
  journalSuite,
  tableSuite,
  reportSuite,
  retentionSuite,
];

/** The tests of the contract in `store.ts`, run on fresh data each; `title` names the engine. */
export function runConformance(title: string, open: OpenEngine): void {
  for (const [name, check] of SUITES.flatMap((suite) => Object.entries(suite))) {
    void test(`${title}: ${name}`, async () => {
      const engine = await open();
      try {
        await check(engine);
      } finally {
        await engine.close();
      }
    });
  }
}
