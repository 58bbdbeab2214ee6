import { failure, fine, unknown, warning, type Finding } from "../finding.ts";
import type { HostTarget, Net, Probe, Visit } from "../probe.ts";
import { phrase } from "../words/phrase.ts";
import { BEST } from "./offers.ts";
import { isImplicit, openTls, placeOf, whyNot } from "./open-tls.ts";
import { tlsFirst } from "./tls-first.ts";
import { seenReason } from "../words/seen.ts";

/** Before the login servers tell little; without these no program logs in, or it fetches mail twice. */
const IMAP_WANTED = ["IMAP4REV1", "AUTH=PLAIN"];
const POP3_WANTED = ["UIDL", "TOP"];
const LINES_MAX = 40;

/** IMAP and POP3: no password in clear, and what mail programs need. RFC 9051 §11.1, RFC 8314 §3 */
export const mailboxDoor: Probe<HostTarget> = {
  id: "mailbox-door",
  title: phrase("IMAP and POP3", "IMAP und POP3"),
  source: "RFC 9051 §11.1, RFC 2595 §2.3, RFC 8314 §3",
  checks: ["auth-before-tls", "mailbox-capabilities"],
  async run(host, net) {
    const inClear = isImplicit(host.service) ? [] : await plainly(host, net);
    return [...inClear, ...(await encrypted(host, net))];
  },
};

const isImap = ({ service }: HostTarget): boolean => service === "imap" || service === "imaps";

async function plainly(host: HostTarget, net: Net): Promise<readonly Finding[]> {
  const place = placeOf(host);
  const connected = await net.connect(host);
  if (!connected.ok) return [];
  using visit = connected.value;
  const greeting = await visit.line();
  if (!greeting.ok) return [];
  const offered = await capabilities(host, visit);
  if (offered === undefined) return [];
  const login = isImap(host)
    ? offered.some((one) => one.startsWith("AUTH=")) || !offered.includes("LOGINDISABLED")
    : offered.some((one) => one === "USER" || one === "SASL");
  const evidence = offered.join(" ");
  return [
    login
      ? failure("auth-before-tls", place, evidence, "auth-plain-mailbox")
      : fine("auth-before-tls", place, evidence),
  ];
}

async function encrypted(host: HostTarget, net: Net): Promise<readonly Finding[]> {
  const place = placeOf(host);
  let offered: readonly string[] | undefined;
  const opened = await openTls(host, net, BEST, async (_, visit) => {
    if (isImplicit(host.service)) await visit.line();
    offered = await capabilities(host, visit);
  });
  if (offered === undefined) {
    const reason = opened.ok ? "no capabilities" : whyNot(opened.error);
    const lost = unknown("mailbox-capabilities", place, seenReason(reason), "not-looked", { reason });
    return [...tlsFirst(host, opened), lost];
  }
  const seen = offered;
  const missing = (isImap(host) ? IMAP_WANTED : POP3_WANTED).filter((one) => !seen.includes(one)).join(", ");
  return [
    ...tlsFirst(host, opened),
    missing === ""
      ? fine("mailbox-capabilities", place, seen.join(" "))
      : warning("mailbox-capabilities", place, seen.join(" "), "capabilities-missing", { missing }),
  ];
}

/** Words of CAPABILITY, or first words of the lines of CAPA; undefined where neither was understood. */
async function capabilities(host: HostTarget, visit: Visit): Promise<readonly string[] | undefined> {
  visit.write(isImap(host) ? "d8 CAPABILITY" : "CAPA");
  const words: string[] = [];
  for (let lines = 0; lines < LINES_MAX; lines++) {
    const line = await visit.line();
    if (!line.ok || /^(?:-ERR|d8 (?:NO|BAD)|\* BYE)/i.test(line.value)) return undefined;
    const text = line.value.toUpperCase();
    if (isImap(host)) {
      if (text.startsWith("D8 OK")) return words;
      if (text.startsWith("* CAPABILITY ")) words.push(...text.slice(13).split(" "));
    } else if (text === ".") return words;
    else if (!text.startsWith("+OK")) words.push(text.split(" ")[0] ?? "");
  }
  return undefined;
}
