import { randomUUID } from "node:crypto";
import { OperatorError } from "../base/operator-error.ts";
import { buildMessage } from "../message/builder.ts";
import { connectRemote } from "../smtp/client.ts";

export type WelcomeTarget = {
  /** Port 25's stand-in on 127.0.0.1. */
  readonly port: number;
  /** PEM of the authority to trust. */
  readonly ca: string;
  readonly recipient: string;
};

const PATIENCE_MS = 20_000;

/** The first mail of a new server comes in as every other will: over SMTP with verified TLS, through the store. */
export async function sendWelcome({ port, ca, recipient }: WelcomeTarget): Promise<void> {
  const domain = recipient.slice(recipient.indexOf("@") + 1);
  const from = `postmaster@${domain}`;
  const octets = welcomeMessage(from, recipient, Date.now());
  const opened = await connectRemote(
    { name: "localhost", address: "127.0.0.1", port },
    {
      protocol: "smtp",
      heloName: "localhost",
      tls: "verify",
      tlsOptions: { ca },
      signal: AbortSignal.timeout(PATIENCE_MS),
    },
  );
  if (!opened.ok) throw undelivered(opened.error.detail);
  await using session = opened.value;
  const sent = await session.send({
    from,
    recipients: [{ address: recipient }],
    size_octets: octets.length,
    body: "8BITMIME",
    smtpUtf8: false,
    octets: () => once(octets),
  });
  const problem = sent.ok ? sent.value.find(({ code }) => code !== 250)?.lines.join(" ") : sent.error.detail;
  if (problem !== undefined) throw undelivered(problem);
}

async function* once(octets: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield octets;
}

const undelivered = (detail: string): OperatorError =>
  new OperatorError(
    "welcome-not-delivered",
    `The welcome mail was not taken: ${detail}.`,
    "Please report this; the server's log above says more.",
  );

const TEXT = `Welcome.

This mail came over SMTP with TLS and lies in your mailbox exactly as it was sent, as every mail will.
Mail from strangers is judged as well; nothing is decided without a record.

What you can do next (in a checkout: npx wachpost ...):

  wachpost account list          who has a mailbox here
  wachpost queue                 what waits to leave
  wachpost explain ADDRESS       what became of somebody's mail, and why
  wachpost --help                everything else

Every command explains itself with --help.
`;

function welcomeMessage(from: string, to: string, now_ms: number): Buffer {
  const domain = from.slice(from.indexOf("@") + 1);
  const mailbox = (address: string, name: string) => {
    const at = address.lastIndexOf("@");
    return {
      kind: "mailbox",
      name,
      localPart: address.slice(0, at),
      domain: address.slice(at + 1),
    } as const;
  };
  return buildMessage(
    {
      from: [mailbox(from, "Wachpost")],
      to: [mailbox(to, "You")],
      subject: "Welcome to your mail server",
      date: { epoch_ms: now_ms, zone_minutes: 0 },
      messageId: `<${randomUUID()}@${domain}>`,
    },
    { kind: "text", subtype: "plain", text: TEXT },
  );
}
