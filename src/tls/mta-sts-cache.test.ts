import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import type { Domain } from "../base/domain-name.ts";
import { MemoryLog } from "../base/log.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Dns, DnsAnswer } from "../dns/answer.ts";
import { mtaStsPolicies, type MtaSts } from "./mta-sts-cache.ts";
import type { FetchFailure } from "./mta-sts-fetch.ts";
import type { MtaStsPolicy } from "./mta-sts-policy.ts";

const HOUR_MS = 3_600_000;
const DAY_S = 86_400;
const X = "x.test" as Domain;

const policyOf = (mode: MtaStsPolicy["mode"], maxAge_s = DAY_S): Result<MtaStsPolicy, FetchFailure> =>
  ok({ mode, maxAge_s, mx: [{ wildcard: false, domain: "mx.x.test" as Domain }] });
const down: Result<MtaStsPolicy, FetchFailure> = err({ result: "sts-policy-fetch-error", detail: "down" });

/** A domain as it answers today, and everything that was asked of it. */
class Stage {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly kept = new Map<string, string>();
  id: string | undefined = "1";
  dnsFails = false;
  answer = policyOf("enforce");
  fetches = 0;
  asked: string[] = [];
  mtaSts: MtaSts;

  constructor() {
    this.mtaSts = this.#start();
  }

  restart(): void {
    this.mtaSts = this.#start();
  }

  async mode(): Promise<string> {
    const finding = await this.mtaSts.policyFor(X);
    return finding.kind === "policy" ? finding.policy.mode : (finding.failure?.result ?? "none");
  }

  #start(): MtaSts {
    const query = async (name: Domain): Promise<DnsAnswer<string>> => {
      this.asked.push(name);
      if (this.dnsFails) return { kind: "failure", reason: "servfail" };
      if (this.id === undefined) return { kind: "nxdomain", ttl_s: 0, authenticated: false };
      return { kind: "records", records: [`v=STSv1; id=${this.id}`], ttl_s: 0, authenticated: false };
    };
    return mtaStsPolicies({
      dns: { query: query as Dns["query"] },
      fetch: async () => {
        this.fetches++;
        return this.answer;
      },
      clock: this.clock,
      memory: {
        get: async (domain) => this.kept.get(domain),
        put: async (domain, text) => void this.kept.set(domain, text),
      },
      log: this.log,
    });
  }
}

test("cache: one fetch per id, also for those who ask together", async () => {
  const stage = new Stage();
  assert.deepEqual(await Promise.all([stage.mode(), stage.mode()]), ["enforce", "enforce"]);
  assert.equal(await stage.mode(), "enforce");
  assert.equal(stage.fetches, 1);
  assert.ok(stage.asked.every((name) => name === "_mta-sts.x.test"));
  stage.id = "2";
  stage.answer = policyOf("testing");
  assert.equal(await stage.mode(), "testing");
  assert.equal(stage.fetches, 2);
});

for (const [name, change] of [
  ["no record", (stage: Stage) => (stage.id = undefined)],
  ["no answer of the DNS", (stage: Stage) => (stage.dnsFails = true)],
  ["a policy host that is down", (stage: Stage) => ((stage.id = "2"), (stage.answer = down))],
] as const) {
  test(`cache: ${name} takes nothing back before max_age is over`, async () => {
    const stage = new Stage();
    await stage.mode();
    change(stage);
    assert.equal(await stage.mode(), "enforce");
    stage.clock.advance(DAY_S * 1000 - 1);
    assert.equal(await stage.mode(), "enforce");
    stage.clock.advance(1);
    assert.match(await stage.mode(), /^(none|sts-policy-fetch-error)$/);
  });
}

test("cache: mode none ends a policy at once", async () => {
  const stage = new Stage();
  await stage.mode();
  stage.id = "2";
  stage.answer = policyOf("none");
  assert.equal(await stage.mode(), "none");
  stage.restart();
  stage.dnsFails = true;
  assert.equal(await stage.mode(), "none");
});

test("cache: a restart keeps what was known, to the end of its time", async () => {
  const stage = new Stage();
  await stage.mode();
  stage.restart();
  stage.dnsFails = true;
  assert.equal(await stage.mode(), "enforce");
  assert.equal(stage.fetches, 1);
  stage.clock.advance(DAY_S * 1000);
  stage.restart();
  assert.equal(await stage.mode(), "none");
});

test("cache: what is kept badly is as if it were not kept", async () => {
  for (const text of ["", "1", "1 2\nversion: STSv1", "\0 9\nmode: enforce", "1 x\nnonsense"]) {
    const stage = new Stage();
    stage.kept.set(X, text);
    stage.dnsFails = true;
    assert.equal(await stage.mode(), "none");
  }
});

test("cache: the same id is read anew after half of max_age, or a day; a failure then is no loss", async () => {
  const stage = new Stage();
  stage.answer = policyOf("enforce", 7 * DAY_S);
  await stage.mode();
  stage.clock.advance(23 * HOUR_MS);
  await stage.mode();
  assert.equal(stage.fetches, 1);
  stage.clock.advance(HOUR_MS);
  stage.answer = down;
  assert.equal(await stage.mode(), "enforce");
  assert.equal(stage.fetches, 2);
  stage.answer = policyOf("enforce", DAY_S / 2);
  stage.clock.advance(HOUR_MS);
  await stage.mode();
  assert.equal(stage.fetches, 3);
  stage.clock.advance(6 * HOUR_MS);
  await stage.mode();
  assert.equal(stage.fetches, 4);
});

test("cache: five minutes of peace after a failure, also for a policy never had (RFC 8461 §3.3)", async () => {
  const stage = new Stage();
  stage.answer = down;
  assert.equal(await stage.mode(), "sts-policy-fetch-error");
  assert.equal(await stage.mode(), "sts-policy-fetch-error");
  assert.equal(stage.fetches, 1);
  stage.clock.advance(300_000);
  stage.answer = policyOf("enforce");
  assert.equal(await stage.mode(), "enforce");
  assert.equal(stage.fetches, 2);
});

test("cache: a store that cannot write keeps no mail back", async () => {
  const stage = new Stage();
  stage.kept.set = () => {
    throw new Error("disk full");
  };
  assert.equal(await stage.mode(), "enforce");
  assert.ok(stage.log.events.some(({ event }) => event === "mta-sts.not-kept"));
});

test("cache: an address literal has no policy and asks nobody", async () => {
  const stage = new Stage();
  assert.deepEqual(await stage.mtaSts.policyFor("[192.0.2.1]"), { kind: "none" });
  assert.deepEqual(stage.asked, []);
});
