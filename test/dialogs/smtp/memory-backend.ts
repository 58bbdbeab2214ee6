import type { AccountId } from "../../../src/base/mail-ids.ts";
import { err, ok, type Result } from "../../../src/base/result.ts";
import type {
  Authenticator,
  AuthResult,
  Identity,
  Mechanism,
  ScramAccount,
} from "../../../src/sasl/exchange.ts";
import { scramKeys } from "../../../src/sasl/scram-keys.ts";
import type {
  MailCommand,
  MailTransaction,
  MessageSink,
  Profile,
  RcptCommand,
  SmtpBackend,
  SmtpSessionFacts,
} from "../../../src/smtp/backend.ts";
import { closing, reply, type Reply } from "../../../src/smtp/reply.ts";

export type StoredMessage = {
  readonly mail: MailTransaction;
  readonly facts: SmtpSessionFacts;
  readonly octets: Buffer;
};

export const LOGIN = "you@wachpost.test";
export const PASSWORD = "correct horse";
const IDENTITY: Identity = { account: 1 as AccountId, login: LOGIN, credential: 7 };

/**
 * A mail server in memory, small and with opinions that addresses call up: `later@` is deferred, `throw@` is a
 * bug, `nodata@` refuses at DATA, `full@` fails at delivery, a body with SPAM is refused.
 */
export class MemoryBackend implements SmtpBackend {
  readonly hostName = "mx.wachpost.test";
  readonly messageSizeMax: number;
  readonly messages: StoredMessage[] = [];
  /** Sessions connected and not disconnected. */
  sessions = 0;
  /** Sinks handed out and neither finished nor aborted. */
  openSinks = 0;
  aborted = 0;

  constructor(messageSizeMax = 100_000) {
    this.messageSizeMax = messageSizeMax;
  }

  async connect({ remote }: SmtpSessionFacts): Promise<Reply | undefined> {
    this.sessions++;
    return remote.address.text === "192.0.2.66"
      ? closing(reply(554, "5.7.1", "Go away", "listed"))
      : undefined;
  }

  disconnected(): void {
    this.sessions--;
  }

  mechanisms(): readonly Mechanism[] {
    return ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"];
  }

  authenticator(): Authenticator {
    return new MemoryAuthenticator();
  }

  async mail(_: SmtpSessionFacts, mail: MailCommand): Promise<Reply | undefined> {
    if (mail.from?.localPart === "throw") throw new Error("a bug at MAIL");
    if (mail.from?.localPart === "spammer") return reply(550, "5.7.1", "Sender refused", "sender-listed");
    return undefined;
  }

  async rcpt(facts: SmtpSessionFacts, _: MailTransaction, { to }: RcptCommand): Promise<Reply | undefined> {
    if (to.localPart.toLowerCase() === "postmaster") return undefined;
    if (to.domain !== "wachpost.test" && to.domain !== "xn--mller-kva.test") {
      return facts.identity ? undefined : reply(554, "5.7.1", "Relay access denied", "relay-denied");
    }
    if (to.localPart === "throw") throw new Error("a bug at RCPT");
    if (to.localPart === "later") return reply(451, "4.7.1", "Try again later", "greylisted");
    if (/^(?:you|me|full|nodata|u[0-9]+|ü|two words)$/.test(to.localPart)) return undefined;
    return reply(550, "5.1.1", "No such user", "unknown-recipient");
  }

  async data(facts: SmtpSessionFacts, mail: MailTransaction): Promise<Result<MessageSink, Reply>> {
    if (mail.recipients.some((rcpt) => rcpt.to.localPart === "nodata")) {
      return err(reply(451, "4.3.1", "No space", "disk-full"));
    }
    this.openSinks++;
    return ok(new MemorySink(this, facts, mail));
  }
}

class MemorySink implements MessageSink {
  readonly #backend: MemoryBackend;
  readonly #facts: SmtpSessionFacts;
  readonly #mail: MailTransaction;
  readonly #parts: Uint8Array[] = [];
  #over = false;

  constructor(backend: MemoryBackend, facts: SmtpSessionFacts, mail: MailTransaction) {
    this.#backend = backend;
    this.#facts = facts;
    this.#mail = mail;
  }

  write(octets: Uint8Array): void {
    if (this.#over) throw new Error("write after the end");
    this.#parts.push(Buffer.from(octets));
  }

  async finish(): Promise<readonly Reply[]> {
    this.#end();
    const octets = Buffer.concat(this.#parts);
    if (octets.includes("THROW")) throw new Error("a bug at the end of the message");
    if (octets.includes("SPAM")) return [reply(550, "5.7.1", "Looks like spam", "content")];
    this.#backend.messages.push({ mail: this.#mail, facts: this.#facts, octets });
    return verdicts(this.#facts.profile, this.#mail);
  }

  abort(): void {
    this.#end();
    this.#backend.aborted++;
  }

  #end(): void {
    if (this.#over) throw new Error("a sink ends once");
    this.#over = true;
    this.#backend.openSinks--;
  }
}

function verdicts(profile: Profile, mail: MailTransaction): readonly Reply[] {
  if (profile !== "lmtp") return [reply(250, "2.0.0", "Stored")];
  return mail.recipients.map(({ to }) =>
    to.localPart === "full"
      ? reply(452, "4.2.2", `${to.text} is full`, "over-quota")
      : reply(250, "2.0.0", `Stored for ${to.text}`),
  );
}

class MemoryAuthenticator implements Authenticator {
  async password(login: string, password: { reveal(): string }): Promise<AuthResult> {
    if (login === "busy") return { ok: false, failure: { kind: "throttled" } };
    if (login === "throw") throw new Error("a bug at AUTH");
    const right = login === LOGIN && password.reveal() === PASSWORD;
    return right ? { ok: true, identity: IDENTITY } : { ok: false, failure: { kind: "invalid" } };
  }

  async scram(login: string): Promise<ScramAccount> {
    const salt = Buffer.from("salt of a test");
    const iterations = 4096;
    if (login !== LOGIN) return { salt, iterations, verifiers: [] };
    const { storedKey, serverKey } = await scramKeys(PASSWORD, salt, iterations);
    return { salt, iterations, verifiers: [{ credential: IDENTITY.credential, storedKey, serverKey }] };
  }

  async scramDone(_: string, credential: number | undefined): Promise<AuthResult> {
    return credential === IDENTITY.credential
      ? { ok: true, identity: IDENTITY }
      : { ok: false, failure: { kind: "invalid" } };
  }
}
