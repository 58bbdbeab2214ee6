import { LineClient } from "../promotion/line-client.ts";

export type SelfTestTarget = {
  readonly ports: { readonly smtp: number; readonly submissions: number; readonly imaps: number };
  readonly ca: string;
  readonly login: string;
  /** Known only when it has just been made. */
  readonly password: string | undefined;
  /** A recipient of ours. */
  readonly address: string;
};

export type SelfTestResult = { readonly name: string; readonly ok: boolean; readonly detail: string };

/** Asks the running server from outside, as a client would, whether it works and keeps its doors shut. */
export async function selfTest(target: SelfTestTarget): Promise<readonly SelfTestResult[]> {
  const tests: [name: string, run: (target: SelfTestTarget) => Promise<string>][] = [
    ["mail comes in over TLS", startTlsWorks],
    ["no open relay", relayRefused],
    ["unknown users are refused", unknownRefused],
    ["sending needs a login", loginNeeded],
    ...(target.password === undefined
      ? []
      : [["the welcome mail can be read", welcomeReadable] as [string, typeof welcomeReadable]]),
  ];
  const results: SelfTestResult[] = [];
  for (const [name, run] of tests) {
    results.push(
      await run(target).then(
        (detail) => ({ name, ok: true, detail }),
        (error: unknown) => ({ name, ok: false, detail: String(error) }),
      ),
    );
  }
  return results;
}

const REPLY = /^\d{3} .*\r\n/m;

async function startTlsWorks({ ports, ca }: SelfTestTarget): Promise<string> {
  using client = await LineClient.plain(ports.smtp);
  await client.until(REPLY);
  await client.say("EHLO self-test.wachpost.test", REPLY);
  await client.say("STARTTLS", /^220 .*\r\n/m);
  return await client.startTls({ ca, servername: "localhost" });
}

async function recipientAnswer({ ports }: SelfTestTarget, recipient: string): Promise<string> {
  using client = await LineClient.plain(ports.smtp);
  await client.until(REPLY);
  await client.say("EHLO self-test.wachpost.test", REPLY);
  await client.say("MAIL FROM:<probe@self-test.wachpost.test>", /^250 .*\r\n/m);
  return (await client.say(`RCPT TO:<${recipient}>`, /^5\d\d .*\r\n/m)).trim();
}

const relayRefused = (target: SelfTestTarget): Promise<string> =>
  recipientAnswer(target, "someone@elsewhere.test");
const unknownRefused = (target: SelfTestTarget): Promise<string> =>
  recipientAnswer(target, `no-such-user-here@${target.address.split("@")[1] ?? ""}`);

async function loginNeeded({ ports, ca, address }: SelfTestTarget): Promise<string> {
  using client = await LineClient.tls(ports.submissions, { ca, servername: "localhost" });
  await client.until(REPLY);
  await client.say("EHLO self-test.wachpost.test", REPLY);
  return (await client.say(`MAIL FROM:<${address}>`, /^530 .*\r\n/m)).trim();
}

async function welcomeReadable({ ports, ca, login, password }: SelfTestTarget): Promise<string> {
  using client = await LineClient.tls(ports.imaps, { ca, servername: "localhost" });
  await client.until(/^\* OK.*\r\n/m);
  await client.say(`a LOGIN ${login} ${password ?? ""}`, /^a OK.*\r\n/m);
  await client.say("b SELECT INBOX", /^b OK.*\r\n/m);
  const text = await client.say("c FETCH * (BODY.PEEK[HEADER.FIELDS (SUBJECT)])", /^c OK.*\r\n/m);
  return /^Subject: (.*)\r$/m.exec(text)?.[1] ?? "no subject";
}
