/** Alerts of a server part by part: a real store, a real web server as the second way, time by hand. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ForwardCircles } from "../../src/accounts/forward-circles.ts";
import { addresses } from "../../src/accounts/addresses.ts";
import { send } from "../../src/alerts/post.ts";
import { startAlerts } from "../../src/assembly/alerts.ts";
import { ManualClock, systemClock } from "../../src/base/clock.ts";
import { MemoryLog } from "../../src/base/log.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { reportedTlsFailures, type TlsFailures } from "../../src/mta/reports/tls-alarm.ts";
import { buildTlsReportMail } from "../../src/authentication/reports/tlsrpt-build.ts";
import { scan } from "../../src/message/mime.ts";
import { NO_FLAGS } from "../../src/store/store.ts";
import { zoneDns } from "../authentication/spf-zone.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { createAuthority } from "../../src/tls/certificate.ts";
import type { Readiness } from "../../src/web/rooms.ts";

let directory: string;
let store: Store;
let server: Server;
let url: string;
const asked: { readonly request: IncomingMessage; readonly body: string }[] = [];
let status = 200;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "wachpost-alerts-"));
  store = await openStore({ directory: join(directory, "store"), log: new MemoryLog(), clock: systemClock });
  await store.directory.addDomain("example.org");
  await store.directory.addAccount({
    login: "anna@example.org",
    displayName: "",
    quota_octets: 0,
    administrator: true,
    scramSalt: new Uint8Array(16),
    created_ms: 0,
    mailboxes: [{ name: "INBOX" }],
  });
  server = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ request, body });
      answer.writeHead(status, { location: "/elsewhere" }).end("x".repeat(200_000));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

type Stage = {
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  lists: readonly string[];
  tlsFailures: readonly TlsFailures[];
  ready: boolean;
  readonly circles: ForwardCircles;
};

function start(toml: string, stage: Stage): AsyncDisposable {
  const config = parseConfig(`hostname = "mail.example.org"\ndata = "${directory}"\n[alerts]\n${toml}`);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const now_ms = stage.clock.now();
  const pair = createAuthority({
    subject: "Test",
    names: [],
    notBefore_ms: now_ms,
    notAfter_ms: now_ms + 90 * 86_400_000,
  });
  return startAlerts(config.value, {
    store,
    addresses: addresses(store),
    certificate: { current: () => pair, onChange: () => () => {}, tlsa: () => ({}) },
    deadLists: () => stage.lists,
    forwarding: { circles: stage.circles },
    sending: { unnamed: () => [] },
    bulk: { bulkSenders: () => [] },
    tlsFailures: () => stage.tlsFailures,
    readiness: async (): Promise<readonly Readiness[]> => [{ name: "store", ok: stage.ready, detail: "" }],
    wakeQueue: () => {},
    clock: stage.clock,
    log: stage.log,
  });
}

function newStage(): Stage {
  const clock = new ManualClock(Date.now());
  return {
    clock,
    log: new MemoryLog(),
    lists: [],
    tlsFailures: [],
    ready: true,
    circles: new ForwardCircles(clock),
  };
}

/** Lets a look end, then makes it time for the next. */
async function pass(stage: Stage): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60));
  stage.clock.advance(60_000);
}

const mails = async (): Promise<readonly string[]> => {
  const [account] = await store.directory.accounts();
  const inbox = account && (await store.mail.mailboxByName(account.id, "INBOX"));
  if (inbox === undefined) return [];
  const texts: string[] = [];
  for await (const rows of store.mail.messages(inbox.id, await store.mail.uids(inbox.id)))
    for (const { blob } of rows) texts.push(String(await store.mail.octets(blob)));
  return texts;
};

test("a list that dies and comes back: told twice on both ways, and not again by the next process", async () => {
  const stage = newStage();
  const toml = `mail = "anna@example.org"\nwebhook = "${url}/hook"\ndisk_free_percent = 0`;
  const alerts = start(toml, stage);
  stage.lists = ["zen.test"];
  await pass(stage);
  await pass(stage);
  await until(() => asked.length === 1);
  assert.match(asked[0]?.body ?? "", /"state":"raised","id":"dns-list:zen\.test"/);
  await until(async () => (await mails()).length === 1);
  const [mail = ""] = await mails();
  assert.match(mail, /^From: Wachpost <postmaster@example\.org>\r$/m);
  await until(async () => (await store.directory.setting("alerts"))?.includes("zen.test") === true);
  await alerts[Symbol.asyncDispose]();

  const again = start(toml, stage);
  await pass(stage);
  await pass(stage);
  await pass(stage);
  stage.lists = [];
  await pass(stage);
  await pass(stage);
  await until(() => asked.length === 2);
  assert.match(asked[1]?.body ?? "", /"state":"cleared","id":"dns-list:zen\.test"/);
  await until(async () => (await mails()).length === 2);
  await again[Symbol.asyncDispose]();
  assert.equal(asked.length, 2);
});

test("a forward that circles: told once however much goes round, and called ended a day after the last", async () => {
  const stage = newStage();
  asked.length = 0;
  await using _alerts = start(`mail_enabled = false\nwebhook = "${url}/hook"\ndisk_free_percent = 0`, stage);
  for (let i = 0; i < 3; i++) {
    stage.circles.note({ alias: "info@example.org", targets: ["friend@far.test"] });
    await pass(stage);
  }
  await until(() => asked.length === 1);
  assert.match(asked[0]?.body ?? "", /"state":"raised","id":"circle:info@example\.org"/);
  assert.match(asked[0]?.body ?? "", /Mail to info@example\.org goes on to friend@far\.test and comes back/);
  stage.clock.advance(25 * 3_600_000);
  await pass(stage);
  await until(() => asked.length === 2);
  assert.match(asked[1]?.body ?? "", /"state":"(?!raised)[a-z]+","id":"circle:info@example\.org"/);
});

test("reports of failed TLS in an administrator's mailbox: told once per domain of ours; unproven and foreign ones are not", async () => {
  const stage = newStage();
  asked.length = 0;
  const now_s = Math.floor(stage.clock.now() / 1000);
  const policy = { type: "sts", strings: [], mxHosts: [], successes: 9 } as const;
  const failed = (sessions: number) => [{ type: "certificate-expired", sessions }];
  const mail = (reporter: string, domain: string, failures: number, proof = "pass"): Buffer => {
    const report = {
      organization: reporter,
      reportId: `1@${reporter}`,
      begin_s: now_s - 86_400,
      end_s: now_s - 60,
      policies: [{ ...policy, domain, failures, details: failed(failures) }],
    };
    const from = { kind: "mailbox", name: "", localPart: "tls", domain: reporter } as const;
    const octets = buildTlsReportMail({
      report,
      submitter: reporter,
      policyDomain: domain,
      from,
      to: { ...from, domain: "example.org" },
      date: { epoch_ms: stage.clock.now(), zone_minutes: 0 },
      messageId: `r@${reporter}`,
    });
    const results = `Authentication-Results: mail.example.org; dmarc=${proof} header.from=${reporter}\r\n`;
    return Buffer.concat([Buffer.from(results), octets]);
  };
  const [account] = await store.directory.accounts();
  for (const octets of [
    mail("big.test", "example.org", 7),
    mail("other.test", "example.org", 5),
    mail("well.test", "example.org", 0),
    mail("liar.test", "example.org", 1000, "fail"),
    mail("strange.test", "elsewhere.test", 100),
  ])
    await store.mail.deliver({
      source: { kind: "octets", octets },
      outline: scan(octets),
      received_ms: stage.clock.now(),
      copies: [{ account: account?.id ?? assert.fail(), mailbox: "INBOX", flags: NO_FLAGS }],
    });
  const look = () =>
    reportedTlsFailures({ store, dns: zoneDns([]), clock: stage.clock, hostName: "mail.example.org" });
  stage.tlsFailures = await look();
  assert.deepEqual(
    stage.tlsFailures.map((one) => ({ ...one, reporters: one.reporters.toSorted() })),
    [
      {
        domain: "example.org",
        sessions: 12,
        kind: "certificate-expired",
        reporters: ["big.test", "other.test"],
      },
    ],
  );
  await using _alerts = start(`mail_enabled = false\nwebhook = "${url}/hook"\ndisk_free_percent = 0`, stage);
  await pass(stage);
  await pass(stage);
  await until(() => asked.length === 1);
  assert.match(asked[0]?.body ?? "", /"state":"raised","id":"tls-failures:example\.org"/);
  assert.match(asked[0]?.body ?? "", /12 times in the last two days, mostly certificate-expired, as /);
  stage.clock.advance(3 * 86_400_000);
  assert.deepEqual(await look(), [], "old reports are over");
});

test("a way that fails is logged and keeps no other from telling", async () => {
  const stage = newStage();
  status = 302;
  const before = (await mails()).length;
  await using _alerts = start(
    `mail = "anna@example.org"\nwebhook = "${url}/secret"\ndisk_free_percent = 100`,
    stage,
  );
  await pass(stage);
  await pass(stage);
  await until(() => stage.log.events.some(({ event }) => event === "alert.not-told"));
  const failed = stage.log.events.find(({ event }) => event === "alert.not-told")?.fields;
  assert.match(String(failed?.["detail"]), /302, and redirects are not followed/);
  assert.doesNotMatch(JSON.stringify(stage.log.events), /secret/);
  assert.ok(asked.every(({ request }) => request.url !== "/elsewhere"));
  await until(async () => (await mails()).length === before + 1);
  status = 200;
  asked.length = 0;
  await pass(stage);
  await until(() => asked.length === 1);
  assert.match(asked[0]?.body ?? "", /"id":"disk/);
  await pass(stage);
  await pass(stage);
  assert.equal(asked.length, 1, "told once where it was taken");
  assert.equal((await mails()).length, before + 1, "nor again by the way that had taken it");
});

test("the ping comes while all is well, and stays away when it is not", async () => {
  const stage = newStage();
  asked.length = 0;
  await using _alerts = start(
    `mail_enabled = false\nping = "${url}/alive"\nping_s = 60\ndisk_free_percent = 0`,
    stage,
  );
  await until(() => asked.length === 1);
  assert.deepEqual([asked[0]?.request.method, asked[0]?.request.url], ["GET", "/alive"]);
  stage.ready = false;
  await pass(stage);
  await pass(stage);
  assert.equal(asked.length, 1);
  stage.ready = true;
  await pass(stage);
  await until(() => asked.length === 2);
});

test("post: an endless answer and a refused connection end", async () => {
  assert.equal((await send(`${url}/x`, { headers: {}, body: "x" })).ok, true);
  const refused = await send("http://127.0.0.1:1/", undefined);
  assert.match(refused.ok ? "" : refused.error, /ECONNREFUSED/);
});

test("settings: a webhook over plain HTTP is for this machine only", () => {
  const findings = (value: string): string => {
    const parsed = parseConfig(`hostname = "a.test"\n[alerts]\nwebhook = "${value}"`);
    return parsed.ok ? "" : (parsed.error[0]?.message ?? "");
  };
  for (const good of ["https://ntfy.sh/x", "http://127.0.0.1:8080/x", "http://[::1]/", "http://localhost/"])
    assert.equal(findings(good), "", good);
  for (const bad of [
    "http://ntfy.sh/x",
    "file:///etc/passwd",
    "ftp://a.test/",
    "nonsense",
    "http://127.0.0.1.evil.test/",
  ])
    assert.match(findings(bad), /is not an https URL/, bad);
});
