import { OperatorError } from "../base/operator-error.ts";
import type { Secret } from "../base/secret.ts";
import type { SocketConnection } from "../net/socket-connection.ts";
import { openLine, type ImapHost, type ImapLine } from "./imap-connection.ts";
import { announcedOctets, atomText, parseResponse, valueOctets, type RawResponse } from "./imap-response.ts";
import type { Value } from "./imap-response.ts";
import { MOVING_LIMITS } from "./limits.ts";

export type ImapLogin = { readonly user: string; readonly password: Secret };

/** The end of a command: `code` is what stands in brackets. */
type Completion = { readonly ok: boolean; readonly code: string; readonly text: string };
type Answer = { readonly completion: Completion; readonly responses: number };
type Options = {
  /** Called with each untagged response. */
  readonly told?: (values: readonly Value[]) => void;
  /** How many responses the command asks for; more, and the usual news, are a broken server. */
  readonly expected?: number;
  /** Octets of one literal. */
  readonly literal_octets?: number;
  /** What is said when the server asks for more. */
  readonly more?: string;
};

/**
 * A logged-in conversation with somebody's IMAP server, one command at a time. Everything it sends is bounded: lines,
 * literals, how many responses. Rejects with `OperatorError`. RFC 3501, RFC 9051
 */
export class ImapClient implements AsyncDisposable {
  readonly #name: string;
  #connection: SocketConnection;
  #tag = 0;
  #capabilities: ReadonlySet<string> = new Set();

  private constructor(name: string, connection: SocketConnection) {
    this.#name = name;
    this.#connection = connection;
  }

  /** Connects, begins TLS, logs in. The password leaves only over TLS, or to this machine itself. */
  static async open(host: ImapHost, login: ImapLogin): Promise<ImapClient> {
    const line = await openLine(host);
    const client = new ImapClient(`${host.host}:${host.port}`, line.connection);
    try {
      const greeting = await client.#readValues(MOVING_LIMITS.literal_octets);
      const word = atomText(greeting[1]).toUpperCase();
      if (word === "BYE") throw client.#broken("it refuses connections now");
      if (word !== "OK" && word !== "PREAUTH") throw client.#broken("it does not speak IMAP");
      if (host.security === "starttls") await client.#startTls(line);
      if (word !== "PREAUTH" || host.security === "starttls") await client.#login(login);
      await client.#askCapabilities();
      return client;
    } catch (error) {
      client.#connection.destroy();
      throw error;
    }
  }

  can(capability: string): boolean {
    return this.#capabilities.has(capability);
  }

  /** Sends a command and hears it out. A refusal is a value, anything that breaks the conversation is thrown. */
  async ask(command: string, options: Options = {}): Promise<Completion> {
    return (await this.#converse(command, options)).completion;
  }

  /** The same where a refusal ends the work. */
  async must(command: string, options: Options = {}): Promise<void> {
    const { ok, code, text } = await this.ask(command, options);
    if (ok) return;
    throw new OperatorError(
      "imap-refused",
      `${this.#name} refused ${command.split(" ").slice(0, 2).join(" ")}: ${shown([code, text].join(" ").trim())}.`,
      "Look at the account there; run the same command again, it goes on where it stopped.",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connection.open) {
      this.#connection.write(`z LOGOUT\r\n`);
      await this.#connection.flush();
    }
    this.#connection.close();
  }

  async #startTls(line: ImapLine): Promise<void> {
    await this.must("STARTTLS");
    this.#connection = await line.secure();
  }

  async #login({ user, password }: ImapLogin): Promise<void> {
    await this.#askCapabilities();
    const octets = Buffer.from(`\0${user}\0${password.reveal()}`).toString("base64");
    const plain = this.can("AUTH=PLAIN");
    const command = !plain
      ? `LOGIN ${quoted(latin1Of(user))} ${quoted(latin1Of(password.reveal()))}`
      : this.can("SASL-IR")
        ? `AUTHENTICATE PLAIN ${octets}`
        : "AUTHENTICATE PLAIN";
    const answer = await this.ask(command, plain && !this.can("SASL-IR") ? { more: octets } : {});
    if (answer.ok) return;
    throw new OperatorError(
      "imap-login",
      `${this.#name} does not accept the login of ${user}: ${shown(answer.text)}.`,
      "Check user and password; some services want an app password made in their settings.",
    );
  }

  async #askCapabilities(): Promise<void> {
    const found = new Set<string>();
    const told = (values: readonly Value[]): void => {
      if (atomText(values[1]).toUpperCase() !== "CAPABILITY") return;
      for (const value of values.slice(2)) found.add(atomText(value).toUpperCase());
    };
    await this.must("CAPABILITY", { told });
    this.#capabilities = found;
  }

  async #converse(command: string, options: Options): Promise<Answer> {
    const tag = `w${++this.#tag}`;
    this.#connection.write(Buffer.from(`${tag} ${command}\r\n`, "latin1"));
    let { more } = options;
    for (let responses = 0; ; responses++) {
      if (responses > (options.expected ?? 0) + MOVING_LIMITS.newsOfCommand)
        throw this.#broken("it sends responses without end");
      const raw = await this.#readRaw(options.literal_octets ?? MOVING_LIMITS.literal_octets);
      const first = raw.texts[0] ?? "";
      if (first.startsWith(`${tag} `)) return { completion: completionOf(first), responses };
      if (first.startsWith("+")) {
        if (more === undefined) throw this.#broken("it asks for more than there is");
        this.#connection.write(`${more}\r\n`);
        more = undefined;
      } else if (/^\* BYE\b/i.test(first))
        throw this.#broken(`it ended the session: ${shown(first.slice(6))}`);
      else options.told?.(this.#valuesOf(raw));
    }
  }

  async #readValues(literal_octets: number): Promise<readonly Value[]> {
    return this.#valuesOf(await this.#readRaw(literal_octets));
  }

  /** Status responses hold prose, which is no list of values. */
  #valuesOf(raw: RawResponse): readonly Value[] {
    const status = /^\* (OK|NO|BAD|PREAUTH|BYE)\b(.*)$/is.exec(raw.texts[0] ?? "");
    if (status) {
      return ["*", status[1] ?? "", status[2] ?? ""].map((text): Value => ({ kind: "atom", text }));
    }
    const values = parseResponse(raw);
    if (values === undefined) throw this.#broken(`this is no response: ${shown(raw.texts[0] ?? "")}`);
    return values;
  }

  async #readRaw(literal_octets: number): Promise<RawResponse> {
    const texts: string[] = [];
    const literals: Buffer[] = [];
    for (;;) {
      const line = await this.#connection.readLine(MOVING_LIMITS.line_octets, MOVING_LIMITS.response_ms);
      if (line.kind === "too-long") throw this.#broken("it sends a line without end");
      if (line.kind !== "line") throw this.#lost(line.kind);
      const text = line.octets.toString("latin1");
      texts.push(text);
      const announced = announcedOctets(text);
      if (announced === undefined) return { texts, literals };
      if (announced > literal_octets || literals.length >= MOVING_LIMITS.literalsOfResponse)
        throw this.#broken(`it sends ${announced} octets where at most ${literal_octets} were to come`);
      literals.push(await this.#readOctets(announced));
    }
  }

  /** Grows with what really comes: an announcement alone takes no memory. */
  async #readOctets(count: number): Promise<Buffer> {
    const octets = Buffer.allocUnsafeSlow(count);
    for (let done = 0; done < count;) {
      const read = await this.#connection.read(MOVING_LIMITS.response_ms);
      if (read.kind !== "octets") throw this.#lost(read.kind);
      const mine = read.octets.subarray(0, count - done);
      if (mine.length < read.octets.length) this.#connection.unread(read.octets.subarray(mine.length));
      octets.set(mine, done);
      done += mine.length;
    }
    return octets;
  }

  #lost(how: "closed" | "timeout"): OperatorError {
    return new OperatorError(
      "imap-lost",
      `${this.#name} ${how === "closed" ? "closed the connection" : "did not answer in time"}.`,
      "Run the same command again: it goes on where it stopped.",
    );
  }

  #broken(how: string): OperatorError {
    return new OperatorError(
      "imap-broken",
      `${this.#name} cannot be read: ${how}.`,
      "If it is the right server, run the same command again: it goes on where it stopped.",
    );
  }
}

/** `tag SP OK SP [code] text` */
function completionOf(line: string): Completion {
  const parts = /^\S+ (\S+) ?(?:\[([^\]]*)\] ?)?(.*)$/s.exec(line);
  return { ok: /^ok$/i.test(parts?.[1] ?? ""), code: parts?.[2] ?? "", text: parts?.[3] ?? "" };
}

/** What a stranger wrote, fit for a terminal. */
function shown(text: string): string {
  return text.slice(0, 200).replace(/[^ -~]/g, "?");
}

/** Commands are written octet by octet, so text stands in them as its UTF-8. */
const latin1Of = (text: string): string => Buffer.from(text).toString("latin1");

/** A quoted string of octets that hold neither CR, LF nor NUL. */
export const quoted = (octets: string): string => `"${octets.replace(/["\\]/g, "\\$&")}"`;

/** A name as on the wire, one character per octet. */
export const nameOctets = (value: Value | undefined): string | undefined =>
  valueOctets(value)?.toString("latin1");
