import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { feedKey, feedKeyText, openFeed, signFeed, updateFor, type FeedFault, type Release } from "./feed.ts";
import { FEED_AHEAD_MS } from "./limits.ts";
import { afterLook, pendingUpdate, readUpdateState } from "./update-state.ts";
import { compareVersions } from "./version-order.ts";

const NOW_MS = 1_796_000_000_000;
const DAY_MS = 24 * 3_600_000;
const ours = generateKeyPairSync("ed25519").privateKey;
const theirs = generateKeyPairSync("ed25519").privateKey;
const key = feedKey(feedKeyText(ours)) ?? assert.fail();

const release = (version: string, severity: Release["severity"] = "normal"): Release => ({
  version,
  date: "2026-11-30",
  severity,
  text: { en: `What is new in ${version}`, de: `Was in ${version} neu ist` },
  sha512: "ab".repeat(64),
});
const FEED = { made_ms: NOW_MS - DAY_MS, expires_ms: NOW_MS + DAY_MS, releases: [release("1.1.0")] };

/** An envelope around any text, rightly signed. */
function enveloped(feed: string, context = "wachpost-feed-1\n"): string {
  return JSON.stringify({
    feed,
    signature: sign(null, Buffer.from(context + feed), ours).toString("base64"),
  });
}
const payload = (change: object): string =>
  JSON.stringify({
    made: new Date(FEED.made_ms).toISOString(),
    expires: new Date(FEED.expires_ms).toISOString(),
    releases: FEED.releases,
    ...change,
  });
const withRelease = (change: object): string =>
  enveloped(payload({ releases: [{ ...release("1.1.0"), ...change }] }));
const GOOD = signFeed(FEED, ours);

const refused: readonly { readonly name: string; readonly envelope: string; readonly want: FeedFault }[] = [
  { name: "signed by somebody else", envelope: signFeed(FEED, theirs), want: "signature" },
  { name: "one letter is another", envelope: GOOD.replace("1.1.0", "1.1.9"), want: "signature" },
  { name: "signed for another purpose", envelope: enveloped(payload({}), ""), want: "signature" },
  { name: "an empty signature", envelope: JSON.stringify({ feed: "{}", signature: "" }), want: "signature" },
  { name: "no signature", envelope: JSON.stringify({ feed: "{}" }), want: "malformed" },
  { name: "no JSON", envelope: "<html>", want: "malformed" },
  { name: "null", envelope: "null", want: "malformed" },
  { name: "no times", envelope: enveloped("{}"), want: "malformed" },
  { name: "a time that is none", envelope: enveloped(payload({ expires: "soon" })), want: "malformed" },
  { name: "releases that are none", envelope: enveloped(payload({ releases: {} })), want: "malformed" },
  {
    name: "too many releases",
    envelope: enveloped(payload({ releases: Array(1001).fill(release("1.0.0")) })),
    want: "malformed",
  },
  { name: "a version that is none", envelope: withRelease({ version: "1.1" }), want: "malformed" },
  { name: "an unknown severity", envelope: withRelease({ severity: "mild" }), want: "malformed" },
  { name: "one language", envelope: withRelease({ text: { en: "x" } }), want: "malformed" },
  {
    name: "a text for terminals",
    envelope: withRelease({ text: { en: "\u001b[2J", de: "x" } }),
    want: "malformed",
  },
  {
    name: "a text of two lines",
    envelope: withRelease({ text: { en: "x\ny", de: "x" } }),
    want: "malformed",
  },
  { name: "half a hash", envelope: withRelease({ sha512: "ab" }), want: "malformed" },
  { name: "expired", envelope: signFeed({ ...FEED, expires_ms: NOW_MS }, ours), want: "expired" },
  {
    name: "signed tomorrow",
    envelope: signFeed({ ...FEED, made_ms: NOW_MS + FEED_AHEAD_MS + 1 }, ours),
    want: "ahead",
  },
  {
    name: "older than one seen",
    envelope: signFeed({ ...FEED, made_ms: FEED.made_ms - 1 }, ours),
    want: "replayed",
  },
  { name: "two megabytes", envelope: " ".repeat(2 << 20), want: "too-long" },
];
for (const { name, envelope, want } of refused) {
  void test(`feed: refused, ${name}`, () =>
    assert.deepEqual(openFeed(envelope, key, NOW_MS, FEED.made_ms), { ok: false, error: want }));
}

void test("feed: what was signed is read, also again", () => {
  assert.deepEqual(openFeed(GOOD, key, NOW_MS, 0), { ok: true, value: FEED });
  assert.deepEqual(openFeed(GOOD, key, NOW_MS, FEED.made_ms), { ok: true, value: FEED });
});

const keys = ["", "AAAA", `${feedKeyText(ours)}\n`, Buffer.alloc(33, 1).toString("base64")];
void test("feed: a key that is none", () => {
  for (const text of keys) assert.equal(feedKey(text), undefined);
});

void test("versions in order", () => {
  const sorted = ["0.9.9", "0.10.0-rc.1", "0.10.0-rc.2", "0.10.0", "0.10.1", "1.0.0", "10.0.0"];
  assert.deepEqual(sorted.toReversed().toSorted(compareVersions), sorted);
  assert.equal(compareVersions("1.2.3", "1.2.3"), 0);
});

void test("feed: the newest release is offered, with what the worst of those in between says", () => {
  const releases = [
    release("1.0.1", "security"),
    release("1.1.0"),
    release("1.0.2"),
    release("0.9.0", "critical"),
  ];
  assert.equal(updateFor("1.1.0", releases), undefined);
  assert.deepEqual(updateFor("1.0.1", releases), release("1.1.0"));
  const { version, severity, text } = updateFor("1.0.0", releases) ?? assert.fail();
  assert.deepEqual([version, severity, text.en], ["1.1.0", "security", "What is new in 1.0.1"]);
});

void test("update state: what was known stays known when a look fails, and an older feed is never believed again", () => {
  const look = { key, version: "1.0.0", now_ms: NOW_MS };
  const first = afterLook(readUpdateState(undefined), { ok: true, value: GOOD }, look);
  assert.equal(pendingUpdate(first, "1.0.0")?.version, "1.1.0");
  assert.equal(pendingUpdate(first, "1.1.0"), undefined, "after the update there is nothing to tell");
  const older = signFeed({ ...FEED, made_ms: FEED.made_ms - 1, releases: [] }, ours);
  const held = afterLook(readUpdateState(JSON.stringify(first)), { ok: true, value: older }, look);
  assert.match(held.fault ?? "", /older than one that was seen/);
  assert.equal(pendingUpdate(held, "1.0.0")?.version, "1.1.0");
  const dead = afterLook(held, { ok: false, error: "no answer" }, { ...look, now_ms: NOW_MS + DAY_MS });
  assert.deepEqual([dead.fault, dead.checked_ms, dead.made_ms], ["no answer", NOW_MS, FEED.made_ms]);
  const well = afterLook(dead, { ok: true, value: GOOD }, look);
  assert.equal(well.fault, undefined);
  for (const text of ["", "null", "{}", '{"made_ms":1}', "7"])
    assert.equal(readUpdateState(text).made_ms, 0, text);
});
