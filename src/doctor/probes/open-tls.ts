import { err, ok, type Result } from "../../base/result.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { Handshake, HandshakeFailure, HostTarget, Net, Offer, Service, Visit } from "../probe.ts";

/** How far a visit came on its way to TLS. */
export type OpenFailure =
  | { readonly at: "connect" | "greeting"; readonly reason: string }
  | { readonly at: "starttls-missing"; readonly reason: string }
  /** STARTTLS was said and the handshake did not come about. */
  | { readonly at: "handshake"; readonly failure: HandshakeFailure };

/** In the word of the system, of OpenSSL or of the server. */
export const whyNot = (why: OpenFailure): string =>
  why.at === "handshake" ? why.failure.detail : why.at === "starttls-missing" ? why.at : why.reason;

const IMPLICIT: readonly Service[] = ["submissions", "imaps", "pop3s", "web"];
export const isImplicit = (service: Service): boolean => IMPLICIT.includes(service);
export const placeOf = ({ name, port }: HostTarget): string => `${name}:${port}`;

/** Connects, and says what makes the server wait for TLS. */
export async function readyForTls(host: HostTarget, net: Net): Promise<Result<Visit, OpenFailure>> {
  const connected = await net.connect(host);
  if (!connected.ok) return err({ at: "connect", reason: connected.error });
  const ready = isImplicit(host.service) ? undefined : await askForTls(host.service, connected.value, net);
  if (ready === undefined) return connected;
  connected.value[Symbol.dispose]();
  return err(ready);
}

/** Connects and begins TLS in the manner of the service. */
export async function openTls(
  host: HostTarget,
  net: Net,
  offer: Offer,
  work: (handshake: Handshake, visit: Visit) => Promise<void> | void,
): Promise<Result<Handshake, OpenFailure>> {
  const ready = await readyForTls(host, net);
  if (!ready.ok) return ready;
  using visit = ready.value;
  const secured = await visit.handshake(host.name, offer, host.authorities);
  if (!secured.ok) return err({ at: "handshake", failure: secured.error });
  await work(secured.value, visit);
  return ok(secured.value);
}

async function askForTls(service: Service, visit: Visit, net: Net): Promise<OpenFailure | undefined> {
  if (service === "imap") return askByLine(visit, "d1 STARTTLS", /^d1 OK/i);
  if (service === "pop3") return askByLine(visit, "STLS", /^\+OK/i);
  const greeted = await greet(visit, net);
  if (!greeted.ok) return { at: "greeting", reason: greeted.error };
  if (!offers(greeted.value.ehlo, "STARTTLS"))
    return { at: "starttls-missing", reason: extensionsOf(greeted.value.ehlo).join(", ") };
  const answer = await visit.say("STARTTLS");
  if (answer.ok && answer.value.code === 220) return undefined;
  const detail = answer.ok ? textOf(answer.value) : answer.error;
  return { at: "handshake", failure: { kind: "broken", detail } };
}

/** IMAP (RFC 9051 §6.2.1) and POP3 (RFC 2595 §4) */
async function askByLine(visit: Visit, command: string, yes: RegExp): Promise<OpenFailure | undefined> {
  const greeting = await visit.line();
  if (!greeting.ok) return { at: "greeting", reason: greeting.error };
  visit.write(command);
  const answer = await visit.line();
  if (answer.ok && yes.test(answer.value)) return undefined;
  return { at: "starttls-missing", reason: answer.ok ? answer.value : answer.error };
}

export type Greeted = { readonly banner: Reply; readonly ehlo: Reply };

/** Greeting and EHLO; the text says what the server said instead. */
export async function greet(visit: Visit, net: Net): Promise<Result<Greeted, string>> {
  const banner = await visit.reply();
  if (!banner.ok) return banner;
  if (banner.value.code !== 220) return err(textOf(banner.value));
  const ehlo = await visit.say(`EHLO ${heloOf(visit, net)}`);
  if (!ehlo.ok) return ehlo;
  return ehlo.value.code === 250 ? ok({ banner: banner.value, ehlo: ehlo.value }) : err(textOf(ehlo.value));
}

/** Without a name of our own the literal of the address we come from. RFC 5321 §4.1.3 */
export function heloOf(visit: Visit, net: Net): string {
  const address = visit.localAddress.replace(/^::ffff:/, "");
  return net.heloName ?? (address.includes(":") ? `[IPv6:${address}]` : `[${address}]`);
}

export const extensionsOf = (ehlo: Reply): readonly string[] =>
  ehlo.lines.slice(1).map((line) => line.toUpperCase());
export const offers = (ehlo: Reply, keyword: string): boolean =>
  extensionsOf(ehlo).some((line) => line === keyword || line.startsWith(`${keyword} `));

export const textOf = ({ code, enhanced, lines }: Reply): string =>
  [code, enhanced, lines.at(-1)].filter((part) => part !== undefined && part !== "").join(" ");
