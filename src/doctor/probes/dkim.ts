import { parseKeyRecord, type DkimKey } from "../../authentication/dkim/key-record.ts";
import { parseTagList, withoutSpace } from "../../authentication/dkim/tag-list.ts";
import type { Domain } from "../../base/domain-name.ts";
import type { Result } from "../../base/result.ts";
import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { DomainTarget, Net, Probe } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { below, reasonOf, recordsOf } from "./answers.ts";
import { verbatim } from "../words/seen.ts";

/** RFC 8301 §3.2: signers use 2,048; receivers refuse less than 1,024. */
const RSA_BITS_GOOD = 2_048;

/** The keys of a domain: ours as the store has them, those of others by the selectors the operator names. */
export const dkim: Probe<DomainTarget> = {
  id: "dkim",
  title: phrase("DKIM", "DKIM"),
  source: "RFC 6376, RFC 8301, RFC 8463, Internet.nl AUTH-3",
  checks: ["dkim-namespace", "dkim-key"],
  async run(target, net) {
    const { domain, ours, selectors } = target;
    const names = [
      ...(ours?.keys ?? []),
      ...selectors.map((selector) => ({ name: `${selector}._domainkey.${domain}`, text: undefined })),
    ];
    const findings = [await namespace(domain, net)];
    for (const { name, text } of names) findings.push(await lookAt(domain, name as Domain, text, net));
    if (names.length === 0) findings.push(unknown("dkim-key", domain, "", "dkim-no-selector", { domain }));
    return findings;
  },
};

/** G-39: the name space answers NOERROR, even where nothing stands at the name itself (RFC 8020). */
async function namespace(domain: Domain, net: Net): Promise<Finding> {
  const name = below("_domainkey", domain);
  const answer = name && (await net.dns.query(name, "TXT"));
  if (answer === undefined || answer.kind === "nxdomain")
    return failure("dkim-namespace", domain, "NXDOMAIN", "dkim-nothing", { domain });
  return answer.kind === "failure"
    ? unknown("dkim-namespace", domain, "", "dns-failed", { name: name ?? domain, reason: reasonOf(answer) })
    : fine("dkim-namespace", domain, "NOERROR");
}

async function lookAt(
  domain: Domain,
  name: Domain,
  expected: string | undefined,
  net: Net,
): Promise<Finding> {
  const answer = await net.dns.query(name, "TXT");
  const texts = recordsOf(answer);
  if (texts === undefined)
    return unknown("dkim-key", domain, name, "dns-failed", { name, reason: reasonOf(answer) });
  const [text] = texts;
  if (text === undefined) return failure("dkim-key", domain, name, "dkim-missing", { name, domain });
  if (expected !== undefined && !texts.some((one) => isSameKey(one, expected)))
    return failure("dkim-key", domain, text, "dkim-different", { name, domain });
  const key = readAny(expected ?? text);
  if (!key.ok) return failure("dkim-key", domain, text, "dkim-bad", { name, problem: key.error });
  const { bits, type, testing } = key.value;
  const evidence = verbatim(name, type, String(bits));
  if (type === "rsa" && bits < RSA_BITS_GOOD)
    return warning("dkim-key", domain, evidence, "dkim-short", { name, bits: String(bits) });
  return testing
    ? warning("dkim-key", domain, evidence, "dkim-testing", { name })
    : fine("dkim-key", domain, evidence);
}

function readAny(text: string): Result<DkimKey, string> {
  const rsa = parseKeyRecord(text, "rsa-sha256");
  return !rsa.ok && rsa.error === "key-type" ? parseKeyRecord(text, "ed25519-sha256") : rsa;
}

/** The same key, however its record is written. */
export function isSameKey(text: string, expected: string): boolean {
  const [one, other] = [text, expected].map((record) => parseTagList(record)?.get("p")?.value);
  return one !== undefined && other !== undefined && withoutSpace(one) === withoutSpace(other);
}
