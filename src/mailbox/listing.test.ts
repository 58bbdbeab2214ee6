import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxRow } from "../store/store.ts";
import { listings } from "./listing.ts";

const row = (name: string, more: Partial<MailboxRow> = {}): MailboxRow =>
  ({ name, subscribed: false, ...more }) as MailboxRow;

test("mailboxes, subscriptions without one, parents that do not exist", () => {
  const rows = [
    row("Sent", { specialUse: "\\Sent" }),
    row("INBOX", { subscribed: true }),
    row("a/b/c"),
    row("a/b"),
  ];
  assert.deepEqual(listings(rows, ["Sent", "Gone"]), [
    { name: "INBOX", exists: true, subscribed: true },
    { name: "Gone", exists: false, subscribed: true },
    { name: "Sent", exists: true, subscribed: true, specialUse: "\\Sent" },
    { name: "a", exists: false, subscribed: false },
    { name: "a/b", exists: true, subscribed: false },
    { name: "a/b/c", exists: true, subscribed: false },
  ]);
});
