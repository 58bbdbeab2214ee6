/** Clients that vanish at every octet of a dialog, and a disk that fills up: nothing acknowledged is lost. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { letter, lettersOf, strangerAt, transact } from "./mail-programs.ts";
import { RawClient } from "./raw-client.ts";
import { TestServer } from "./server.ts";
import { mountable, mountTmpfs } from "./tmpfs.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start({ users: ["you"] });
});
after(() => server[Symbol.asyncDispose]());

const AT_ONCE = 40;

test("a client that vanishes after any number of octets leaves nothing behind and breaks nothing", async () => {
  const dialog = `EHLO x.test\r\nMAIL FROM:<a@x.test> SIZE=99\r\nRCPT TO:<${server.login()}>\r\nDATA\r\nSubject: half\r\n\r\nhalf a message\r\n.`;
  const cuts = Array.from({ length: dialog.length + 1 }, (_, cut) => cut);
  for (let i = 0; i < cuts.length; i += AT_ONCE)
    await Promise.all(
      cuts.slice(i, i + AT_ONCE).map((cut) => vanishAfter(dialog.slice(0, cut), cut % 2 === 0)),
    );
  const client = await strangerAt(server);
  const whole = letter("a@x.test", server.login(), "whole");
  assert.match(await transact(client, "a@x.test", [server.login()], whole), /^250 /);
  client.destroy();
  const subjects = (await lettersOf(server)).map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1]);
  assert.deepEqual(subjects, ["whole"], "no half message was delivered");
});

/** The dialog is written in one piece; half of the clients wait for the banner first. */
async function vanishAfter(octets: string, afterBanner: boolean): Promise<void> {
  const client = await RawClient.plain(server.ports.smtp, server.host);
  if (afterBanner) await client.reply();
  // One line at a time, as a client that waits: answers are what make the server go on.
  for (const line of octets.split(/(?<=\r\n)/)) {
    client.write(line);
    if (line.endsWith("\r\n") && afterBanner && /^(EHLO|MAIL|RCPT|DATA)/.test(line)) await client.reply();
  }
  client.destroy();
}

test("vanishing inside TLS and IMAP too", async () => {
  const tls = { ca: readFileSync(server.authorityFile, "utf8") };
  const dialog = `a LOGIN ${server.login()} ${server.password()}\r\nb APPEND INBOX {20}\r\nSubject: half\r\n\r\nha`;
  for (let cut = 0; cut <= dialog.length; cut += 3) {
    const client = await RawClient.tls(server.ports.imaps, tls);
    client.write(dialog.slice(0, cut));
    client.destroy();
  }
  assert.equal((await lettersOf(server)).length, 1);
});

test("a full disk: 452 4.3.1, and what was acknowledged is there", { skip: mountable() }, async () => {
  await using small = await TestServer.create({ users: ["you"] });
  const disk = join(small.directory, "disk");
  mkdirSync(disk);
  using _mounted = mountTmpfs(disk, "16m");
  const data = join(disk, "data");
  const toml = readFileSync(small.config, "utf8").replace(/^data = .*$/m, `data = "${data}"`);
  writeFileSync(small.config, `${toml}\n[limits]\ndisk_free_percent = 0\n`);
  small.cliOk("domain", "add", small.domain);
  small.addUser("you");
  await small.start();
  mkdirSync(join(small.directory, "data/tls"), { recursive: true });
  writeFileSync(small.authorityFile, readFileSync(join(data, "tls/ca.pem")));

  const filler = `${"0123456789".repeat(7)}\r\n`.repeat(10_000);
  const client = await strangerAt(small);
  const acknowledged: string[] = [];
  let refusal = "";
  for (let i = 0; i < 60 && refusal === ""; i++) {
    const message = letter("a@x.test", small.login(), `n${i}`) + filler;
    const answer = await transact(client, "a@x.test", [small.login()], message);
    if (answer.startsWith("250 ")) acknowledged.push(`n${i}`);
    else refusal = answer;
  }
  client.destroy();
  assert.ok(acknowledged.length > 0);
  const { bavail, bsize } = statfsSync(disk);
  assert.match(refusal, /^452 4\.3\.1 /, `${bavail * bsize} octets free`);
  const subjects = async (): Promise<(string | undefined)[]> =>
    (await lettersOf(small)).map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1]);
  assert.deepEqual(await subjects(), acknowledged, "still readable while full");
  await small.kill();
  await small.start();
  assert.deepEqual(await subjects(), acknowledged, "and after kill -9");
});
