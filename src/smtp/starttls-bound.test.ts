import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { parseIp } from "../base/ip.ts";
import { DialogClient, SmtpStage } from "../../test/dialogs/smtp/stage.ts";
import { SocketConnection } from "../net/socket-connection.ts";
import { serveSmtp } from "./server.ts";

test("STARTTLS beyond the bound is put off, and the session goes on (RFC 3207 §4)", async () => {
  const stage = new SmtpStage(new Map([["offers", "tls"]]));
  const [near, far] = duplexPair();
  const address = parseIp("192.0.2.1") ?? assert.fail();
  const endpoints = { remote: { address, port: 40_000 }, local: { address: "127.0.0.1", port: 25 } };
  const connection = new SocketConnection(far, endpoints, { begin: () => undefined });
  const over = serveSmtp(connection, stage.options);
  const client = new DialogClient(near);
  assert.match(await client.line(), /^220 /);
  client.send(Buffer.from("EHLO client.example.org\r\n"));
  while (!(await client.line()).startsWith("250 ")) continue;
  client.send(Buffer.from("STARTTLS\r\n"));
  assert.match(await client.line(), /^454 4\.7\.0 Too many TLS handshakes/);
  client.send(Buffer.from("MAIL FROM:<a@example.org>\r\n"));
  assert.match(await client.line(), /^250 /);
  client.hangUp();
  await over;
});
