/** A whole mailbox from Dovecot, killed twice on the way, while our server runs: nothing is lost, nothing comes twice. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { peerPrefix } from "../bench/peer-packages.ts";
import { lettersOf } from "../e2e/mail-programs.ts";
import { TestServer } from "../e2e/server.ts";
import { openAt } from "../store/engine.ts";
import { OldServer } from "./dovecot-imap.ts";
import { forgetLastLine, killedAfter } from "./killed-import.ts";
import { foundLines, makeOldMail, wantedLines } from "./old-mail.ts";

const prefix = peerPrefix();
const skip = typeof prefix === "string" ? `Dovecot is not to be had: ${prefix}` : false;

const mail = makeOldMail({
  "": 130,
  ".Gesendet": 70,
  ".Kunden.M&APw-ller &- S&APY-hne": 70,
  ".Leer": 0,
  ".Deleted Items": 20,
  ".Zu tun": 10,
  // Not a name: the server lists it and does not open it.
  ".a&AC8-b": 1,
});
const BECOMES: readonly (readonly [folder: string, mailbox: string])[] = [
  ["", "INBOX"],
  [".Gesendet", "Sent"],
  [".Kunden.M&APw-ller &- S&APY-hne", "Kunden/Müller & Söhne"],
  [".Deleted Items", "Trash"],
  [".Zu tun", "Old/Tasks"],
];

void test(
  "300 messages from Dovecot, interrupted twice, arrive once each with flags, keywords, dates and folders",
  {
    skip,
  },
  async () => {
    if (typeof prefix === "string") return;
    await using old = await OldServer.start(prefix, mail);
    await using server = await TestServer.start();
    const args = [
      ...old.options(server.login()),
      "--map",
      "INBOX.Zu tun=Old/Tasks",
      "--map",
      "INBOX.a&AC8-b=",
    ];
    await killedAfter(server, args, 2);
    forgetLastLine(server);
    await killedAfter(server, args, 2);
    const done = await server.cliLater(...args, "--json");
    assert.equal(done.status, 0, done.stderr + done.stdout);
    const report = JSON.parse(done.stdout) as { ok: boolean; moved: number; folders: { equal: boolean }[] };
    assert.ok(report.ok && report.folders.length >= BECOMES.length);
    assert.ok(report.moved < 300 - 3 * 64 + 64, `${report.moved} in the last run`);
    {
      await using store = await openAt(join(server.directory, "data/store"));
      for (const [folder, mailbox] of BECOMES)
        assert.deepEqual(
          await foundLines(store, server.login(), mailbox),
          wantedLines(mail.get(folder) ?? []),
          mailbox,
        );
    }
    // The server that ran all the time shows them to a mail program.
    assert.equal((await lettersOf(server, "you", "Sent")).length, 70);

    const again = await server.cliLater(...args, "--json");
    assert.equal((JSON.parse(again.stdout) as { moved: number }).moved, 0, "nothing is left to do");

    const whole = await server.cliLater(...args.slice(0, -2));
    assert.equal(whole.status, 1);
    assert.match(whole.stdout, /left out: .*the server does not open it: Mailbox doesn't exist/);

    // A password leaves only to whom the certificate names.
    const stranger = ["--from", `127.0.0.1:${old.tlsPort}`];
    const refused = await server.cliLater(...args, ...stranger);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /certificate is not trusted.*No password was sent/);
    const plain = await server.cliLater(
      ...args,
      "--from",
      `127.0.0.1:${old.port}`,
      "--insecure-loopback",
      "--json",
    );
    assert.equal(plain.status, 0, plain.stderr);
    const starttls = await server.cliLater(
      ...args,
      "--from",
      `localhost:${old.port}`,
      "--starttls",
      "--json",
    );
    assert.equal(starttls.status, 0, starttls.stderr);
    writeFileSync(join(old.directory, "password"), "wrong\n");
    const wrong = await server.cliLater(...args);
    assert.match(wrong.stderr, /does not accept the login of anna.*\n {2}-> Check user and password/);
  },
);
