import { createHmac, randomBytes } from "node:crypto";
import { asciiLower } from "../base/ascii.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Secret } from "../base/secret.ts";
import type { AuthResult, Authenticator, Identity, Mechanism, ScramAccount } from "../sasl/exchange.ts";
import type { AccountRow, CredentialRow, Store } from "../store/store.ts";
import { SCRAM_ITERATIONS, SCRAM_SALT_OCTETS, isFastHash, verifyFastHash } from "./app-password.ts";
import type { AuthProtocol, Logins } from "./contract.ts";
import { loggedIn, loginFailed } from "./events.ts";
import { HashGate } from "./hash-gate.ts";
import { hashPassword, needsRehash, verifyPassword, type HashCost } from "./password-hash.ts";
import { scramOffer, type ScramSetting } from "./scram-offer.ts";
import type { Throttle } from "./throttle.ts";
import { VerifiedCache } from "./verified-cache.ts";

export type LoginOptions = {
  readonly store: Store;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly log: Log;
  readonly cost: HashCost;
  readonly scram: ScramSetting;
};

type Session = {
  readonly protocol: AuthProtocol;
  readonly remote: { readonly text: string } & Parameters<Throttle["admit"]>[1];
  readonly id: string;
};
type Parts = LoginOptions & {
  readonly gate: HashGate;
  readonly cache: VerifiedCache;
  readonly fakeSaltKey: Buffer;
  readonly dummyHash: string;
};

const FAKE_SALT_SETTING = "scram-fake-salt-key";
/** `lastUsed` of a credential is written at most this often. */
const USED_RESOLUTION_MS = 60_000;

/** Who may log in, and how; one object for all protocols. */
export async function logins(options: LoginOptions): Promise<Logins> {
  const parts: Parts = {
    ...options,
    gate: new HashGate(),
    cache: new VerifiedCache(options.clock),
    fakeSaltKey: await fakeSaltKey(options.store),
    dummyHash: await hashPassword(new Secret(randomBytes(16).toString("hex")), options.cost),
  };
  const offer = await scramOffer(options.store, options.clock, options.scram);
  return {
    mechanisms: (tls) => (tls ? [...(offer() ? SCRAM : []), "PLAIN", "LOGIN"] : []),
    authenticator: (session) => authenticator(parts, session),
  };
}

const SCRAM: readonly Mechanism[] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];

/** Made once per installation, so that the made-up salt of an unknown login never changes (D-27). */
async function fakeSaltKey(store: Store): Promise<Buffer> {
  const known = await store.directory.setting(FAKE_SALT_SETTING);
  if (known !== undefined) return Buffer.from(known, "base64");
  const key = randomBytes(32);
  await store.directory.putSetting(FAKE_SALT_SETTING, key.toString("base64"));
  return key;
}

function authenticator(parts: Parts, session: Session): Authenticator {
  return {
    password: (login, password) => byPassword(parts, session, asciiLower(login), password),
    scram: (login) => scramAccount(parts, session, asciiLower(login)),
    scramDone: (login, credential) => afterScram(parts, session, asciiLower(login), credential),
  };
}

async function byPassword(
  parts: Parts,
  session: Session,
  login: string,
  password: Secret,
): Promise<AuthResult> {
  const admission = await parts.throttle.admit(login, session.remote);
  if (admission.delay_ms > 0) await parts.clock.sleep(admission.delay_ms);
  if (admission.blocked === "yes") return refuse(parts, session, login, "throttled");
  const account = await parts.store.directory.accountByLogin(login);
  const credentials = account === undefined ? [] : await parts.store.directory.credentials(account.id);
  const quick =
    credentials.find((credential) => parts.cache.has(credential, password)) ??
    credentials.find((credential) => isAppPassword(credential, password));
  if (quick !== undefined) return decide(parts, session, login, account, quick, password);
  if (admission.blocked === "known") return refuse(parts, session, login, "throttled");
  return bySlowHash(parts, session, login, account, credentials, password);
}

const isAppPassword = (credential: CredentialRow, password: Secret): boolean =>
  isFastHash(credential.hash) && verifyFastHash(password, credential.hash);

/** Unknown, disabled and wrong all cost one argon2id and answer alike (D-27). */
async function bySlowHash(
  parts: Parts,
  session: Session,
  login: string,
  account: AccountRow | undefined,
  credentials: readonly CredentialRow[],
  password: Secret,
): Promise<AuthResult> {
  const slow = credentials.find((credential) => !isFastHash(credential.hash));
  const right = await parts.gate.run(session.remote.text, () =>
    verifyPassword(password, slow?.hash ?? parts.dummyHash),
  );
  if (right === undefined) return refuse(parts, session, login, "unavailable");
  return decide(parts, session, login, account, right ? slow : undefined, password);
}

async function decide(
  parts: Parts,
  session: Session,
  login: string,
  account: AccountRow | undefined,
  credential: CredentialRow | undefined,
  password?: Secret,
): Promise<AuthResult> {
  const allowed =
    account !== undefined &&
    !account.disabled &&
    credential !== undefined &&
    inScope(credential, session.protocol);
  if (!allowed) {
    await parts.throttle.failed(login, session.remote);
    return refuse(parts, session, login, "invalid");
  }
  await parts.throttle.succeeded(login, session.remote);
  if (password) parts.cache.add(credential, password);
  if (password && credential.kind === "password") void rehash(parts, credential, password);
  void noteUse(parts, credential);
  loggedIn(parts.log, session.id, session.protocol, account.login, session.remote.text);
  const identity: Identity = { account: account.id, login: account.login, credential: credential.id };
  return { ok: true, identity };
}

/** A scoped credential works for its protocols and gains nothing else (F-11). */
const inScope = (credential: CredentialRow, protocol: AuthProtocol): boolean =>
  credential.scopes.length === 0 || credential.scopes.includes(protocol);

function refuse(
  { log }: Parts,
  session: Session,
  login: string,
  kind: "invalid" | "throttled" | "unavailable",
): AuthResult {
  loginFailed(log, session.id, session.protocol, login, session.remote.text, kind);
  return { ok: false, failure: { kind } };
}

async function rehash(
  { store, cost, gate }: Parts,
  credential: CredentialRow,
  password: Secret,
): Promise<void> {
  if (isFastHash(credential.hash) || !needsRehash(credential.hash, cost)) return;
  const hash = await gate.run("", () => hashPassword(password, cost));
  if (hash === undefined) return;
  const { id: _, ...row } = credential;
  await store.directory.putCredential({ ...row, hash });
}

async function noteUse({ store, clock }: Parts, { id, lastUsed_ms }: CredentialRow): Promise<void> {
  const now = clock.now();
  if (lastUsed_ms === undefined || now - lastUsed_ms > USED_RESOLUTION_MS)
    await store.directory.credentialUsed(id, now);
}

async function scramAccount(parts: Parts, session: Session, login: string): Promise<ScramAccount> {
  const admission = await parts.throttle.admit(login, session.remote);
  if (admission.delay_ms > 0) await parts.clock.sleep(admission.delay_ms);
  const account = await parts.store.directory.accountByLogin(login);
  if (account === undefined)
    return { salt: fakeSalt(parts, login), iterations: SCRAM_ITERATIONS, verifiers: [] };
  const usable = admission.blocked === "no" && !account.disabled;
  const credentials = usable ? await parts.store.directory.credentials(account.id) : [];
  const verifiers = credentials.flatMap(({ id, scram }) =>
    scram === undefined ? [] : [{ credential: id, storedKey: scram.storedKey, serverKey: scram.serverKey }],
  );
  return { salt: account.scramSalt, iterations: SCRAM_ITERATIONS, verifiers };
}

const fakeSalt = ({ fakeSaltKey: key }: Parts, login: string): Uint8Array =>
  createHmac("sha256", key).update(login).digest().subarray(0, SCRAM_SALT_OCTETS);

async function afterScram(
  parts: Parts,
  session: Session,
  login: string,
  credentialId: number | undefined,
): Promise<AuthResult> {
  const account = await parts.store.directory.accountByLogin(login);
  const credentials = account === undefined ? [] : await parts.store.directory.credentials(account.id);
  return decide(
    parts,
    session,
    login,
    account,
    credentials.find(({ id }) => id === credentialId),
  );
}
