import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ManualClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import { parseMailbox } from "../smtp/grammar.ts";
import type { EnvelopeAddress } from "../smtp/address.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type { Addresses } from "./contract.ts";
import { Forwarding } from "./forwarding.ts";

const DAY_MS = 86_400_000;
const clock = new ManualClock(Date.UTC(2026, 10, 30));
const ours: Addresses = {
  isLocalDomain: async (domain) => domain === "forward.test",
  owns: async () => false,
  resolve: async () => ({ kind: "unknown" }),
} as Addresses;

let directory: string;
let store: Store;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "wachpost-kept-senders-"));
  store = await openStore({ directory, clock, log: silentLog });
});
after(async () => {
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function address(text: string): EnvelopeAddress {
  const parsed = parseMailbox(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

const backTo = async (forwarding: Forwarding, text: string): Promise<readonly string[]> => {
  const resolution = await forwarding.including(ours).resolve(address(text));
  return resolution.kind === "local" ? (resolution.remote ?? []) : [];
};

const LONG = `bounces+1234567-abcdef-user=${"x".repeat(20)}@mailing.of.a.long.name.example`;

for (const sender of [
  LONG,
  `"${"odd name ".repeat(5)}!"@long.example`,
  `SRS0=abcdefgh=aa=${"d".repeat(20)}.example=someone@another-forwarder.example`,
])
  test(`${sender.slice(0, 24)}…: an address others take, and bounces come back`, async () => {
    const forwarding = await Forwarding.open(store, clock);
    const written = await forwarding.senderFor(address(sender), "forward.test");
    assert.ok(written.indexOf("@") <= 64, written);
    assert.match(written, /^SRS[01]=[a-z2-7]{8}=.*@forward\.test$/);
    assert.deepEqual(await backTo(await Forwarding.open(store, clock), written), [sender]);
    assert.deepEqual(
      await backTo(
        forwarding,
        written.replace(/^[^@]+/, (local) => local.toUpperCase()),
      ),
      [sender],
    );
    assert.ok(forwarding.isForBounces(address(written)));
  });

test("one row for a sender, good for as long as the address, then gone", async () => {
  const forwarding = await Forwarding.open(store, clock);
  const rows = async (): Promise<number> =>
    (await store.tables.accessEntries("forwarded-senders", clock.now())).length;
  const first = await rows();
  const version = await store.tables.tablesVersion();
  await forwarding.senderFor(address(LONG), "forward.test");
  assert.equal(await store.tables.tablesVersion(), version, "not written again");
  clock.advance(5 * DAY_MS);
  const written = await forwarding.senderFor(address(LONG), "forward.test");
  assert.equal(await rows(), first);
  clock.advance(20 * DAY_MS);
  assert.deepEqual(await backTo(forwarding, written), [LONG]);
  clock.advance(2 * DAY_MS);
  assert.deepEqual(await backTo(forwarding, written), []);
  clock.advance(DAY_MS);
  assert.equal(await rows(), 0);
});

test("a token nobody was given leads nowhere; a short sender needs none", async () => {
  const forwarding = await Forwarding.open(store, clock);
  const written = await forwarding.senderFor(address(LONG), "forward.test");
  assert.deepEqual(await backTo(forwarding, written.replace(/=t=./, "=t=0")), []);
  const short = await forwarding.senderFor(address("anna@example.org"), "forward.test");
  assert.match(short, /=example\.org=anna@forward\.test$/);
});

test("made-up senders fill no disk", async () => {
  const puts: string[] = [];
  const tables = {
    accessLookup: async () => undefined,
    putAccess: async ({ key }: { readonly key: string }) => void puts.push(key),
  } as unknown as Store["tables"];
  const forwarding = new Forwarding(Buffer.alloc(32, 7), clock, tables);
  for (let n = 0; n < 10_050; n++) {
    const written = await forwarding.senderFor(
      { localPart: `${"y".repeat(50)}${n}`, domain: "flood.example", text: "" } as EnvelopeAddress,
      "forward.test",
    );
    assert.ok(written.endsWith("@forward.test"));
  }
  assert.equal(new Set(puts).size, 10_000);
  clock.advance(DAY_MS);
  await forwarding.senderFor(address(LONG), "forward.test");
  assert.equal(puts.length, 10_001);
});
