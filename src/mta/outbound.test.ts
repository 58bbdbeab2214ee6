import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { TLSSocket, type ConnectionOptions } from "node:tls";
import { HASH_COST_MIN } from "../accounts/password-hash.ts";
import { signingRecords } from "../accounts/signing-keys.ts";
import { zoneDns } from "../../test/authentication/spf-zone.ts";
import { verifySignatures } from "../authentication/dkim/verify.ts";
import { addresses } from "../accounts/addresses.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { MemoryLog, silentLog } from "../base/log.ts";
import { Secret } from "../base/secret.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { dnsClient } from "../dns/client.ts";
import { findField } from "../message/header.ts";
import { scan } from "../message/mime.ts";
import { defaultQueuePolicy } from "../queue/schedule.ts";
import type { Source } from "../queue/source.ts";
import type { Transport } from "../queue/transport.ts";
import { connectRemote } from "../smtp/client.ts";
import { openStore } from "../store/sqlite/open.ts";
import type { NewQueueEntry, NewQueueRecipient, QueueEntry, Store } from "../store/store.ts";
import { startDnsServer } from "../../test/simulate/dns-server.ts";
import { startOutbound, type Outbound } from "./outbound.ts";
import { Signer } from "./signer.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PEM = new URL("../../test/corpora/tls/", import.meta.url);
const key = readFileSync(new URL("loopback-key.pem", PEM));
const cert = readFileSync(new URL("loopback-cert.pem", PEM));

// a remote mail server that says what the test wants

type Taken = {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
  readonly tls: boolean;
};
type Script = {
  /** EHLO keywords. */
  readonly extensions?: readonly string[];
  /** Another reply than the usual one; `hang up` closes the connection instead, `silence` says nothing, `slowly` the usual. `.` is the end of a message. */
  readonly lmtp?: boolean;
  readonly answer?: (command: string, connection: number) => string | undefined;
};

class Remote {
  readonly taken: Taken[] = [];
  /** Where each connection came from. */
  readonly peers: string[] = [];
  connections = 0;
  open = 0;
  openMost = 0;
  readonly commands: string[] = [];
  script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(script: Script) {
    this.script = script;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(address: string, port: number): Promise<number> {
    this.#server.listen(port, address);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    const number = ++this.connections;
    this.peers.push(socket.remoteAddress ?? "");
    this.openMost = Math.max(this.openMost, ++this.open);
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.open--;
      this.#sockets.delete(socket);
    });
    this.#converse(socket, number, false);
    const greeting = this.script.answer?.("CONNECT", number) ?? "220 remote.test ESMTP";
    if (greeting === "hang up") socket.destroy();
    else socket.write(`${greeting}\r\n`);
  }

  #converse(socket: Socket, number: number, tls: boolean): void {
    let input = "";
    let mail = { from: "", to: [] as string[] };
    let inData = false;
    socket.on("error", () => {});
    const onData = (chunk: Buffer): void => {
      input += chunk.toString("latin1");
      for (;;) {
        const end = input.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const line = input.slice(0, end);
        input = input.slice(end + (inData ? 5 : 2));
        const command = inData ? "." : line;
        this.commands.push(command);
        const reply = this.script.answer?.(command, number) ?? this.#usual(command);
        if (reply === "hang up") return void socket.destroy();
        if (inData) {
          inData = false;
          if (reply.startsWith("2") || reply === "slowly")
            this.taken.push({ ...mail, data: `${line}\r\n`, tls });
        } else if (/^MAIL/i.test(command)) mail = { from: command.slice(10), to: [] };
        else if (/^RCPT/i.test(command) && reply.startsWith("2")) mail.to.push(command.slice(8));
        else if (command === "DATA" && reply.startsWith("3")) inData = true;
        const times = command === "." && this.script.lmtp === true ? mail.to.length : 1;
        if (reply === "slowly") setTimeout(() => socket.write(`${this.#usual(command)}\r\n`), 600);
        else if (reply !== "silence") socket.write(`${reply}\r\n`.repeat(times));
        if (command === "QUIT") socket.end();
        if (command === "STARTTLS" && reply.startsWith("220")) {
          socket.off("data", onData);
          const secured = new TLSSocket(socket, { isServer: true, key, cert });
          return this.#converse(secured, number, true);
        }
      }
    };
    socket.on("data", onData);
  }

  #usual(command: string): string {
    if (/^(EHLO|LHLO)/.test(command)) {
      return ["remote.test", ...(this.script.extensions ?? [])]
        .map((word, i, all) => `250${i === all.length - 1 ? " " : "-"}${word}`)
        .join("\r\n");
    }
    if (command === "STARTTLS") return "220 go ahead";
    if (command === "DATA") return "354 send it";
    if (command === "QUIT") return "221 bye";
    return "250 2.0.0 Ok";
  }
}

// one server under test with its world

const ME = "me@ours.test";

/** Real time that can be moved forward; long sleeps are cut short. */
class MovableClock implements Clock {
  #ahead_ms = 0;
  now(): number {
    return Date.now() + this.#ahead_ms;
  }
  sleep(duration_ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(Math.min(duration_ms, 100), signal);
  }
  move(duration_ms: number): void {
    this.#ahead_ms += duration_ms;
  }
}

class World {
  readonly directory = mkdtempSync(join(tmpdir(), "wachpost-outbound-"));
  readonly clock = new MovableClock();
  readonly log = new MemoryLog();
  readonly remotes: Remote[] = [];
  store!: Store;
  account!: AccountId;
  outbound: Outbound | undefined;
  port = 0;
  #dns!: Awaited<ReturnType<typeof startDnsServer>>;
  #ids = 0;

  /** `zone`: A and MX lines. Remotes listen on 127.0.0.2, .3 and so on, in order, all on one port. */
  async start(zone: string, ...scripts: Script[]): Promise<this> {
    this.#dns = await startDnsServer({ zone });
    for (const [i, script] of scripts.entries()) {
      const remote = new Remote(script);
      this.remotes.push(remote);
      this.port = await remote.listen(`127.0.0.${i + 2}`, this.port);
    }
    await this.openStore();
    await this.store.directory.addDomain("ours.test");
    const added = await this.store.directory.addAccount({
      login: ME,
      displayName: "Me",
      quota_octets: 0,
      administrator: false,
      scramSalt: new Uint8Array(16),
      created_ms: this.clock.now(),
      mailboxes: [{ name: "INBOX" }],
    });
    assert.ok(added.ok);
    this.account = added.value;
    return this;
  }

  run(
    change: {
      store?: Store;
      transports?: readonly Transport[];
      source?: Source;
      perDestination?: number;
      tlsOptions?: ConnectionOptions;
    } = {},
  ): void {
    this.outbound = startOutbound({
      store: change.store ?? this.store,
      addresses: addresses(this.store),
      dns: dnsClient([{ address: "127.0.0.1", port: this.#dns.port }]),
      connect: connectRemote,
      clock: this.clock,
      random: () => 0,
      log: this.log,
      hostName: "mail.ours.test",
      signer: new Signer(this.store, this.clock),
      policy: defaultQueuePolicy,
      transports: change.transports ?? [],
      ownAddresses: ["127.0.0.99"],
      smtpPort: this.port,
      ...(change.source ? { source: change.source } : {}),
      ...(change.tlsOptions ? { tlsOptions: change.tlsOptions } : {}),
      concurrency: { total: 20, perDestination: change.perDestination ?? 5 },
    });
  }

  async openStore(): Promise<void> {
    this.store = await openStore({ directory: this.directory, clock: this.clock, log: silentLog });
  }

  get dnsPort(): number {
    return this.#dns.port;
  }

  remote(index = 0): Remote {
    const remote = this.remotes[index];
    assert.ok(remote);
    return remote;
  }

  async send(
    to: string | readonly NewQueueRecipient[],
    change: Partial<NewQueueEntry> = {},
    text = "Subject: Hi\r\n\r\nHello\r\n",
  ): Promise<string> {
    const octets = Buffer.from(`Return-Path: <${ME}>\r\nReceived: by mail.ours.test; now\r\n${text}`);
    const id = change.id ?? `q${++this.#ids}`;
    const now_ms = this.clock.now();
    const queue: NewQueueEntry = {
      id,
      from: ME,
      smtpUtf8: false,
      body: "8BITMIME",
      created_ms: now_ms,
      recipients: typeof to === "string" ? to.split(" ").map((address) => ({ address })) : to,
      ...change,
    };
    await this.store.mail.deliver({
      source: { kind: "octets", octets },
      outline: scan(octets),
      received_ms: now_ms,
      copies: [],
      queue,
    });
    this.outbound?.wake();
    return id;
  }

  /** Time passes and the queue looks again. */
  later(duration_ms: number): void {
    this.clock.move(duration_ms);
    this.outbound?.wake();
  }

  async inbox(): Promise<readonly string[]> {
    const box = await this.store.mail.mailboxByName(this.account, "INBOX");
    assert.ok(box);
    const texts: string[] = [];
    for await (const rows of this.store.mail.messages(box.id, await this.store.mail.uids(box.id))) {
      for (const { blob } of rows) texts.push((await this.store.mail.octets(blob))?.toString("utf8") ?? "");
    }
    return texts;
  }

  entry(id: string): Promise<QueueEntry | undefined> {
    return this.store.queue.queueEntry(id);
  }

  async gone(id: string): Promise<void> {
    await until(async () => (await this.entry(id)) === undefined, `${id} leaves the queue`, this);
  }

  /** A try of that message has ended and its first recipient waits for the next. */
  async waits(id: string, attempts = 1): Promise<QueueEntry> {
    let found: QueueEntry | undefined;
    await until(
      async () => (found = await this.entry(id))?.recipients.some((one) => one.attempts >= attempts) ?? false,
      `${id} waits`,
      this,
    );
    assert.ok(found);
    return found;
  }

  events(event: string): readonly Readonly<Record<string, unknown>>[] {
    return this.log.events.filter((one) => one.event === event).map(({ fields }) => fields);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.outbound?.close(1000);
    for (const remote of this.remotes) remote.close();
    await this.store[Symbol.asyncDispose]();
    this.#dns.close();
    rmSync(this.directory, { recursive: true, force: true });
    assert.deepEqual(this.events("outbound.failed"), [], "a delivery threw");
  }
}

async function until(condition: () => Promise<boolean> | boolean, what: string, world: World): Promise<void> {
  const deadline_ms = Date.now() + 8_000;
  while (!(await condition())) {
    if (Date.now() > deadline_ms)
      assert.fail(`not within 8 s: ${what}\n${JSON.stringify(world.log.events, null, 1)}`);
    await systemClock.sleep(10);
  }
}

const X = "x.test MX 10 mx.x.test\nmx.x.test A 127.0.0.2";

test("a message goes out as it is, without our Return-Path; the queue is empty after", async () => {
  await using world = await new World().start(X, { extensions: ["8BITMIME", "SIZE 1000000"] });
  world.run();
  const body = `Subject: Grüße\r\n\r\n.dot\r\n${"Zeile ä\r\n".repeat(60_000)}`;
  await world.gone(await world.send("a@x.test b@x.test", {}, body));
  const [taken] = world.remote().taken;
  const wire = Buffer.from(`Received: by mail.ours.test; now\r\n${body}`)
    .toString("latin1")
    .replace("\r\n.dot", "\r\n..dot");
  assert.equal(taken?.data, wire);
  assert.equal(taken?.from, `<me@ours.test> SIZE=${wire.length - 1} BODY=8BITMIME`);
  assert.deepEqual(taken?.to, ["<a@x.test>", "<b@x.test>"]);
  assert.equal(await world.store.queue.queueLength(), 0);
  const sent = world.events("delivery.sent");
  assert.deepEqual(
    sent.map(({ to, host, reply }) => [to, host, reply]),
    [
      ["a@x.test", "mx.x.test", "250 2.0.0 mx.x.test said: Ok"],
      ["b@x.test", "mx.x.test", "250 2.0.0 mx.x.test said: Ok"],
    ],
  );
});

test("messages one after another share a connection; it is closed when idle", async () => {
  await using world = await new World().start(X, {});
  world.run();
  for (let i = 0; i < 4; i++) await world.gone(await world.send("a@x.test"));
  assert.equal(world.remote().connections, 1);
  assert.equal(world.remote().taken.length, 4);
  world.later(10_000);
  await until(() => world.remote().commands.includes("QUIT"), "goodbye", world);
});

test("a connection the remote closed meanwhile costs no try", async () => {
  await using world = await new World().start(X, {
    answer: (command, connection) =>
      connection === 1 && command === "MAIL FROM:<two@ours.test>" ? "hang up" : undefined,
  });
  world.run();
  await world.gone(await world.send("a@x.test"));
  await world.gone(await world.send("a@x.test", { from: "two@ours.test" }));
  assert.equal(world.remote().connections, 2);
  assert.equal(world.events("delivery.deferred").length, 0);
});

test("one message, several destinations: each recipient's own way", async () => {
  const zone = `${X}\ny.test A 127.0.0.3\nnull.test MX 0 .\nloop.test MX 5 here.test\nhere.test A 127.0.0.99\nbad.test SERVFAIL`;
  await using world = await new World().start(zone, {}, {});
  world.run();
  const id = await world.send("a@x.test b@y.test c@null.test d@gone.invalid e@loop.test f@bad.test");
  await until(
    async () => (await world.entry(id))?.recipients.every((one) => one.attempts > 0) === true,
    "all tried",
    world,
  );
  const shown = (await world.entry(id))?.recipients.map(
    ({ state, lastReply }) => `${state} ${lastReply?.slice(0, 10)}`,
  );
  assert.deepEqual(
    shown?.map((text) => text.trim()),
    [
      "delivered 250 2.0.0",
      "delivered 250 2.0.0",
      "failed 556 5.1.10",
      "failed 550 5.1.2",
      "failed 554 5.4.6",
      "pending 451 4.4.3",
    ],
  );
  await until(async () => (await world.inbox()).length === 3, "three notices", world);
});

test("the next host takes over where one cannot be reached, is silent or has trouble", async () => {
  const zone = [
    "x.test MX 1 dead.test",
    "x.test MX 2 busy.test",
    "x.test MX 3 rude.test",
    "x.test MX 4 good.test",
    "dead.test A 127.0.0.77",
    "busy.test A 127.0.0.2",
    "rude.test A 127.0.0.3",
    "good.test A 127.0.0.4",
  ].join("\n");
  const busy = { answer: (command: string) => (command === "CONNECT" ? "421 4.3.2 busy" : undefined) };
  const rude = { answer: (command: string) => (command === "CONNECT" ? "554 5.7.1 no" : undefined) };
  await using world = await new World().start(zone, busy, rude, {});
  world.run();
  await world.gone(await world.send("a@x.test"));
  assert.equal(world.remote(2).taken.length, 1);
  assert.deepEqual(
    world.events("outbound.host-failed").map(({ host, kind }) => `${String(host)} ${String(kind)}`),
    ["dead.test connect", "busy.test greeting", "rude.test greeting"],
  );
});

test("4xx for one recipient: only he is tried again; 5xx: the sender gets a notice in the same commit", async () => {
  let ready = false;
  const answer = (command: string) => {
    if (command.startsWith("RCPT TO:<later@") && !ready) return "450 4.2.0 Come back";
    return command.startsWith("RCPT TO:<never@")
      ? "550-5.1.1 Nobody here\r\n550 5.1.1 by that name"
      : undefined;
  };
  await using world = await new World().start(X, { answer });
  world.run();
  const id = await world.send("ok@x.test later@x.test never@x.test", { envid: "E1" });
  const { recipients } = await world.waits(id);
  assert.deepEqual(
    recipients.map(({ state }) => state),
    ["delivered", "pending", "failed"],
  );
  const due_ms = (recipients[1]?.nextAttempt_ms ?? 0) - world.clock.now();
  assert.ok(due_ms > 4 * MINUTE_MS && due_ms <= 5.5 * MINUTE_MS, String(due_ms));
  const [notice = ""] = await world.inbox();
  assert.match(notice, /^Return-Path: <>\r\n/);
  assert.match(
    notice,
    /Final-Recipient: rfc822; never@x\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\nRemote-MTA: dns; mx\.x\.test\r\nDiagnostic-Code: smtp; 550-5\.1\.1 Nobody here\r\n 550 5\.1\.1 by that name/,
  );
  assert.match(notice, /Original-Envelope-Id: E1/);
  assert.ok(!notice.includes("later@") && !notice.includes("ok@"));
  ready = true;
  world.later(6 * MINUTE_MS);
  await world.gone(id);
  assert.deepEqual(
    world.remote().taken.map(({ to }) => to),
    [["<ok@x.test>"], ["<later@x.test>"]],
  );
  assert.equal((await world.inbox()).length, 1);
});

test("a sender elsewhere gets his notice over the queue: null sender, NOTIFY=NEVER", async () => {
  const zone = `${X}\ny.test A 127.0.0.3`;
  await using world = await new World().start(
    zone,
    { answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 No" : undefined) },
    { extensions: ["DSN"] },
  );
  const managing = { store: world.store, clock: systemClock, cost: HASH_COST_MIN };
  const keys = await signingRecords(managing, "ours.test");
  world.run();
  await world.gone(await world.send("a@x.test", { from: "them@y.test" }));
  await until(() => world.remote(1).taken.length === 1, "the notice", world);
  const [taken] = world.remote(1).taken;
  assert.deepEqual([taken?.from, taken?.to], ["<>", ["<them@y.test> NOTIFY=NEVER"]]);
  assert.equal(findField(Buffer.from(taken?.data ?? ""), "to"), "<them@y.test>");
  assert.ok(!taken?.data.includes("Return-Path"));
  // SPF has no sender to prove, so the domain our name is in signs for it (C-38): From is below it, which DMARC takes for aligned.
  const dns = zoneDns(keys.ok ? keys.value.map(({ name, text }) => [name, "TXT", text]) : []);
  const signatures = await verifySignatures(Buffer.from(taken?.data ?? "", "latin1"), dns, {
    now_ms: Date.now(),
  });
  assert.deepEqual(
    signatures.map(({ result, domain }) => `${result} ${domain}`),
    ["pass ours.test", "pass ours.test"],
  );
  assert.match(taken?.data ?? "", /^From: .*<postmaster@mail\.ours\.test>\r$/m);
});

test("the null sender is told nothing, and so is a sender who does not exist: the operator's log is", async () => {
  await using world = await new World().start(X, {
    answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 No" : undefined),
  });
  world.run();
  await world.gone(await world.send("a@x.test", { from: "" }));
  await world.gone(await world.send("a@x.test", { from: "nobody@ours.test" }));
  assert.deepEqual(await world.inbox(), []);
  assert.equal(await world.store.queue.queueLength(), 0);
  assert.deepEqual(
    world.events("delivery.double-bounce").map(({ detail }) => detail),
    ["null sender", "the sender does not exist"],
  );
});

test("a message that waits: told once after four hours, given up after five days (T-62)", async () => {
  await using world = await new World().start(X, {
    answer: (command) => (command.startsWith("RCPT") ? "451 4.7.1 Not now" : undefined),
  });
  world.run();
  const id = await world.send([{ address: "a@x.test" }, { address: "quiet@x.test", notify: ["FAILURE"] }]);
  await world.waits(id, 1);
  assert.deepEqual(await world.inbox(), []);
  world.later(4 * HOUR_MS);
  await world.waits(id, 2);
  const [notice = ""] = await world.inbox();
  assert.match(notice, /Action: delayed\r\nStatus: 4\.7\.1[^]*Will-Retry-Until/);
  assert.ok(!notice.includes("quiet@"));
  world.later(2 * HOUR_MS);
  await world.waits(id, 3);
  assert.equal((await world.inbox()).length, 1, "told once");
  world.later(5 * 24 * HOUR_MS);
  await world.gone(id);
  const failed = (await world.inbox())[1] ?? "";
  assert.match(failed, /a@x\.test\r\nAction: failed\r\nStatus: 4\.7\.1[^]*quiet@x\.test\r\nAction: failed/);
  assert.equal((await world.inbox()).length, 2);
});

test("success asked: we answer for a server without DSN, one with DSN answers itself", async () => {
  const zone = `${X}\ny.test A 127.0.0.3`;
  await using world = await new World().start(zone, {}, { extensions: ["DSN"] });
  world.run();
  const orcpt = { type: "rfc822", address: "Orig@x.test" };
  await world.gone(
    await world.send(
      [
        { address: "a@x.test", notify: ["SUCCESS"], orcpt },
        { address: "b@y.test", notify: ["SUCCESS"], orcpt },
      ],
      { ret: "HDRS", envid: "E=1" },
    ),
  );
  const inbox = await world.inbox();
  assert.equal(inbox.length, 1);
  assert.match(
    inbox[0] ?? "",
    /Original-Recipient: rfc822; Orig@x\.test\r\nFinal-Recipient: rfc822; a@x\.test\r\nAction: relayed\r\nStatus: 2\.0\.0/,
  );
  assert.deepEqual(world.remote(1).taken[0]?.to, ["<b@y.test> NOTIFY=SUCCESS ORCPT=rfc822;Orig@x.test"]);
  assert.match(world.remote(1).taken[0]?.from ?? "", /RET=HDRS ENVID=E\+3D1/);
});

test("TLS where it is offered; where its handshake fails, plain, with a line in the log", async () => {
  const zone = `${X}\ny.test A 127.0.0.3`;
  const broken = {
    extensions: ["STARTTLS"],
    answer: (command: string) => (command === "STARTTLS" ? "220 go\r\nno TLS at all" : undefined),
  };
  await using world = await new World().start(zone, { extensions: ["STARTTLS"] }, broken);
  world.run();
  await world.gone(await world.send("a@x.test"));
  assert.equal(world.remote(0).taken[0]?.tls, true);
  await world.gone(await world.send("a@y.test"));
  assert.equal(world.remote(1).taken[0]?.tls, false);
  assert.equal(world.events("outbound.tls-fallback").length, 1);
  assert.deepEqual(
    world.events("outbound.connected").map(({ tls }) => tls),
    ["TLSv1.3", "none"],
  );
});

test("an unreachable destination is asked once for all that waits for it, then again when its time has come", async () => {
  const zone = "x.test A 127.0.0.2\ny.test A 127.0.0.3";
  let down = true;
  await using world = await new World().start(
    zone,
    { answer: (command) => (command === "CONNECT" && down ? "hang up" : undefined) },
    {},
  );
  world.run();
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) ids.push(await world.send("a@x.test"));
  for (const id of ids) await world.waits(id);
  assert.equal(world.remote().connections, 1);
  await world.gone(await world.send("a@y.test"));
  down = false;
  world.later(5.5 * MINUTE_MS);
  for (const id of ids) await world.gone(id);
  assert.equal(world.remote().taken.length, 12);
});

test("who answers 4.7.x gets less: the next message waits for its turn, and goes when it has come", async () => {
  let busy = true;
  await using world = await new World().start("x.test A 127.0.0.2", {
    answer: (command) => (busy && command.startsWith("RCPT") ? "450 4.7.28 too much at once" : undefined),
  });
  world.run();
  // Complaints until the gap is minutes long, and no busy machine is as slow.
  for (let gap_ms = 3_000; gap_ms < 3 * MINUTE_MS; gap_ms *= 2) {
    const { recipients } = await world.waits(await world.send("a@x.test"));
    assert.match(recipients[0]?.lastReply ?? "", /4\.7\.28/);
    world.later(gap_ms);
  }
  busy = false;
  await world.gone(await world.send("a@x.test"));
  const id = await world.send("b@x.test");
  const { recipients } = await world.waits(id);
  assert.match(recipients[0]?.lastReply ?? "", /waits for its turn/);
  world.later(20 * MINUTE_MS);
  await world.gone(id);
});

test("many domains at one operator share his limit: what one is told slows the others, and nobody else", async () => {
  let busy = true;
  const names = Array.from({ length: 6 }, (_, i) => `d${i}.test`);
  // A host for all, or a name of the operator's for each customer.
  const zone = names.flatMap((name, i) => {
    const host = i < 3 ? "mx.operator.test" : `${name.replace(".", "-")}.mail.many.test`;
    return [`${name} MX 10 ${host}`, ...(i < 3 ? [] : [`${host} A 127.0.0.2`])];
  });
  const rest = ["mx.operator.test A 127.0.0.2", "free.test MX 10 mx.free.test", "mx.free.test A 127.0.0.3"];
  const answer = (command: string) =>
    busy && command.startsWith("RCPT") ? "421 4.7.28 too much" : undefined;
  await using world = await new World().start([...zone, ...rest].join("\n"), { answer }, {});
  world.run();
  const operators = [
    ["d0.test", "d1.test", "d2.test"],
    ["d3.test", "d4.test", "d5.test"],
  ] as const;
  for (const [first, ...others] of operators) {
    busy = true;
    for (let gap_ms = 3_000; gap_ms < 3 * MINUTE_MS; gap_ms *= 2) {
      const { recipients } = await world.waits(await world.send(`a@${first}`));
      assert.match(recipients[0]?.lastReply ?? "", /4\.7\.28/);
      world.later(gap_ms);
    }
    busy = false;
    // One message has its turn; another domain of the same operator waits, though nobody told it anything.
    await world.gone(await world.send(`a@${first}`));
    const ids = [];
    for (const other of others) ids.push(await world.send(`b@${other}`));
    for (const id of ids)
      assert.match((await world.waits(id)).recipients[0]?.lastReply ?? "", /waits for its turn/);
  }
  await world.gone(await world.send("a@free.test"));
  assert.equal(world.remote(1).taken.length, 1);
  world.later(70 * MINUTE_MS);
  await until(() => world.remote(0).taken.length >= 6, "all in the end", world);
});

test("an operator's flush tries at once, also what a pause put off", async () => {
  let down = true;
  await using world = await new World().start("x.test A 127.0.0.2", {
    answer: (command) => (command === "CONNECT" && down ? "hang up" : undefined),
  });
  world.run();
  const id = await world.send("a@x.test");
  await world.waits(id);
  down = false;
  await systemClock.sleep(20);
  await world.store.queue.flush();
  await world.gone(id);
});

test("the connection breaks after the final dot: tried again later, not at another host now", async () => {
  const zone = `${X}\nx.test MX 20 other.test\nother.test A 127.0.0.3`;
  await using world = await new World().start(
    zone,
    { answer: (command, connection) => (command === "." && connection === 1 ? "hang up" : undefined) },
    {},
  );
  world.run();
  const id = await world.send("a@x.test");
  const { recipients } = await world.waits(id);
  assert.equal(recipients[0]?.state, "pending");
  assert.match(recipients[0]?.lastReply ?? "", /^451 4\.4\.2 mx\.x\.test: /);
  assert.equal(world.remote(1).connections, 0);
  world.later(6 * MINUTE_MS);
  await world.gone(id);
  assert.equal(world.remote(0).taken.length, 1);
});

test("a slow destination is not begun again while the rest of the message is written down", async () => {
  const zone = `${X}\ny.test A 127.0.0.3`;
  const slow = { answer: (command: string) => (command === "." ? "slowly" : undefined) };
  await using world = await new World().start(zone, {}, slow);
  world.run();
  const id = await world.send("a@x.test b@y.test");
  await until(() => world.remote(1).commands.includes("."), "the slow end", world);
  await world.waits(id);
  assert.equal((await world.entry(id))?.recipients[1]?.attempts, 0);
  for (let i = 0; i < 20; i++) {
    world.outbound?.wake();
    await systemClock.sleep(20);
  }
  await world.gone(id);
  await world.outbound?.close(2000);
  assert.deepEqual([world.remote(0).taken.length, world.remote(1).taken.length], [1, 1]);
});

test("what a killed process had leased is delivered by the next one, once", async () => {
  await using world = await new World().start(X, {});
  const id = await world.send("a@x.test");
  const now_ms = world.clock.now();
  assert.equal((await world.store.queue.lease(now_ms, now_ms + HOUR_MS, 10)).length, 1);
  world.run();
  await world.gone(id);
  assert.equal(world.remote().taken.length, 1);
});

test("closing lets a delivery finish; what cannot finish stays for the next start", async () => {
  await using world = await new World().start(
    `${X}\ny.test A 127.0.0.3`,
    {},
    { answer: (command) => (command === "DATA" ? "silence" : undefined) },
  );
  world.run();
  const stuck = await world.send("a@y.test");
  await until(() => world.remote(1).commands.includes("DATA"), "DATA", world);
  const started_ms = Date.now();
  await world.outbound?.close(50);
  assert.ok(Date.now() - started_ms < 2000);
  world.outbound = undefined;
  world.remote(1).script = {};
  world.run();
  await world.gone(stuck);
  assert.equal(world.remote(1).taken.length, 1);
});

test("a result the store could not take is written later; the message is not sent again", async () => {
  await using world = await new World().start(X, {});
  let failures = 2;
  const queue = {
    ...world.store.queue,
    settle: (...settled: Parameters<Store["queue"]["settle"]>) =>
      failures-- > 0 ? Promise.reject(new Error("disk full")) : world.store.queue.settle(...settled),
  };
  const store: Store = { ...world.store, queue, [Symbol.asyncDispose]: async () => {} };
  world.run({ store });
  await world.gone(await world.send("a@x.test"));
  assert.equal(world.remote().taken.length, 1);
  assert.equal(world.events("outbound.settle-failed").length, 2);
});

test("a message that cannot be read to its end: its connection is not used again, the message stays", async () => {
  await using world = await new World().start(X, {});
  const mail = {
    ...world.store.mail,
    octets: (...range: Parameters<Store["mail"]["octets"]>) =>
      (range[1] ?? 0) > 1000 ? Promise.reject(new Error("disk error")) : world.store.mail.octets(...range),
  };
  world.run({ store: { ...world.store, mail, [Symbol.asyncDispose]: async () => {} } });
  const id = await world.send("a@x.test", {}, `Subject: long\r\n\r\n${"0123456789\r\n".repeat(60_000)}`);
  const { recipients } = await world.waits(id);
  assert.equal(recipients[0]?.lastReply, "451 4.3.0 Local error in processing, will be tried again");
  await world.gone(await world.send("b@x.test"));
  assert.equal(world.remote().connections, 2);
  assert.deepEqual(
    world.remote().taken.map(({ to }) => to),
    [["<b@x.test>"]],
  );
  assert.equal(world.events("outbound.failed").length, 1);
  world.log.events.length = 0;
});

test("many messages: few connections, each message once", async () => {
  await using world = await new World().start(X, {});
  const ids: string[] = [];
  for (let i = 0; i < 80; i++) ids.push(await world.send(`a${i}@x.test`));
  world.run({ perDestination: 3 });
  for (const id of ids) await world.gone(id);
  const remote = world.remote();
  assert.ok(remote.openMost <= 3, String(remote.openMost));
  assert.ok(remote.connections <= 3, String(remote.connections));
  assert.equal(new Set(remote.taken.flatMap(({ to }) => to)).size, 80);
  assert.equal(remote.taken.length, 80);
});

test("more recipients than a transaction may have: several of a hundred", async () => {
  await using world = await new World().start(X, { extensions: ["PIPELINING"] });
  world.run();
  const all = Array.from({ length: 250 }, (_, i) => `a${i}@x.test`).join(" ");
  await world.gone(await world.send(all));
  assert.deepEqual(
    world
      .remote()
      .taken.map(({ to }) => to.length)
      .toSorted((a, b) => a - b),
    [50, 100, 100],
  );
});

test("a next hop takes everything, but never mail for a domain of ours", async () => {
  await using world = await new World().start("ours.test A 127.0.0.2", {}, { lmtp: true });
  const transports: readonly Transport[] = [
    { match: "*", kind: "lmtp", host: "127.0.0.3", port: world.port, tls: "none" },
  ];
  world.run({ transports });
  await world.gone(await world.send("a@x.test b@y.test ME+list@OURS.test ghost@ours.test"));
  assert.deepEqual(
    world.remote(1).taken.map(({ to }) => to),
    [["<a@x.test>", "<b@y.test>"]],
  );
  assert.ok(world.remote(1).commands.includes("LHLO mail.ours.test"));
  assert.equal(world.remote(0).connections, 0);
  const inbox = await world.inbox();
  assert.equal(inbox.filter((text) => text.includes("\r\n\r\nHello\r\n")).length, 1);
  assert.equal(
    inbox.filter((text) => /ghost@ours\.test\r\nAction: failed\r\nStatus: 5\.1\.1/.test(text)).length,
    1,
  );
});

test("each transport leaves from its own address, over its own connections (G-32)", async () => {
  await using world = await new World().start("x.test MX 10 mx.x.test\nmx.x.test A 127.0.0.2", {});
  const from = (ipv4: string) => ({ source: { ipv4 } });
  const hop = { kind: "smtp", host: "127.0.0.2", port: world.port, tls: "none" } as const;
  world.run({
    source: { ipv4: "127.0.0.11" },
    transports: [
      { match: "x.test", kind: "direct", ...from("127.0.0.12"), heloName: "out.ours.test" },
      { match: "y.test", ...hop, ...from("127.0.0.13") },
      { match: "gone.test", ...hop, ...from("192.0.2.1") },
      { match: "*", ...hop },
    ],
  });
  // One after another: where a kept connection could serve the next, it would.
  for (const to of ["a@x.test", "a@y.test", "a@z.test", "b@y.test", "b@x.test", "b@z.test"])
    await world.gone(await world.send(to));
  assert.deepEqual(world.remote().peers, ["127.0.0.12", "127.0.0.13", "127.0.0.11"]);
  assert.deepEqual(
    world.remote().taken.map(({ to }) => to.join()),
    ["<a@x.test>", "<a@y.test>", "<a@z.test>", "<b@y.test>", "<b@x.test>", "<b@z.test>"],
  );
  const greetings = world.remote().commands.filter((line) => line.startsWith("EHLO"));
  assert.deepEqual(greetings, ["EHLO out.ours.test", "EHLO mail.ours.test", "EHLO mail.ours.test"]);
  const entry = await world.waits(await world.send("a@gone.test"));
  assert.match(JSON.stringify(entry.recipients[0]), /EADDRNOTAVAIL/);
  assert.equal(world.remote().connections, 3, "never from another address instead");
});

test("a message that went through more than a hundred servers goes back (T-63)", async () => {
  await using world = await new World().start(X, {});
  world.run();
  await world.gone(await world.send("a@x.test", {}, `${"Received: from a\r\n".repeat(101)}\r\nHello\r\n`));
  assert.equal(world.remote().connections, 0);
  assert.match((await world.inbox())[0] ?? "", /Status: 5\.4\.6/);
});

test("what a remote lacks for a message sends it back, with our words as ours", async () => {
  await using world = await new World().start(X, { extensions: ["SIZE 10"] });
  world.run();
  await world.gone(await world.send("a@x.test", { ret: "FULL" }));
  const [notice = ""] = await world.inbox();
  assert.match(notice, /Action: failed\r\nStatus: 5\.3\.4\r\nDiagnostic-Code/);
  assert.match(notice, /Content-Type: message\/rfc822\r\n\r\nReceived: by/);
});

test("a smarthost: verified TLS, login; a wrong password delays the mail and bounces nothing", async () => {
  let password = "wrong";
  const answer = (command: string) => {
    if (!command.startsWith("AUTH PLAIN ")) return undefined;
    const [, user, given] = Buffer.from(command.slice(11), "base64").toString().split("\0");
    password = `${user}:${given}`;
    return given === "right" ? "235 2.7.0 Welcome" : "535 5.7.8 Wrong";
  };
  await using world = await new World().start("mx.wachpost.test A 127.0.0.2", {
    extensions: ["STARTTLS", "AUTH PLAIN"],
    answer,
  });
  const smarthost = (secret: string, tls: "verify" | "implicit"): Transport => ({
    match: "*",
    kind: "smtp",
    host: "mx.wachpost.test",
    port: world.port,
    tls,
    login: { user: "us", password: new Secret(secret) },
  });
  world.run({ transports: [smarthost("wrong", "verify")], tlsOptions: { ca: cert } });
  const id = await world.send("a@x.test");
  const { recipients } = await world.waits(id);
  assert.match(recipients[0]?.lastReply ?? "", /^451 4\.7\.8 mx\.wachpost\.test: /);
  assert.ok(!JSON.stringify(world.log.events).includes("wrong"));
  await world.outbound?.close(1000);
  world.clock.move(6 * MINUTE_MS);
  world.run({ transports: [smarthost("right", "verify")] });
  await until(
    () => world.events("outbound.host-failed").length === 2,
    "an unknown authority is refused",
    world,
  );
  await world.outbound?.close(1000);
  world.clock.move(HOUR_MS);
  world.run({ transports: [smarthost("right", "verify")], tlsOptions: { ca: cert } });
  await world.gone(id);
  assert.equal(password, "us:right");
  assert.equal(world.remote().taken[0]?.tls, true);
  assert.deepEqual(await world.inbox(), []);
});

/** Empties the queue in `DIRECTORY` until it is killed. */
const CHILD = `(async () => {
  const load = (name) => import(new URL("../" + name + ".ts", process.env.HERE));
  const { openStore } = await load("store/sqlite/open");
  const { startOutbound } = await load("mta/outbound");
  const { addresses } = await load("accounts/addresses");
  const { dnsClient } = await load("dns/client");
  const { connectRemote } = await load("smtp/client");
  const { systemClock: clock } = await load("base/clock");
  const { silentLog: log } = await load("base/log");
  const { defaultQueuePolicy: policy } = await load("queue/schedule");
  const store = await openStore({ directory: process.env.DIRECTORY, clock, log });
  startOutbound({
    store, addresses: addresses(store), dns: dnsClient([{ address: "127.0.0.1", port: Number(process.env.DNS) }]),
    connect: connectRemote, clock, random: () => 0, log, hostName: "mail.ours.test", policy, transports: [],
    ownAddresses: [], smtpPort: Number(process.env.PORT), concurrency: { total: 20, perDestination: 5 },
  });
})()`;

test("kill -9 in the middle of a message: nothing is lost, nothing that was taken is sent again", async () => {
  const zone = `${X}\ny.test A 127.0.0.3`;
  const silent = { answer: (command: string) => (command === "." ? "silence" : undefined) };
  await using world = await new World().start(zone, {}, silent);
  const id = await world.send("a@x.test b@y.test");
  await world.store[Symbol.asyncDispose]();
  const child = spawn(process.execPath, ["-e", CHILD], {
    stdio: "inherit",
    env: {
      HERE: import.meta.url,
      DIRECTORY: world.directory,
      DNS: String(world.dnsPort),
      PORT: String(world.port),
    },
  });
  try {
    await until(() => world.remote(1).commands.includes("."), "the second message is under way", world);
    await until(() => world.remote(0).taken.length === 1, "the first one is through", world);
    // Its result is one commit away.
    await systemClock.sleep(200);
  } finally {
    child.kill("SIGKILL");
  }
  await once(child, "exit");
  world.remote(1).script = {};
  await world.openStore();
  world.run();
  await world.gone(id);
  assert.deepEqual([world.remote(0).taken.length, world.remote(1).taken.length], [1, 1]);
});
