/** A message with a DKIM signature, and the DNS in which everything about it is in order. */
import { writeFileSync } from "node:fs";
import { generatePrivateKey, keyRecord, readSigningKey } from "../../src/authentication/dkim/key-pair.ts";
import { signMessage } from "../../src/authentication/dkim/sign.ts";
import type { Zone } from "../simulate/dns-server.ts";

const LINE = `${"0123456789abcdef".repeat(4)}0123456789\r\n`;

/** Writes the message with LF line ends, as smtp-source reads it; returns the records of its domain, `load.test`. */
export async function writeSignedMessage(file: string, size_octets: number): Promise<Zone> {
  const stored = {
    domain: "load.test",
    selector: "bench",
    algorithm: "rsa-sha256",
    privateKey: await generatePrivateKey("rsa-sha256"),
  } as const;
  const key = readSigningKey(stored);
  if (key === undefined) throw new Error("the key just made cannot be read");
  const message = Buffer.from(
    "From: <sender@load.test>\r\nTo: <u@bench.test>\r\nSubject: Signed\r\n" +
      `Date: ${new Date().toUTCString().replace("GMT", "+0000")}\r\nMessage-ID: <signed@load.test>\r\n\r\n` +
      LINE.repeat(Math.ceil((size_octets - 1000) / LINE.length)),
  );
  const signed = Buffer.concat([signMessage(message, [key], { now_ms: Date.now() }), message]);
  writeFileSync(file, signed.toString("latin1").replaceAll("\r\n", "\n"));
  const { name, text } = keyRecord(key);
  return `${name} TXT ${text}\n_dmarc.load.test TXT v=DMARC1; p=reject\nload.test TXT v=spf1 ip4:127.0.0.1 -all\n`;
}
