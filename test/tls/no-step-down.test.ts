/**
 * Whatever breaks, mail to a domain with a known policy goes out at that level or waits. FUZZ_RUNS sets how often it is
 * tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Box, tlsaLine } from "./box.ts";
import { authority, certificateFor, stranger, type RemoteServer, type StartTls } from "./remote-server.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 60);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);

type Policy = "dane-ee" | "dane-ta" | "enforce" | "testing" | "none";
type Host = {
  readonly startTls: StartTls;
  readonly certificate: "right" | "other name" | "nobody's" | "expired";
  readonly named: boolean;
};
type Failing = "nothing" | "tlsa" | "tlsa of one" | "txt" | "policy host" | "addresses of one";
type Story = {
  readonly policy: Policy;
  readonly hosts: readonly [Host, Host];
  readonly failing: Failing;
  /** What becomes of the first host before a second message. */
  readonly later: Host;
};

const often = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: others.length },
    ...others.map((one) => fc.constant(one)),
  );
const host: fc.Arbitrary<Host> = fc.record({
  startTls: often<StartTls>("works", "stripped", "refused", "garbage", "classical"),
  certificate: often<Host["certificate"]>("right", "other name", "nobody's", "expired"),
  named: often(true, false),
});
const story: fc.Arbitrary<Story> = fc.record({
  policy: fc.constantFrom<Policy>("dane-ee", "dane-ta", "enforce", "testing", "none"),
  hosts: fc.tuple(host, host),
  failing: often<Failing>("nothing", "tlsa", "tlsa of one", "txt", "policy host", "addresses of one"),
  later: host,
});

const LEVEL = { "dane-ee": "dane", "dane-ta": "dane", enforce: "mta-sts" } as const;

function dress(server: RemoteServer, name: string, { startTls, certificate }: Host): void {
  server.startTls = startTls;
  const by = certificate === "nobody's" ? stranger : authority;
  server.pair = certificateFor(certificate === "other name" ? "other.test" : name, {
    by,
    expired: certificate === "expired",
  });
}

function zoneOf(domain: string, { policy, failing }: Story, pins: readonly [string, string]): string {
  const names = [`a.${domain}`, `b.${domain}`];
  const lines = [
    `${domain} MX 10 ${names[0]}`,
    `${domain} MX 20 ${names[1]}`,
    `mta-sts.${domain} A 127.0.0.1`,
  ];
  if (policy === "enforce" || policy === "testing")
    lines.push(failing === "txt" ? `_mta-sts.${domain} SERVFAIL` : `_mta-sts.${domain} TXT v=STSv1; id=1`);
  for (const [i, name] of names.entries()) {
    lines.push(failing === "addresses of one" && i === 0 ? `${name} SERVFAIL` : `${name} A 127.0.0.${i + 2}`);
    if (failing === "tlsa" || (failing === "tlsa of one" && i === 0)) lines.push(`_25._tcp.${name} SERVFAIL`);
    else if (policy === "dane-ee") lines.push(tlsaLine(name, 3, pins[i] ?? ""));
    else if (policy === "dane-ta") lines.push(tlsaLine(name, 2, authority.certificate));
  }
  return lines.join("\n");
}

/** This host has what the policy demands. */
function isFit(policy: Policy, { named, certificate }: Host): boolean {
  if (policy === "dane-ee") return named;
  return certificate === "right" && (policy === "dane-ta" || named);
}

/** The second message may go over the connection of the first; a new one meets a new certificate, which no pin names. */
function firstMayTake({ policy, hosts: [first], later }: Story, second: boolean): boolean {
  if (isFit(policy, first)) return true;
  return second && policy !== "dane-ee" && isFit(policy, { ...later, named: first.named });
}

test("no delivery to a domain with a known policy below its level", async () => {
  await using box = await Box.open(true);
  const seen = new Map<string, number>();
  let at = 0;
  const property = fc.asyncProperty(story, async (one) => {
    const domain = `p${++at}.test`;
    dress(box.mx, `a.${domain}`, one.hosts[0]);
    dress(box.backup, `b.${domain}`, one.hosts[1]);
    // A pin of a certificate that is no longer shown, or not yet.
    const pins = one.hosts.map(({ named }, i) =>
      named ? [box.mx, box.backup][i]?.pair.certificate : authority.certificate,
    );
    const named = one.hosts.flatMap((which, i) => (which.named ? [`mx: ${"ab"[i]}.${domain}`] : []));
    const mode = one.policy === "enforce" || one.policy === "testing" ? one.policy : "none";
    const mx = named.length > 0 ? named : ["mx: else.test"];
    box.policies.show(certificateFor(`mta-sts.${domain}`));
    box.policies.answer = { body: ["version: STSv1", `mode: ${mode}`, ...mx, "max_age: 86400"].join("\n") };
    const zone = zoneOf(domain, one, [pins[0] ?? "", pins[1] ?? ""]);
    box.dns.setZone(zoneOf(domain, { ...one, failing: "nothing" }, [pins[0] ?? "", pins[1] ?? ""]));
    // From here on the policy is known.
    await box.mtaSts.policyFor(domain);
    box.dns.setZone(zone);
    if (one.failing === "policy host") box.policies.answer = { status: 500, body: "" };
    for (const second of [false, true]) {
      if (second) dress(box.mx, `a.${domain}`, one.later);
      const earlier = box.mx.taken.length;
      const { result, security, reply } = await box.send(domain);
      const how = `${one.policy}: ${result} ${security}`;
      seen.set(how, (seen.get(how) ?? 0) + 1);
      assert.notEqual(result, "failed", reply);
      const level = one.policy in LEVEL ? LEVEL[one.policy as keyof typeof LEVEL] : undefined;
      if (level === undefined || result !== "sent") continue;
      assert.equal(security, level, reply);
      const taken = [...box.mx.taken, ...box.backup.taken].filter(({ to }) => to === `a@${domain}`);
      assert.ok(taken.every(({ tls }) => tls));
      const byFirst = box.mx.taken.length > earlier;
      assert.ok(byFirst ? firstMayTake(one, second) : isFit(one.policy, one.hosts[1]), how);
    }
  });
  await fc.assert(property, { numRuns, seed });
  // A round in which nothing went out, or nothing waited, would have shown nothing.
  for (const how of ["dane-ee: sent dane", "dane-ta: sent dane", "enforce: sent mta-sts"])
    assert.ok((seen.get(how) ?? 0) > 0 || numRuns < 60, `never seen: ${how}`);
  for (const [how, count] of seen) console.log(`${count} x ${how}`);
});
