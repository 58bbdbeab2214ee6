import { randomBytes } from "node:crypto";
import { constantTimeEqual } from "../base/secret.ts";
import type {
  Authenticator,
  ChannelBinding,
  Exchange,
  SaslStep,
  ScramAccount,
  ScramVerifier,
} from "./exchange.ts";
import { NONCE_OCTETS } from "./limits.ts";
import { decodeUtf8, prepare } from "./prepare.ts";
import { hash, hmac, xor } from "./scram-keys.ts";
import { parseClientFinal, parseClientFirst, type ClientFinal, type ClientFirst } from "./scram-message.ts";

export type ScramSession = {
  readonly plus: boolean;
  readonly binding: ChannelBinding | undefined;
  readonly plusOffered: boolean;
};

const malformed: SaslStep = { kind: "failure", failure: { kind: "malformed" } };

type Challenged = {
  readonly first: ClientFirst;
  readonly login: string;
  readonly account: ScramAccount;
  readonly nonce: string;
  readonly serverFirst: string;
};

/**
 * SCRAM-SHA-256 and -PLUS, server side. RFC 5802, 7677, 9266
 *
 * An account may have several app passwords: they share one salt, and the proof is tried against each. An unknown
 * login runs the same course and fails at its end (D-27).
 */
export function scramExchange(authenticator: Authenticator, session: ScramSession): Exchange {
  let asked = false;
  let challenged: Challenged | undefined;
  return {
    async step(response) {
      if (response === undefined && asked) return malformed;
      asked = true;
      if (response === undefined) return { kind: "challenge", octets: new Uint8Array(0) };
      const text = decodeUtf8(response);
      if (text === undefined) return malformed;
      if (challenged) return finish(authenticator, session, challenged, text);
      challenged = await begin(authenticator, session, text);
      return challenged
        ? { kind: "challenge", octets: Buffer.from(challenged.serverFirst, "utf8") }
        : malformed;
    },
  };
}

async function begin(
  authenticator: Authenticator,
  session: ScramSession,
  text: string,
): Promise<Challenged | undefined> {
  const first = parseClientFirst(text);
  const login = first && prepare(first.username);
  if (!first || login === undefined || !bindingAgreed(first, session)) return undefined;
  if (first.authzid !== undefined && first.authzid !== first.username) return undefined;
  const account = await authenticator.scram(login);
  const nonce = first.nonce + randomBytes(NONCE_OCTETS).toString("base64");
  const salt = Buffer.from(account.salt).toString("base64");
  return { first, login, account, nonce, serverFirst: `r=${nonce},s=${salt},i=${account.iterations}` };
}

/** `y` while we offered -PLUS means somebody took it out of our list (E-27). */
function bindingAgreed(
  { bindingFlag, bindingName }: ClientFirst,
  { plus, plusOffered, binding }: ScramSession,
): boolean {
  if (plus) return bindingFlag === "p" && binding !== undefined && bindingName === binding.type;
  return bindingFlag === "n" || (bindingFlag === "y" && !plusOffered);
}

async function finish(
  authenticator: Authenticator,
  session: ScramSession,
  challenged: Challenged,
  text: string,
): Promise<SaslStep> {
  const { first, login, account, nonce, serverFirst } = challenged;
  const final = parseClientFinal(text);
  if (!final) return malformed;
  const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
  const bound =
    final.nonce === nonce && constantTimeEqual(final.channelBinding, expectedBinding(first, session));
  const verifier = proved(account.verifiers, final, authMessage);
  const result = await authenticator.scramDone(login, bound ? verifier?.credential : undefined);
  if (!result.ok) return { kind: "failure", failure: result.failure };
  const signature = hmac(verifier?.serverKey ?? Buffer.alloc(0), authMessage).toString("base64");
  return { kind: "success", identity: result.identity, octets: Buffer.from(`v=${signature}`, "utf8") };
}

function expectedBinding(first: ClientFirst, { plus, binding }: ScramSession): Buffer {
  return Buffer.concat([
    Buffer.from(first.gs2Header, "utf8"),
    plus && binding ? binding.data : Buffer.alloc(0),
  ]);
}

/** Nobody's verifier: an unknown login is tried against it, so that it takes as long as a known one. */
const NOBODY: ScramVerifier = { credential: -1, storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) };

/** Tries every verifier, also after one has matched. */
function proved(
  verifiers: readonly ScramVerifier[],
  final: ClientFinal,
  authMessage: string,
): ScramVerifier | undefined {
  const tried = verifiers.length === 0 ? [NOBODY] : verifiers;
  const matching = tried.filter((candidate) => proves(candidate, final, authMessage));
  return matching.find((candidate) => candidate !== NOBODY);
}

/** ClientKey := ClientProof XOR ClientSignature; H(ClientKey) must be the StoredKey. */
function proves(verifier: ScramVerifier, final: ClientFinal, authMessage: string): boolean {
  const signature = hmac(verifier.storedKey, authMessage);
  if (final.proof.length !== signature.length) return false;
  return constantTimeEqual(hash(xor(final.proof, signature)), verifier.storedKey);
}
