/** Servers that serve so many at once and no more, and count those who have just left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Net } from "../../src/doctor/probe.ts";
import { smuggling } from "../../src/doctor/probes/smuggling.ts";
import { startScripted } from "./scripted-server.ts";
import { DOMAIN, GOOD_ZONE, HOST, startWorld } from "./world.ts";
import { evidenceText } from "../../src/doctor/words/told.ts";

test("a server that is busy when all false ends come at once is asked for each again, later", async () => {
  const server = await startScripted({});
  const busy = await startScripted({
    banner: "421 Too many concurrent SMTP connections; please try again later.",
  });
  const world = await startWorld(GOOD_ZONE);
  let visits = 0;
  const waits: number[] = [];
  const net: Net = {
    ...world.net,
    clock: { now: () => Date.now(), sleep: (ms) => Promise.resolve(void waits.push(ms)) },
    connect: (host) => world.net.connect({ ...host, port: visits++ < 3 ? busy.port : server.port }),
  };
  const host = { name: HOST, address: "127.0.0.1", port: server.port, service: "smtp", ours: true } as const;
  const found = await smuggling.run({ ...host, domains: [DOMAIN] }, net);
  for (const each of [server, busy, world]) each.close();
  assert.deepEqual(
    found.map(({ grade, evidence }) => `${grade} ${evidenceText(evidence, "en")}`),
    ["ok 9 false ends are none"],
  );
  assert.deepEqual(waits, [2_000, 2_000, 2_000]);
  assert.equal(visits, 12);
});
