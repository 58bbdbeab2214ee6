/** A mail server that says what it is told to, with TLS as weak as one wants it. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureContextOptions } from "node:tls";
import type { Service } from "../../src/doctor/probe.ts";
import { serverTls } from "../../src/tls/contexts.ts";
import { issued } from "./certificates.ts";
import { serveHello, type WireScript } from "./wire-server.ts";
import { HOST } from "./world.ts";
import { startEarlyDataServer, type EarlyDataServer } from "./early-data-server.ts";

export type Script = {
  /** Any free one without. */
  readonly port?: number;
  readonly banner?: string;
  /** Lines of the answer to EHLO after the first; STARTTLS is added where there is TLS. */
  readonly extensions?: readonly string[];
  /** Answers by command; the first that matches. */
  readonly answers?: readonly (readonly [RegExp, string])[];
  /** "none": no STARTTLS. */
  readonly tls?: SecureContextOptions | "none";
  readonly service?: Service;
  /** Carries out in TLS what was sent in clear behind STARTTLS. */
  readonly injectable?: boolean;
  /** What ends a message; CRLF.CRLF where it is not said. */
  readonly end?: string;
  /** Of an IMAP or POP3 server, before TLS and inside. */
  readonly capabilities?: Partial<Record<"plain" | "secure", string>>;
  /** TLS that takes early data. */
  readonly earlyData?: boolean;
  /** TLS by hand, up to where encryption would begin. */
  readonly wire?: WireScript;
};

/** The certificate of a server that has nothing wrong. */
export const GOOD_PAIR = issued([HOST], -1, 60);

const WEB_ANSWER = "HTTP/1.0 404 Not Found\r\ncontent-length: 0\r\n\r\n";

/** What a well-kept MX says. */
const GOOD_ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^VRFY/i, "252 2.1.5 Send mail and see"],
  [/^EXPN/i, "502 5.5.1 Not here"],
  [/^NOOP/i, "250 2.0.0 Ok"],
  [/^MAIL FROM:.* SIZE=1000000000000/i, "552 5.3.4 Too large"],
  [/^DATA/i, "354 Go ahead"],
  [/^RSET/i, "250 2.0.0 Ok"],
  [/^MAIL FROM:/i, "250 2.1.0 Ok"],
  [/^RCPT TO:<(?:postmaster|abuse)@example\.org>/i, "250 2.1.5 Ok"],
  [/^RCPT TO:<[^>]*@example\.org>/i, "550 5.1.1 No such user"],
  [/^RCPT/i, "554 5.7.1 Relay access denied"],
  [/^QUIT/i, "221 2.0.0 Bye"],
];
const SUBMISSION_ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:MAIL|RCPT)/i, "530 5.7.0 Authentication required"],
];
const GOOD_EXTENSIONS = ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES"];

export type ScriptedServer = { readonly port: number; readonly seen: readonly string[]; close(): void };

export async function startScripted(script: Script): Promise<ScriptedServer> {
  const context =
    script.tls === "none"
      ? undefined
      : script.tls === undefined
        ? serverTls("smtp", GOOD_PAIR, [])
        : { secureContext: createSecureContext(script.tls) };
  const early =
    script.earlyData === true
      ? await startEarlyDataServer(GOOD_PAIR, script.service === "web" ? WEB_ANSWER : "220 x ESMTP\r\n")
      : undefined;
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const isImplicit = ["submissions", "imaps", "pop3s", "web"].includes(script.service ?? "smtp");
    const secure = (plain: Socket): TLSSocket => new TLSSocket(plain, { isServer: true, ...context });
    if (isImplicit && early !== undefined) early.pipe(socket);
    else if (isImplicit && script.wire !== undefined) serveHello(socket, script.wire);
    else if (isImplicit) converse(secure(socket), script, seen, true, secure, true);
    else converse(socket, script, seen, false, secure, true, "", early);
  });
  server.listen(script.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      early?.close();
    },
  };
}

function converse(
  socket: Socket,
  script: Script,
  seen: string[],
  encrypted: boolean,
  secure: (plain: Socket) => TLSSocket,
  greets: boolean,
  before = "",
  early?: EarlyDataServer,
): void {
  let input = before;
  let inData = false;
  socket.on("error", () => {});
  if (greets && script.service !== "web") socket.write(`${greetingOf(script)}\r\n`);
  const read = (chunk: Buffer): void => {
    input += chunk.toString("latin1");
    for (;;) {
      const ending = inData ? (script.end ?? "\r\n.\r\n") : "\r\n";
      const end = input.indexOf(ending);
      if (end < 0) return;
      const line = input.slice(0, end);
      input = input.slice(end + ending.length);
      if (inData) {
        inData = false;
        socket.write("250 2.0.0 Ok, queued\r\n");
        continue;
      }
      seen.push(line);
      if (/^(?:d1 )?(?:STARTTLS|STLS)/i.test(line) && script.tls !== "none" && !encrypted) {
        socket.write(
          line.startsWith("S") ? (script.service === "pop3" ? "+OK\r\n" : "220 Go ahead\r\n") : "d1 OK\r\n",
        );
        socket.off("data", read);
        if (early !== undefined) return early.pipe(socket);
        if (script.wire !== undefined) return serveHello(socket, script.wire);
        const rest = script.injectable === true ? input : "";
        converse(secure(socket), script, seen, true, secure, false, rest);
        return;
      }
      const answer = answerTo(line, script, encrypted);
      inData = answer.startsWith("354");
      socket.write(`${answer}\r\n`);
    }
  };
  socket.on("data", read);
  if (before !== "") read(Buffer.of());
}

function greetingOf({ banner, service = "smtp" }: Script): string {
  if (banner !== undefined) return banner;
  if (service === "imap" || service === "imaps") return "* OK ready";
  return service.startsWith("pop3") ? "+OK ready" : `220 ${HOST} ESMTP`;
}

const GOOD_CAPABILITIES = {
  imap: {
    plain: "IMAP4rev1 STARTTLS LOGINDISABLED",
    secure: "IMAP4rev1 IDLE UIDPLUS MOVE SPECIAL-USE CONDSTORE AUTH=PLAIN",
  },
  pop3: { plain: "STLS UIDL TOP", secure: "UIDL TOP USER SASL" },
};

/** CAPABILITY, CAPA and NOOP of a mailbox server. */
function mailboxAnswer(line: string, { service = "imap", capabilities }: Script, encrypted: boolean): string {
  const isImap = service.startsWith("imap");
  const words = { ...GOOD_CAPABILITIES[isImap ? "imap" : "pop3"], ...capabilities };
  const said = words[encrypted ? "secure" : "plain"];
  if (isImap) {
    const [tag = "", verb = ""] = line.split(" ");
    return verb === "CAPABILITY"
      ? `* CAPABILITY ${said}\r\n${tag} OK`
      : `${tag} ${verb === "NOOP" ? "OK" : "BAD"}`;
  }
  return line === "CAPA" ? `+OK\r\n${said.replaceAll(" ", "\r\n")}\r\n.` : "-ERR What?";
}

function answerTo(line: string, script: Script, encrypted: boolean): string {
  if (script.service === "web") return line.startsWith("GET ") ? WEB_ANSWER : "";
  if (/^(?:imap|pop)/.test(script.service ?? "")) return mailboxAnswer(line, script, encrypted);
  if (/^EHLO/i.test(line)) {
    const offered = [...(script.extensions ?? GOOD_EXTENSIONS)];
    if (script.tls !== "none" && !encrypted) offered.push("STARTTLS");
    return [String(HOST), ...offered]
      .map((text, i, all) => `250${i === all.length - 1 ? " " : "-"}${text}`)
      .join("\r\n");
  }
  const submits = script.service === "submission" || script.service === "submissions";
  const answers = [...(script.answers ?? []), ...(submits ? SUBMISSION_ANSWERS : []), ...GOOD_ANSWERS];
  return answers.find(([pattern]) => pattern.test(line))?.[1] ?? "500 5.5.1 What?";
}
