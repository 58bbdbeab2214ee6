import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeXtext, encodeXtext, parseMailParameters, parseRcptParameters } from "./parameters.ts";

describe("parseMailParameters", () => {
  const plain = { body: "7BIT", smtpUtf8: false };
  const cases = [
    { input: "", want: plain },
    { input: " ", want: plain },
    { input: " SIZE=12345", want: { ...plain, size: 12345 } },
    { input: " size=0  body=8bitmime", want: { ...plain, size: 0, body: "8BITMIME" } },
    { input: " SMTPUTF8", want: { ...plain, smtpUtf8: true } },
    { input: " RET=hdrs ENVID=a+2Bb+20c", want: { ...plain, ret: "HDRS", envid: "a+b c" } },
    { input: " AUTH=<>", want: plain },
    { input: " AUTH=e+3Dmc2@example.com", want: plain },
    { input: "SIZE=1", error: "malformed parameters" },
    { input: " SIZE", error: "malformed SIZE" },
    { input: " SIZE=", error: "malformed SIZE" },
    { input: " SIZE=1.5", error: "malformed SIZE" },
    { input: " SIZE=123456789012345678901", error: "malformed SIZE" },
    { input: " SIZE=1 size=1", error: "malformed SIZE" },
    { input: " BODY=BINARYMIME", error: "unknown BODY=BINARYMIME" },
    { input: " BODY", error: "malformed BODY" },
    { input: " RET", error: "malformed RET" },
    { input: " ENVID=a+0Ab", error: "malformed ENVID" },
    { input: " ENVID=a+00", error: "malformed ENVID" },
    { input: " ENVID=a+2", error: "malformed ENVID" },
    { input: " ENVID=a+2b", error: "malformed ENVID" },
    { input: ` ENVID=${"a".repeat(101)}`, error: "malformed ENVID" },
    { input: " AUTH=a+0Db", error: "malformed AUTH" },
    { input: " XYZZY=1", error: "unknown XYZZY" },
    { input: " BY=120;R", error: "unknown BY" },
    { input: " <script>=1", error: "malformed parameters" },
  ];
  for (const { input, want, error } of cases) {
    test(JSON.stringify(input).slice(0, 40), () => {
      const parsed = parseMailParameters(input);
      if (parsed.ok) assert.deepEqual(parsed.value, want);
      else assert.equal(`${parsed.error.kind} ${parsed.error.what}`, error);
    });
  }
});

describe("parseRcptParameters", () => {
  const cases = [
    { input: "", want: {} },
    { input: " NOTIFY=NEVER", want: { notify: ["NEVER"] } },
    { input: " NOTIFY=success,Delay", want: { notify: ["SUCCESS", "DELAY"] } },
    { input: " ORCPT=rfc822;a+40b", want: { orcpt: { type: "rfc822", address: "a@b" } } },
    { input: " ORCPT=utf-8;ü@x", want: { orcpt: { type: "utf-8", address: "ü@x" } } },
    { input: " NOTIFY=", error: "malformed NOTIFY" },
    { input: " NOTIFY=NEVER,SUCCESS", error: "malformed NOTIFY" },
    { input: " NOTIFY=DELAY,DELAY", error: "malformed NOTIFY" },
    { input: " NOTIFY=OFTEN", error: "malformed NOTIFY" },
    { input: " ORCPT=rfc822", error: "malformed ORCPT" },
    { input: " ORCPT=rfc822;", error: "malformed ORCPT" },
    { input: " ORCPT=;a", error: "malformed ORCPT" },
    { input: " ORCPT=rfc822;a+0D+0Ab", error: "malformed ORCPT" },
    { input: " ORCPT=rfc822;a+00b", error: "malformed ORCPT" },
    { input: " ORCPT=rfc822;ü@x", error: "malformed ORCPT" },
    { input: ` ORCPT=rfc822;${"a".repeat(500)}`, error: "malformed ORCPT" },
    { input: " SIZE=1", error: "unknown SIZE" },
  ];
  for (const { input, want, error } of cases) {
    test(JSON.stringify(input).slice(0, 40), () => {
      const parsed = parseRcptParameters(input);
      if (parsed.ok) assert.deepEqual(parsed.value, want);
      else assert.equal(`${parsed.error.kind} ${parsed.error.what}`, error);
    });
  }
});

test("xtext there and back (RFC 3461 §4)", () => {
  let all = "";
  for (let code = 0x20; code < 0x7f; code++) all += String.fromCharCode(code);
  assert.equal(decodeXtext(encodeXtext(all)), all);
  assert.equal(encodeXtext("a+b=c d"), "a+2Bb+3Dc+20d");
  assert.equal(decodeXtext("a=b"), undefined);
  assert.equal(decodeXtext("+7F"), undefined);
  assert.equal(decodeXtext("+E9"), undefined);
});
