import assert from "node:assert/strict";
import { test } from "node:test";
import { caaVerdict, issueRecords, strictIssue, unknownCritical } from "./caa.ts";

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

const record = (text: string) => {
  const [flags = "", tag = "", value = ""] = text.split(" ");
  return { flags: Number(flags), tag, value };
};
const text = ({ flags, tag, value }: ReturnType<typeof record>): string => `${flags} ${tag} ${value}`;

for (const { name, records, want } of [
  {
    name: "mail.example.org",
    records: ["0 issue a.example", "0 issuewild b.example"],
    want: "0 issue a.example",
  },
  {
    name: "*.example.org",
    records: ["0 issue a.example", "0 IssueWild b.example"],
    want: "0 issue b.example",
  },
  { name: "*.example.org", records: ["0 issue a.example"], want: "0 issue a.example" },
])
  test(`CAA for ${name} with ${records.join(", ")}: ${want}`, () => {
    const found = issueRecords(records.map(record), name).filter(({ tag }) => tag === "issue");
    assert.deepEqual(found.map(text), [want]);
  });

for (const [one, want] of [
  ["128 tbs unknown", true],
  ["255 tbs unknown", true],
  // The first bit counts from the left: 1 says nothing (RFC 8659 §4.1).
  ["1 tbs unknown", false],
  ["0 tbs unknown", false],
  ["128 ISSUE a.example", false],
  ["128 issuemail ;", false],
] as const)
  test(`CAA ${one}: ${want ? "nobody may issue" : "no obstacle"}`, () => {
    assert.equal(unknownCritical([record("0 issue a.example"), record(one)]) !== undefined, want);
  });
