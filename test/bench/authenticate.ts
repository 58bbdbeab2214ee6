/**
 * `node test/bench/authenticate.ts [--count N]`: the processor time that proof of origin costs one message of 4 KB:
 * the client's name, SPF of both names, DKIM (RSA-2048), ARC, DMARC, and our findings written in front. Every DNS answer
 * is in the cache. Beside it what one bare RSA verification and one hash of the message cost on the same machine.
 */
import { createHash, createPublicKey } from "node:crypto";
import { parseArgs } from "node:util";
import { formatAuthenticationResults } from "../../src/authentication/authentication-results.ts";
import { withoutForged } from "../../src/authentication/authentication-results-parse.ts";
import { signOctets, verifyOctets } from "../../src/authentication/dkim/algorithm.ts";
import {
  generatePrivateKey,
  keyRecord,
  readSigningKey,
  type SigningKey,
} from "../../src/authentication/dkim/key-pair.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import { systemClock } from "../../src/base/clock.ts";
import { parseIp } from "../../src/base/ip.ts";
import { silentLog } from "../../src/base/log.ts";
import { parseDomain } from "../../src/base/domain-name.ts";
import { cachedDns } from "../../src/dns/cache.ts";
import { ExaminedDns } from "../../src/dns/examined.ts";
import { headerEnd } from "../../src/message/header.ts";
import { authenticateMessage } from "../../src/mta/authenticate-message.ts";
import { zoneDns, type ZoneEntry } from "../authentication/spf-zone.ts";

const { values } = parseArgs({ options: { count: { type: "string" } } });
const count = Number(values.count ?? 20_000);
const DOMAINS = 20;
const DIFFERENT = 500;
const AT_ONCE = 20;
const SIZE_OCTETS = 4096;
const LINE = `${"0123456789abcdef".repeat(4)} 0123456789\r\n`;
const RECEIVER = "mail.example.net";

async function senderKey(i: number): Promise<SigningKey> {
  const privateKey = await generatePrivateKey("rsa-sha256");
  const key = readSigningKey({ domain: `d${i}.test`, selector: "s1", algorithm: "rsa-sha256", privateKey });
  if (key === undefined) throw new Error("the key just made cannot be read");
  return key;
}

/** SPF as large senders write it: an include that decides. */
const zoneOf = (key: SigningKey): ZoneEntry[] => {
  const { name, text } = keyRecord(key);
  return [
    [name, "TXT", text],
    [key.domain, "TXT", "v=spf1 mx include:_spf.provider.test -all"],
    [key.domain, "MX", [10, `mx.${key.domain}`]],
    [`mx.${key.domain}`, "A", "192.0.2.200"],
    [`_dmarc.${key.domain}`, "TXT", "v=DMARC1; p=reject; rua=mailto:rua@provider.test"],
  ];
};
const SHARED: ZoneEntry[] = [
  ["_spf.provider.test", "TXT", "v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip4:192.0.2.0/25 ~all"],
  ["out.provider.test", "TXT", "v=spf1 a -all"],
  ["out.provider.test", "A", "192.0.2.25"],
  ["25.2.0.192.in-addr.arpa", "PTR", "out.provider.test"],
];

function message(i: number, key: SigningKey): Buffer {
  const text = Buffer.from(
    `Received: from inner.${key.domain} (inner [10.0.0.1])\r\n\tby out.provider.test; Mon, 30 Nov 2026 03:00:00 +0000\r\n` +
      `From: "Sender ${i}" <sender${i}@${key.domain}>\r\nTo: <u@bench.test>\r\nSubject: Signed message ${i}\r\n` +
      `Date: Mon, 30 Nov 2026 03:00:00 +0000\r\nMessage-ID: <signed${i}@${key.domain}>\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\n\r\n${i}\r\n` +
      LINE.repeat(Math.ceil((SIZE_OCTETS - 1200) / LINE.length)),
  );
  return Buffer.concat([signMessage(text, [key], { now_ms: Date.now() }), text]);
}

const keys = await Promise.all(Array.from({ length: DOMAINS }, (_, i) => senderKey(i)));
const zone = zoneDns([...SHARED, ...keys.flatMap(zoneOf)]);
const names = { signed: "signed.test", bogus: "bogus.test" };
const dns = new ExaminedDns(cachedDns(zone, systemClock), zone, names as never, {
  clock: systemClock,
  log: silentLog,
});
const client = parseIp("192.0.2.25");
if (client === undefined) throw new Error("an address");
const messages = Array.from({ length: DIFFERENT }, (_, i) => {
  const key = keys[i % DOMAINS] as SigningKey;
  const domain = parseDomain(key.domain) ?? key.domain;
  const localPart = `sender${i}`;
  return { octets: message(i, key), from: { localPart, domain, text: `${localPart}@${domain}` } };
});

async function one(i: number): Promise<void> {
  const { octets, from } = messages[i % DIFFERENT] as (typeof messages)[number];
  const origin = {
    client: client as NonNullable<typeof client>,
    heloName: "out.provider.test",
    from,
    octets,
  };
  const found = await authenticateMessage(origin, { dns, receiver: RECEIVER, now_ms: Date.now() });
  if (found.dmarc.result !== "pass" || found.dkim[0]?.result !== "pass" || found.spf[0]?.result !== "pass")
    throw new Error(`not proven: ${JSON.stringify(found)}`);
  const end = headerEnd(octets);
  const header = withoutForged(octets.subarray(0, end), RECEIVER);
  const field = formatAuthenticationResults(RECEIVER, found, origin.client);
  Buffer.concat([Buffer.from(field), header, octets.subarray(end)]);
}

async function all(total: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Milliseconds of processor time that one of `times` takes. */
async function cost(times: number, run: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

const repeated = (times: number, run: () => unknown) => (): void => {
  for (let i = 0; i < times; i++) run();
};

await all(1000);
const whole = await cost(count, () => all(count));
const [key] = keys as [SigningKey];
const data = Buffer.alloc(1024, "a");
const signature = signOctets("rsa-sha256", data, key.privateKey);
const publicKey = createPublicKey(key.privateKey);
const rsa = await cost(
  2000,
  repeated(2000, () => verifyOctets("rsa-sha256", data, publicKey, signature)),
);
const octets = Buffer.alloc(SIZE_OCTETS, "a");
const hash = await cost(
  2000,
  repeated(2000, () => createHash("sha256").update(octets).digest()),
);
console.log(
  `${count} messages of ${messages[0]?.octets.length} octets: ${whole.toFixed(3)} ms each; ` +
    `one RSA verification ${rsa.toFixed(3)} ms, one SHA-256 of 4 KB ${hash.toFixed(3)} ms`,
);
