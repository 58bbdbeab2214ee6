import assert from "node:assert/strict";
import { test } from "node:test";
import { caaVerdict, strictIssue } from "./caa.ts";

const account = { uri: "https://ca.example/acct/1", method: "http-01" };
const OURS = { identities: ["ca.example", "CA.example.net"], account };
const CASES: readonly { values: readonly string[]; want: ReturnType<typeof caaVerdict> }[] = [
  { values: ["ca.example"], want: "allowed" },
  { values: ["  CA.Example ; "], want: "allowed" },
  { values: ["ca.example.net"], want: "allowed" },
  { values: [], want: "authority" },
  { values: [";"], want: "authority" },
  { values: [""], want: "authority" },
  { values: ["other.example"], want: "authority" },
  { values: ["other.example", "ca.example"], want: "allowed" },
  { values: [strictIssue("ca.example", account)], want: "allowed" },
  { values: ["ca.example; accounturi=https://ca.example/acct/1"], want: "allowed" },
  { values: ["ca.example;ACCOUNTURI = https://ca.example/acct/1 ;"], want: "allowed" },
  { values: ["ca.example; accounturi=https://ca.example/acct/2"], want: "account" },
  // A URI is not a name: its case counts.
  { values: ["ca.example; accounturi=https://ca.example/ACCT/1"], want: "account" },
  { values: ["ca.example; accounturi="], want: "account" },
  {
    values: ["ca.example; accounturi=https://ca.example/acct/1; accounturi=https://ca.example/acct/1"],
    want: "account",
  },
  { values: ["ca.example; validationmethods=dns-01,http-01"], want: "allowed" },
  { values: ["ca.example; validationmethods=dns-01"], want: "method" },
  { values: ["ca.example; validationmethods=http-01; validationmethods=http-01"], want: "method" },
  { values: ["ca.example; validationmethods=dns-01", "ca.example"], want: "allowed" },
  { values: ["ca.example; policy=ev"], want: "allowed" },
  // Unreadable parameters let nobody through.
  { values: ["ca.example; accounturi"], want: "authority" },
  { values: ["ca.example; =x"], want: "authority" },
  { values: ["ca.example; a=b c"], want: "authority" },
];
for (const { values, want } of CASES)
  test(`CAA ${JSON.stringify(values)}: ${want}`, () => {
    const records = values.map((value) => ({ flags: 0, tag: "Issue", value }));
    assert.equal(caaVerdict(records, OURS), want);
  });

test("an iodef lets nobody through", () => {
  assert.equal(caaVerdict([{ flags: 0, tag: "iodef", value: "ca.example" }], OURS), "authority");
});

test("without an account of ours only the authority counts", () => {
  const record = { flags: 0, tag: "issue", value: "ca.example; accounturi=https://ca.example/acct/2" };
  assert.equal(caaVerdict([record], { identities: ["ca.example"] }), "allowed");
});
