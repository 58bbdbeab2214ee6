/** What a sender demands of TLS against real servers. RFC 8689; T-25 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { NewQueueEntry } from "../../src/store/store.ts";
import { Box, tlsaLine } from "./box.ts";
import { certificateFor, stranger, type StartTls } from "./remote-server.ts";

let secure: Box;
let insecure: Box;
before(async () => {
  secure = await Box.open(true);
  insecure = await Box.open(false);
});
after(async () => {
  await secure[Symbol.asyncDispose]();
  await insecure[Symbol.asyncDispose]();
});

const REQUIRED = { tls: "required", from: "you@sender.test", ret: "FULL" } as const;
const NOBODY = (name: string) => certificateFor(name, { by: stranger });

type Case = {
  readonly name: string;
  /** The resolver vouches for its answers. */
  readonly signed: boolean;
  readonly tlsa?: "right" | "wrong";
  readonly sts?: true;
  readonly pair?: typeof NOBODY;
  readonly startTls?: StartTls;
  readonly offered?: readonly string[];
  readonly entry: Partial<NewQueueEntry>;
  readonly want: string;
  readonly reply?: RegExp;
  readonly mail?: RegExp;
};
const cases: readonly Case[] = [
  { name: "DANE", signed: true, tlsa: "right", entry: REQUIRED, want: "sent dane", mail: / REQUIRETLS\b/ },
  { name: "a signed MX and the Web PKI", signed: true, entry: REQUIRED, want: "sent verified" },
  { name: "MTA-STS", signed: false, sts: true, entry: REQUIRED, want: "sent mta-sts", mail: / REQUIRETLS\b/ },
  {
    name: "a signed MX and a certificate of nobody",
    signed: true,
    pair: NOBODY,
    entry: REQUIRED,
    want: "failed -",
    reply: /554 5\.7\.10 .*not trusted/,
  },
  {
    name: "nothing proves the host's name",
    signed: false,
    entry: REQUIRED,
    want: "failed -",
    reply: /554 5\.7\.10 .*neither DNSSEC nor MTA-STS/,
  },
  {
    name: "TLS is not offered",
    signed: true,
    startTls: "stripped",
    entry: REQUIRED,
    want: "failed -",
    reply: /554 5\.7\.10 /,
  },
  {
    name: "the handshake breaks off",
    signed: true,
    startTls: "garbage",
    entry: REQUIRED,
    want: "failed -",
    reply: /554 5\.7\.10 REQUIRETLS: /,
  },
  {
    name: "the server does not promise the same",
    signed: true,
    tlsa: "right",
    offered: [],
    entry: REQUIRED,
    want: "failed -",
    reply: /554 5\.7\.30 REQUIRETLS is needed/,
  },
  {
    name: "a notice goes without the promise",
    signed: true,
    offered: [],
    entry: { tls: "required", from: "" },
    want: "sent opportunistic",
    mail: /^MAIL FROM:<>$/,
  },
  {
    name: "a notice carries it where it can",
    signed: false,
    entry: { tls: "required", from: "" },
    want: "sent opportunistic",
    mail: /^MAIL FROM:<> REQUIRETLS$/,
  },
  { name: "no demand: wrong TLSA stops it", signed: true, tlsa: "wrong", entry: {}, want: "deferred -" },
];

const other = certificateFor("other.test").certificate;

for (const [at, one] of cases.entries()) {
  test(`requiretls: ${one.name}`, async () => {
    const world = one.signed ? secure : insecure;
    const domain = `r${at}.test`;
    const mx = `mx.${domain}`;
    const pair = (one.pair ?? certificateFor)(mx);
    world.mx.pair = pair;
    world.mx.startTls = one.startTls ?? "works";
    world.mx.extensions = one.offered ?? ["REQUIRETLS"];
    const zone = [`${domain} MX 10 ${mx}`, `${mx} A 127.0.0.2`, "sender.test MX 10 mx.sender.test"];
    zone.push("mx.sender.test A 127.0.0.3");
    if (one.tlsa) zone.push(tlsaLine(mx, 3, one.tlsa === "right" ? pair.certificate : other));
    if (one.sts) {
      zone.push(`_mta-sts.${domain} TXT v=STSv1; id=1;`, `mta-sts.${domain} A 127.0.0.1`);
      world.policies.show(certificateFor(`mta-sts.${domain}`));
      world.policies.answer = { body: `version: STSv1\r\nmode: enforce\r\nmx: ${mx}\r\nmax_age: 604800\r\n` };
    }
    world.dns.setZone(zone.join("\n"));
    const { result, security, reply } = await world.send(domain, one.entry);
    assert.equal(`${result} ${security}`, one.want, reply);
    if (one.reply) assert.match(reply, one.reply);
    const taken = world.mx.taken.filter(({ to }) => to === `a@${domain}`);
    assert.equal(taken.length, result === "sent" ? 1 : 0);
    if (one.mail) assert.match(taken[0]?.mail ?? "", one.mail);
  });
}

test("requiretls: the notice holds the header only, whatever RET said, and keeps the demand", async () => {
  for (let i = 0; i < 100 && secure.backup.taken.length === 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const notice = secure.backup.taken.find(({ to }) => to === "you@sender.test");
  assert.match(notice?.text ?? "", /Status: 5\.7\.(10|30)/);
  assert.match(notice?.text ?? "", /Content-Type: text\/rfc822-headers/);
  assert.doesNotMatch(notice?.text ?? "", /^Hello$/m);
});

test("requiretls: mail with a demand shares no connection with mail without one", async () => {
  const pair = certificateFor("mx.shared.test");
  secure.mx.pair = pair;
  secure.mx.startTls = "works";
  secure.mx.extensions = ["REQUIRETLS"];
  secure.dns.setZone("shared.test MX 10 mx.shared.test\nmx.shared.test A 127.0.0.2");
  assert.equal((await secure.send("shared.test")).security, "opportunistic");
  const before = secure.mx.connections;
  assert.equal((await secure.send("shared.test", REQUIRED)).security, "verified");
  assert.equal(secure.mx.connections, before + 1);
});

test("requiretls: a handshake that our own end cuts off is no verdict: the mail stays, nobody gets a notice", async () => {
  await using box = await Box.open(true);
  box.mx.startTls = "silent";
  box.dns.setZone("slow.test MX 10 mx.slow.test\nmx.slow.test A 127.0.0.2");
  const id = await box.queue("slow.test", REQUIRED);
  for (let i = 0; i < 400 && box.mx.hellos === 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(box.mx.hellos, 1);
  await box.stop();
  const left = (await box.store.queue.queued()).map((entry) => [
    entry.id,
    entry.from,
    ...entry.recipients.map(({ state }) => state),
  ]);
  assert.deepEqual(left, [[id, "you@sender.test", "pending"]]);
  assert.deepEqual(box.events("delivery.failed"), []);
});
