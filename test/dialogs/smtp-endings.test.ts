import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseDialog, type Dialog } from "./smtp/dialog.ts";
import { assertNothingLeft, SmtpStage } from "./smtp/stage.ts";

/** T-21: wherever the client goes away, the session ends and nothing half-received is delivered. */
const FILES = ["one-message", "pipelining", "bdat", "bdat-without-mail", "lmtp-bdat"];

function load(name: string): Dialog {
  return parseDialog(name, readFileSync(new URL(`./smtp/${name}.dialog`, import.meta.url), "utf8"));
}

/** The dialog up to its n-th sent octet; undefined when it is shorter. */
function cutAfter(dialog: Dialog, octets: number): Dialog | undefined {
  let left = octets;
  for (const [index, move] of dialog.moves.entries()) {
    if (move.kind !== "send") continue;
    if (left < move.octets.length) {
      const last = { ...move, octets: move.octets.subarray(0, left) };
      return { ...dialog, moves: [...dialog.moves.slice(0, index), last] };
    }
    left -= move.octets.length;
  }
  return undefined;
}

async function within<T>(promise: Promise<T>, limit_ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${limit_ms} ms`)), limit_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

describe("a client that goes away after any octet leaves no session behind", () => {
  for (const name of FILES) {
    test(name, async () => {
      const dialog = load(name);
      const whole = dialog.moves.reduce((sum, move) => sum + (move.kind === "messages" ? move.count : 0), 0);
      for (let octets = 0; ; octets++) {
        const cut = cutAfter(dialog, octets);
        if (cut === undefined) break;
        const stage = new SmtpStage(dialog.settings);
        const { client, over } = stage.inMemory();
        await client.play(cut, stage);
        client.hangUp();
        await within(over, 2_000);
        assertNothingLeft(stage);
        assert.ok(stage.backend.messages.length <= Math.max(whole, 1));
      }
    });
  }
});

test("a message cut anywhere before its final dot is not delivered", async () => {
  const dialog = load("one-message");
  const sends = dialog.moves.flatMap((move) => (move.kind === "send" ? [move.octets.length] : []));
  const untilDot = sends.slice(0, -1).reduce((sum, length) => sum + length, 0);
  for (let octets = untilDot - 30; octets < untilDot; octets++) {
    const stage = new SmtpStage(dialog.settings);
    const { client, over } = stage.inMemory();
    await client.play(cutAfter(dialog, octets) as Dialog, stage);
    client.hangUp();
    await within(over, 2_000);
    assert.equal(stage.backend.messages.length, 0, `cut after octet ${octets}`);
  }
});

test("a bug that is thrown at once, without a promise, costs its session and nobody else's", async () => {
  const stage = new SmtpStage(new Map());
  stage.backend.mail = () => {
    throw new Error("a bug at MAIL");
  };
  const { client, over } = stage.inMemory();
  await client.play(load("backend-bug"), stage);
  await within(over, 60_000);
  assertNothingLeft(stage);
});
