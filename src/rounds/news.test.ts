import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, fine, unknown, warning, type Finding } from "../doctor/finding.ts";
import { bookText, readBook } from "./book-text.ts";
import { newsOf, type Book } from "./news.ts";
import type { ExaminationDue } from "./schedule.ts";
import { verbatim } from "../doctor/words/seen.ts";

const HOST = "mail.example.org";
const open = failure("data-mode", HOST, "0755", "data-open", { data: "/d", mode: "0755" });
const shut = fine("data-mode", HOST, "0700");
const poor = warning("dmarc-policy", "example.org", verbatim("p=none"), "dmarc-none");
const strict = fine("dmarc-policy", "example.org", verbatim("p=reject"));
const worst = failure("dmarc-policy", "example.org", "", "dmarc-none");
const dusk = unknown("dmarc-policy", "example.org", "", "dns-failed", { name: "x", reason: "timeout" });
const POOR = "raised doctor-warn doctor:dmarc-policy example.org";
const dark = unknown("resolver", HOST, "", "resolver-unknown");
const lit = fine("resolver", HOST, "");

type Round = readonly [ExaminationDue, ...(readonly Finding[])];

/** Each round by the book of the one before, over its text as from process to process. */
function rounds(...found: readonly Round[]): readonly string[] {
  let book: Book | undefined;
  return found.map(([kind, ...findings]) => {
    const news = newsOf({ book }, findings, kind, "en");
    book = readBook(bookText(news.book));
    return news.changes.map(({ state, alert }) => `${state} ${alert.kind} ${alert.id}`).join("; ");
  });
}

const RAISED = `raised doctor-fail doctor:data-mode ${HOST}`;
const CLEARED = `cleared doctor-well doctor:data-mode ${HOST}`;
const UNKNOWN = `raised doctor-unknown doctor:resolver ${HOST}`;
const cases: readonly { name: string; found: readonly Round[]; want: readonly string[] }[] = [
  { name: "what the first examination finds is the state of things", found: [["full", open]], want: [""] },
  {
    name: "and good news when it mends",
    found: [
      ["full", open],
      ["light", shut],
    ],
    want: ["", CLEARED],
  },
  {
    name: "once when it begins, once when it is over",
    found: [
      ["full", shut],
      ["light", open],
      ["light", open],
      ["light", shut],
      ["light", shut],
    ],
    want: ["", RAISED, "", CLEARED, ""],
  },
  {
    name: "a light one says nothing about what it does not look at",
    found: [
      ["full", shut, poor],
      ["light", open],
      ["full", open],
    ],
    want: ["", RAISED, ""],
  },
  {
    name: "worse is news, better but not well is not",
    found: [
      ["full", fine("password-age", HOST, "")],
      ["full", warning("password-age", HOST, "", "dmarc-none")],
      ["full", failure("password-age", HOST, "", "dmarc-none")],
      ["full", warning("password-age", HOST, "", "dmarc-none")],
    ],
    want: [
      "",
      `raised doctor-warn doctor:password-age ${HOST}`,
      `raised doctor-fail doctor:password-age ${HOST}`,
      "",
    ],
  },
  {
    name: "what hangs on the network: a check that flaps is never told",
    found: [
      ["full", strict],
      ["light", poor],
      ["light", strict],
      ["light", poor],
      ["light", dusk],
      ["light", strict],
      ["light", strict],
    ],
    want: ["", "", "", "", "", "", ""],
  },
  {
    name: "and one that stays bad is told in the second round, its recovery once and as late",
    found: [
      ["full", strict],
      ["light", poor],
      ["light", poor],
      ["light", strict],
      ["light", poor],
      ["light", strict],
      ["light", strict],
      ["light", strict],
    ],
    want: ["", "", POOR, "", "", "", "cleared doctor-well doctor:dmarc-policy example.org", ""],
  },
  {
    name: "and it becomes worse for good only when it is so twice",
    found: [
      ["full", poor],
      ["light", worst],
      ["light", poor],
      ["light", worst],
      ["light", worst],
    ],
    want: ["", "", "", "", "raised doctor-fail doctor:dmarc-policy example.org"],
  },
  {
    name: "unknown: only for two rounds in a row",
    found: [
      ["full", lit],
      ["light", dark],
      ["light", lit],
      ["light", dark],
      ["light", dark],
      ["light", lit],
    ],
    want: ["", "", "", "", UNKNOWN, `cleared doctor-well doctor:resolver ${HOST}`],
  },
  {
    name: "what was bad and cannot be learned now is still bad",
    found: [
      ["full", shut],
      ["light", open],
      ["light", unknown("data-mode", HOST, "", "own-unknown", { what: "/d" })],
      ["light", open],
    ],
    want: ["", RAISED, "", ""],
  },
  {
    name: "disk and queue are told elsewhere",
    found: [
      ["full", shut],
      ["light", shut, failure("disk-free", HOST, "1 %", "disk-low")],
    ],
    want: ["", ""],
  },
];
for (const { name, found, want } of cases)
  test(`news: ${name}`, () => {
    assert.deepEqual(rounds(...found), want);
  });

test("news: a port that does not answer is one line, not ten; and what it hides is not forgotten", () => {
  const port = `${HOST}:993`;
  const down = failure("reachable", port, verbatim("refused"), "unreachable", {
    host: port,
    reason: "refused",
  });
  const hidden = (["tls-version", "tls-cipher", "cert-name"] as const).map((check) =>
    unknown(check, port, "", "not-looked", { reason: "reachable" }),
  );
  const up = [fine("reachable", port, ""), fine("tls-version", port, ""), fine("tls-cipher", port, "")];
  const badName = warning("cert-name", port, "X", "cert-wrong-name");
  assert.deepEqual(
    rounds(
      ["full", ...up],
      ["full", ...up, badName],
      ["full", down, ...hidden],
      ["full", down, ...hidden],
      ["full", ...up, badName],
    ),
    [
      "",
      `raised doctor-warn doctor:cert-name ${port}`,
      `raised doctor-fail doctor:reachable ${port}`,
      "",
      `cleared doctor-well doctor:reachable ${port}`,
    ],
  );
});

test("news: of very much only the worst, and how many more", () => {
  const many = Array.from({ length: 40 }, (_, i) =>
    warning("password-age", `d${i}.example.org`, "", "dmarc-none"),
  );
  const { changes } = newsOf({ book: new Map() }, [...many, open], "full", "de");
  assert.equal(changes.length, 13);
  assert.equal(changes[0]?.alert.kind, "doctor-fail");
  assert.match(changes[0]?.alert.values["title"] ?? "", /Nur der Server darf seine Daten lesen/);
  assert.deepEqual(changes.at(-1)?.alert.values, { count: "29" });
});

test("news: what is looked at for the first time, as a new domain, is the state of things", () => {
  const looked = new Set([`data-mode ${HOST}`]);
  const { changes, book } = newsOf({ book: new Map(), looked }, [open, poor], "full", "en");
  assert.deepEqual(
    changes.map(({ alert }) => alert.id),
    [`doctor:data-mode ${HOST}`],
  );
  const first = newsOf({ book, looked }, [open, strict], "full", "en");
  assert.deepEqual(first.changes, []);
  const mended = newsOf({ book: first.book, looked }, [open, strict], "full", "en");
  assert.deepEqual(
    mended.changes.map(({ alert }) => alert.id),
    ["doctor:dmarc-policy example.org"],
  );
});

test("the book: what cannot be read is no book", () => {
  for (const broken of [undefined, "", "{}", '[["x",{}]]', "[[1]]"])
    assert.equal(readBook(broken), undefined);
  assert.deepEqual(readBook("[]"), new Map());
});
