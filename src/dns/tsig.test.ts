import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, type Domain } from "../base/domain-name.ts";
import { Secret } from "../base/secret.ts";
import { checkAnswer, signMessage, type TsigKey } from "./tsig.ts";
import { encodeUpdate, updateRcode } from "./update.ts";

const key: TsigKey = {
  name: parseDomain("setup-key") as Domain,
  algorithm: "hmac-sha256",
  secret: new Secret(Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")),
};
const NOW_S = 1_700_000_000;

/** An answer as a server makes it: the header, signed over the request's MAC. Our own signer has no prior MAC, so by hand. */
const answerTo = (mac: Buffer, now_s = NOW_S): Buffer => {
  const bare = Buffer.from("123428000000000000000000", "hex");
  bare.writeUInt16BE(0xa800, 2);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(mac.length);
  // The signer signs what it is given: a prefix and the message; the prefix is cut off again.
  const { signed, mac: answerMac } = signMessage(Buffer.concat([length, mac, bare]), key, now_s);
  const tail = signed.subarray(length.length + mac.length + bare.length);
  const id = tail.lastIndexOf(answerMac) + answerMac.length;
  const record = Buffer.from(tail);
  bare.copy(record, id, 0, 2);
  const whole = Buffer.concat([bare, record]);
  whole.writeUInt16BE(1, 10);
  return whole;
};

const request = encodeUpdate(0x1234, parseDomain("example.test") as Domain, []);
const mac = signMessage(request.ok ? request.value : Buffer.alloc(0), key, NOW_S).mac;

test("an answer with the right MAC is believed, by nobody else and at no other time", () => {
  const answer = answerTo(mac);
  assert.equal(updateRcode(answer, 0x1234), "noerror");
  assert.equal(updateRcode(answer, 0x1235), undefined);
  assert.deepEqual(checkAnswer(answer, key, mac, NOW_S), { ok: true, value: undefined });
  assert.deepEqual(checkAnswer(answer, key, mac, NOW_S + 301), { ok: false, error: "bad-time" });
  const otherSecret = { ...key, secret: new Secret(Buffer.alloc(32).toString("base64")) };
  assert.deepEqual(checkAnswer(answer, otherSecret, mac, NOW_S), { ok: false, error: "forged" });
  assert.deepEqual(checkAnswer(answer, key, Buffer.alloc(32), NOW_S), { ok: false, error: "forged" });
});

test("every octet of an answer that is changed, and every way to cut it, is noticed", () => {
  const answer = answerTo(mac);
  for (let at = 0; at < answer.length; at++) {
    const changed = Buffer.from(answer);
    changed[at] = (changed[at] ?? 0) ^ 1;
    // The id on the wire is replaced by the original id before the MAC is made (RFC 8945 §5.3): who asked compares it.
    // TTL and class of the TSIG record are constants of the MAC.
    const checked = checkAnswer(changed, key, mac, NOW_S);
    const covered = at >= 2 && !(at >= 12 + 11 + 2 && at < 12 + 11 + 8);
    if (covered) assert.ok(!checked.ok, `octet ${at}`);
    assert.ok(!checkAnswer(answer.subarray(0, at), key, mac, NOW_S).ok, `cut at ${at}`);
  }
});

test("an answer without signature is not believed", () => {
  assert.deepEqual(checkAnswer(Buffer.from("1234a8000000000000000000", "hex"), key, mac, NOW_S), {
    ok: false,
    error: "unsigned",
  });
});
