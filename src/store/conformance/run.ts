import { test } from "node:test";
import { directorySuite } from "./directory.ts";
import type { OpenEngine } from "./fixtures.ts";
import { flagSuite } from "./flags.ts";
import { mailboxSuite } from "./mailboxes.ts";
import { messageSuite } from "./messages.ts";

const SUITES = [directorySuite, mailboxSuite, messageSuite, flagSuite];

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
