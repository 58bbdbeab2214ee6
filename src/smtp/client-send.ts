import { isAscii } from "../base/ascii.ts";
import { err, ok, type Result } from "../base/result.ts";
import { ContentEncoder } from "./client-content.ts";
import type { ClientDialog } from "./client-dialog.ts";
import { COMMAND_MS, DATA_INITIATION_MS, FINAL_DOT_MS, RECIPIENTS_PER_FLIGHT } from "./client-limits.ts";
import { encodeXtext } from "./parameters.ts";
import type { OutgoingMessage, OutgoingRecipient, RemoteFailure, SendOutcome } from "./remote.ts";
import type { Reply } from "./reply.ts";

type Extensions = ReadonlyMap<string, string>;

/** One message over an open conversation: envelope in as few flights as the remote allows, then the content. */
export async function sendMessage(
  dialog: ClientDialog,
  announced: Extensions,
  message: OutgoingMessage,
  lmtp: boolean,
): Promise<SendOutcome> {
  // Announced outside TLS it is no promise. RFC 8689 §2
  const extensions = dialog.secured === undefined ? withoutRequireTls(announced) : announced;
  const lacking = await missingExtension(extensions, message);
  if (lacking) return err(lacking);
  const envelope = await sendEnvelope(dialog, extensions, message);
  if (!envelope.ok) return envelope;
  const { recipients, data } = envelope.value;
  const accepted = recipients.filter(isPositive).length;
  if (data.code !== 354) {
    // The sender stands also where no recipient was taken: the next message would run into this one. RFC 5321 §4.1.1.2
    await dialog.ask("RSET");
    return ok(recipients.map((answer) => (isPositive(answer) ? data : answer)));
  }
  // RFC 2920 §3.1: 354 without a recipient must be answered with nothing but the dot.
  return sendContent(dialog, accepted === 0 ? undefined : message, recipients, lmtp);
}

const withoutRequireTls = (extensions: Extensions): Extensions =>
  new Map([...extensions].filter(([keyword]) => keyword !== "REQUIRETLS"));

const isPositive = (answer: Reply): boolean => answer.code >= 200 && answer.code < 300;

type Envelope = { readonly recipients: readonly Reply[]; readonly data: Reply };

async function sendEnvelope(
  dialog: ClientDialog,
  extensions: Extensions,
  message: OutgoingMessage,
): Promise<Result<Envelope, RemoteFailure>> {
  const pipelining = extensions.has("PIPELINING");
  const mail = mailCommand(extensions, message);
  const commands = message.recipients.map((recipient) => rcptCommand(extensions, recipient));
  dialog.say(mail);
  const first = pipelining ? commands.slice(0, RECIPIENTS_PER_FLIGHT) : [];
  for (const command of first) dialog.say(command);
  const whole = pipelining && first.length === commands.length;
  if (whole) dialog.say("DATA");
  const sender = await dialog.reply(COMMAND_MS);
  if (!sender.ok) return sender;
  if (!isPositive(sender.value) && !pipelining) return ok(refusedSender(sender.value, commands.length));
  const recipients: Reply[] = [];
  for (const [i, command] of commands.entries()) {
    const answer = i < first.length ? await dialog.reply(COMMAND_MS) : await dialog.ask(command);
    if (!answer.ok) return answer;
    // The sender's refusal decides; what the remote then says to the recipients only follows from it.
    recipients.push(isPositive(sender.value) ? answer.value : sender.value);
  }
  if (!whole && !recipients.some(isPositive)) return ok({ recipients, data: sender.value });
  const data = whole ? await dialog.reply(DATA_INITIATION_MS) : await dialog.ask("DATA", DATA_INITIATION_MS);
  return data.ok ? ok({ recipients, data: data.value }) : data;
}

const refusedSender = (answer: Reply, recipients: number): Envelope => ({
  recipients: Array.from({ length: recipients }, () => answer),
  data: answer,
});

async function sendContent(
  dialog: ClientDialog,
  message: OutgoingMessage | undefined,
  recipients: readonly Reply[],
  lmtp: boolean,
): Promise<SendOutcome> {
  const encoder = new ContentEncoder();
  if (message) {
    for await (const chunk of message.octets()) {
      for (const piece of encoder.encode(chunk)) dialog.connection.write(piece);
      await dialog.connection.flush();
      if (!dialog.usable) return err(lost("the connection was closed while the message was sent"));
    }
  }
  dialog.connection.write(encoder.finish());
  const results: Reply[] = [];
  let shared: Reply | undefined;
  for (const answer of recipients) {
    if (!isPositive(answer)) {
      results.push(answer);
      continue;
    }
    if (shared === undefined || lmtp) {
      const final = await dialog.reply(FINAL_DOT_MS);
      if (!final.ok) return err({ ...final.error, ambiguous: true });
      shared = final.value;
    }
    results.push(shared);
  }
  if (shared === undefined) await dialog.reply(FINAL_DOT_MS);
  return ok(results);
}

const lost = (detail: string): RemoteFailure => ({
  kind: "closed",
  detail,
  temporary: true,
  ambiguous: false,
});

/** What the message needs and the remote cannot: a permanent failure here, perhaps not at another host. */
async function missingExtension(
  extensions: Extensions,
  message: OutgoingMessage,
): Promise<RemoteFailure | undefined> {
  if (message.smtpUtf8 && !extensions.has("SMTPUTF8"))
    return unsupported("5.6.7", "SMTPUTF8 is needed and not offered");
  if (message.requireTls && message.from !== "" && !extensions.has("REQUIRETLS"))
    return unsupported("5.7.30", "REQUIRETLS is needed and not offered", "requiretls-unsupported");
  const limit = Number(extensions.get("SIZE") ?? 0);
  if (limit > 0 && message.size_octets > limit)
    return unsupported("5.3.4", `the message has ${message.size_octets} octets, the limit there is ${limit}`);
  const eightBit = message.body !== "7BIT" && !extensions.has("8BITMIME") && (await hasEightBit(message));
  return eightBit ? unsupported("5.6.3", "8BITMIME is needed and not offered") : undefined;
}

function unsupported(enhanced: string, text: string, reason?: string): RemoteFailure {
  return {
    kind: "unsupported",
    detail: text,
    reply: { code: 554, enhanced, lines: [text], ...(reason === undefined ? {} : { reason }) },
    temporary: false,
    ambiguous: false,
  };
}

async function hasEightBit(message: OutgoingMessage): Promise<boolean> {
  for await (const chunk of message.octets()) {
    if (chunk.some((octet) => octet > 0x7f)) return true;
  }
  return false;
}

function mailCommand(
  extensions: Extensions,
  { from, size_octets, body, smtpUtf8, ret, envid, requireTls }: OutgoingMessage,
): string {
  const dsn = extensions.has("DSN");
  return [
    `MAIL FROM:<${from}>`,
    ...(extensions.has("SIZE") ? [`SIZE=${size_octets}`] : []),
    ...(body !== "7BIT" && extensions.has("8BITMIME") ? ["BODY=8BITMIME"] : []),
    ...(smtpUtf8 || !isAscii(from) ? ["SMTPUTF8"] : []),
    ...(requireTls && extensions.has("REQUIRETLS") ? ["REQUIRETLS"] : []),
    ...(dsn && ret ? [`RET=${ret}`] : []),
    ...(dsn && envid !== undefined ? [`ENVID=${encodeXtext(envid)}`] : []),
  ].join(" ");
}

function rcptCommand(extensions: Extensions, { address, notify, orcpt }: OutgoingRecipient): string {
  const dsn = extensions.has("DSN");
  return [
    `RCPT TO:<${address}>`,
    ...(dsn && notify ? [`NOTIFY=${notify.join(",")}`] : []),
    ...(dsn && orcpt ? [`ORCPT=${orcpt.type};${encodeXtext(orcpt.address)}`] : []),
  ].join(" ");
}
