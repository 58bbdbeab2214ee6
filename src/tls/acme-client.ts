import { X509Certificate } from "node:crypto";
import type { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { ok, type Result } from "../base/result.ts";
import type { AcmeAccount } from "./acme-account.ts";
import { failed, problemFailure, type AcmeFailure } from "./acme-failure.ts";
import type { AcmeHttpAnswer, AcmeTransport } from "./acme-http.ts";
import { signRequest } from "./acme-jws.ts";
import * as messages from "./acme-messages.ts";
import type { Authorization, Directory, Order } from "./acme-messages.ts";

export type AcmeClientOptions = {
  /** The authority's directory, `https://…`. RFC 8555 §7.1.1 */
  readonly directoryUrl: string;
  readonly account: AcmeAccount;
  /** A mail address the authority may write to. */
  readonly contact?: string;
  readonly transport: AcmeTransport;
  readonly clock: Clock;
};

/** An answer with the place it named and the patience it asked for. */
export type Answered<T> = {
  readonly value: T;
  readonly url: string;
  readonly retryAfter_ms: number | undefined;
};
type Reply<T> = Promise<Result<Answered<T>, AcmeFailure>>;
type Reader<T> = (body: string) => Result<T, string>;

/** An authority may refuse nonces it has just given; Boulder does so after a fail-over. RFC 8555 §6.5 */
const NONCE_TRIES_MAX = 10;
/** More than this lie about unused only when something is wrong. */
const NONCES_MAX = 20;

/** Speaks ACME with one authority, for one account. Every call is one exchange; refusals are values. RFC 8555 */
export class AcmeClient {
  readonly #options: AcmeClientOptions;
  #directory: Directory | undefined;
  #nonces: string[] = [];

  constructor(options: AcmeClientOptions) {
    this.#options = options;
  }

  /** Where everything is; asked once. RFC 8555 §7.1.1 */
  async directory(signal?: AbortSignal): Promise<Result<Directory, AcmeFailure>> {
    if (this.#directory) return ok(this.#directory);
    const got = await this.#get(this.#options.directoryUrl, messages.directorySchema, signal);
    if (!got.ok) return got;
    this.#directory = got.value.value;
    return ok(this.#directory);
  }

  /** Our account's URL; registers the key when the authority does not know it. RFC 8555 §7.3 */
  async account(signal?: AbortSignal): Promise<Result<string, AcmeFailure>> {
    const { account, contact, directoryUrl } = this.#options;
    const known = account.url(directoryUrl);
    if (known !== undefined) return ok(await this.#named(known, signal));
    const directory = await this.directory(signal);
    if (!directory.ok) return directory;
    const payload = {
      termsOfServiceAgreed: true,
      ...(contact === undefined ? {} : { contact: [`mailto:${contact}`] }),
    };
    const made = await this.#post(
      directory.value.newAccount,
      undefined,
      payload,
      json(messages.accountSchema),
      signal,
    );
    if (!made.ok) return made;
    if (made.value.value.status !== "valid")
      return failed({
        code: "acme-account-closed",
        message: `The authority has this account as ${made.value.value.status}.`,
        remedy: "Remove account-key.pem and account.json to begin with a new account.",
      });
    await account.remember(directoryUrl, made.value.url, directory.value.meta?.caaIdentities);
    return ok(made.value.url);
  }

  /** An account from the time when the authority's name was not written down learns it. */
  async #named(url: string, signal: AbortSignal | undefined): Promise<string> {
    const { account, directoryUrl } = this.#options;
    if (account.isNamed(directoryUrl)) return url;
    const directory = await this.directory(signal);
    const identities = directory.ok ? directory.value.meta?.caaIdentities : undefined;
    if (identities !== undefined) await account.remember(directoryUrl, url, identities);
    return url;
  }

  /** Orders a certificate for `names`; `replaces` is the renewal identity of its predecessor. RFC 8555 §7.4, RFC 9773 §5 */
  async newOrder(
    names: readonly string[],
    wish: { readonly profile?: string; readonly replaces?: string },
    signal?: AbortSignal,
  ): Reply<Order> {
    const directory = await this.directory(signal);
    if (!directory.ok) return directory;
    const { replaces, profile } = wish;
    const payload = {
      identifiers: names.map((value) => ({ type: "dns", value })),
      ...(profile === undefined ? {} : { profile }),
      ...(replaces === undefined || directory.value.renewalInfo === undefined ? {} : { replaces }),
    };
    return await this.#signed(directory.value.newOrder, payload, json(messages.orderSchema), signal);
  }

  /** POST-as-GET of an order. RFC 8555 §7.4 */
  order(url: string, signal?: AbortSignal): Reply<Order> {
    return this.#signed(url, undefined, json(messages.orderSchema), signal);
  }

  /** POST-as-GET of an authorization. RFC 8555 §7.5 */
  authorization(url: string, signal?: AbortSignal): Reply<Authorization> {
    return this.#signed(url, undefined, json(messages.authorizationSchema), signal);
  }

  /** Says that a challenge may be looked at. RFC 8555 §7.5.1 */
  challengeReady(url: string, signal?: AbortSignal): Reply<string> {
    return this.#signed(url, {}, ok, signal);
  }

  /** Sends the certificate request of an order that is ready. RFC 8555 §7.4 */
  finalize(order: Order, request: Buffer, signal?: AbortSignal): Reply<Order> {
    const payload = { csr: request.toString("base64url") };
    return this.#signed(order.finalize, payload, json(messages.orderSchema), signal);
  }

  /** The chain, PEM, leaf first. RFC 8555 §7.4.2 */
  certificate(url: string, signal?: AbortSignal): Reply<string> {
    return this.#signed(url, undefined, ok, signal);
  }

  /** Revokes the first certificate of a chain. RFC 8555 §7.6 */
  async revoke(certificate: string, reason: number, signal?: AbortSignal): Reply<string> {
    const directory = await this.directory(signal);
    if (!directory.ok) return directory;
    if (directory.value.revokeCert === undefined)
      return failed({
        code: "acme-no-revocation",
        message: "This authority's directory offers no revocation.",
        remedy: "Write to the authority.",
      });
    const leaf = new X509Certificate(certificate).raw.toString("base64url");
    return await this.#signed(directory.value.revokeCert, { certificate: leaf, reason }, ok, signal);
  }

  /** When to renew, in the authority's opinion; nothing where it offers none. RFC 9773 §4.1 */
  async renewalInfo(
    identity: string,
    signal?: AbortSignal,
  ): Promise<Result<Answered<z.infer<typeof messages.renewalInfoSchema>> | undefined, AcmeFailure>> {
    const directory = await this.directory(signal);
    if (!directory.ok) return directory;
    if (directory.value.renewalInfo === undefined) return ok(undefined);
    return await this.#get(`${directory.value.renewalInfo}/${identity}`, messages.renewalInfoSchema, signal);
  }

  /** POST as our account; an authority that has forgotten us is introduced once more. */
  async #signed<T>(
    url: string,
    payload: object | undefined,
    read: Reader<T>,
    signal?: AbortSignal,
  ): Reply<T> {
    const account = await this.account(signal);
    if (!account.ok) return account;
    const answer = await this.#post(url, account.value, payload, read, signal);
    if (answer.ok || answer.error.code !== "acme-accountDoesNotExist") return answer;
    await this.#options.account.forget();
    const again = await this.account(signal);
    return again.ok ? await this.#post(url, again.value, payload, read, signal) : again;
  }

  async #post<T>(
    url: string,
    accountUrl: string | undefined,
    payload: object | undefined,
    read: Reader<T>,
    signal?: AbortSignal,
  ): Reply<T> {
    for (let tries = 1; ; tries++) {
      const nonce = await this.#nonce(signal);
      if (!nonce.ok) return nonce;
      const jws = signRequest({
        key: this.#options.account.key,
        nonce: nonce.value,
        url,
        payload: payload === undefined ? "" : JSON.stringify(payload),
        ...(accountUrl === undefined ? {} : { accountUrl }),
      });
      const answer = await this.#send({ method: "POST", url, body: JSON.stringify(jws) }, signal);
      if (!answer.ok) return answer;
      const result = this.#read(url, answer.value, read);
      if (result.ok || result.error.code !== "acme-badNonce" || tries === NONCE_TRIES_MAX) return result;
    }
  }

  async #get<T>(url: string, schema: z.ZodType<T>, signal?: AbortSignal): Reply<T> {
    const answer = await this.#send({ method: "GET", url }, signal);
    return answer.ok ? this.#read(url, answer.value, json(schema)) : answer;
  }

  #read<T>(url: string, answer: AcmeHttpAnswer, read: Reader<T>): Result<Answered<T>, AcmeFailure> {
    const retryAfter_ms = messages.readRetryAfter(answer.headers["retry-after"], this.#options.clock.now());
    if (answer.status < 200 || answer.status > 299)
      return failed(problemFailure(messages.readProblem(answer.body), answer.status, retryAfter_ms));
    const value = read(answer.body);
    if (!value.ok) return failed(unreadable(url, value.error));
    return ok({ value: value.value, url: answer.headers.location ?? url, retryAfter_ms });
  }

  /** A nonce that an answer brought along, or a fresh one. RFC 8555 §7.2 */
  async #nonce(signal?: AbortSignal): Promise<Result<string, AcmeFailure>> {
    const kept = this.#nonces.pop();
    if (kept !== undefined) return ok(kept);
    const directory = await this.directory(signal);
    if (!directory.ok) return directory;
    const url = directory.value.newNonce;
    const answer = await this.#send({ method: "HEAD", url }, signal);
    if (!answer.ok) return answer;
    const fresh = this.#nonces.pop();
    return fresh === undefined ? failed(unreadable(url, "no Replay-Nonce")) : ok(fresh);
  }

  async #send(
    request: Parameters<AcmeTransport>[0],
    signal?: AbortSignal,
  ): Promise<Result<AcmeHttpAnswer, AcmeFailure>> {
    if (!request.url.startsWith("https://")) return failed(unreadable(request.url, "not an https URL"));
    const answer = await this.#options.transport(request, signal);
    if (!answer.ok)
      return failed({
        code: "acme-unreachable",
        message: `${request.url}: ${answer.error}.`,
        remedy:
          "Check that this machine may open HTTPS connections and that its clock is right; it is tried again by itself.",
      });
    const nonce = answer.value.headers["replay-nonce"];
    if (typeof nonce === "string" && /^[A-Za-z0-9_-]{1,512}$/.test(nonce) && this.#nonces.length < NONCES_MAX)
      this.#nonces.push(nonce);
    return answer;
  }
}

const json =
  <T>(schema: z.ZodType<T>): Reader<T> =>
  (body) =>
    messages.readMessage(schema, body);

const unreadable = (url: string, detail: string): AcmeFailure => ({
  code: "acme-unreadable",
  message: `${url} answered in a way we cannot read: ${detail}.`,
  remedy: "Check that tls.acme.directory is the address of an ACME directory.",
});
