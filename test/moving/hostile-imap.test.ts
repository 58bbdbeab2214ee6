/** An IMAP server that means harm or is broken: the import ends with a reason, in bounded memory, and takes no lie. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { test } from "node:test";
import { Secret } from "../../src/base/secret.ts";
import { imapSource } from "../../src/moving/imap-source.ts";
import { MOVING_LIMITS } from "../../src/moving/limits.ts";

type Answers = (command: string, tag: string) => string | undefined;

const usual: Answers = (command, tag) => {
  const done = `${tag} OK done\r\n`;
  if (command.startsWith("CAPABILITY")) return `* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n${done}`;
  if (command.startsWith("LIST"))
    return `* LIST () "/" INBOX\r\n* LIST (\\Noselect) "/" "nothing"\r\n${done}`;
  if (command.startsWith("EXAMINE")) return `* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n${done}`;
  if (command.startsWith("UID FETCH 1:*"))
    return `* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n* 2 FETCH (RFC822.SIZE 3 UID 9)\r\n* 2 FETCH (UID 9 RFC822.SIZE 3)\r\n${done}`;
  return done;
};

async function serve(
  answers: Answers,
  greeting = "* OK hello\r\n",
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write(greeting);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
        const [tag = "", ...words] = text.slice(0, end).split(" ");
        text = text.slice(end + 2);
        const command = words.join(" ");
        socket.write(Buffer.from(answers(command, tag) ?? usual(command, tag) ?? "", "latin1"));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

/** Everything the source gives, as text. */
async function everything(answers: Answers, greeting?: string): Promise<string> {
  const { server, port } = await serve(answers, greeting);
  try {
    const login = { user: "anna", password: new Secret("secret") };
    await using source = await imapSource({ host: "127.0.0.1", port, security: "none" }, login, new Map());
    const lines: string[] = [];
    for (const folder of source.folders) {
      const opened = await source.open(folder);
      assert.ok(opened.ok);
      const messages = await source.fetch(opened.value.entries);
      const shown = messages.map(
        ({ key, octets, flags }) => `${key}=${octets.toString()}:${flags.keywords.join()}`,
      );
      lines.push(`${folder.target} ${opened.value.validity} ${shown.join(" ")}`);
    }
    return lines.join("\n");
  } finally {
    server.close();
  }
}

const fetching =
  (body: string): Answers =>
  (command, tag) =>
    /^UID FETCH [0-9]/.test(command) && !command.includes("1:*") ? `${body}${tag} OK done\r\n` : undefined;
const onCommand =
  (name: string, answer: (tag: string) => string): Answers =>
  (command, tag) =>
    command.startsWith(name) ? answer(tag) : undefined;

const lies: readonly { name: string; answers: Answers; want: string }[] = [
  {
    name: "uids nobody asked for, the same twice, one without octets",
    answers: fetching(
      "* 1 FETCH (UID 5 FLAGS (\\Seen $A) BODY[] {3}\r\nabc)\r\n* 1 FETCH (UID 5 BODY[] {3}\r\nxyz)\r\n" +
        '* 7 FETCH (UID 77 BODY[] {3}\r\nbad)\r\n* 2 FETCH (UID 9 BODY[] NIL)\r\n* 3 EXISTS\r\n* OK "prose\r\n',
    ),
    want: "INBOX 7 5=abc:$A",
  },
  {
    name: "answers in another order, a quoted body, flags that are none",
    answers: fetching(
      `* 2 FETCH (BODY[] "a\\"b" FLAGS (\\Weird ${"x".repeat(500)} ok) UID 9)\r\n* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n`,
    ),
    want: 'INBOX 7 5=: 9=a"b:ok',
  },
];
for (const { name, answers, want } of lies)
  void test(`a server lies: ${name}`, async () => assert.equal(await everything(answers), want));

const attacks: readonly { name: string; answers: Answers; greeting?: string; want: RegExp }[] = [
  {
    name: "a literal of a terabyte",
    answers: fetching("* 1 FETCH (UID 5 BODY[] {1099511627776}\r\n"),
    want: /sends 1099511627776 octets/,
  },
  {
    name: "a literal where none belongs",
    answers: onCommand("LIST", () => "* LIST () {900000}\r\n"),
    want: /sends 900000 octets/,
  },
  {
    name: "a line without end",
    answers: onCommand("EXAMINE", () => `* OK ${"x".repeat(MOVING_LIMITS.line_octets + 10)}\r\n`),
    want: /line without end/,
  },
  {
    name: "responses without end",
    answers: onCommand("EXAMINE", () => "* 1 EXISTS\r\n".repeat(MOVING_LIMITS.newsOfCommand + 5)),
    want: /responses without end/,
  },
  {
    name: "lists in lists without end",
    answers: onCommand("LIST", () => `* LIST ${"(".repeat(100_000)}\r\n`),
    want: /this is no response/,
  },
  {
    name: "a web server",
    answers: usual,
    greeting: "HTTP/1.1 400 Bad Request\r\n",
    want: /does not speak IMAP/,
  },
  { name: "a farewell", answers: usual, greeting: "* BYE too busy\r\n", want: /refuses connections/ },
  {
    name: "a refused login",
    answers: onCommand("AUTHENTICATE", (tag) => `${tag} NO \u001b[31mno\r\n`),
    want: /does not accept the login of anna: \?\[31mno/,
  },
  {
    name: "a request for more",
    answers: onCommand("LIST", () => "+ more\r\n"),
    want: /asks for more/,
  },
];
for (const { name, answers, greeting, want } of attacks)
  void test(`a server attacks: ${name}`, async () => {
    await assert.rejects(everything(answers, greeting), want);
  });
