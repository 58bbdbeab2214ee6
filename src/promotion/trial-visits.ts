import { LineClient } from "./line-client.ts";
import { bad, good, type Looked } from "./looked.ts";
import { TRIAL_LOGIN, type Trial } from "./trial-server.ts";
import { ELSEWHERE, STRANGER, TRIAL_DOMAIN } from "./trial-world.ts";
import type { NoteId, TitleId } from "./words.ts";

const REPLY = /^\d{3} .*\r\n/m;
/** Mail that was just taken is in its mailbox at once; sent mail takes the way through the queue. */
const LOOKS = 40;
const LOOK_MS = 500;

/** What a mail server is for, at the doors of one under trial. Each as its users see it; a door that is shut is not visited. */
export async function visit(trial: Trial): Promise<readonly Looked[]> {
  const { ports } = trial;
  const sent = new Set<string>();
  const looked: Looked[] = [];
  if (ports.smtp !== undefined) looked.push(...(await fromOutside(trial, ports.smtp, sent)));
  const door = ports.submissions ?? ports.submission ?? undefined;
  if (door !== undefined) looked.push(await submitted(trial, door, ports.submissions !== undefined, sent));
  const reading = ports.imaps ?? ports.imap;
  if (reading !== undefined && sent.size > 0)
    looked.push(await read(trial, reading, ports.imaps !== undefined, sent));
  return looked;
}

/** One session of a stranger who does all right: what he may do, and what nobody may. */
async function fromOutside(trial: Trial, port: number, sent: Set<string>): Promise<readonly Looked[]> {
  const answers: Partial<Record<TitleId, string>> = {};
  let tls = "";
  try {
    using client = await LineClient.plain(port);
    const { sender, address, host } = STRANGER;
    await client.until(REPLY);
    await client.say(`EHLO ${host}`, REPLY);
    await client.say("STARTTLS", /^220 .*\r\n/m);
    tls = await client.startTls(trial.trust);
    await client.say(`EHLO ${host}`, REPLY);
    await client.say(`XCLIENT NAME=${host} ADDR=${address}`, REPLY);
    await client.say(`EHLO ${host}`, REPLY);
    const mail = await client.say(`MAIL FROM:<${sender}>`, REPLY);
    if (!mail.startsWith("250")) return [refusal("inbound", mail)];
    answers.relay = await client.say(`RCPT TO:<${ELSEWHERE}>`, REPLY);
    answers.stranger = await client.say(`RCPT TO:<nobody-of-this-name@${TRIAL_DOMAIN}>`, REPLY);
    answers.postmaster = await client.say(`RCPT TO:<postmaster@${TRIAL_DOMAIN}>`, REPLY);
    answers.inbound = await client.say(`RCPT TO:<${TRIAL_LOGIN}>`, REPLY);
    if (answers.inbound.startsWith("250")) {
      const message = letter(sender, "from outside");
      await client.say("DATA", /^354 .*\r\n/m);
      answers.inbound = await client.say(`${message}\r\n.`, REPLY);
      if (answers.inbound.startsWith("250")) sent.add("from outside");
    }
  } catch (error) {
    return [bad("inbound", messageOf(error), "door-silent", { door: `smtp (${port})` })];
  }
  return [
    taken("inbound", answers.inbound, `${tls}, `),
    taken("postmaster", answers.postmaster),
    refused("stranger", answers.stranger, "unknown-taken"),
    refused("relay", answers.relay, "relay-open"),
  ];
}

/** Put off is not refused: who greylists means it. */
function taken(id: TitleId, answer = "", seen = ""): Looked {
  const words = answer.trim();
  if (words.startsWith("2")) return good(id, `${seen}${words}`);
  return words.startsWith("4") ? bad(id, words, "put-off", {}, "warn") : refusal(id, words);
}

const refusal = (id: TitleId, answer: string): Looked =>
  bad(id, answer.trim(), id === "postmaster" ? "postmaster-refused" : "stranger-refused");

function refused(id: TitleId, answer = "", note: NoteId): Looked {
  const words = answer.trim();
  return words.startsWith("5") ? good(id, words) : bad(id, words, note);
}

/** Sending needs a login, and a login is enough. */
async function submitted(
  { trust, password }: Trial,
  port: number,
  isImplicit: boolean,
  sent: Set<string>,
): Promise<Looked> {
  try {
    using client = await doorOf(port, isImplicit, trust, "smtp");
    await client.say("EHLO me.wachpost.test", REPLY);
    const anonymous = (await client.say(`MAIL FROM:<${TRIAL_LOGIN}>`, REPLY)).trim();
    if (!anonymous.startsWith("5")) return bad("submission", anonymous, "login-not-needed");
    const secret = Buffer.from(`\0${TRIAL_LOGIN}\0${password.reveal()}`).toString("base64");
    const auth = (await client.say(`AUTH PLAIN ${secret}`, REPLY)).trim();
    if (!auth.startsWith("235")) return bad("submission", auth, "login-refused");
    let answer = "";
    for (const line of [`MAIL FROM:<${TRIAL_LOGIN}>`, `RCPT TO:<${TRIAL_LOGIN}>`, "DATA"]) {
      answer = (await client.say(line, REPLY)).trim();
      if (!/^[23]/.test(answer)) return bad("submission", answer, "submission-refused");
    }
    answer = (await client.say(`${letter(TRIAL_LOGIN, "from a user")}\r\n.`, REPLY)).trim();
    if (!answer.startsWith("250")) return bad("submission", answer, "submission-refused");
    sent.add("from a user");
    return good("submission", answer);
  } catch (error) {
    return bad("submission", messageOf(error), "door-silent", { door: `submission (${port})` });
  }
}

async function read(
  { trust, password }: Trial,
  port: number,
  isImplicit: boolean,
  sent: ReadonlySet<string>,
): Promise<Looked> {
  try {
    using client = await doorOf(port, isImplicit, trust, "imap");
    const login = (await client.say(`a LOGIN ${TRIAL_LOGIN} ${password.reveal()}`, /^a .*\r\n/m)).trim();
    if (!/^a OK/m.test(login)) return bad("reading", login, "login-refused");
    let missing: readonly string[] = [...sent];
    for (let looks = 0; looks < LOOKS && missing.length > 0; looks++) {
      if (looks > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const box = await client.say("b SELECT INBOX", /^b .*\r\n/m);
      if (/^\* 0 EXISTS/m.test(box)) continue;
      const headers = await client.say("c FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])", /^c .*\r\n/m);
      missing = [...sent].filter((subject) => !headers.includes(`Subject: ${subject}\r\n`));
    }
    const count = `${sent.size - missing.length}/${sent.size}`;
    return missing.length === 0
      ? good("reading", count)
      : bad("reading", count, "not-arrived", { missing: missing.join(", ") });
  } catch (error) {
    return bad("reading", messageOf(error), "door-silent", { door: `imap (${port})` });
  }
}

async function doorOf(
  port: number,
  isImplicit: boolean,
  trust: Trial["trust"],
  protocol: "smtp" | "imap",
): Promise<LineClient> {
  const greeting = protocol === "smtp" ? REPLY : /^\* OK.*\r\n/m;
  if (isImplicit) {
    const client = await LineClient.tls(port, trust);
    await client.until(greeting);
    return client;
  }
  const client = await LineClient.plain(port);
  await client.until(greeting);
  if (protocol === "smtp") await client.say("EHLO me.wachpost.test", REPLY);
  await client.say(
    protocol === "smtp" ? "STARTTLS" : "s STARTTLS",
    protocol === "smtp" ? REPLY : /^s OK.*\r\n/m,
  );
  await client.startTls(trust);
  return client;
}

const letter = (from: string, subject: string): string =>
  [
    `From: <${from}>`,
    `To: <${TRIAL_LOGIN}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${subject.replaceAll(" ", "-")}@${TRIAL_DOMAIN}>`,
    "",
    "Settings are tried before they are used.",
  ].join("\r\n");

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
