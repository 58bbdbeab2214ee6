import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { parseIp } from "../base/ip.ts";
import { DialogClient, SmtpStage } from "../../test/dialogs/smtp/stage.ts";
import { SocketConnection } from "../net/socket-connection.ts";
import { defaultLimits } from "./limits.ts";
import { serveSmtp, type GreetingWatch } from "./server.ts";

const STRANGER = parseIp("192.0.2.1") ?? assert.fail("an address");

class Watch implements GreetingWatch {
  readonly heard: string[] = [];
  readonly #standing: ReturnType<GreetingWatch["standing"]>;
  readonly #action: "refuse" | "note";
  constructor(standing: ReturnType<GreetingWatch["standing"]>, action: "refuse" | "note" = "refuse") {
    this.#standing = standing;
    this.#action = action;
  }
  standing = () => this.#standing;
  waited = (): void => void this.heard.push("waited");
  talked = () => {
    this.heard.push("talked");
    return this.#action === "note" ? this.#action : { refusedAs: "d1" };
  };
}

function visit(watch: Watch, greeting_ms: number) {
  const stage = new SmtpStage(new Map());
  const [near, far] = duplexPair();
  const connection = new SocketConnection(far, {
    remote: { address: STRANGER, port: 40_000 },
    local: { address: "127.0.0.1", port: 25 },
  });
  const options = { ...stage.options, greetingWatch: watch, limits: { ...defaultLimits, greeting_ms } };
  const client = new DialogClient(near);
  /** Starts the session; a client that talks at once has talked before. */
  const begin = () => serveSmtp(connection, options);
  return { stage, client, begin };
}

const EHLO = Buffer.from("EHLO client.example.org\r\n");

test("who waits for the end of the banner is let in, and remembered", async () => {
  const watch = new Watch("unknown");
  const { client, begin } = visit(watch, 20);
  const over = begin();
  assert.equal(await client.line(), "220-mx.wachpost.test");
  assert.deepEqual(watch.heard, []);
  assert.equal(await client.line(), "220 mx.wachpost.test ESMTP");
  assert.deepEqual(watch.heard, ["waited"]);
  client.send(EHLO);
  assert.match(await client.line(), /^250-/);
  client.hangUp();
  await over;
});

test("who talks into the banner is sent away (D-08)", async () => {
  const watch = new Watch("unknown");
  const { stage, client, begin } = visit(watch, 60_000);
  const over = begin();
  assert.equal(await client.line(), "220-mx.wachpost.test");
  client.send(EHLO);
  assert.equal(await client.line(), "521 5.5.1 Protocol error: you talked before the banner (d1)");
  await client.closed();
  await over;
  assert.deepEqual(watch.heard, ["talked"]);
  assert.equal(stage.backend.sessions, 0);
  const seen = stage.log.events.find(({ event }) => event === "smtp.early-talk");
  assert.match(String(seen?.fields.octets), /^EHLO client/);
});

test("a known client does not wait, and may not talk first either", async () => {
  const silent = visit(new Watch("known"), 60_000);
  const over = silent.begin();
  assert.equal(await silent.client.line(), "220 mx.wachpost.test ESMTP");
  silent.client.hangUp();
  await over;
  const early = visit(new Watch("known"), 60_000);
  early.client.send(EHLO);
  await new Promise((resolve) => setImmediate(resolve));
  const ended = early.begin();
  assert.match(await early.client.line(), /^521 /);
  await ended;
});

test("who is spared may talk first: operators with a script", async () => {
  const watch = new Watch("spared");
  const { client, begin } = visit(watch, 60_000);
  client.send(EHLO);
  const over = begin();
  assert.match(await client.line(), /^220 /);
  assert.match(await client.line(), /^250-/);
  assert.deepEqual(watch.heard, []);
  client.hangUp();
  await over;
});

test("where it is only noted, the rules learn of it with the message, and nothing said is lost", async () => {
  const { stage, client, begin } = visit(new Watch("unknown", "note"), 60_000);
  const over = begin();
  assert.match(await client.line(), /^220-/);
  client.send(EHLO);
  assert.match(await client.line(), /^220 /);
  let line = await client.line();
  while (line.startsWith("250-")) line = await client.line();
  for (const [command, want] of [
    ["MAIL FROM:<a@b.test>", /^250 /],
    ["RCPT TO:<you@wachpost.test>", /^250 /],
    ["DATA", /^354 /],
    ["x\r\n.", /^250 /],
  ] as const) {
    client.send(Buffer.from(`${command}\r\n`));
    assert.match(await client.line(), want);
  }
  assert.equal(stage.backend.messages[0]?.facts.earlyTalk, true);
  client.hangUp();
  await over;
});
