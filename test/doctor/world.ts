/** A world to examine: a zone on a real DNS server on loopback, and a Net on it. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { parseDomain, type Domain } from "../../src/base/domain-name.ts";
import type { Dns } from "../../src/dns/answer.ts";
import { dnsClient } from "../../src/dns/client.ts";
import { visit } from "../../src/doctor/probe-client.ts";
import type { DomainTarget, Net } from "../../src/doctor/probe.ts";
import { err } from "../../src/base/result.ts";
import { parseMtaStsPolicy } from "../../src/tls/mta-sts-policy.ts";
import { startDnsServer } from "../simulate/dns-server.ts";

export const domainOf = (text: string): Domain => parseDomain(text) as Domain;

export const DOMAIN = domainOf("example.org");
export const HOST = domainOf("mail.example.org");

/** Ed25519 of RFC 8463 §A.2, and an RSA key of 2,048 bits made for these tests. */
export const KEYS = [
  {
    name: `ed._domainkey.${DOMAIN}`,
    text: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  },
];

export const OUR_ADDRESSES: readonly string[] = ["93.184.216.34", "2a00:1450:4001:80b::1"];

/** An address that only sends, and what it is called. */
export const SOURCE = "93.184.216.40";
export const OUT = domainOf("out.example.org");

export const TARGET: DomainTarget = {
  domain: DOMAIN,
  ours: {
    sources: [SOURCE],
    hostName: HOST,
    keys: KEYS,
    policy: { id: "1", text: "" },
    issuers: {
      identities: ["letsencrypt.org"],
      account: { uri: "https://acme.example/acct/1", method: "http-01" },
    },
    certified: [HOST, "alias.example.org", "*.shop.example.org", "www.elsewhere.example"],
  },
  selectors: [],
};

/** Everything as it should be. */
export const GOOD_ZONE = `
example.org MX 10 mail.example.org
mail.example.org A 93.184.216.34
mail.example.org AAAA 2a00:1450:4001:80b::1
34.216.184.93.in-addr.arpa PTR mail.example.org
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.0.8.0.1.0.0.4.0.5.4.1.0.0.a.2.ip6.arpa PTR mail.example.org
example.org NS ns1.example.net
example.org NS ns2.example.net
ns1.example.net AAAA 2a00:1450:4001:80b::2
ns2.example.net AAAA 2a00:1450:4001:80b::3
mail.example.org CAA 0 issue letsencrypt.org
alias.example.org CNAME mail.example.org
shop.example.org CAA 0 issuewild letsencrypt.org
out.example.org A 93.184.216.40
40.216.184.93.in-addr.arpa PTR out.example.org
example.org TXT v=spf1 mx a:out.example.org -all
mail.example.org TXT v=spf1 a a:out.example.org -all
ed._domainkey.example.org TXT ${KEYS[0]?.text}
_dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:postmaster@example.org
_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:postmaster@example.org
example.org RRSIG MX -5 20
org NS ns.example.net
ns1.example.net A 127.0.0.1
ns2.example.net A 127.0.0.2
_mta-sts.example.org TXT v=STSv1; id=1
_imaps._tcp.example.org SRV 0 1 993 mail.example.org
_submissions._tcp.example.org SRV 0 1 465 mail.example.org
2.0.0.127.zen.spamhaus.org A 127.0.0.2
2.0.0.127.bl.spamcop.net A 127.0.0.2
2.0.0.127.psbl.surriel.com A 127.0.0.2
2.0.0.127.bl.mailspike.net A 127.0.0.2
dbltest.com.dbl.spamhaus.org A 127.0.1.2
test.surbl.org.multi.surbl.org A 127.0.0.8
`;

/** The good zone without the lines that begin like `without`, and with `plus`. */
export function zoneWith(without: readonly string[], plus: readonly string[]): string {
  const kept = GOOD_ZONE.split("\n").filter((line) => !without.some((start) => line.startsWith(start)));
  return [...kept, ...plus].join("\n");
}

/** As mta-sts.example.org serves it. */
const GOOD_POLICY = "version: STSv1\nmode: enforce\nmx: mail.example.org\nmax_age: 604800\n";

export type World = { readonly net: Net; readonly asked: readonly string[]; close(): void };

/** `unsigned`: names whose answers a validating resolver gives without AD. */
export async function startWorld(
  zone: string,
  {
    authenticated = true,
    unsigned = [] as readonly string[],
    clock = systemClock as Clock,
    policyText = GOOD_POLICY,
    secondZone = undefined as string | undefined,
    banner = `220 ${HOST} ESMTP`,
    hasIpv6 = true,
    behindRouter = false,
  } = {},
): Promise<World> {
  const server = await startDnsServer({ zone, authenticated });
  const plain = await startDnsServer({ zone, authenticated: false });
  const second = await startDnsServer({ zone: secondZone ?? zone, authenticated });
  const greeter = createServer((socket) => socket.on("error", () => {}).end(`${banner}\r\n`));
  greeter.listen(0, "127.0.0.1");
  await once(greeter, "listening");
  const { port: greeterPort } = greeter.address() as AddressInfo;
  const parsed = parseMtaStsPolicy(policyText);
  const policy = parsed.ok
    ? parsed
    : err({ result: "sts-policy-fetch-error" as const, detail: parsed.error });
  const signed = dnsClient([{ address: "127.0.0.1", port: server.port }]);
  const unvalidated = dnsClient([{ address: "127.0.0.1", port: plain.port }]);
  const dns: Dns = {
    query: (name, type, signal) => (unsigned.includes(name) ? unvalidated : signed).query(name, type, signal),
  };
  return {
    net: {
      dns,
      // 127.0.0.2 lags behind where the test gives it a zone of its own; 127.0.0.3 and ::dead never answer.
      dnsAt: (address) =>
        address === "127.0.0.3" || address.endsWith("::dead")
          ? dnsClient([])
          : dnsClient([{ address: "127.0.0.1", port: address === "127.0.0.2" ? second.port : server.port }]),
      hasIpv6,
      // Further addresses of the loopback stand for those of others.
      isOwn: (address) => address === "127.0.0.1",
      publicAddresses: behindRouter ? [] : [...OUR_ADDRESSES],
      policyOf: () => Promise.resolve(policy),
      clock,
      heloName: "tester.example.net",
      // Nothing is sent to the Internet: at our public addresses there is this greeting.
      connect: (host) =>
        !OUR_ADDRESSES.includes(host.address)
          ? visit(host)
          : banner === "closed"
            ? Promise.resolve(err("ECONNREFUSED"))
            : visit({ address: "127.0.0.1", port: greeterPort }),
    },
    asked: server.asked,
    close() {
      server.close();
      plain.close();
      second.close();
      greeter.close();
    },
  };
}
