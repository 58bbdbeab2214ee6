/** `wachpost block` and `wachpost allow` against the running server: what they say holds within a moment. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { strangerAt } from "../e2e/mail-programs.ts";
import { TestServer } from "../e2e/server.ts";
import { startDnsServer } from "../simulate/dns-server.ts";

const PATIENCE_MS = 20_000;
const ZONE = `
stranger.test A 127.0.0.1
stranger.test MX 10 stranger.test
stranger.test TXT "v=spf1 a -all"
1.0.0.127.in-addr.arpa PTR stranger.test
`;

let server: TestServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
before(async () => {
  dns = await startDnsServer({ zone: ZONE });
  server = await TestServer.start({
    toml: `[policy]\nmynetworks = ["192.0.2.0/24"]\n[dns]\nservers = ["127.0.0.1:${dns.port}"]\n`,
  });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  dns.close();
});

async function answer(sender: string, helo = "stranger.test"): Promise<string> {
  const client = await strangerAt(server);
  await client.say(`EHLO ${helo}`);
  await client.say(`MAIL FROM:<${sender}>`);
  const said = await client.say(`RCPT TO:<${server.login()}>`);
  client.destroy();
  return said;
}

async function until(what: RegExp, sender: string, helo?: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const said = await answer(sender, helo);
    if (what.test(said)) return;
    assert.ok(Date.now() < end, `${what}: ${said}`);
  }
}

test("a client, a sender, a domain and a HELO name are refused, and let in again", async () => {
  assert.match(await answer("a@stranger.test"), /^250 /);
  for (const [what, sender] of [
    ["127.0.0.0/8", "a@stranger.test"],
    ["stranger.test", "b@stranger.test"],
  ] as const) {
    const said = server.cliOk("block", what, "--reason", "spam", "--for", "1d");
    assert.match(said, /is refused from now on, until .* UTC\.\nTo take it back: wachpost block remove /);
    await until(/^554 5\.7\.1 .*\([0-9a-z]{12}\)/, sender);
    assert.match(server.cliOk("block"), new RegExp(`^${what} .* spam`, "m"));
    server.cliOk("block", "remove", what);
    await until(/^250 /, sender);
  }
  assert.match(server.cliOk("block", "list"), /^Nothing is blocked\./);
});

test("explain names the command that takes an own entry back, with its table and key", async () => {
  server.cliOk("block", "127.0.0.1", "--reason", "gone");
  await until(/^554 /, "a@stranger.test");
  const id = /\(([0-9a-z]{12})\)/.exec(await answer("a@stranger.test"))?.[1] ?? assert.fail();
  assert.match(await server.explained(id), /wachpost access remove clients 127\.0\.0\.1/);
  server.cliOk("block", "remove", "127.0.0.1");
});

test("what a rule refuses is let through once it is allowed: a HELO name, a client", async () => {
  await until(/^504 5\.5\.2/, "a@stranger.test", "printer");
  server.cliOk("allow", "printer", "--helo", "--reason", "the old printer");
  await until(/^250 /, "a@stranger.test", "printer");
  assert.match(server.cliOk("allow"), /^printer +helo .* the old printer/m);
});

test("what cannot be meant is refused with a remedy", () => {
  for (const [args, want] of [
    [["block", "203.0.113.9"], /Why is 203\.0\.113\.9 to be blocked\?/],
    [["block", "300.1.1.1/8", "--reason", "x"], /is no network/],
    [["allow", "remove", "203.0.113.77"], /is not allowed as a client/],
  ] as const) {
    const { status, stderr } = server.cli(...args);
    assert.notEqual(status, 0, args.join(" "));
    assert.match(stderr, want);
  }
});

test("who lets in the whole Internet is told so", () => {
  const said = server.cliOk("allow", "0.0.0.0/0", "--reason", "a slip", "--for", "1h");
  assert.match(
    said,
    /^Careful: that is every IPv4 address, and none of the rules protects from them now\.$/m,
  );
  server.cliOk("allow", "remove", "0.0.0.0/0");
  assert.match(
    server.cliOk("block", "2000::/3", "--reason", "a slip"),
    /^Careful: that is 1 of 8 of all IPv6 addresses; their mail does not come in any more\.$/m,
  );
  server.cliOk("block", "remove", "2000::/3");
});
