/** TLS reports to an HTTPS endpoint that a stranger chose, against a real one: taken, refused, or no way to reach further. RFC 8460 §5.4 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:https";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { KeyAndCertificate } from "../../src/tls/certificate.ts";
import type { PublicHttps } from "../../src/tls/public-https.ts";
import { tlsReportPost } from "../../src/tls/tlsrpt-post.ts";
import { zoneDns, type ZoneEntry } from "../authentication/spf-zone.ts";
import { authority, certificateFor, stranger } from "./remote-server.ts";

const HOST = "reports.x.test";
const REPORT = Buffer.from("packed octets of a report");
const good = certificateFor(HOST);

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly host: string;
  readonly body: string;
};
let asked: Asked[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer({ key: good.key, cert: good.certificate }, (incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const { method = "", url: path = "", headers } = incoming;
    const body = Buffer.concat(chunks).toString();
    asked.push({ method, path, type: headers["content-type"] ?? "", host: headers.host ?? "", body });
    answer(incoming, response);
  });
});
let port = 0;
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
after(() => {
  server.closeAllConnections();
  server.close();
});

type Try = {
  readonly url?: string;
  readonly zone?: readonly ZoneEntry[];
  readonly pair?: KeyAndCertificate;
  readonly answer?: typeof answer;
  readonly signal?: AbortSignal;
  readonly posting?: Partial<PublicHttps>;
};

/** `taken`, or why not. */
async function post(how: Try): Promise<string> {
  const { url = `https://${HOST}/v1/r?a=b`, zone = [[HOST, "A", "127.0.0.1"]], pair = good } = how;
  asked = [];
  answer = how.answer ?? status(200);
  server.setSecureContext({ key: pair.key, cert: pair.certificate });
  const dns = zoneDns(zone);
  const fetching = { dns, request, port, ca: [authority.certificate], allowLoopback: true, ...how.posting };
  const taken = await tlsReportPost(fetching)(url, REPORT, how.signal ?? AbortSignal.timeout(20_000));
  return taken.ok ? "taken" : taken.error;
}

const status =
  (code: number, headers: Record<string, string> = {}): typeof answer =>
  (_, response) =>
    void response.writeHead(code, headers).end("words");

/** Answers and never stops. */
const endless: typeof answer = (_, response) => {
  response.writeHead(201);
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  response.on("drain", more);
  more();
};

const CASES: readonly (Try & {
  readonly name: string;
  readonly want: string | RegExp;
  readonly reached?: number;
})[] = [
  { name: "200", want: "taken", reached: 1 },
  { name: "201", answer: status(201), want: "taken", reached: 1 },
  { name: "400", answer: status(400), want: "the endpoint answered 400", reached: 1 },
  { name: "404", answer: status(404), want: "the endpoint answered 404", reached: 1 },
  { name: "500", answer: status(500), want: "the endpoint answered 500", reached: 1 },
  { name: "503", answer: status(503, { "retry-after": "1" }), want: "the endpoint answered 503", reached: 1 },
  ...[301, 302, 307, 308].map((code) => ({
    name: `a redirect (${code}) is not followed`,
    answer: status(code, { location: `https://${HOST}/elsewhere` }),
    want: `the endpoint answered ${code}`,
    reached: 1,
  })),
  { name: "an endless answer is not read", answer: endless, want: "taken", reached: 1 },
  {
    name: "endless header",
    answer: (_, response) => void response.socket?.write(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(50_000)}`),
    want: /Parse Error|overflow/i,
    reached: 1,
  },
  {
    name: "no HTTP at all",
    answer: (_, response) => void response.socket?.write("220 mail.x.test ESMTP\r\n"),
    want: /Parse Error/,
    reached: 1,
  },
  {
    name: "breaks off",
    answer: (_, response) => void response.socket?.destroy(),
    want: /socket hang up|ECONNRESET/,
    reached: 1,
  },
  {
    name: "a certificate for another name",
    pair: certificateFor("other.test"),
    want: /does not match certificate/,
  },
  { name: "an expired certificate", pair: certificateFor(HOST, { expired: true }), want: /expired/ },
  { name: "a certificate by nobody", pair: certificateFor(HOST, { by: stranger }), want: /certificate/ },
  { name: "the authorities Node brings do not know ours", posting: { ca: [] }, want: /certificate/ },
  {
    name: "the address of this machine",
    posting: { allowLoopback: false },
    want: `${HOST} has no address on the Internet`,
  },
  ...["10.0.0.1", "192.168.1.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0"].map((ip) => ({
    name: `a private address: ${ip}`,
    zone: [[HOST, "A", ip]] as const,
    want: `${HOST} has no address on the Internet`,
  })),
  ...["::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"].map((ip) => ({
    name: `a private address: ${ip}`,
    zone: [[HOST, "AAAA", ip]] as const,
    posting: { allowLoopback: false },
    want: `${HOST} has no address on the Internet`,
  })),
  { name: "no such host", zone: [], want: `${HOST} has no address on the Internet` },
  {
    name: "the DNS does not say",
    zone: [[HOST, "TIMEOUT", null]],
    want: `${HOST} has no address on the Internet`,
  },
  { name: "another port", url: `https://${HOST}:22/`, want: "the endpoint is not at port 443" },
  { name: "no TLS", url: `http://${HOST}/`, want: "the address of the endpoint is not usable" },
  {
    name: "a login in the address",
    url: `https://me:secret@${HOST}/`,
    want: "the address of the endpoint is not usable",
  },
  {
    name: "an address instead of a name",
    url: "https://127.0.0.1/",
    want: "the address of the endpoint is not usable",
  },
  { name: "an IPv6 address", url: "https://[::1]/", want: "the address of the endpoint is not usable" },
  {
    name: "an address in disguise",
    url: "https://0x7f000001/",
    want: "the address of the endpoint is not usable",
  },
  { name: "a file", url: "file:///etc/passwd", want: "the address of the endpoint is not usable" },
  { name: "no URL", url: "mailto", want: "the address of the endpoint is not usable" },
];

for (const { name, want, reached = 0, ...how } of CASES)
  test(`post: ${name}`, async () => {
    const said = await post(how);
    if (typeof want === "string") assert.equal(said, want);
    else assert.match(said, want);
    assert.equal(asked.length, reached);
  });

test("post: what arrives: the octets, their type, the path and the name", async () => {
  await post({});
  assert.deepEqual(asked, [
    {
      method: "POST",
      path: "/v1/r?a=b",
      type: "application/tlsrpt+gzip",
      host: HOST,
      body: REPORT.toString(),
    },
  ]);
});

test("post: who never answers is left when the time is over", async () => {
  const over = new AbortController();
  const said = await post({ answer: () => over.abort(), signal: over.signal });
  assert.match(said, /aborted/);
});

test("post: who accepts and says no TLS is left when the time is over", async () => {
  const over = new AbortController();
  const silent = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => over.abort());
  });
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port: silentPort } = silent.address() as AddressInfo;
  const said = await post({ signal: over.signal, posting: { port: silentPort } });
  silent.close();
  assert.match(said, /aborted/);
});
