/** Wrong logins at a steady rate, each over a connection of its own, by IMAP and by submission in turns. */
import { randomBytes } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

/** A real guesser gives up on an answer too. */
const ANSWER_MS = 10_000;
const TICK_MS = 50;

export type LoginTargets = {
  readonly imaps: number;
  readonly submissions: number;
  readonly login: string;
  /** The address that announces others by the PROXY protocol. */
  readonly proxy: string;
};
export type LoginOutcomes = { answered: number; closed: number; late: number };

export class WrongLogins {
  readonly outcomes: LoginOutcomes = { answered: 0, closed: 0, late: 0 };
  tried = 0;
  readonly #targets: LoginTargets;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Socket>();

  constructor(targets: LoginTargets, perSecond: number) {
    this.#targets = targets;
    const begin_ms = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - begin_ms) * perSecond) / 1000;
      while (this.tried < due) this.#attempt(this.tried++);
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const socket of this.#open) socket.destroy();
  }

  /** Every other one from this machine, whom no ban may touch; of the others half from four addresses, half from 500. */
  #attempt(n: number): void {
    const { imaps, submissions, proxy } = this.#targets;
    const imap = n % 2 === 0;
    const port = imap ? imaps : submissions;
    const here = n % 4 < 2;
    const localAddress = here ? `127.0.8.${1 + (n % 250)}` : proxy;
    const plain = connectTcp({ port, host: "127.0.0.1", localAddress });
    this.#open.add(plain);
    plain.on("error", () => {});
    plain.on("close", () => this.#open.delete(plain));
    plain.on("connect", () => {
      if (!here) plain.write(`PROXY TCP4 ${strangerOf(n)} 127.0.0.1 40000 ${port}\r\n`);
      const secure = connectTls({ socket: plain, servername: "localhost", rejectUnauthorized: false });
      this.#guess(plain, secure, imap);
    });
  }

  #guess(plain: Socket, secure: TLSSocket, imap: boolean): void {
    const guess = randomBytes(9).toString("base64url");
    const { login } = this.#targets;
    const line = imap
      ? `a LOGIN ${login} ${guess}\r\n`
      : `EHLO guesser.test\r\nAUTH PLAIN ${Buffer.from(`\0${login}\0${guess}`).toString("base64")}\r\n`;
    const over = (outcome: keyof LoginOutcomes): void => {
      if (!timer.hasRef()) return;
      clearTimeout(timer.unref());
      this.outcomes[outcome]++;
      plain.destroy();
    };
    const timer = setTimeout(() => over("late"), ANSWER_MS);
    let seen = "";
    secure.on("secureConnect", () => secure.write(imap ? line : (line.split("\r\n")[0] ?? "") + "\r\n"));
    secure.on("data", (chunk: Buffer) => {
      const before = seen;
      seen += chunk.toString("latin1");
      // AUTH may not be sent ahead of the reply to EHLO.
      if (!imap && !/^250 /m.test(before) && /^250 .*\r\n/m.test(seen))
        secure.write(line.slice(line.indexOf("AUTH")));
      if (/^(?:a NO|a BAD|535|454|421|\* BYE)/m.test(seen)) over("answered");
    });
    secure.on("error", () => over("closed"));
    secure.on("close", () => over("closed"));
  }
}

function strangerOf(n: number): string {
  const client = (n >> 3) % 500;
  return n % 8 < 4 ? `198.18.0.${1 + (client & 3)}` : `198.19.${client >> 2}.${1 + (client & 3)}`;
}
