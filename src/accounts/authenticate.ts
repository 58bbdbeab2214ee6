import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { IpAddress } from "../base/ip.ts";
import type { Log } from "../base/log.ts";
import type { AccountId } from "../base/mail-ids.ts";
import { Secret } from "../base/secret.ts";
import type { AuthResult, Authenticator, Mechanism, ScramAccount } from "../sasl/exchange.ts";
import type { AccountRow, CredentialRow, Store } from "../store/store.ts";
import { SCRAM_ITERATIONS, SCRAM_SALT_OCTETS, isFastHash, verifyFastHash } from "./app-password.ts";
import { Bookkeeping } from "./bookkeeping.ts";
import type { AuthProtocol, Logins } from "./contract.ts";
import { loggedIn, loginFailed } from "./events.ts";
import { isForeignHash, verifyForeignHash } from "./foreign-hash.ts";
import { HashGate } from "./hash-gate.ts";
import { canonicalLogin } from "./login-name.ts";
import { LoginMemory, type Attempt } from "./login-memory.ts";
import { hashOfNobody, verifyPassword, type HashCost } from "./password-hash.ts";
import { scramOffer, type ScramSetting } from "./scram-offer.ts";
import { isExpired, mayOpen, type PasswordAges } from "./standing.ts";
import { clientNetwork, type Throttle } from "./throttle.ts";

export type LoginOptions = {
  readonly store: Store;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly log: Log;
  readonly cost: HashCost;
  readonly scram: ScramSetting;
  /** Without it passwords may become as old as they like. */
  readonly ages?: PasswordAges;
  /** Hears of every attempt: the journal. */
  readonly told?: (attempt: LoginAttempt) => void;
};

/** How an attempt ended. The name is what was typed; it may be a password in the wrong place. */
export type LoginAttempt = {
  readonly session: string;
  readonly protocol: AuthProtocol;
  readonly client: string;
  readonly login: string;
  readonly outcome: "ok" | "wrong" | "throttled" | "expired";
  /** The name of the password that was right: that of an app password, or `password`, the account's own. */
  readonly password?: string;
};

type House = LoginOptions & {
  readonly gate: HashGate;
  readonly memory: LoginMemory;
  readonly bookkeeping: Bookkeeping;
  readonly fakeSaltKey: Buffer;
  readonly dummyHash: string;
};
/** One login attempt: who asks, from where, for which name. */
type Asking = {
  readonly house: House;
  readonly protocol: AuthProtocol;
  readonly remote: IpAddress;
  readonly session: string;
  readonly login: string;
};
type Found = {
  readonly account: AccountRow | undefined;
  /** Credentials that may open this session; none for an unknown or disabled account. */
  readonly candidates: readonly CredentialRow[];
};

const FAKE_SALT_SETTING = "scram-fake-salt-key";
const SCRAM: readonly Mechanism[] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"];
const NOBODY = 0 as AccountId;

/** Who may log in, and how; one object for all protocols. Closing it waits for what is still being written. */
export async function logins(options: LoginOptions): Promise<Logins & AsyncDisposable> {
  const gate = new HashGate();
  const house: House = {
    ...options,
    gate,
    memory: new LoginMemory(options.clock),
    bookkeeping: new Bookkeeping({ ...options, gate }),
    fakeSaltKey: await fakeSaltKey(options.store),
    dummyHash: hashOfNobody(options.cost),
  };
  const offered = await scramOffer(options.store, options.clock, options.scram);
  return {
    mechanisms: (tls) => (tls ? [...(offered() ? SCRAM : []), "PLAIN", "LOGIN"] : []),
    authenticator: ({ protocol, remote, id }) =>
      authenticator((text) => ({ house, protocol, remote, session: id, login: canonicalLogin(text) })),
    [Symbol.asyncDispose]: () => house.bookkeeping[Symbol.asyncDispose](),
  };
}

const authenticator = (asking: (login: string) => Asking): Authenticator => ({
  password: (login, password) => byPassword(asking(login), password),
  scram: (login) => scramAccount(asking(login)),
  scramDone: (login, credential) => afterScram(asking(login), credential),
});

/** Made once per installation, so that the made-up salt of an unknown login never changes (D-27). */
async function fakeSaltKey(store: Store): Promise<Buffer> {
  const known = await store.directory.setting(FAKE_SALT_SETTING);
  if (known !== undefined) return Buffer.from(known, "base64");
  const key = randomBytes(32);
  await store.directory.putSetting(FAKE_SALT_SETTING, key.toString("base64"));
  return key;
}

/**
 * Cheapest first. Passwords the server made are looked at before the throttle: nobody guesses 147 bits, and so an attack
 * on an account never shuts out its owner's devices (D-28).
 */
async function byPassword(asking: Asking, password: Secret): Promise<AuthResult> {
  const { house, login, remote } = asking;
  const { account, candidates } = await find(asking);
  const made = candidates.find(({ hash }) => isFastHash(hash) && verifyFastHash(password, hash));
  if (account && made) return granted(asking, account, made);
  const admission = await house.throttle.admit(login, remote);
  if (admission.delay_ms > 0) await house.clock.sleep(admission.delay_ms);
  if (admission.blocked) return refused(asking, "throttled");
  const cached = candidates.find((credential) => house.memory.wasRight(credential, password));
  if (account && cached) return granted(asking, account, cached);
  const attempt: Attempt = { login, client: clientNetwork(remote), candidates, password };
  // A program that repeats its old password makes no new guess, and is not counted again (S-18).
  if (house.memory.wasWrong(attempt)) return refused(asking, "invalid");
  return bySlowHash(asking, attempt, account, admission.known);
}

/**
 * Unknown and disabled accounts have no candidates: the same argon2id runs for all, and all are answered alike (D-27).
 * After the settings were raised, accounts that have not logged in since are quicker; their next good login ends that.
 */
async function bySlowHash(
  asking: Asking,
  attempt: Attempt,
  account: AccountRow | undefined,
  known: boolean,
): Promise<AuthResult> {
  const { house, login, remote } = asking;
  const chosen = attempt.candidates.find(({ hash }) => !isFastHash(hash));
  const outcome = await house.gate.run({ network: attempt.client, known }, async () => {
    // Attempts that queued up before a block came do not get past it: a failure is counted before the next one begins.
    if ((await house.throttle.admit(login, remote)).blocked) return "throttled";
    const right = await verified(house, attempt.password, chosen?.hash ?? house.dummyHash);
    if (right && chosen !== undefined) return "right";
    await house.throttle.failed(login, remote);
    return "wrong";
  });
  if (outcome === undefined) return refused(asking, "unavailable");
  if (outcome === "throttled") return refused(asking, "throttled");
  if (account === undefined || chosen === undefined || outcome === "wrong") {
    house.memory.rememberWrong(attempt);
    return refused(asking, "invalid");
  }
  const current = await house.bookkeeping.rehashed(chosen, attempt.password, login);
  house.memory.rememberRight(current, attempt.password);
  return granted(asking, account, current);
}

/**
 * A hash taken over from another server is checked beside the argon2id that everybody waits for: where it is the quicker
 * of the two, as 5000 rounds of SHA-crypt or bcrypt below a cost of nine are, an attempt takes as long as for an unknown
 * login. A dearer one takes longer, and so tells until its first good login that there is such an account; what is more
 * could only be hidden by making all failures wait for the dearest hash of all.
 */
async function verified(house: House, password: Secret, stored: string): Promise<boolean> {
  if (!isForeignHash(stored)) return verifyPassword(password, stored);
  const [right] = await Promise.all([
    verifyForeignHash(password, stored),
    verifyPassword(password, house.dummyHash),
  ]);
  return right;
}

/** As many reads for an unknown login as for a known one. What may not open this protocol is not even looked at. */
async function find({ house, login, protocol }: Asking): Promise<Found> {
  const account = await house.store.directory.accountByLogin(login);
  const credentials = await house.store.directory.credentials(account?.id ?? NOBODY);
  if (account === undefined) return { account, candidates: [] };
  return { account, candidates: credentials.filter((one) => mayOpen(account, one, protocol)) };
}

async function granted(asking: Asking, account: AccountRow, credential: CredentialRow): Promise<AuthResult> {
  const { house, protocol, remote, session, login } = asking;
  await house.throttle.succeeded(login, remote);
  const { id, name: password } = credential;
  const attempt = { session, protocol, client: remote.text, login: account.login, password };
  if (house.ages !== undefined && isExpired(account, credential, house.ages, house.clock.now())) {
    loginFailed(house.log, session, protocol, account.login, remote.text, "expired");
    house.told?.({ ...attempt, outcome: "expired" });
    return { ok: false, failure: { kind: "expired" } };
  }
  house.bookkeeping.noteUse(credential, login);
  loggedIn(house.log, session, protocol, account.login, remote.text);
  house.told?.({ ...attempt, outcome: "ok" });
  return { ok: true, identity: { account: account.id, login: account.login, credential: id } };
}

function refused(asking: Asking, kind: "invalid" | "throttled" | "unavailable"): AuthResult {
  const { house, session, protocol, login, remote } = asking;
  loginFailed(house.log, session, protocol, login, remote.text, kind);
  // A server that is too busy to look has learned nothing about the attempt.
  if (kind !== "unavailable") {
    const outcome = kind === "invalid" ? "wrong" : "throttled";
    house.told?.({ session, protocol, client: remote.text, login, outcome });
  }
  return { ok: false, failure: { kind } };
}

/** Verifiers exist only for passwords the server made, so that this path needs no throttle before the proof. */
async function scramAccount(asking: Asking): Promise<ScramAccount> {
  const { account, candidates } = await find(asking);
  const withKeys = candidates.flatMap(({ id, scram }) => (scram ? [{ credential: id, ...scram }] : []));
  // One exchange has one count of rounds; passwords made under another count would need another exchange.
  const iterations = withKeys.at(-1)?.iterations ?? SCRAM_ITERATIONS;
  return {
    salt: account?.scramSalt ?? fakeSalt(asking),
    iterations,
    verifiers: withKeys.filter((verifier) => verifier.iterations === iterations),
  };
}

const fakeSalt = ({ house, login }: Asking): Uint8Array =>
  createHmac("sha256", house.fakeSaltKey).update(login).digest().subarray(0, SCRAM_SALT_OCTETS);

async function afterScram(asking: Asking, proved: number | undefined): Promise<AuthResult> {
  const { house, login, remote } = asking;
  const { account, candidates } = await find(asking);
  const credential = candidates.find(({ id }) => id === proved);
  if (account && credential) return granted(asking, account, credential);
  const admission = await house.throttle.admit(login, remote);
  if (admission.delay_ms > 0) await house.clock.sleep(admission.delay_ms);
  if (admission.blocked) return refused(asking, "throttled");
  await house.throttle.failed(login, remote);
  return refused(asking, "invalid");
}
