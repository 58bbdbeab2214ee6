import assert from "node:assert/strict";
import { test } from "node:test";
import { isRewritten, originalSender, rewriteSender } from "./srs.ts";

const KEY = Buffer.alloc(32, 7);
const OTHER = Buffer.alloc(32, 8);
const NOW = Date.UTC(2026, 10, 24);
const DAY = 86_400_000;
const anna = { localPart: "anna.b=c", domain: "example.org" };

test("a bounce comes back to the sender, whatever case it travelled in", () => {
  const written = rewriteSender(anna, "forward.test", KEY, NOW);
  assert.match(written.localPart, /^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=example\.org=anna\.b=c$/);
  assert.equal(written.domain, "forward.test");
  assert.ok(isRewritten(written.localPart));
  assert.deepEqual(originalSender(written.localPart, KEY, NOW + 20 * DAY), anna);
  assert.equal(originalSender(written.localPart.toUpperCase(), KEY, NOW)?.domain, "EXAMPLE.ORG");
});

test("what we did not write, or wrote long ago, leads nowhere", () => {
  const { localPart } = rewriteSender(anna, "forward.test", KEY, NOW);
  assert.equal(originalSender(localPart, OTHER, NOW), undefined, "another server's");
  assert.equal(originalSender(localPart.replace("example.org", "victim.test"), KEY, NOW), undefined);
  assert.equal(originalSender(localPart, KEY, NOW + 22 * DAY), undefined, "expired");
  for (const junk of ["SRS0=", "SRS0=aaaaaaaa=", "SRS0=aaaaaaaa=aa=x", "srs1=bbbbbbbb=x==", "anna", "SRS2=a"])
    assert.equal(originalSender(junk, KEY, NOW), undefined, junk);
});

test("a second forwarder names the first, and a third names it still", () => {
  const first = rewriteSender(anna, "one.test", KEY, NOW);
  const second = rewriteSender(first, "two.test", OTHER, NOW);
  assert.match(second.localPart, /^SRS1=[a-z2-7]{8}=one\.test==/);
  const third = rewriteSender(second, "three.test", KEY, NOW);
  assert.match(third.localPart, /^SRS1=[a-z2-7]{8}=one\.test==/);
  assert.deepEqual(originalSender(third.localPart, KEY, NOW), first);
  assert.deepEqual(originalSender(second.localPart, OTHER, NOW), first);
});
