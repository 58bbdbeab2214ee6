import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseIp, type IpAddress } from "../../src/base/ip.ts";
import { checkHost } from "../../src/authentication/spf/verify.ts";
import { knownDns, zoneDns, type ZoneEntry } from "./spf-zone.ts";

type Case = {
  readonly name: string;
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  /** Any of these; the first is the one preferred. */
  readonly result: readonly string[];
  /** `DEFAULT`: no words of the publisher. */
  readonly explanation?: string;
};
type Scenario = {
  readonly description: string;
  readonly tests: readonly Case[];
  readonly zone: readonly ZoneEntry[];
};

const SUITE = new URL("../corpora/spf/rfc7208-tests.json", import.meta.url);
const CASES = 203;

function senderOf(mailfrom: string): { localPart: string; domain: string } | null {
  if (mailfrom === "") return null;
  const at = mailfrom.lastIndexOf("@");
  return { localPart: mailfrom.slice(0, Math.max(0, at)), domain: mailfrom.slice(at + 1) };
}

test("the openspf.org test suite for RFC 7208 passes whole (C-01)", async (t) => {
  const suite = JSON.parse(readFileSync(SUITE, "utf8")) as Scenario[];
  let passed = 0;
  for (const { description, tests, zone } of suite) {
    await t.test(description, async () => {
      for (const { name, helo, host, mailfrom, result, explanation } of tests) {
        const question = {
          client: parseIp(host) as IpAddress,
          heloName: helo,
          from: senderOf(mailfrom),
          receiver: "mx.wachpost.test",
          now_ms: 1_700_000_000_000,
        };
        const got = await checkHost(question, zoneDns(zone));
        assert.deepEqual(await checkHost(question, knownDns(zone)), got, `${name}, with answers at hand`);
        assert.ok(
          result.includes(got.result),
          `${name}: ${got.result} (${got.problem}), want ${result.join(" or ")}`,
        );
        if (explanation !== undefined) assert.equal(got.explanation ?? "DEFAULT", explanation, name);
        passed++;
      }
    });
  }
  t.diagnostic(`${passed} of ${CASES} cases`);
  assert.equal(passed, CASES);
});
