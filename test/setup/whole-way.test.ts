/** From nothing to a server the world can verify, unattended, with real parts: BIND, Unbound, Pebble. */
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { parseDomain } from "../../src/base/domain-name.ts";
import type { RecordType } from "../../src/dns/answer.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { AUTHORITY, openWorld, worldMissing, type World } from "./whole-way.ts";
import { Workshop } from "./workshop.ts";

const PATIENCE_MS = 90_000;
let world: World;
before(async () => {
  if (!worldMissing) world = await openWorld();
});
after(async () => {
  if (!worldMissing) await world[Symbol.asyncDispose]();
});

/** Everything it said, once `until` is among it; then it gets the signal and is waited for. */
async function told(child: ChildProcess, until: string, signal: NodeJS.Signals): Promise<string> {
  const exit = once(child, "exit");
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  const until_ms = Date.now() + PATIENCE_MS;
  while (!text.includes(until) && Date.now() < until_ms && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill(signal);
  await exit;
  return text;
}

/** Connects as a mail program that trusts Pebble's root and nothing else. */
async function login(shop: Workshop, password: string): Promise<string> {
  const imap = connect({
    host: "127.0.0.1",
    port: shop.ports.imaps,
    servername: "mail.example.test",
    ca: readFileSync(shop.file("pebble-root.pem"), "utf8"),
  });
  await once(imap, "secureConnect");
  assert.ok(imap.authorized);
  let said = "";
  imap.on("data", (chunk: Buffer) => {
    said += chunk.toString("latin1");
  });
  imap.write(`a LOGIN admin@example.test ${password}\r\nb SELECT INBOX\r\n`);
  const until_ms = Date.now() + PATIENCE_MS;
  while (!/^b (OK|NO|BAD)/m.test(said) && Date.now() < until_ms)
    await new Promise((resolve) => setTimeout(resolve, 20));
  imap.destroy();
  return said;
}

test(
  "killed after records and after the certificate, then unattended to the end: all resolves and verifies",
  { skip: worldMissing, timeout: 3 * PATIENCE_MS },
  async () => {
    const { shop, flags, resolverPort } = world;
    const first = await told(shop.begin(...flags, "--run"), "✓ DNS records", "SIGKILL");
    const password = /shown only now: +(\S+)/.exec(first)?.[1] ?? assert.fail(first);
    assert.match(first, /^✓ DNS records +All 16 are right\.$/m);
    const second = await told(shop.begin(...flags, "--run"), "✓ Certificate", "SIGKILL");
    assert.match(second, /^✓ Certificate +mail\.example\.test, .*from Pebble Intermediate/m);

    const child = shop.begin("--run", "--zone-file", shop.file("zone"));
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    const exit = once(child, "exit");
    const until_ms = Date.now() + PATIENCE_MS;
    while (!text.includes("✓ Server") && Date.now() < until_ms && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.match(text, /^✓ Server +mail\.example\.test answers/m, text);
    assert.ok(!text.includes("shown only now"), "the password was seen");
    assert.match(text, /^✓ Who may issue \(CAA\) +All 5 are right/m);
    assert.match(text, /^✓ Pinned key \(DANE\) +_\d+\._tcp\.mail\.example\.test names the key/m);
    assert.match(await login(shop, password), /^b OK/m);
    assert.equal(
      shop.read("wachpost.toml").match(/secret/g)?.length,
      1,
      "only the name of the secret's file",
    );
    child.kill("SIGTERM");
    assert.deepEqual(await exit, [0, null], "a signal ends setup and the server below it");
    assert.equal(await login(shop, password).catch(() => "gone"), "gone");

    const outside = dnsClient([{ address: "127.0.0.1", port: resolverPort }]);
    await told(shop.begin("--zone-file", shop.file("zone")), "Left to do", "SIGTERM");
    const lines = shop.read("zone").trim().split("\n");
    assert.equal(lines.length, 21, lines.join("\n"));
    const { url } = JSON.parse(shop.read("data/tls/acme/account.json")) as { readonly url: string };
    const strict = `mail.example.test. CAA 0 issue "${AUTHORITY}; validationmethods=dns-01; accounturi=${url}"`;
    assert.ok(lines.includes(strict), `CAA lets only our account through: ${lines.join("\n")}`);
    for (const line of lines) {
      const [, name = "", type = ""] = /^(\S+)\. (\S+) /.exec(line) ?? assert.fail(line);
      const answer = await outside.query(parseDomain(name) ?? assert.fail(name), type as RecordType);
      assert.ok(answer.kind === "records", line);
      assert.ok(answer.authenticated || name.endsWith(".arpa"), `${line}: not signed`);
    }
    const pinned = parseDomain(`_${shop.ports.smtp}._tcp.mail.example.test`) ?? assert.fail();
    const tlsa = await outside.query(pinned, "TLSA");
    const served = new X509Certificate(
      shop.read("data/tls/acme/served.pem").replace(/^[\s\S]*?(?=-----BEGIN CERT)/, ""),
    );
    const spki = served.publicKey.export({ type: "spki", format: "der" });
    assert.ok(tlsa.kind === "records" && tlsa.authenticated);
    const digests = tlsa.records.map(({ data }) => Buffer.from(data).toString("hex"));
    assert.equal(digests.length, 2, "the key in use and the next one");
    assert.ok(digests.includes(createHash("sha256").update(spki).digest("hex")));
    const txt = await outside.query(parseDomain("example.test") ?? assert.fail(), "TXT");
    assert.ok(txt.kind === "records" && txt.records.includes("somebody-elses=proof"), "what was there stays");
  },
);

test(
  "an authority that refuses: a sentence, the rest goes on, and the next run gets the certificate",
  { skip: worldMissing, timeout: 2 * PATIENCE_MS },
  async () => {
    using shop = await Workshop.open();
    const { dns, acme, update } = world.parts;
    // Over HTTP nobody finds the proof: Pebble looks at a port of its own.
    const first = await shop.setup(...dns, ...acme, ...update, "--challenge", "http-01");
    assert.match(
      first.stdout,
      /^✗ Certificate +There is none yet: \S+\.example\.test: .*The next `wachpost setup` tries again/ms,
    );
    assert.match(first.stdout, /^! Server/m, "the way goes on to its end");
    assert.match(first.stdout, /^✓ DNS records/m, "keys of an earlier server give way to ours");
    const again = await shop.setup("--challenge", "dns-01");
    assert.match(again.stdout, /^✓ Configuration/m);
    assert.match(again.stdout, /^✓ Certificate +mail\.example\.test, /m, again.stdout);
    assert.match(shop.read("wachpost.toml"), /^challenge = "dns-01"$/m);
  },
);
