/** Policy hosts and name servers that lie, never answer or never end: the probes say what they could not learn. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { request } from "node:https";
import { createServer as createTcp, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { createServer } from "node:tls";
import { dnsClient } from "../../src/dns/client.ts";
import { runProbe } from "../../src/doctor/examine.ts";
import { ADDRESS_PROBES, DOMAIN_PROBES } from "../../src/doctor/families.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { HostTarget, Net } from "../../src/doctor/probe.ts";
import { mtaSts } from "../../src/doctor/probes/mta-sts.ts";
import { mtaStsFetch } from "../../src/tls/mta-sts-fetch.ts";
import { AUTHORITY, issued } from "./certificates.ts";
import { DOMAIN, HOST, startWorld, TARGET, zoneWith } from "./world.ts";
import { evidenceText } from "../../src/doctor/words/told.ts";

/** As long as a policy host or a name server is waited for here. */
const HASTE_MS = 300;
const OK_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";

/** Without end, as fast as it is taken. */
function pour(socket: Socket, text: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on("drain", more);
  more();
}

const POLICY_HOSTS: readonly (readonly [name: string, talk: (socket: Socket) => void, why: RegExp])[] = [
  ["says nothing", () => {}, /no answer in time/],
  ["an octet now and then", (socket) => drip(socket, OK_HEAD), /no answer in time/],
  [
    "a policy octet by octet",
    (socket) =>
      drip(
        socket.on("error", () => {}),
        `${OK_HEAD}\r\nversion: STSv1\r\n`.repeat(9),
      ),
    /no answer in time|broke off/,
  ],
  ["hangs up", (socket) => void socket.end(), /hung up/],
  ["breaks off", (socket) => void socket.end(`${OK_HEAD}content-length: 99\r\n\r\nversion`), /broke off/],
  ["nonsense", (socket) => void socket.write("\u0000\u00ff\r\n\r\n"), /Parse Error/],
  [
    "a gigabyte",
    (socket) =>
      pour(
        socket.on("error", () => {}),
        `${OK_HEAD}\r\n${"x".repeat(65_536)}`,
      ),
    /longer than 64 KB/,
  ],
  [
    "headers without end",
    (socket) => {
      socket.write(OK_HEAD);
      pour(socket, `x: ${"y".repeat(4_096)}\r\n`);
    },
    /Header overflow/,
  ],
  [
    "trailers without end",
    (socket) => {
      socket.write(`${OK_HEAD}transfer-encoding: chunked\r\n\r\n0\r\n`);
      pour(socket, `x: ${"y".repeat(4_096)}\r\n`);
    },
    /Header overflow/,
  ],
  [
    "interim answers without end",
    (socket) => pour(socket, "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"),
    /interim answers/,
  ],
  [
    "another protocol",
    (socket) =>
      void socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    /101/,
  ],
  [
    "another place",
    (socket) => void socket.write("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n"),
    /302/,
  ],
];

function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ""), 20).unref();
  socket.once("close", () => clearInterval(timer));
}

test("a policy host that is hostile: the policy is red with the reason, the record is what it is", async () => {
  const pair = issued([`mta-sts.${DOMAIN}`], -1, 60);
  let talk: (socket: Socket) => void = () => {};
  const sockets = new Set<Socket>();
  const server = createServer({ key: pair.key, cert: pair.certificate }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", () => talk(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const world = await startWorld(zoneWith([], [`mta-sts.${DOMAIN} A 127.0.0.1`]));
  const fetching = { dns: world.net.dns, request, port, ca: [AUTHORITY.certificate], allowLoopback: true };
  const net: Net = {
    ...world.net,
    policyOf: (domain) => mtaStsFetch(fetching)(domain, AbortSignal.timeout(HASTE_MS)),
  };
  try {
    for (const [name, said, why] of POLICY_HOSTS) {
      talk = said;
      const found = await runProbe(mtaSts, TARGET, DOMAIN, net);
      assert.deepEqual(
        found.map(({ check, grade }) => `${check} ${grade}`),
        ["mta-sts-record ok", "mta-sts-policy fail"],
        name,
      );
      assert.match(evidenceText(found[1]?.evidence ?? "", "en"), why, name);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    world.close();
  }
});

/** From a query to what comes back; undefined: nothing does. */
type Lie = (query: Buffer) => Buffer | undefined;
const answered = (query: Buffer, flags: number, count: number, records: Buffer): Buffer => {
  const head = Buffer.from(query);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(count, 6);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([endOfQuestion(head), records]);
};
/** Without what stands behind the question (EDNS). */
function endOfQuestion(query: Buffer): Buffer {
  let at = 12;
  while ((query[at] ?? 0) !== 0) at += 1 + (query[at] ?? 0);
  return query.subarray(0, at + 5);
}
const typeOf = (query: Buffer): number => endOfQuestion(query).readUInt16BE(endOfQuestion(query).length - 4);
/** A record of the asked name: `c00c` points to it. */
const record = (type: number, data: Buffer): Buffer => {
  const head = Buffer.from("c00c00000001000000000000", "hex");
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
};
const CNAME = 5;

const NAME_SERVERS: readonly (readonly [name: string, udp: Lie, tcp?: Lie])[] = [
  ["never answers", () => undefined],
  [
    "another id",
    (query) => {
      const answer = answered(query, 0x8580, 0, Buffer.of());
      answer.writeUInt16BE(answer.readUInt16BE(0) ^ 1, 0);
      return answer;
    },
  ],
  [
    "another question",
    (query) => {
      const answer = answered(query, 0x8580, 0, Buffer.of());
      answer.writeUInt8((answer[13] ?? 0) ^ 1, 13);
      return answer;
    },
  ],
  [
    "names that point at themselves",
    (query) =>
      answered(
        query,
        0x8580,
        1,
        Buffer.concat([Buffer.from([0xc0, endOfQuestion(query).length]), Buffer.alloc(10)]),
      ),
  ],
  [
    "records that end too early",
    (query) => answered(query, 0x8580, 9, record(typeOf(query), Buffer.of(0xc0))),
  ],
  ["nonsense", () => Buffer.alloc(600, 0xc0)],
  ["an alias of itself", (query) => answered(query, 0x8580, 1, record(CNAME, Buffer.from([0xc0, 12])))],
  [
    "64 KB of records nobody can read",
    (query) => answered(query, 0x8780, 0, Buffer.of()),
    (query) => {
      const one = record(typeOf(query), Buffer.alloc(40, 0xff));
      return answered(query, 0x8580, 1_200, Buffer.concat(Array.from({ length: 1_200 }, () => one)));
    },
  ],
  ["more to come, and it never comes", (query) => answered(query, 0x8780, 0, Buffer.of()), () => undefined],
];

for (const [name, udpLie, tcpLie = () => undefined] of NAME_SERVERS)
  test(`a name server that lies (${name}): nothing it said is ok`, async () => {
    const udp = createSocket("udp4");
    udp.on("message", (query, peer) => {
      const lie = udpLie(query);
      if (lie !== undefined) udp.send(lie, peer.port, peer.address);
    });
    const tcp = createTcp((socket) => {
      socket.on("error", () => {});
      socket.once("data", (input: Buffer) => {
        const lie = tcpLie(input.subarray(2));
        if (lie !== undefined)
          socket.end(Buffer.concat([Buffer.from([lie.length >> 8, lie.length & 0xff]), lie]));
      });
    });
    tcp.listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    udp.bind(port, "127.0.0.1");
    await once(udp, "listening");
    const world = await startWorld("");
    const real = dnsClient([{ address: "127.0.0.1", port }]);
    const dns: Net["dns"] = {
      query: (asked, type, signal) => {
        const haste = AbortSignal.timeout(30);
        return real.query(asked, type, signal === undefined ? haste : AbortSignal.any([signal, haste]));
      },
    };
    const net: Net = { ...world.net, dns, dnsAt: () => dns };
    const host: HostTarget = {
      name: HOST,
      address: "93.184.216.34",
      port: 25,
      service: "smtp",
      domains: [DOMAIN],
      ours: false,
    };
    try {
      const found: readonly Finding[] = (
        await Promise.all([
          ...DOMAIN_PROBES.filter((probe) => probe !== mtaSts).map((probe) =>
            runProbe(probe, TARGET, DOMAIN, net),
          ),
          ...ADDRESS_PROBES.map((probe) => runProbe(probe, host, host.address, net)),
        ])
      ).flat();
      assert.ok(found.length > 20);
      for (const finding of found)
        assert.ok(finding.grade !== "ok", `${finding.check} is ok (${evidenceText(finding.evidence, "en")})`);
    } finally {
      udp.close();
      tcp.close();
      world.close();
    }
  });
