import type { AccountId } from "../../../src/base/mail-ids.ts";
import { err, ok, type Result } from "../../../src/base/result.ts";
import type { Maildrop, Pop3Backend, Pop3SessionFacts } from "../../../src/pop3/backend.ts";
import { scramKeys } from "../../../src/sasl/scram-keys.ts";
import type { Authenticator, AuthResult, Mechanism } from "../../../src/sasl/exchange.ts";

const PASSWORD = "correct horse";
const LOGIN = "you@wachpost.test";
const SALT = Buffer.alloc(16, 7);

/** One account with one maildrop, in memory; counts what a session must give back. */
export class MemoryBackend implements Pop3Backend {
  readonly hostName = "mx.wachpost.test";
  sessions = 0;
  locked = false;
  messages: readonly Buffer[];
  readonly #manner: string;

  constructor(messages: readonly Buffer[], manner: string) {
    this.messages = messages;
    this.#manner = manner;
  }

  async connect(): Promise<string | undefined> {
    if (this.#manner === "refuses") return "Too many connections from your address";
    this.sessions++;
    return undefined;
  }

  disconnected(): void {
    this.sessions--;
  }

  mechanisms(session: Pop3SessionFacts): readonly Mechanism[] {
    return session.tls === undefined ? [] : ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"];
  }

  authenticator(): Authenticator {
    return {
      password: async (login, password): Promise<AuthResult> => {
        if (this.#manner === "broken") throw new Error("the store is broken");
        if (login !== LOGIN || password.reveal() !== PASSWORD)
          return { ok: false, failure: { kind: "invalid" } };
        return { ok: true, identity: { account: 1 as AccountId, login, credential: 1 } };
      },
      scram: async (login) => {
        const { storedKey, serverKey } = await scramKeys(PASSWORD, SALT, 4096);
        const verifiers = login === LOGIN ? [{ credential: 1, storedKey, serverKey }] : [];
        return { salt: SALT, iterations: 4096, verifiers };
      },
      scramDone: async (login, credential) =>
        credential === undefined
          ? { ok: false, failure: { kind: "invalid" } }
          : { ok: true, identity: { account: 1 as AccountId, login, credential } },
    };
  }

  async open(): Promise<Result<Maildrop, "in-use" | "unavailable">> {
    if (this.locked || this.#manner === "busy") return err("in-use");
    this.locked = true;
    const messages = this.messages;
    return ok({
      messages: messages.map((octets, i) => ({ uniqueId: `7.${i + 1}`, size_octets: octets.length })),
      octets: async (index, end) => messages[index]?.subarray(0, end),
      bodyStart: async (index) => (messages[index]?.indexOf("\r\n\r\n") ?? 0) + 4,
      commit: async (deleted) => {
        if (this.#manner === "full") return false;
        this.messages = messages.filter((_one, index) => !deleted.includes(index));
        return true;
      },
      release: () => void (this.locked = false),
    });
  }
}
