import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckId } from "../doctor/checks.ts";
import { failure, fine, type Finding } from "../doctor/finding.ts";
import { failedSince } from "./examine.ts";

type Look = readonly Finding[] | "no end";
const fails = (check: CheckId): Finding => failure(check, "mail.example.org", "", "starttls-missing");
const well = (check: CheckId): Finding => fine(check, "mail.example.org", "");

const cases: readonly { name: string; looks: readonly Look[]; before?: string; want: Look }[] = [
  { name: "all is well: one look", looks: [[well("starttls")]], want: [] },
  { name: "it failed before", looks: [[fails("starttls")]], before: "starttls mail.example.org", want: [] },
  { name: "twice", looks: [[fails("starttls")], [fails("starttls")]], want: [fails("starttls")] },
  { name: "once", looks: [[fails("starttls")], [well("starttls")]], want: [] },
  { name: "another the second time", looks: [[fails("starttls")], [fails("vrfy")]], want: [] },
  { name: "no end of the first look", looks: ["no end"], want: "no end" },
  { name: "no end of the second", looks: [[fails("starttls")], "no end"], want: [fails("starttls")] },
];
for (const { name, looks, before, want } of cases)
  test(`what fails since the settings are in use: ${name}`, async () => {
    const left = [...looks];
    const failed = await failedSince(before === undefined ? [] : [before], async () => {
      const look = left.shift() ?? assert.fail("one look too many");
      return look === "no end"
        ? undefined
        : new Map(look.map((finding) => [`${finding.check} ${finding.subject}`, finding]));
    });
    assert.deepEqual(failed ?? "no end", want);
    assert.equal(left.length, 0, "every look was taken");
  });
