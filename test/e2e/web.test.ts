/** The web door of a running server, asked as mail programs, other servers and monitors ask it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { after, before, test } from "node:test";
import { ownPolicy } from "../../src/tls/mta-sts-own.ts";
import { parseMtaStsPolicy, policyNames } from "../../src/tls/mta-sts-policy.ts";
import { RawClient } from "./raw-client.ts";
import { freePort, TestServer } from "./server.ts";

let server: TestServer;
let port: number;
let ca: string;
let hook: Server;
const posted: { readonly path: string; readonly body: string }[] = [];
before(async () => {
  hook = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      posted.push({ path: request.url ?? "", body });
      answer.end();
    });
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
  const hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  port = await freePort("127.0.0.1");
  server = await TestServer.start({
    toml: [
      "[web]",
      'mta_sts = "enforce"',
      'metrics_networks = ["198.51.100.0/24"]',
      "[alerts]",
      `mail = "you@wachpost.test"`,
      `webhook = "${hookUrl}/hook"`,
      'webhook_format = "ntfy"',
      `ping = "${hookUrl}/ping"`,
      "ping_s = 10",
      "[listeners.web]",
      "enabled = true",
      'addresses = ["127.0.0.1"]',
      `port = ${port}`,
      'proxy_from = ["127.0.0.5"]',
    ].join("\n"),
  });
  ca = readFileSync(server.authorityFile, "utf8");
});
after(async () => {
  await server[Symbol.asyncDispose]();
  hook.close();
});

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};
type Question = {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
};

/** A strict client: the certificate must be right for the name. */
function ask(name: string, path: string, { method, body, headers }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: "127.0.0.1",
        port,
        path,
        method: method ?? (body === undefined ? "GET" : "POST"),
        servername: name,
        headers: { host: `${name}:${port}`, ...headers },
        ca,
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const AUTOCONFIG = "/mail/config-v1.1.xml?emailaddress=";

test("autoconfig: encrypted ports only, the best first, the same for every address", async () => {
  const known = await ask("autoconfig.wachpost.test", `${AUTOCONFIG}you%40wachpost.test`);
  assert.equal(known.status, 200);
  assert.match(String(known.headers["content-type"]), /^text\/xml/);
  const ports = [
    ...known.body.matchAll(/type="(\w+)">\s*<hostname>(.*?)<.*?<port>(\d+)<.*?<socketType>(\w+)</gs),
  ];
  assert.deepEqual(
    ports.map(([, ...all]) => all.join(" ")),
    [
      `imap localhost ${server.ports.imaps} SSL`,
      `pop3 localhost ${server.ports.pop3s} SSL`,
      `smtp localhost ${server.ports.submissions} SSL`,
      `smtp localhost ${server.ports.submission} STARTTLS`,
    ],
  );
  const others = [
    await ask("autoconfig.wachpost.test", `${AUTOCONFIG}nobody%40wachpost.test`),
    await ask("autoconfig.wachpost.test", "/mail/config-v1.1.xml"),
    await ask("mail.wachpost.test", `/.well-known/autoconfig${AUTOCONFIG}you%40wachpost.test`),
    await ask("mail.wachpost.test", `${AUTOCONFIG}%22%3E%3C%26%40wachpost.test`.replace("%22%3E%3C", "%27")),
  ];
  for (const other of others) assert.equal(other.body, known.body);
});

test("domains that are not ours, and what is no address, get nothing", async () => {
  const host = "autoconfig.wachpost.test";
  assert.equal((await ask(host, `${AUTOCONFIG}you%40other.test`)).status, 404);
  assert.equal((await ask(host, `${AUTOCONFIG}%3Cscript%3E%40wachpost.test`)).status, 400);
  assert.equal((await ask("mail.wachpost.test", "/mail/config-v1.1.xml")).status, 404);
  assert.equal((await ask(host, "/nothing")).status, 404);
  assert.equal((await ask(host, "/..%2f..%2fetc/passwd")).status, 404);
  assert.equal((await ask(host, "/", { body: "x" })).status, 405);
});

const outlook = (address: string, schema = "outlook/responseschema/2006a"): string =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="x"><Request><EMailAddress>${address}</EMailAddress>` +
  `<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/${schema}</AcceptableResponseSchema></Request></Autodiscover>`;

test("autodiscover: settings for Outlook, whatever the case of the path", async () => {
  const host = "autodiscover.wachpost.test";
  const answer = await ask(host, "/Autodiscover/Autodiscover.xml", {
    body: outlook("o&amp;'x@wachpost.test"),
  });
  assert.equal(answer.status, 200);
  assert.match(answer.body, /<LoginName>o&amp;&#39;x@wachpost\.test<\/LoginName>/);
  const found = [...answer.body.matchAll(/<Type>(\w+)<.*?<Port>(\d+)<.*?<Encryption>(\w+)</gs)];
  assert.deepEqual(
    found.map(([, ...all]) => all.join(" ")),
    [
      `IMAP ${server.ports.imaps} SSL`,
      `POP3 ${server.ports.pop3s} SSL`,
      `SMTP ${server.ports.submissions} SSL`,
    ],
  );
  assert.match((await ask(host, "/autodiscover/autodiscover.xml")).body, /<Action>settings<\/Action>/);
  const phone = await ask(host, "/autodiscover/autodiscover.xml", {
    body: outlook("you@wachpost.test", "mobilesync/responseschema/2006"),
  });
  assert.match(phone.body, /<ErrorCode>601</);
  assert.equal(
    (await ask(host, "/autodiscover/autodiscover.xml", { body: outlook("a@other.test") })).status,
    404,
  );
});

test("autodiscover: entities, a wrong address and other noise are refused", async () => {
  for (const body of [
    `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${outlook("&a;@wachpost.test")}`,
    outlook("&lt;b&gt;@wachpost.test"),
    "<EMailAddress>you@wachpost.test",
    "x".repeat(10_000),
  ]) {
    const answer = await ask("autodiscover.wachpost.test", "/autodiscover/autodiscover.xml", { body });
    assert.equal(answer.status, 400);
    assert.match(answer.body, /<ErrorCode>600</);
  }
});

test("autodiscover in JSON names the older question; with the address in the path as well", async () => {
  const url = `https://mail.wachpost.test:${port}/autodiscover/autodiscover.xml`;
  for (const path of [
    "/autodiscover/autodiscover.json?Email=you%40wachpost.test&Protocol=AutodiscoverV1",
    "/autodiscover/autodiscover.json/v1.0/you@wachpost.test?Protocol=AutodiscoverV1",
  ])
    assert.deepEqual(JSON.parse((await ask("autodiscover.wachpost.test", path)).body), {
      Protocol: "AutodiscoverV1",
      Url: url,
    });
  const other = await ask(
    "autodiscover.wachpost.test",
    "/autodiscover/autodiscover.json?Email=you%40wachpost.test&Protocol=ActiveSync",
  );
  assert.equal((JSON.parse(other.body) as { ErrorCode: string }).ErrorCode, "InvalidProtocol");
});

test("MTA-STS: the policy at its own name, with the id that `wachpost dns` tells", async () => {
  const answer = await ask("mta-sts.wachpost.test", "/.well-known/mta-sts.txt");
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers["content-type"]), /^text\/plain/);
  const policy = parseMtaStsPolicy(answer.body);
  assert.ok(policy.ok, "our own reader takes it");
  assert.equal(policy.value.mode, "enforce");
  assert.ok(policyNames(policy.value, "mail.wachpost.test"));
  const zone = await server.cliLater("dns", "wachpost.test", "--zone-file", "--address", "192.0.2.25");
  assert.match(
    zone.stdout,
    new RegExp(`^_mta-sts\\.wachpost\\.test\\. TXT "v=STSv1; id=${ownPolicy(policy.value).id}"$`, "m"),
  );
  for (const name of ["mta-sts", "autoconfig", "autodiscover"])
    assert.match(
      zone.stdout,
      new RegExp(`^${name}\\.wachpost\\.test\\. CNAME mail\\.wachpost\\.test\\.$`, "m"),
    );
  assert.match(
    zone.stdout,
    new RegExp(`^_autodiscover\\._tcp\\.wachpost\\.test\\. SRV 0 1 ${port} mail`, "m"),
  );
  assert.equal((await ask("mail.wachpost.test", "/.well-known/mta-sts.txt")).status, 404);
  assert.equal((await ask("mta-sts.wachpost.test", "/")).status, 404);
});

test("a profile for Apple devices: no password, one identifier for each address", async () => {
  const profile = async (address: string): Promise<string> => {
    const answer = await ask("mail.wachpost.test", `/mail.mobileconfig?email=${encodeURIComponent(address)}`);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers["content-type"]), /^application\/x-apple-aspen-config/);
    return answer.body;
  };
  const [one, again, two] = [
    await profile("a&b@wachpost.test"),
    await profile("a&b@wachpost.test"),
    await profile("two@wachpost.test"),
  ];
  assert.equal(one, again);
  assert.match(one, /<key>EmailAddress<\/key><string>a&amp;b@wachpost\.test<\/string>/);
  assert.match(one, new RegExp(`<key>IncomingMailServerPortNumber</key><integer>${server.ports.imaps}<`));
  assert.doesNotMatch(one, /<key>(Incoming|Outgoing)Password<\/key>/);
  const uuids = [...`${one}${two}`.matchAll(/<key>PayloadUUID<\/key><string>([0-9A-F-]{36})</g)].map(
    ([, id]) => id,
  );
  assert.equal(new Set(uuids).size, 4);
  const outer = (text: string): string | undefined =>
    [...text.matchAll(/PayloadIdentifier<\/key><string>([^<]+)</g)].map(([, id]) => id)[0];
  assert.notEqual(outer(one), outer(two));
});

test("the page speaks German to Germans", async () => {
  const german = await ask("mail.wachpost.test", "/", {
    headers: { "accept-language": "de-DE,de;q=0.9,en;q=0.5" },
  });
  assert.match(german.body, /<html lang="de">.*E-Mail-Einstellungen/s);
  const english = await ask("mail.wachpost.test", "/");
  assert.match(english.body, /<html lang="en">.*Mail settings/s);
  assert.equal(
    (await ask("mail.wachpost.test", "/style.css")).headers["content-type"],
    "text/css; charset=utf-8",
  );
});

/** The value of a sample in a text of figures; 0 where there is none yet. */
const figure = (text: string, sample: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${sample} `))
      ?.split(" ")[1] ?? 0,
  );

test("figures follow what happens", async () => {
  const metrics = async (): Promise<string> => (await ask("mail.wachpost.test", "/metrics")).body;
  const unknown = 'wachpost_smtp_refusals_total{class="5xx",reason="unknown-recipient"}';
  const logins = 'wachpost_logins_total{protocol="imap",outcome="ok"}';
  const first = await metrics();
  const smtp = await RawClient.plain(server.ports.smtp);
  await smtp.reply();
  await smtp.say("EHLO here.test");
  await smtp.say("MAIL FROM:<a@here.test>");
  await smtp.say("RCPT TO:<nobody-here@wachpost.test>");
  const imap = await RawClient.tls(server.ports.imaps, { ca });
  await imap.until(/^\* OK.*\r\n/);
  imap.write(`a LOGIN ${server.login()} ${server.password()}\r\n`);
  await imap.until(/^a OK.*\r\n/m);
  const second = await metrics();
  smtp.destroy();
  imap.destroy();
  assert.equal(figure(second, unknown) - figure(first, unknown), 1);
  assert.equal(figure(second, logins) - figure(first, logins), 1);
  assert.equal(figure(second, 'wachpost_open_sessions{listener="imaps"}'), 1);
  assert.equal(figure(second, "wachpost_queue_messages"), 0);
  const expires_ms = figure(second, "wachpost_certificate_expiry_timestamp_seconds") * 1000;
  assert.ok(expires_ms > Date.now() && expires_ms < Date.now() + 100 * 86_400_000);
  assert.doesNotMatch(second, /@|nobody-here/);
  assert.match(second, /\n# EOF\n$/);
});

test("health: alive, and ready with its reasons", async () => {
  assert.equal((await ask("mail.wachpost.test", "/healthz")).body, "ok\n");
  const ready = await ask("mail.wachpost.test", "/readyz");
  assert.deepEqual([ready.status, ready.body], [200, "store ok\nqueue ok\ndisk ok\ncertificate ok\n"]);
});

/** Through a proxy that says who its client is. */
async function askAs(client: string, path: string): Promise<string> {
  const proxied = await RawClient.plain(port, "127.0.0.1", "127.0.0.5");
  proxied.write(`PROXY TCP4 ${client} 192.0.2.1 40000 443\r\n`);
  await proxied.upgrade({ ca, servername: "mail.wachpost.test" });
  proxied.write(`GET ${path} HTTP/1.1\r\nHost: mail.wachpost.test\r\nConnection: close\r\n\r\n`);
  return await proxied.rest(10_000);
}

test("figures and health are for this machine and the networks named, and for others are not there", async () => {
  for (const path of ["/metrics", "/healthz", "/readyz"]) {
    const stranger = await askAs("203.0.113.9", path);
    assert.match(stranger, /^HTTP\/1\.1 404 /);
    assert.equal(
      stranger.split("\r\n\r\n")[1],
      (await askAs("203.0.113.9", "/no-such-path")).split("\r\n\r\n")[1],
    );
    assert.match(await askAs("198.51.100.7", path), /^HTTP\/1\.1 200 /);
  }
  assert.match(await askAs("203.0.113.9", "/"), /^HTTP\/1\.1 200 /);
});

async function handshake(options: object): Promise<string> {
  const socket: TLSSocket = connect({
    port,
    host: "127.0.0.1",
    servername: "mail.wachpost.test",
    ca,
    ...options,
  });
  try {
    await once(socket, "secureConnect");
    return socket.alpnProtocol || "none";
  } catch (error) {
    return String(error);
  } finally {
    socket.destroy();
  }
}

test("TLS: the floor of the other doors; what speaks another protocol gets an alert", async () => {
  assert.equal(await handshake({ ALPNProtocols: ["h2", "http/1.1"] }), "http/1.1");
  assert.match(await handshake({ ALPNProtocols: ["imap"] }), /no application protocol/);
  assert.match(
    await handshake({ maxVersion: "TLSv1.1", minVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" }),
    /protocol version|alert/,
  );
  assert.match(await handshake({ servername: "evil.test" }), /not in the cert|Hostname/);
});

test("a new domain has its names and its answers without a restart", async () => {
  await server.cliLater("domain", "add", "second.test");
  const end = Date.now() + 90_000;
  const answer = await ask("mail.wachpost.test", `${AUTOCONFIG}a%40second.test`);
  assert.match(answer.body, /<domain>second\.test</);
  let verified = "";
  while (verified !== "http/1.1" && Date.now() < end) {
    verified = await handshake({ ALPNProtocols: ["http/1.1"], servername: "mta-sts.second.test" });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.equal(verified, "http/1.1");
});

test("alerts: a test goes both ways, and the ping says that all is well", async () => {
  const { status, stdout } = await server.cliLater("alerts", "test");
  assert.equal(status, 0);
  assert.match(stdout, /^ok {3}mail to you@wachpost\.test\nok {3}webhook to 127\.0\.0\.1:/);
  assert.match(
    posted.find(({ path }) => path === "/hook")?.body ?? "",
    /This is a test\. Alerts of mail\.wachpost\.test arrive\./,
  );
  const imap = await RawClient.tls(server.ports.imaps, { ca });
  await imap.until(/^\* OK.*\r\n/);
  imap.write(`a LOGIN ${server.login()} ${server.password()}\r\nb SELECT INBOX\r\nc FETCH * BODY.PEEK[]\r\n`);
  const text = await imap.until(/^c OK.*\r\n/m);
  assert.match(text, /^From: Wachpost <postmaster@wachpost\.test>\r$/m);
  assert.match(text, /This is a test/);
  imap.destroy();
  for (const end = Date.now() + 30_000; !posted.some(({ path }) => path === "/ping");) {
    assert.ok(Date.now() < end, "no ping");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
