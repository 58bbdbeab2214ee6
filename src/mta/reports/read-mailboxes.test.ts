import assert from "node:assert/strict";
import { test } from "node:test";
import { addAccount } from "../../store/conformance/fixtures.ts";
import { openTemporary } from "../../../test/store/engine.ts";
import { REPORT_LIMITS } from "../../authentication/reports/limits.ts";
import { scan } from "../../message/mime.ts";
import { NO_FLAGS, type Store } from "../../store/store.ts";
import { FoundReports } from "./found.ts";
import { readMailboxes } from "./read-mailboxes.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);

const xml = (reporter: string, id: string, domain = "a.test"): string =>
  `<feedback><report_metadata><org_name>${reporter}</org_name><email>r@${reporter}</email><report_id>${id}</report_id><date_range><begin>1763942400</begin><end>1764028799</end></date_range></report_metadata><policy_published><domain>${domain}</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>${domain}</header_from></identifiers></record></feedback>`;

const mail = (reporter: string, id: string): string =>
  [
    `Authentication-Results: mail.a.test; dmarc=pass header.from=${reporter}`,
    `From: <r@${reporter}>`,
    `Subject: Report Domain: a.test Submitter: ${reporter} Report-ID: <${id}>`,
    "MIME-Version: 1.0",
    "Content-Type: application/xml",
    "",
    xml(reporter, id),
    "",
  ].join("\r\n");

async function readAll(
  mails: readonly string[],
  bounds?: { readonly [Name in keyof typeof REPORT_LIMITS]?: number },
): Promise<FoundReports> {
  const engine = await openTemporary();
  try {
    const { store } = engine;
    const account = await addAccount(store, "you@a.test");
    for (const [i, text] of mails.entries()) await put(store, account, text, NOW_MS + i);
    const box = await store.mail.mailboxByName(account, "INBOX");
    return await readMailboxes(store, box === undefined ? [] : [box], {
      authServId: "mail.a.test",
      since_ms: 0,
      bounds: { ...REPORT_LIMITS, ...bounds },
    });
  } finally {
    await engine.close();
  }
}

async function put(store: Store, account: Awaited<ReturnType<typeof addAccount>>, text: string, at: number) {
  const octets = Buffer.from(text);
  const copies = [{ account, mailbox: "INBOX", flags: NO_FLAGS }];
  const source = { kind: "octets", octets } as const;
  await store.mail.deliver({ source, outline: scan(octets), received_ms: at, copies });
}

const told = (found: FoundReports) => ({
  read: found.aggregate.map(({ report }) => report.metadata.reportId),
  leftOut: found.leftOut.map(({ reporter, mails }) => `${reporter} ${mails}`),
});

test("one reporter's flood of a day is left out beyond the bound, newest kept; others are read", async () => {
  const flood = ["1", "2", "3", "4"].map((id) => mail(`s${id}.flood.test`, id));
  const found = await readAll([mail("honest.test", "h"), ...flood], { reporterDayMails: 2 });
  assert.deepEqual(told(found), { read: ["4", "3", "h"], leftOut: ["s2.flood.test 1", "s1.flood.test 1"] });
});

test("octets are bounded for each reporter and for the run", async () => {
  const mails = [mail("b.test", "b"), mail("c.test", "c1"), mail("c.test", "c2")];
  const each = await readAll(mails, { reporterOctetsMax: 100 });
  assert.deepEqual(told(each), { read: ["c2", "b"], leftOut: ["c.test 1"] });
  const whole = await readAll(mails, { runOctetsMax: 100 });
  assert.deepEqual(told(whole), { read: ["c2"], leftOut: ["c.test 1", "b.test 1"] });
});

test("one reporter tells at most so many reports of a domain and day; those in files by hand too", async () => {
  const [mailed, named] = [new FoundReports(), new FoundReports()];
  const count = REPORT_LIMITS.reporterDayReports + 3;
  for (let i = 0; i < count; i++) {
    await mailed.noteReport(Buffer.from(xml("b.test", `r${i}`)), { domain: "b.test", byHand: false });
    await named.noteReport(Buffer.from(xml("b.test", `r${i}`)));
  }
  await mailed.noteReport(Buffer.from(xml("b.test", "other", "sub.a.test")), {
    domain: "b.test",
    byHand: false,
  });
  assert.equal(mailed.aggregate.length, REPORT_LIMITS.reporterDayReports + 1);
  assert.deepEqual(mailed.leftOut, [{ reporter: "b.test", mails: 3 }]);
  assert.equal(named.aggregate.length, REPORT_LIMITS.reporterDayReports);
  assert.deepEqual(named.leftOut, [{ reporter: "b.test", mails: 3 }]);
});

test("names of unproven mails are the senders' choice: beyond the bound they are counted together", () => {
  const found = new FoundReports();
  for (let i = 0; i < REPORT_LIMITS.unprovenMax + 5; i++)
    found.noteUnproven({ kind: "unproven", why: "dmarc", claimed: `x${i}.test` });
  assert.equal(found.unproven.length, REPORT_LIMITS.unprovenMax + 1);
  assert.deepEqual(found.unproven.at(-1), { why: "dmarc", claimed: "", mails: 5 });
});

test("mails that hold no report are not told, proven or not", async () => {
  const invoice = mail("b.test", "x").replace("application/xml", "text/plain");
  const found = await readAll([invoice, invoice.replace("dmarc=pass", "dmarc=fail")]);
  assert.deepEqual([found.aggregate, found.unproven, found.unreadable], [[], [], 0]);
});
