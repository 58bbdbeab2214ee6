import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "../../src/base/clock.ts";
import { runProbe, examine } from "../../src/doctor/examine.ts";
import { failure, fine, unknown, warning, type Finding } from "../../src/doctor/finding.ts";
import { DOCTOR_LIMITS } from "../../src/doctor/limits.ts";
import type { DomainTarget, HostTarget, Probe } from "../../src/doctor/probe.ts";
import { smtpBehaviour } from "../../src/doctor/probes/smtp-behaviour.ts";
import { isTlsReportRecord } from "../../src/doctor/probes/tls-reports.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { reportText } from "../../src/doctor/report.ts";
import { exitCode, scoreOf } from "../../src/doctor/score.ts";
import { foreignPlan, hostPlan } from "../../src/doctor/targets.ts";
import { phrase } from "../../src/doctor/words/phrase.ts";
import { startScripted } from "./scripted-server.ts";
import { DOMAIN, GOOD_ZONE, HOST, startWorld, TARGET } from "./world.ts";
import { verbatim } from "../../src/doctor/words/seen.ts";

const OK = fine("relay", "h:25", "554");
const WARN = warning("vrfy", "h:25", "250", "vrfy-tells");
const FAIL = failure("expn", "h:25", "250", "expn-tells");
const DOUBT = unknown("abuse", "h:25", "", "put-off", { reply: "450" });

test("exit code and score: unknown is never ok and earns nothing", () => {
  const table: [findings: Finding[], exit: number, percent: number][] = [
    [[OK], 0, 100],
    [[OK, WARN], 1, 75],
    [[OK, DOUBT], 1, 50],
    [[OK, WARN, FAIL], 2, 50],
    [[DOUBT], 1, 0],
    [[], 0, 0],
    // Families weigh the same, however many checks they have.
    [[OK, OK, OK, failure("mx-exists", "d", "", "domain-gone", { domain: "d" })], 2, 50],
  ];
  for (const [findings, exit, percent] of table) {
    assert.equal(exitCode(findings), exit);
    assert.equal(scoreOf(findings).percent, percent);
  }
});

test("the JSON schema", () => {
  assert.deepEqual(reportJson([OK, FAIL], "de"), {
    schema: 1,
    score: 50,
    exit: 2,
    counts: { ok: 1, warn: 0, fail: 1, unknown: 0 },
    families: [{ family: "smtp", title: "Wie sich der Server verhält", score: 50 }],
    findings: [
      {
        check: "relay",
        family: "smtp",
        title: "Kein offenes Relay",
        subject: "h:25",
        grade: "ok",
        evidence: "554",
        source: "RFC 5321 §7.9",
      },
      {
        check: "expn",
        family: "smtp",
        title: "EXPN verrät nichts",
        subject: "h:25",
        grade: "fail",
        evidence: "250",
        note: "expn-tells",
        values: {},
        why: "EXPN verrät, wer auf einer Liste steht.",
        remedy: "Schalten Sie es ab (Exim: kein acl_smtp_expn).",
        source: "RFC 5321 §7.3",
      },
    ],
  });
});

test("the report folds what is the same on several ports, and hides no escape sequence of a server", () => {
  const hostile = fine("relay", "h:587", verbatim("\u001b[2J\r\nx"));
  const text = reportText([OK, hostile, FAIL], { language: "en", colour: false, all: true });
  assert.match(text, /✓ No open relay +h:25, 587 +554/);
  assert.match(text, /✗ EXPN tells nothing/);
  assert.match(text, /-> Switch it off /);
  assert.doesNotMatch(text, /\u001b|\r/);
});

test("what a probe does not say is unknown, also where it throws or never ends", async () => {
  const world = await startWorld(GOOD_ZONE);
  const clock = new ManualClock();
  const net = { ...world.net, clock };
  const probe = (run: Probe<DomainTarget>["run"]): Probe<DomainTarget> => ({
    id: "p",
    title: phrase("p", "p"),
    source: "",
    checks: ["relay", "vrfy", "expn"],
    applies: (check) => check !== "expn",
    run,
  });
  const grades = async (run: Probe<DomainTarget>["run"]): Promise<string[]> => {
    const running = runProbe(probe(run), TARGET, "d", net);
    clock.advance(60_000);
    return (await running).map(({ check, grade }) => `${check} ${grade}`);
  };
  assert.deepEqual(await grades(() => Promise.resolve([OK])), ["relay ok", "vrfy unknown"]);
  assert.deepEqual(await grades(() => Promise.reject(new Error("bug"))), ["relay unknown", "vrfy unknown"]);
  assert.deepEqual(await grades(() => new Promise(() => {})), ["relay unknown", "vrfy unknown"]);
  world.close();
});

const HOSTILE: [name: string, talk: (socket: Socket) => void][] = [
  ["a certificate without end", endlessCertificate],
  [
    "no TLS behind STARTTLS",
    (socket) => {
      socket.write("220 mail.example.org ESMTP\r\n");
      socket.once("data", () => {
        socket.write("250-mail.example.org\r\n250 STARTTLS\r\n");
        socket.once("data", () => socket.end("220 go\r\nHTTP/1.1 400 Bad Request\r\n\r\n"));
      });
    },
  ],
];

/** After STARTTLS a ServerHello whose certificate does not end, each record as large as one may be. */
function endlessCertificate(socket: Socket): void {
  socket.write("220 mail.example.org ESMTP\r\n");
  socket.once("data", () => {
    socket.write("250-mail.example.org\r\n250 STARTTLS\r\n");
    socket.once("data", () => {
      socket.write("220 go\r\n");
      const hello = Buffer.concat([Buffer.from("0200002603 03".replace(" ", ""), "hex"), Buffer.alloc(36)]);
      hello.writeUInt16BE(0xc02f, 4 + 2 + 32 + 1);
      const record = (data: Buffer): Buffer =>
        Buffer.concat([Buffer.of(22, 3, 3, data.length >> 8, data.length & 0xff), data]);
      socket.once("data", () => {
        socket.write(record(hello));
        socket.write(record(Buffer.from("0b0fffff0ffffc0ffff9", "hex")));
        flood(socket, record(Buffer.alloc(16_384)).toString("latin1"));
      });
    });
  });
}

function flood(socket: Socket, text: string): void {
  const chunk = Buffer.from(text, "latin1");
  const pour = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", pour);
  pour();
}

for (const [name, talk] of HOSTILE) {
  test(`a hostile server, ${name}: nothing but the open port is ok`, async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      talk(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const world = await startWorld(GOOD_ZONE);
    const host: HostTarget = {
      name: HOST,
      address: "127.0.0.1",
      port: (server.address() as AddressInfo).port,
      service: "smtp",
      domains: [DOMAIN],
      ours: true,
    };
    const sockets = new Set<Socket>();
    server.on("connection", (socket) => sockets.add(socket));
    const findings = await examine(
      { domains: [], addresses: [], hosts: [host], leftOut: [] },
      world.net,
    ).finally(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
      world.close();
    });
    const said = new Set(findings.map(({ check }) => check));
    for (const check of smtpBehaviour.checks) assert.ok(said.has(check), check);
    // What a server says before it goes astray may be in order; refusing to speak is no proof of anything.
    const asSaid = ["reachable", "banner-name", "auth-before-tls", "starttls"];
    for (const { check, grade } of findings)
      assert.ok(grade !== "ok" || asSaid.includes(check), `${check} is ${grade}`);
    assert.notEqual(exitCode(findings), 0);
  });
}

test("strangers get few visits: four addresses, the rest is said to be unknown, with a pause between", async () => {
  const hosts = Array.from(
    { length: 6 },
    (_, i) => `many.org MX ${i} mx${i}.many.org\nmx${i}.many.org A 127.9.9.${i}`,
  );
  const world = await startWorld(hosts.join("\n"));
  const plan = await foreignPlan({ domain: "many.org" as typeof DOMAIN, selectors: [] }, world.net);
  assert.equal(plan.hosts.length, 4);
  assert.deepEqual(
    plan.leftOut.map((finding) => [finding.grade, finding.evidence]),
    [["unknown", "2"]],
  );
  const slept: number[] = [];
  const clock = {
    now: () => 0,
    sleep: (duration_ms: number, signal?: AbortSignal) => {
      if (signal === undefined) slept.push(duration_ms);
      return duration_ms === DOCTOR_LIMITS.pause_ms ? Promise.resolve() : new Promise<void>(() => {});
    },
  };
  const visits: string[] = [];
  const connect = (host: { readonly address: string }) => {
    visits.push(host.address);
    return Promise.resolve({ ok: false, error: "nobody" } as const);
  };
  await examine({ ...plan, domains: [], addresses: [] }, { ...world.net, clock, connect });
  world.close();
  // Nobody answers: each is knocked at once.
  assert.equal(visits.length, 4);
  assert.deepEqual(
    slept,
    Array.from({ length: 3 }, () => 2_000),
  );
});

test("one host by name, by address, or not at all", async () => {
  const world = await startWorld(GOOD_ZONE);
  const table: [text: string, want: string][] = [
    ["mail.example.org", "mail.example.org 93.184.216.34 25 smtp"],
    ["mail.example.org:465", "mail.example.org 93.184.216.34 465 submissions"],
    ["93.184.216.34:25", "mail.example.org 93.184.216.34 25 smtp"],
    ["[2a00:1450:4001:80b::1]:25", "mail.example.org 2a00:1450:4001:80b::1 25 smtp"],
    ["10.9.9.9", "no-name"],
    ["mx.example.net[10.9.9.9]:25", "mx.example.net 10.9.9.9 25 smtp"],
    ["mx.example.net[IPv6:2001:db8::9]", "mx.example.net 2001:db8::9 25 smtp"],
    ["127.0.0.9:2525", "localhost 127.0.0.9 2525 smtp"],
    ["localhost:1", "localhost 127.0.0.1 1 smtp"],
    ["imaps://localhost:9993", "localhost 127.0.0.1 9993 imaps"],
    ["imaps://mail.example.org", "mail.example.org 93.184.216.34 993 imaps"],
    ["smtps://mail.example.org", "mail.example.org 93.184.216.34 465 submissions"],
    ["submissions://mail.example.org:2465", "mail.example.org 93.184.216.34 2465 submissions"],
    ["SUBMISSION://mail.example.org", "mail.example.org 93.184.216.34 587 submission"],
    ["pop3s://[2a00:1450:4001:80b::1]", "mail.example.org 2a00:1450:4001:80b::1 995 pop3s"],
    ["pop3://mx.example.net[10.9.9.9]", "mx.example.net 10.9.9.9 110 pop3"],
    ["imap://10.9.9.9", "no-name"],
    ["https://mail.example.org/", "mail.example.org 93.184.216.34 443 web"],
    ["smtp://mail.example.org:993", "mail.example.org 93.184.216.34 993 smtp"],
    ["http://mail.example.org", "scheme"],
    ["constructor://mail.example.org", "scheme"],
    ["imaps://", "syntax"],
    ["imaps:mail.example.org", "syntax"],
    ["imaps://mail.example.org/INBOX", "syntax"],
    ["imaps://user@mail.example.org", "syntax"],
    ["mail.example.org/", "syntax"],
    ["mail.example.org:0", "syntax"],
    ["mail.example.org:65536", "syntax"],
    ["mail.example.org[mx]:25", "syntax"],
    ["a b[10.9.9.9]", "syntax"],
    ["[10.9.9.9", "syntax"],
    ["nothing.example.org", "no-address"],
    ["a b", "syntax"],
    ["", "syntax"],
  ];
  const plans: string[] = [];
  for (const [text] of table) {
    const plan = await hostPlan(text, [], world.net);
    const [host] = plan.ok ? plan.value.hosts : [];
    plans.push(plan.ok ? `${host?.name} ${host?.address} ${host?.port} ${host?.service}` : plan.error);
  }
  world.close();
  assert.deepEqual(
    plans,
    table.map(([, want]) => want),
  );
});

test("strangers are never asked for the relay in all forms, nor told DATA", async () => {
  const server = await startScripted({});
  const world = await startWorld(GOOD_ZONE);
  const clock = {
    now: () => Date.now(),
    sleep: (duration_ms: number) =>
      duration_ms === DOCTOR_LIMITS.pause_ms ? Promise.resolve() : new Promise<void>(() => {}),
  };
  const host = {
    name: HOST,
    address: "127.0.0.1",
    port: server.port,
    service: "smtp",
    domains: [DOMAIN],
    ours: false,
  } as const;
  const findings = await examine(
    { domains: [], addresses: [], hosts: [host], leftOut: [] },
    { ...world.net, clock },
  );
  server.close();
  world.close();
  assert.ok(!findings.some(({ check }) => check === "relay-forms" || check === "smuggling"));
  assert.ok(!server.seen.some((line) => line === "DATA" || line.includes("%")));
  assert.equal(server.seen.filter((line) => line.startsWith("RCPT")).length, 4);
});

test("a TLS reporting record is read whatever stands there", () => {
  for (const good of [
    "v=TLSRPTv1; rua=mailto:a@b.example",
    "v=TLSRPTv1;rua=https://b.example/x;",
    "v=TLSRPTv1 ; rua = mailto:a@b.example,https://c.example",
  ])
    assert.ok(isTlsReportRecord(good), good);
  for (const bad of [
    "",
    "v=TLSRPTv1",
    "v=TLSRPTv2; rua=mailto:a@b.example",
    "v=TLSRPTv1; rua=a@b.example",
    "v=TLSRPTv1; x=mailto:a@b",
  ])
    assert.ok(!isTlsReportRecord(bad), bad);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(typeof isTlsReportRecord(text), "boolean");
      assert.equal(typeof isTlsReportRecord(`v=TLSRPTv1;${text}`), "boolean");
    }),
  );
});
