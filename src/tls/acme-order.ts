import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { z } from "zod";
import { printable } from "../base/ascii.ts";
import type { Clock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { ok, type Result } from "../base/result.ts";
import type { AcmeAccount } from "./acme-account.ts";
import type { ChallengeSolver } from "./acme-challenge.ts";
import type { AcmeClient, Answered } from "./acme-client.ts";
import { failed, problemFailure, type AcmeFailure } from "./acme-failure.ts";
import type { AcmeFiles } from "./acme-files.ts";
import { keyAuthorization } from "./acme-jws.ts";
import { readMessage, type Authorization, type Order } from "./acme-messages.ts";
import { certificateRequest } from "./certificate-request.ts";
import type { KeyAndCertificate } from "./certificate.ts";

export type Ordering = {
  readonly client: AcmeClient;
  readonly account: AcmeAccount;
  readonly solver: ChallengeSolver;
  readonly files: AcmeFiles;
  readonly clock: Clock;
  readonly profile?: string;
};
export type CertificateWish = {
  readonly names: readonly string[];
  /** PEM; a new key is made without it. */
  readonly key?: string;
  /** Renewal identity of the certificate this one replaces. RFC 9773 §5 */
  readonly replaces?: string;
};

/** All of it: authorities validate within a minute or two. */
const ORDER_MS = 600_000;
const POLL_FIRST_MS = 250;
const POLL_MAX_MS = 5_000;
/** An authority may ask for longer, but not for an hour in mid-order. */
const POLL_PATIENCE_MS = 60_000;

/**
 * From names to a certificate: one order, all its challenges, the chain. The order is remembered while it is under
 * way, so that one an authority or we ourselves broke off is taken up again. RFC 8555 §7.1
 */
export async function orderCertificate(
  ordering: Ordering,
  wish: CertificateWish,
  signal?: AbortSignal,
): Promise<Result<KeyAndCertificate, AcmeFailure>> {
  const until = AbortSignal.any([AbortSignal.timeout(ORDER_MS), ...(signal ? [signal] : [])]);
  try {
    const begun = await begin(ordering, wish, until);
    if (!begun.ok) return begun;
    const finished = await finish(ordering, begun.value, wish.names, until);
    if (finished.ok || !isTransient(finished.error)) await ordering.files.remove("order.json");
    return finished;
  } catch (error) {
    if (error instanceof OperatorError)
      return failed({ code: error.code, message: error.message, remedy: error.remedy });
    if (!until.aborted) throw error;
    return failed({
      code: "acme-timeout",
      message: "The order took too long or was broken off.",
      remedy: "Nothing to do: it is taken up again at the next try.",
    });
  }
}

type Begun = { readonly order: Answered<Order>; readonly key: string };

/** Failures after which the order itself is still good. */
const isTransient = ({ code }: AcmeFailure): boolean =>
  [
    "acme-unreachable",
    "acme-unreadable",
    "acme-serverInternal",
    "acme-rateLimited",
    "acme-badNonce",
  ].includes(code);

const orderFile = z.object({ url: z.string(), names: z.array(z.string()), key: z.string() });

async function begin(
  { client, files, profile }: Ordering,
  { names, key, replaces }: CertificateWish,
  signal: AbortSignal,
): Promise<Result<Begun, AcmeFailure>> {
  const text = await files.read("order.json");
  const kept = text === undefined ? undefined : readMessage(orderFile, text);
  if (kept?.ok === true && sameNames(kept.value.names, names) && (key ?? kept.value.key) === kept.value.key) {
    const order = await client.order(kept.value.url, signal);
    if (order.ok && order.value.value.status !== "invalid")
      return ok({ order: { ...order.value, url: kept.value.url }, key: kept.value.key });
    if (!order.ok && order.error.code === "acme-unreachable") return order;
  }
  const wish = {
    ...(profile === undefined ? {} : { profile }),
    ...(replaces === undefined ? {} : { replaces }),
  };
  let order = await client.newOrder(names, wish, signal);
  if (!order.ok && replaces !== undefined && refusesPredecessor(order.error))
    order = await client.newOrder(names, profile === undefined ? {} : { profile }, signal);
  if (!order.ok) return order;
  const begun = { order: order.value, key: key ?? newKey() };
  await files.write("order.json", JSON.stringify({ url: order.value.url, names, key: begun.key }));
  return ok(begun);
}

/** A predecessor that was replaced before, or of another account, must not stop a renewal. RFC 9773 §5 */
const refusesPredecessor = ({ code }: AcmeFailure): boolean =>
  ["acme-alreadyReplaced", "acme-malformed", "acme-unauthorized"].includes(code);

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted());

/** ECDSA P-256, which everybody can check and nobody needs long for; PEM. */
export const newKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "prime256v1" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();

async function finish(
  ordering: Ordering,
  { order: { value: begun, url }, key }: Begun,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Result<KeyAndCertificate, AcmeFailure>> {
  const { client } = ordering;
  if (begun.status === "pending") {
    const refused = await proveAll(ordering, begun.authorizations, signal);
    if (refused !== undefined) return failed(refused);
  }
  const ready = await poll(
    ordering,
    () => client.order(url, signal),
    ({ status }) => status === "pending",
    signal,
  );
  if (!ready.ok) return ready;
  if (ready.value.status === "ready") {
    const request = certificateRequest(names, createPrivateKey(key));
    const sent = await client.finalize(ready.value, request, signal);
    if (!sent.ok) return sent;
  }
  const unfinished = ({ status }: Order): boolean => status === "processing" || status === "ready";
  const done = await poll(ordering, () => client.order(url, signal), unfinished, signal);
  if (!done.ok) return done;
  const { certificate, error, status } = done.value;
  if (status !== "valid" || certificate === undefined)
    return failed(problemFailure(error ?? { detail: `The order is ${status}.` }, 0));
  const chain = await client.certificate(certificate, signal);
  return chain.ok ? checked({ key, certificate: chain.value.value }, names) : chain;
}

/** Why the order comes to nothing. What is about one name does not end the look at the others: all at fault are named at once. */
async function proveAll(
  ordering: Ordering,
  authorizations: readonly string[],
  signal: AbortSignal,
): Promise<AcmeFailure | undefined> {
  let refused: AcmeFailure | undefined;
  for (const authorization of authorizations) {
    const proved = await prove(ordering, authorization, signal);
    if (proved.ok) continue;
    const { names } = proved.error;
    if (names === undefined) return refused ?? proved.error;
    refused = { ...(refused ?? proved.error), names: [...(refused?.names ?? []), ...names] };
  }
  return refused;
}

async function prove(
  ordering: Ordering,
  url: string,
  signal: AbortSignal,
): Promise<Result<void, AcmeFailure>> {
  const { client, solver, account } = ordering;
  const got = await client.authorization(url, signal);
  if (!got.ok) return got;
  const { value: authorization } = got.value;
  if (authorization.status === "valid") return ok(undefined);
  const { value: name } = authorization.identifier;
  const challenge = authorization.challenges.find(({ type }) => type === solver.type);
  if (challenge?.token === undefined)
    return failed({
      code: "acme-challenge-not-offered",
      message: `The authority does not offer ${solver.type} for ${printable(name)}.`,
      remedy: "Choose another tls.acme.challenge; names with * need dns-01.",
      names: [name],
    });
  const proof = {
    name,
    token: challenge.token,
    keyAuthorization: keyAuthorization(challenge.token, account.key),
  };
  await using _shown = await solver.show(proof);
  if (challenge.status === "pending") {
    const told = await client.challengeReady(challenge.url, signal);
    if (!told.ok) return told;
  }
  const pending = ({ status }: Authorization): boolean => status === "pending";
  const settled = await poll(ordering, () => client.authorization(url, signal), pending, signal);
  if (!settled.ok) return settled;
  if (settled.value.status === "valid") return ok(undefined);
  const problem = settled.value.challenges.find(({ error }) => error !== undefined)?.error;
  const failure = problemFailure(problem ?? { detail: `The authorization is ${settled.value.status}.` }, 0);
  return failed({ ...failure, message: `${printable(name)}: ${failure.message}`, names: [name] });
}

/** Asks until `waiting` is over, at the authority's pace or at doubling intervals. RFC 8555 §7.5.1 */
async function poll<T>(
  { clock }: Ordering,
  ask: () => Promise<Result<Answered<T>, AcmeFailure>>,
  waiting: (value: T) => boolean,
  signal: AbortSignal,
): Promise<Result<T, AcmeFailure>> {
  for (let pause_ms = POLL_FIRST_MS; ; pause_ms = Math.min(pause_ms * 2, POLL_MAX_MS)) {
    const answer = await ask();
    if (!answer.ok) return answer;
    if (!waiting(answer.value.value)) return ok(answer.value.value);
    const asked_ms = Math.min(answer.value.retryAfter_ms ?? 0, POLL_PATIENCE_MS);
    await clock.sleep(Math.max(pause_ms, asked_ms), signal);
  }
}

/** What was sent is looked at before anybody is shown it. */
function checked(pair: KeyAndCertificate, names: readonly string[]): Result<KeyAndCertificate, AcmeFailure> {
  const wrong = (message: string): Result<never, AcmeFailure> =>
    failed({ code: "acme-wrong-certificate", message, remedy: "It is ordered again by itself." });
  try {
    const leaf = new X509Certificate(pair.certificate);
    if (!leaf.checkPrivateKey(createPrivateKey(pair.key)))
      return wrong("The certificate is for another key.");
    const missing = names.find((name) => leaf.checkHost(name.replace(/^\*\./, "x.")) === undefined);
    return missing === undefined ? ok(pair) : wrong(`The certificate does not name ${missing}.`);
  } catch (error) {
    return wrong(`The authority sent no certificate (${String(error)}).`);
  }
}
