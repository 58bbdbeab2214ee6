import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFinding } from "./finding.ts";
import { parseConfig } from "./parse.ts";

const HOST = 'hostname = "mail.example.org"\n';
const cases = [
  { name: "the smallest file", input: HOST, want: "ok" },
  { name: "nothing", input: "", want: "f: hostname: is missing (string expected)." },
  {
    name: "mistyped key",
    input: `${HOST}[listeners.smtp]\nprot = 26\n`,
    want: "f:3: listeners.smtp.prot: no such setting. Did you mean listeners.smtp.port?",
  },
  {
    name: "mistyped section",
    input: `${HOST}[lisners]\n`,
    want: "f:2: lisners: no such setting. Did you mean listeners?",
  },
  {
    name: "TLS of a next hop where there is none",
    input: `${HOST}[[outbound.transports]]\ndomain = "partner.example"\nkind = "direct"\ntls = "verify"\n`,
    want: 'f:5: outbound.transports.0.tls: belongs to a next hop; kind = "direct" goes where the DNS says, as safely as the destination can.',
  },
  {
    name: "local_address of another type",
    input: `${HOST}[outbound]\nlocal_address = 5\n`,
    want: "f:3: outbound.local_address: is an address, or a list of one IPv4 and one IPv6 address.",
  },
  {
    name: "key of the top below a table",
    input: `${HOST}[listeners.smtp]\ndata = "/srv/mail"\n`,
    want: "f:3: listeners.smtp.data: no such setting. data belongs to no table: put it at the top of the file, above the first [table].",
  },
  { name: "unlike any key", input: `${HOST}xyzzy = 1\n`, want: "f:2: xyzzy: no such setting." },
  {
    name: "bad host name",
    input: 'hostname = "mail..example"\n',
    want: "f:1: hostname: is not a domain name, e.g. mail.example.org.",
  },
  {
    name: "wrong type",
    input: `${HOST}[listeners.imaps]\nport = "993"\n`,
    want: "f:3: listeners.imaps.port: expected number, received string.",
  },
  {
    name: "out of range",
    input: `${HOST}[limits]\nconnections = 1\n`,
    want: "f:3: limits.connections: expected number to be >=10.",
  },
  {
    name: "floor of argon2",
    input: `${HOST}[passwords]\nargon2_memory_kib = 1024\n`,
    want: "f:3: passwords.argon2_memory_kib: expected number to be >=19456.",
  },
  {
    name: "addresses to come from",
    input: `${HOST}[outbound]\nlocal_address = ["192.0.2.1", "2001:db8::1"]\n[[outbound.transports]]\ndomain = "a.example"\nkind = "direct"\nlocal_address = "192.0.2.2"\n`,
    want: "ok",
  },
  {
    name: "two addresses of one family, in the second of two entries",
    input: `${HOST}[[outbound.transports]]\ndomain = "a.example"\nkind = "direct"\nlocal_address = "192.0.2.2"\n[[outbound.transports]]\ndomain = "*"\nkind = "direct"\nlocal_address = ["192.0.2.1", "192.0.2.2"]\n`,
    want: "f:9: outbound.transports.1.local_address: names two addresses of one family; one IPv4 and one IPv6 address can be used.",
  },
  {
    name: "every address is no address to come from",
    input: `${HOST}[outbound]\nlocal_address = "::"\n`,
    want: "f:3: outbound.local_address: is not an address of this machine, e.g. 192.0.2.1 or 2001:db8::1.",
  },
  {
    name: "a next hop without a host",
    input: `${HOST}[[outbound.transports]]\ndomain = "*"\n`,
    want: "f:2: outbound.transports.0.host: is missing: the name or address of the next hop.",
  },
  {
    name: "a host where the DNS is to say it",
    input: `${HOST}[[outbound.transports]]\ndomain = "*"\nkind = "direct"\nhost = "mx.example"\n`,
    want: 'f:5: outbound.transports.0.host: belongs to a next hop; kind = "direct" goes where the DNS says, as safely as the destination can.',
  },
  {
    name: "one port for the web and for the proof of tls-alpn-01",
    input: `${HOST}[listeners.web]\nenabled = true\n[tls.acme]\nenabled = true\nchallenge = "tls-alpn-01"\n`,
    want: 'f:6: tls.acme.challenge: port 443 is where tls-alpn-01 is answered, and also listeners.web. Set tls.acme.challenge = "http-01", which needs port 80, or "dns-01", or give one of them another port.',
  },
  {
    name: "the web and tls-alpn-01 on ports of their own",
    input: `${HOST}[listeners.web]\nenabled = true\n[tls.acme]\nenabled = true\nchallenge = "tls-alpn-01"\nport = 8443\n`,
    want: "ok",
  },
  {
    name: "the web and tls-alpn-01 on addresses of their own",
    input: `${HOST}[listeners.web]\nenabled = true\naddresses = ["192.0.2.1"]\n[tls.acme]\nenabled = true\nchallenge = "tls-alpn-01"\naddress = "192.0.2.2"\n`,
    want: "ok",
  },
  {
    name: "dns-01 with nobody to set the record",
    input: `${HOST}[tls.acme]\nenabled = true\nchallenge = "dns-01"\n`,
    want: "f:4: tls.acme.challenge: the proof is a DNS record, but nobody can set it. Set dns.update (server, key, secret_file), or choose another challenge.",
  },
  {
    name: "bad network",
    input: `${HOST}[listeners.smtp]\nproxy_from = ["10.0.0.0/33"]\n`,
    want: "f:3: listeners.smtp.proxy_from.0: is not an address or network, e.g. 192.0.2.0/24.",
  },
  {
    name: "key in an array of tables",
    input: `${HOST}[[outbound.transports]]\ndomain = "*"\nhots = "x"\nhost = "x"\n`,
    want: "f:4: outbound.transports.0.hots: no such setting. Did you mean outbound.transports.0.host?",
  },
];

for (const { name, input, want } of cases) {
  test(name, () => {
    const parsed = parseConfig(input);
    assert.equal(
      parsed.ok ? "ok" : parsed.error.map((finding) => formatFinding("f", finding)).join("\n"),
      want,
    );
  });
}

test("a syntax error has its line", () => {
  const parsed = parseConfig(`${HOST}[listeners\n`);
  assert.equal(parsed.ok, false);
  assert.equal(!parsed.ok && parsed.error[0]?.line, 2);
});
