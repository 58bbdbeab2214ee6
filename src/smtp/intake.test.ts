import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageSink } from "./backend.ts";
import { Intake } from "./intake.ts";
import { reply } from "./reply.ts";

function countingSink(): MessageSink & { octets: number; ends: string[] } {
  return {
    octets: 0,
    ends: [],
    write(octets) {
      this.octets += octets.length;
    },
    async finish() {
      this.ends.push("finish");
      return [reply(250, "2.0.0", "Ok")];
    },
    abort() {
      this.ends.push("abort");
    },
  };
}

test("exactly one of finish and abort reaches the sink", async () => {
  const sink = countingSink();
  const intake = new Intake(sink, 100);
  void intake.write(Buffer.alloc(10));
  await intake.finish();
  intake.abort();
  intake.fail("nul");
  assert.deepEqual(sink.ends, ["finish"]);
});

test("a message over the limit is forgotten at once and counted on", () => {
  const sink = countingSink();
  const intake = new Intake(sink, 100);
  void intake.write(Buffer.alloc(100));
  assert.equal(intake.fault, undefined);
  void intake.write(Buffer.alloc(1));
  void intake.write(Buffer.alloc(1000));
  assert.equal(intake.fault, "too-large");
  assert.equal(intake.excess_octets, 1001);
  assert.equal(sink.octets, 100);
  assert.deepEqual(sink.ends, ["abort"]);
});

test("no limit is no limit (RFC 1870 §4)", () => {
  const intake = new Intake(countingSink(), 0);
  void intake.write(Buffer.alloc(1_000_000));
  assert.equal(intake.fault, undefined);
});
