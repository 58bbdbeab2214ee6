/** A mail through the whole server, as a person's program sends it and reads it. */
import type { ConnectionOptions } from "node:tls";
import { CANARY_SENDER } from "../accounts/canary.ts";
import type { Clock } from "../base/clock.ts";
import type { Secret } from "../base/secret.ts";
import type { CanaryHop, CanaryState } from "../doctor/canary-state.ts";
import { atomText, valueOctets, type Value } from "../moving/imap-response.ts";
import { ImapClient } from "../moving/imap-client.ts";
import { formatDate } from "../message/date.ts";
import type { ConnectRemote, OutgoingMessage } from "../smtp/remote.ts";

export type CanaryDoor = {
  readonly address: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
};

export type CanaryWay = {
  /** What the certificates of all doors must say. */
  readonly hostName: string;
  readonly submission: CanaryDoor;
  readonly imap: CanaryDoor;
  readonly login: { readonly user: string; readonly password: Secret };
  readonly tlsOptions: ConnectionOptions;
};

/** What the doors of the server see of it. */
export type CanaryWatch = {
  readonly recipient: string;
  /** Resolves when it comes to port 25, and when it is in its mailbox. */
  readonly arrived: Promise<void>;
  readonly stored: Promise<void>;
  /** Asks the queue to try it again, and to forget it. */
  hurry(id: string): Promise<void>;
  forget(id: string): Promise<void>;
};

export type Flown = Pick<CanaryState, "lost" | "hops_ms">;
type Tools = { readonly connect: ConnectRemote; readonly clock: Clock; readonly signal: AbortSignal };

/** Sends it, waits for it, reads it and removes it; for at most `late_ms`. */
export async function fly(way: CanaryWay, watch: CanaryWatch, late_ms: number, tools: Tools): Promise<Flown> {
  const { clock } = tools;
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, tools.signal]);
  const hops_ms: Partial<Record<CanaryHop, number>> = {};
  let at: CanaryHop = "submission";
  let since_ms = clock.now();
  let id: string | undefined;
  const passed = (next: CanaryHop): void => {
    const now_ms = clock.now();
    hops_ms[at] = now_ms - since_ms;
    [at, since_ms] = [next, now_ms];
  };
  const whole = async (): Promise<void> => {
    id = await submit(way, watch.recipient, { ...tools, signal });
    passed("queue");
    await watch.arrived;
    passed("inbound");
    await watch.stored;
    passed("reading");
    await readAndRemove(way, watch.recipient);
    passed("reading");
  };
  const hurrying = hurry(() => id, watch, late_ms, clock, signal);
  try {
    await within(whole(), late_ms, clock, signal);
    return { lost: "", hops_ms };
  } catch (error) {
    if (id !== undefined) await watch.forget(id).catch(() => {});
    return { lost: `${at}: ${error instanceof Error ? error.message : String(error)}`, hops_ms };
  } finally {
    over.abort(new Error("over"));
    await hurrying;
  }
}

/** A queue that waits after a failure shall not make the next one late: what works again is to be seen. */
async function hurry(
  id: () => string | undefined,
  watch: CanaryWatch,
  late_ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(late_ms / 4, signal).catch(() => {});
    const known = id();
    if (!signal.aborted && known !== undefined) await watch.hurry(known).catch(() => {});
  }
}

async function within(
  work: Promise<void>,
  late_ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const enough = new AbortController();
  const late = clock.sleep(late_ms, AbortSignal.any([enough.signal, signal])).then(() => {
    throw new Error(`not passed within ${late_ms / 1000} s`);
  });
  // Whichever comes second is of no interest.
  work.catch(() => {});
  late.catch(() => {});
  await Promise.race([work, late]).finally(() => enough.abort(new Error("enough")));
}

/** Returns the queue id it was given. */
async function submit(way: CanaryWay, recipient: string, { connect, clock, signal }: Tools): Promise<string> {
  const { hostName: name, login, tlsOptions, submission } = way;
  const { address, port } = submission;
  const tls = submission.tls === "implicit" ? "implicit" : "verify";
  const options = { protocol: "smtp", heloName: name, tls, tlsOptions, login, signal } as const;
  const opened = await connect({ name, address, port }, options);
  if (!opened.ok) throw new Error(opened.error.detail);
  await using session = opened.value;
  const sent = await session.send(message(recipient, clock.now()));
  if (!sent.ok) throw new Error(sent.error.detail);
  const [reply] = sent.value;
  const words = reply?.lines.join(" ") ?? "";
  if (reply?.code !== 250) throw new Error(`${reply?.code ?? ""} ${words}`);
  return /queued as (\S+)/.exec(words)?.[1] ?? "";
}

function message(recipient: string, now_ms: number): OutgoingMessage {
  const octets = Buffer.from(
    [
      `From: <${CANARY_SENDER}>`,
      `To: <${recipient}>`,
      `Subject: ${recipient}`,
      `Date: ${formatDate(now_ms)}`,
      // Always the same: threads are remembered by it.
      `Message-ID: <${CANARY_SENDER}>`,
      "Auto-Submitted: auto-generated",
      "",
      "This mail was sent by the server to itself, to see whether mail gets through.",
      "",
    ].join("\r\n"),
  );
  return {
    from: CANARY_SENDER,
    recipients: [{ address: recipient, notify: ["NEVER"] }],
    size_octets: octets.length,
    body: "7BIT",
    smtpUtf8: false,
    async *octets() {
      yield octets;
    },
  };
}

/** The newest of its mailbox must be this one; then all that is there goes. */
async function readAndRemove(
  { hostName: host, imap, login, tlsOptions }: CanaryWay,
  recipient: string,
): Promise<void> {
  const { address, port } = imap;
  const security = imap.tls === "implicit" ? "tls" : "starttls";
  await using client = await ImapClient.open({ host, address, port, security, tlsOptions }, login);
  await client.must("SELECT INBOX");
  let text = "";
  const told = (values: readonly Value[]): void => {
    if (atomText(values[2]).toUpperCase() !== "FETCH") return;
    const fields = values[3]?.kind === "list" ? values[3].items : [];
    for (const value of fields) text += valueOctets(value)?.toString("latin1") ?? "";
  };
  await client.must("FETCH * (BODY.PEEK[])", { told, expected: 1 });
  if (!text.includes(`Subject: ${recipient}\r\n`)) throw new Error("another message is in its place");
  await client.must("STORE 1:* +FLAGS.SILENT (\\Deleted)");
  await client.must("EXPUNGE", { expected: 1000 });
}
