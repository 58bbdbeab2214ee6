/** Real clients send and read mail against the running server. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { missing, missingPerl, run } from "./programs.ts";
import { TestServer } from "./server.ts";

let server: TestServer;
let authority: string;
before(async () => {
  server = await TestServer.start({
    users: ["you", "curl", "swaks", "python", "nodemailer", "mbsync", "openssl"],
  });
  authority = readFileSync(server.authorityFile, "utf8");
});
after(() => server[Symbol.asyncDispose]());

const mail = (user: string, subject: string): string =>
  `From: ${server.login(user)}\r\nTo: ${server.login(user)}\r\nSubject: ${subject}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${subject}@client.test>\r\n\r\nHello from ${user}.\r\n.a line that begins with a dot\r\n`;

test("curl: smtps in, imaps and pop3s out", { skip: missing("curl", "curl") }, async () => {
  const file = join(server.directory, "curl.eml");
  writeFileSync(file, mail("curl", "by-curl"));
  const common = [
    "--silent",
    "--show-error",
    "--cacert",
    server.authorityFile,
    "--user",
    `${server.login("curl")}:${server.password("curl")}`,
  ];
  const sent = await run("curl", [
    ...common,
    "--url",
    `smtps://localhost:${server.ports.submissions}`,
    "--mail-from",
    server.login("curl"),
    "--mail-rcpt",
    server.login("curl"),
    "--upload-file",
    file,
  ]);
  assert.equal(sent.status, 0, sent.stderr);
  const imap = await run("curl", [...common, `imaps://localhost:${server.ports.imaps}/INBOX;MAILINDEX=1`]);
  assert.match(imap.stdout, /Subject: by-curl[\s\S]*\r\n\.a line that begins with a dot\r\n/, imap.stderr);
  const pop3 = await run("curl", [...common, `pop3s://localhost:${server.ports.pop3s}/1`]);
  assert.match(pop3.stdout, /Subject: by-curl[\s\S]*\r\n\.a line that begins with a dot\r\n/, pop3.stderr);
  const wrong = await run("curl", [
    "--silent",
    "--cacert",
    server.authorityFile,
    "--user",
    `${server.login("curl")}:wrong`,
    `imaps://localhost:${server.ports.imaps}/INBOX`,
  ]);
  assert.equal(wrong.status, 67, "curl's exit code for a refused login");
});

test(
  "swaks: port 25 with STARTTLS, 587 with each mechanism",
  { skip: missing("swaks", "swaks") || missingPerl("Net::SSLeay", "libnet-ssleay-perl") },
  async () => {
    const common = ["--server", "127.0.0.1", "--from", server.login("swaks"), "--to", server.login("swaks")];
    const inbound = await run("swaks", [
      "--server",
      "127.0.0.1",
      "--port",
      String(server.ports.smtp),
      "--tls",
      "--from",
      "friend@elsewhere.test",
      "--to",
      server.login("swaks"),
    ]);
    assert.equal(inbound.status, 0, inbound.stdout);
    for (const mechanism of ["PLAIN", "LOGIN"]) {
      const sent = await run("swaks", [
        ...common,
        "--port",
        String(server.ports.submission),
        "--tls",
        "--auth",
        mechanism,
        "--auth-user",
        server.login("swaks"),
        "--auth-password",
        server.password("swaks"),
      ]);
      assert.equal(sent.status, 0, sent.stdout);
    }
    const plain = await run("swaks", [
      ...common,
      "--port",
      String(server.ports.submission),
      "--auth",
      "PLAIN",
      "--auth-user",
      server.login("swaks"),
      "--auth-password",
      server.password("swaks"),
    ]);
    assert.notEqual(plain.status, 0, "AUTH without TLS must fail");
  },
);

const PYTHON = `
import imaplib, poplib, smtplib, ssl, sys
host, smtps, imaps, pop3s, ca, login, password = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
with smtplib.SMTP_SSL(host, int(smtps), context=context) as smtp:
    smtp.login(login, password)
    smtp.sendmail(login, [login], "From: %s\\r\\nTo: %s\\r\\nSubject: by-python\\r\\n\\r\\nHello\\r\\n" % (login, login))
with imaplib.IMAP4_SSL(host, int(imaps), ssl_context=context) as imap:
    imap.login(login, password)
    kind, count = imap.select()
    assert (kind, count) == ("OK", [b"1"]), (kind, count)
    kind, hits = imap.search(None, "SUBJECT", "by-python")
    assert hits == [b"1"], hits
    kind, data = imap.fetch("1", "(RFC822)")
    assert b"Subject: by-python" in data[0][1]
    assert imap.store("1", "+FLAGS", r"(\\Flagged)")[0] == "OK"
    assert imap.copy("1", "Archive")[0] == "OK"
    imap.close()
pop = poplib.POP3_SSL(host, int(pop3s), context=context)
pop.user(login); pop.pass_(password)
assert pop.stat()[0] == 1
assert any(b"by-python" in line for line in pop.retr(1)[1])
pop.dele(1); pop.quit()
pop = poplib.POP3_SSL(host, int(pop3s), context=context)
pop.user(login); pop.pass_(password)
assert pop.stat()[0] == 0
pop.quit()
print("ok")
`;

test("Python's smtplib, imaplib, poplib", { skip: missing("python3", "python3") }, async () => {
  const { smtp: _, ...ports } = server.ports;
  const ran = await run("python3", [
    "-c",
    PYTHON,
    "localhost",
    String(ports.submissions),
    String(ports.imaps),
    String(ports.pop3s),
    server.authorityFile,
    server.login("python"),
    server.password("python"),
  ]);
  assert.equal(ran.stdout.trim(), "ok", ran.stderr);
});

const imapFlow = (user: string): ImapFlow =>
  new ImapFlow({
    host: "localhost",
    port: server.ports.imaps,
    secure: true,
    tls: { ca: authority },
    auth: { user: server.login(user), pass: server.password(user) },
    logger: false,
  });

test("nodemailer sends with attachment, imapflow is told by IDLE, reads, flags, moves", async () => {
  const client = imapFlow("nodemailer");
  await client.connect();
  await client.mailboxOpen("INBOX");
  const arrived = new Promise<number>((resolve) => client.on("exists", () => resolve(Date.now())));
  void client.idle();
  const transport = createTransport({
    host: "localhost",
    port: server.ports.submissions,
    secure: true,
    tls: { ca: authority },
    auth: { user: server.login("nodemailer"), pass: server.password("nodemailer") },
  });
  const attachment = Buffer.alloc(300_000, "0123456789abcdef");
  const sent = await transport.sendMail({
    from: server.login("nodemailer"),
    to: server.login("nodemailer"),
    subject: "Größe – 日本",
    text: "Grüße\n.\n",
    attachments: [{ filename: "täst.bin", content: attachment }],
  });
  const sentAt = Date.now();
  assert.match(sent.response, /^250 2\.0\.0/);
  assert.ok((await arrived) - sentAt < 1000, "IDLE tells within a second");
  const message = await client.fetchOne("1", {
    envelope: true,
    bodyStructure: true,
    flags: true,
    source: true,
  });
  assert.ok(message);
  assert.equal(message.envelope?.subject, "Größe – 日本");
  const part = message.bodyStructure?.childNodes?.[1];
  const download = await client.download("1", part?.part ?? "2");
  const chunks: Buffer[] = [];
  for await (const chunk of download.content ?? []) chunks.push(chunk as Buffer);
  assert.deepEqual(Buffer.concat(chunks), attachment);
  assert.ok(await client.messageFlagsAdd("1", ["\\Seen", "$Work"]));
  assert.ok(await client.messageMove("1", "Archive"));
  await client.mailboxOpen("Archive");
  const moved = await client.fetchOne("*", { flags: true });
  assert.ok(moved && moved.flags?.has("$Work") && moved.flags.has("\\Seen"));
  assert.deepEqual(await client.search({ header: { subject: "日本" } }), [1]);
  await client.logout();
  transport.close();
});

test("imapflow: mailboxes with names in any script, append, delete", async () => {
  const client = imapFlow("you");
  await client.connect();
  await client.mailboxCreate("Projekte/Übersicht 日本");
  await client.append(
    "Projekte/Übersicht 日本",
    mail("you", "appended"),
    ["\\Draft"],
    new Date("2020-02-02T02:02:02Z"),
  );
  const status = await client.status("Projekte/Übersicht 日本", { messages: true, uidNext: true });
  assert.equal(status && status.messages, 1);
  const list = await client.list();
  assert.ok(list.some((box) => box.path === "Projekte/Übersicht 日本"));
  assert.ok(list.some((box) => box.specialUse === "\\Sent"));
  await client.mailboxOpen("Projekte/Übersicht 日本");
  const message = await client.fetchOne("1", { internalDate: true, flags: true });
  assert.ok(message && message.flags?.has("\\Draft"));
  assert.equal(new Date(message.internalDate ?? 0).toISOString(), "2020-02-02T02:02:02.000Z");
  await client.messageDelete("1");
  await client.mailboxClose();
  await client.mailboxDelete("Projekte/Übersicht 日本");
  await client.logout();
});

test(
  "mbsync: 1,000 messages both ways, then nothing to do",
  { skip: missing("mbsync", "isync"), timeout: 110_000 },
  async () => {
    const base = join(server.directory, "mbsync");
    const local = join(base, "mail/INBOX");
    for (const part of ["cur", "new", "tmp"]) mkdirSync(join(local, part), { recursive: true });
    for (let i = 0; i < 1000; i++) {
      writeFileSync(
        join(local, "cur", `${1_700_000_000 + i}.M${i}.host:2,${i % 2 ? "S" : ""}`),
        mail("mbsync", `message-${i}`).replaceAll("\r\n", "\n"),
      );
    }
    const config = join(base, "mbsyncrc");
    writeFileSync(
      config,
      `IMAPAccount w\nHost localhost\nPort ${server.ports.imaps}\nUser ${server.login("mbsync")}\nPass ${server.password("mbsync")}\nSSLType IMAPS\nCertificateFile ${server.authorityFile}\nPipelineDepth 50\n\nIMAPStore far\nAccount w\n\nMaildirStore near\nPath ${base}/mail/\nInbox ${base}/mail/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Both\nSync All\nExpunge Both\nSyncState *\n`,
    );
    const first = await run("mbsync", ["-c", config, "-a"]);
    assert.equal(first.status, 0, first.stderr);
    const client = imapFlow("mbsync");
    await client.connect();
    const status = await client.status("INBOX", { messages: true, unseen: true });
    assert.ok(status);
    assert.deepEqual([status.messages, status.unseen], [1000, 500]);
    await client.append("INBOX", mail("mbsync", "from-the-other-side"), []);
    await client.logout();
    const second = await run("mbsync", ["-c", config, "-a"]);
    assert.equal(second.status, 0, second.stderr);
    const files = [...readdirSync(join(local, "new")), ...readdirSync(join(local, "cur"))];
    assert.equal(files.length, 1001);
    const third = await run("mbsync", ["-c", config, "-a", "-V"]);
    assert.equal(third.status, 0, third.stderr);
    assert.doesNotMatch(third.stdout, /Fetching|Pushing|far: \+[1-9]|near: \+[1-9]/);
  },
);

test(
  "openssl s_client: STARTTLS on 25 and 587, TLS 1.3 and 1.2, the certificate verifies",
  { skip: missing("openssl", "openssl") },
  async () => {
    const verify = ["-CAfile", server.authorityFile, "-verify_return_error", "-verify_hostname", "localhost"];
    for (const [port, starttls] of [
      [server.ports.smtp, true],
      [server.ports.submission, true],
      [server.ports.imaps, false],
      [server.ports.pop3s, false],
    ] as const) {
      for (const version of ["-tls1_3", "-tls1_2"]) {
        const ran = await run(
          "openssl",
          [
            "s_client",
            "-connect",
            `127.0.0.1:${port}`,
            ...(starttls ? ["-starttls", "smtp"] : []),
            version,
            ...verify,
          ],
          "QUIT\r\n",
        );
        assert.match(
          ran.stdout,
          /Verify(?: return code|cation): (?:0 \(ok\)|OK)/,
          `${port} ${version}: ${ran.stderr}`,
        );
      }
      const old = await run(
        "openssl",
        [
          "s_client",
          "-connect",
          `127.0.0.1:${port}`,
          ...(starttls ? ["-starttls", "smtp"] : []),
          "-tls1_1",
          "-cipher",
          "ALL:@SECLEVEL=0",
        ],
        "QUIT\r\n",
      );
      assert.match(old.stdout, /Cipher is \(NONE\)/, `${port} TLS 1.1`);
    }
  },
);
