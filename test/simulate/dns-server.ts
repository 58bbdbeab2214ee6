/** An authoritative DNS server on loopback: any zone, and every way a resolver can misbehave. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { decodeMessage, type DnsMessage } from "../../src/dns/message.ts";
import { TYPE_CODES } from "../../src/dns/record-types.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import { parseIp } from "../../src/base/ip.ts";
import { encodeName } from "../../src/dns/wire-name.ts";

/** `name TYPE data` a line, `name RRSIG TYPE FROM UNTIL` (days from now) is sent along, `#` comments; `name TIMEOUT`, `name SERVFAIL` (`*`: every name), `name TRUNCATE`, `name LIE` misbehave. */
export type Zone = string;

type Entry = { readonly name: string; readonly type: string; readonly data: string };

const TTL_S = 60;
const UDP_OCTETS = 1232;

export type DnsServerOptions = {
  readonly zone: Zone;
  readonly authenticated?: boolean;
  readonly port?: number;
  readonly host?: string;
};

export async function startDnsServer(
  options: DnsServerOptions,
): Promise<{ readonly port: number; readonly asked: string[]; setZone(zone: Zone): void; close(): void }> {
  const host = options.host ?? "127.0.0.1";
  const asked: string[] = [];
  let entries = parseZone(options.zone);
  const answer = (octets: Buffer): { whole: Buffer; truncate: boolean } | undefined => {
    const query = decodeMessage(octets);
    if (!query?.question) return undefined;
    asked.push(`${query.question.name} ${typeText(query.question.type)}`);
    return respond(entries, query, options.authenticated ?? false);
  };
  const tcp = createServer((socket) => serveTcp(socket, answer));
  tcp.listen(options.port ?? 0, host);
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket("udp4");
  udp.on("message", (octets: Buffer, peer) => {
    const response = answer(octets);
    if (!response) return;
    const cut = response.truncate || response.whole.length > UDP_OCTETS;
    udp.send(cut ? truncated(response.whole) : response.whole, peer.port, peer.address);
  });
  udp.bind(port, host);
  await once(udp, "listening");
  return {
    port,
    asked,
    setZone: (zone) => void (entries = parseZone(zone)),
    close() {
      udp.close();
      tcp.close();
    },
  };
}

function serveTcp(socket: Socket, answer: (octets: Buffer) => { whole: Buffer } | undefined): void {
  let input = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    if (input.length < 2 || input.length < input.readUInt16BE(0) + 2) return;
    const response = answer(input.subarray(2))?.whole;
    if (response) socket.end(Buffer.concat([u16(response.length), response]));
  });
}

function parseZone(zone: Zone): Entry[] {
  return zone
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", type = "", ...data] = line.split(/\s+/);
      return { name: name.toLowerCase().replace(/\.$/, ""), type: type.toUpperCase(), data: data.join(" ") };
    });
}

const typeText = (code: number): string =>
  Object.entries(TYPE_CODES).find(([, value]) => value === code)?.[0] ?? String(code);

function respond(
  entries: readonly Entry[],
  query: DnsMessage,
  authenticated: boolean,
): { whole: Buffer; truncate: boolean } | undefined {
  const question = query.question as NonNullable<DnsMessage["question"]>;
  const type = typeText(question.type);
  const here = entries.filter((entry) => entry.name === question.name);
  if (here.some((entry) => entry.type === "TIMEOUT")) return undefined;
  const isDown = entries.some(({ name, type: what }) => name === "*" && what === "SERVFAIL");
  if (isDown || here.some((entry) => entry.type === "SERVFAIL"))
    return { whole: message(query, 2, [], authenticated), truncate: false };
  const lie = here.some((entry) => entry.type === "LIE");
  const signatures = here.filter((entry) => entry.type === "RRSIG" && entry.data.startsWith(`${type} `));
  const answers = [...withAliases(entries, question.name, type), ...signatures];
  const exists = entries.some(
    (entry) => entry.name === question.name || entry.name.endsWith(`.${question.name}`),
  );
  const whole = message(query, answers.length > 0 || exists ? 0 : 3, answers, authenticated);
  if (lie) whole.writeUInt16BE((query.id + 1) & 0xffff, 0);
  return { whole, truncate: here.some((entry) => entry.type === "TRUNCATE") };
}

function withAliases(entries: readonly Entry[], name: string, type: string): Entry[] {
  const found: Entry[] = [];
  let current = name;
  for (let steps = 0; steps < 20; steps++) {
    const direct = entries.filter((entry) => entry.name === current && entry.type === type);
    if (direct.length > 0) return [...found, ...direct];
    const alias = entries.find((entry) => entry.name === current && entry.type === "CNAME");
    if (!alias) return found;
    found.push(alias);
    current = alias.data.toLowerCase().replace(/\.$/, "");
  }
  return found;
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
const named = (name: string): Buffer => encodeName(name.replace(/\.$/, "") as Domain);

function message(
  query: DnsMessage,
  rcode: number,
  answers: readonly Entry[],
  authenticated: boolean,
): Buffer {
  const question = query.question as NonNullable<DnsMessage["question"]>;
  const records = answers.map((entry) => record(entry));
  const authority = answers.length === 0 ? [soa(question.name)] : [];
  const flags = 0x8580 | (authenticated ? 0x20 : 0) | rcode;
  const header = Buffer.concat([
    u16(query.id),
    u16(flags),
    u16(1),
    u16(records.length),
    u16(authority.length),
    u16(0),
  ]);
  return Buffer.concat([header, named(question.name), u16(question.type), u16(1), ...records, ...authority]);
}

function record({ name, type, data }: Entry): Buffer {
  const content = encodeData(type, data);
  return Buffer.concat([
    named(name),
    u16(TYPE_CODES[type as keyof typeof TYPE_CODES] ?? 0),
    u16(1),
    u32(TTL_S),
    u16(content.length),
    content,
  ]);
}

const soaData = (): Buffer =>
  Buffer.concat([named("ns.test"), named("root.test"), u32(1), u32(3600), u32(600), u32(86_400), u32(TTL_S)]);

function soa(name: string): Buffer {
  const content = soaData();
  const zone = name.split(".").slice(-1).join(".");
  return Buffer.concat([named(zone), u16(TYPE_CODES.SOA), u16(1), u32(TTL_S), u16(content.length), content]);
}

function encodeData(type: string, data: string): Buffer {
  const [first = "", second = "", third = "", fourth = ""] = data.split(" ");
  switch (type) {
    case "A":
      return Buffer.from(first.split(".").map(Number));
    case "AAAA":
      return Buffer.from(parseIp(first)?.octets ?? []);
    case "MX":
      return Buffer.concat([u16(Number(first)), second === "." ? Buffer.from([0]) : named(second)]);
    case "TXT":
      return Buffer.concat(
        (data.match(/[\s\S]{1,255}/g) ?? [""]).map((part) =>
          Buffer.concat([Buffer.from([part.length]), Buffer.from(part, "latin1")]),
        ),
      );
    case "TLSA":
      return Buffer.concat([
        Buffer.from([Number(first), Number(second), Number(third)]),
        Buffer.from(fourth, "hex"),
      ]);
    case "DNSKEY":
      return Buffer.concat([u16(Number(first)), Buffer.of(3, Number(second)), Buffer.alloc(64, 7)]);
    case "SOA":
      return soaData();
    case "RRSIG":
      return Buffer.concat([
        u16(TYPE_CODES[first as keyof typeof TYPE_CODES]),
        Buffer.from([13, 2]),
        u32(TTL_S),
        u32(secondsIn(Number(third))),
        u32(secondsIn(Number(second))),
        u16(1),
        named("example.org"),
        Buffer.alloc(64, 7),
      ]);
    case "SRV":
      return Buffer.concat([
        u16(Number(first)),
        u16(Number(second)),
        u16(Number(third)),
        fourth === "." ? Buffer.from([0]) : named(fourth),
      ]);
    case "CAA":
      return Buffer.concat([
        Buffer.from([Number(first), second.length]),
        Buffer.from(second + data.split(" ").slice(2).join(" "), "latin1"),
      ]);
    default:
      return named(first);
  }
}

/** Seconds since 1970 of so many days from now. */
const secondsIn = (days: number): number => Math.floor(Date.now() / 1000 + days * 86_400);

/** Header and question only, with TC set. */
function truncated(whole: Buffer): Buffer {
  const question = decodeMessage(whole)?.question;
  const end = 12 + named(parseDomain(question?.name ?? "") ?? "").length + 4;
  const cut = Buffer.from(whole.subarray(0, end));
  cut.writeUInt16BE(cut.readUInt16BE(2) | 0x0200, 2);
  cut.writeUInt32BE(0, 6);
  cut.writeUInt16BE(0, 10);
  return cut;
}
