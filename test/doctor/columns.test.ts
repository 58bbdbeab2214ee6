/** The report in a terminal of eighty columns: whole words, hanging lines, one remedy for what one remedy settles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { attackText } from "../../src/doctor/attack/report-text.ts";
import { CHECK_IDS, checkOf } from "../../src/doctor/checks.ts";
import { changesOf } from "../../src/doctor/diff.ts";
import { failure, fine, unknown, type Finding } from "../../src/doctor/finding.ts";
import { changesText } from "../../src/doctor/report-changes.ts";
import { reportHtml } from "../../src/doctor/report-html.ts";
import { reportJson } from "../../src/doctor/report-json.ts";
import { reportText } from "../../src/doctor/report.ts";
import { absent, seenReason, verbatim } from "../../src/doctor/words/seen.ts";

const PLACE = "mail.example.org:25";
const COLUMNS = 80;
const plain = (text: string): string => text.replaceAll(/\u001b\[[0-9]*m/g, "");
const tooLong = (text: string): readonly string[] =>
  plain(text)
    .split("\n")
    .filter((line) => Array.from(line).length > COLUMNS);
const wordsOf = (text: string): readonly string[] => plain(text).split(/\s+/).sort();

const REASONS = ["ECONNREFUSED", "no answer in time", "the answer is not TLS"] as const;
const FINDINGS: readonly Finding[] = CHECK_IDS.map((check, i) => {
  const reason = REASONS[i % REASONS.length] ?? "";
  return i % 2 === 0
    ? fine(check, PLACE, verbatim("A-WORD ".repeat(30)))
    : failure(check, PLACE, seenReason(reason), "unreachable", { host: PLACE, reason });
});

for (const language of ["en", "de"] as const)
  for (const all of [true, false])
    test(`no line is longer than the terminal, no word is lost: ${language}${all ? ", --all" : ""}`, () => {
      const style = { language, colour: true, all, expected: FINDINGS.slice(0, 8) };
      const [wide, narrow] = [
        reportText(FINDINGS, style),
        reportText(FINDINGS, { ...style, columns: COLUMNS }),
      ];
      assert.ok(tooLong(wide).length > 10);
      assert.deepEqual(tooLong(narrow), []);
      assert.deepEqual(wordsOf(narrow), wordsOf(wide));
      // What goes on hangs below the text of its mark.
      for (const line of plain(narrow).split("\n"))
        assert.match(line, /^(?: {2}[✓!✗?] \S| {6,9}\S|\S|$)/u, line);
    });

test("evidence ends with a word, and says that there is more", () => {
  const text = reportText([fine("extensions", PLACE, verbatim("PIPELINING ".repeat(40).trim()))], {
    language: "en",
    colour: false,
    all: true,
  });
  const [, line = ""] = text.split("\n");
  assert.match(line, /25 +(?:PIPELINING )+…$/);
});

test("what could not be asked for one reason is one block; --all has a line for each", () => {
  const parts = {
    "disk-free": "/var/lib/wachpost",
    "queue-age": "queue",
    "password-age": "accounts",
  } as const;
  const findings = Object.entries(parts).map(([check, what]) =>
    unknown(check as keyof typeof parts, "mail.example.org", "", "own-unknown", { what }),
  );
  const text = reportText(findings, { language: "de", colour: false });
  assert.equal(text.match(/->/g)?.length, 1, text);
  assert.match(text, /ließ sich nicht fragen: \/var\/lib\/wachpost, die Warteschlange, die Konten\./);
  for (const { check } of findings) assert.ok(text.includes(checkOf(check).title.de), check);
  const all = reportText(findings, { language: "de", colour: false, all: true });
  assert.equal(all.match(/->/g)?.length, findings.length);
});

test("the same of several ports is one block with all of them; what the sentence says is not seen twice", () => {
  const shut = [25, 465, 993].map((port) => {
    const place = `mail.example.org:${port}`;
    return unknown("reachable", place, seenReason("ECONNREFUSED"), "unreachable", {
      host: place,
      reason: "ECONNREFUSED",
    });
  });
  const none = failure("backup-age", "h", verbatim("/nowhere"), "backup-none", {
    directory: "/nowhere",
    reason: "ENOENT",
  });
  const text = reportText([...shut, none], { language: "en", colour: false, columns: COLUMNS });
  assert.deepEqual(text.split("\n").slice(0, 8), [
    "  ✗ There is a recent backup                       h",
    "      There is no backup in /nowhere: it does not exist.",
    "      -> Check the directory given with --backup, or make one now:",
    "         `wachpost backup /nowhere`",
    "  ? The port answers                               mail.example.org:25, 465, 993",
    "      ECONNREFUSED",
    "      mail.example.org:25, 465, 993 could not be reached: nobody listens there.",
    "      -> Is the server running and the port open in every firewall? Many",
  ]);
});

test("the same of several addresses is one block that names them, with one remedy", () => {
  const name = "mail.example.org";
  const addresses = ["192.0.2.7", "2001:db8::7"];
  const nameless = addresses.map((address) =>
    failure("ptr-exists", address, absent("PTR"), "ptr-missing", { address, name }),
  );
  const private_ = ["10.0.0.7", "10.0.0.8"].map((address) =>
    failure("mx-public", name, verbatim(address), "mx-not-public", { name, address }),
  );
  const mailboxes = ["example.org", "example.net"].map((domain) =>
    failure("postmaster", PLACE, verbatim("550"), "role-refused", { address: `postmaster@${domain}` }),
  );
  const found = [...nameless, ...private_, ...mailboxes];
  const text = reportText(found, { language: "en", colour: false }).split("\n\n")[0];
  assert.deepEqual(text?.split("\n"), [
    "  ✗ The address has a name                         192.0.2.7, 2001:db8::7       no PTR",
    "      There is no reverse name for 192.0.2.7, 2001:db8::7; large providers refuse mail from there.",
    "      -> Ask whoever gave you the address to set its reverse name (PTR) to mail.example.org.",
    "  ✗ Addresses are reachable from the Internet      mail.example.org             10.0.0.7 | 10.0.0.8",
    "      mail.example.org has the address 10.0.0.7, 10.0.0.8, which nobody on the Internet can reach.",
    "      -> Publish the public address of mail.example.org.",
    "  ✗ postmaster takes mail                          mail.example.org:25          550",
    "      postmaster@example.org is refused; nobody can report a problem.",
    "      -> Make the address, e.g. wachpost address add postmaster@example.org ACCOUNT",
    "  ✗ postmaster takes mail                          mail.example.org:25          550",
    "      postmaster@example.net is refused; nobody can report a problem.",
    "      -> Make the address, e.g. wachpost address add postmaster@example.net ACCOUNT",
  ]);
  const page = reportHtml(reportJson(found, "de"), PLACE, "de", 0);
  assert.equal(page.match(/Für 192\.0\.2\.7, 2001:db8::7 gibt es keinen Rückwärtsnamen/g)?.length, 1);
  assert.equal(page.match(/hat die Adresse 10\.0\.0\.7, 10\.0\.0\.8, die/g)?.length, 1);
});

test("what changed: in words, alike places on one line, nothing of a family that was left out", () => {
  const places = [PLACE, "mail.example.org:465"];
  const before = reportJson(
    [...places.map((place) => fine("cert-days", place, "X")), fine("clock", "h", "X")],
    "en",
  );
  const now = reportJson(
    places.map((place) => failure("cert-days", place, "X", "cert-expired", { until: "2026" })),
    "en",
  );
  const changes = changesOf(before, now);
  const told = (language: "en" | "de"): string =>
    changesText("2026-11-30 03:15", changes, { language, colour: false, columns: COLUMNS });
  assert.equal(
    told("de"),
    [
      "Seit 2026-11-30 03:15:",
      "  ✗ Das Zertifikat gilt noch eine Weile            in Ordnung → falsch",
      "      mail.example.org:25, 465",
    ].join("\n"),
  );
  assert.match(told("en"), /in order → wrong/);
});

for (const language of ["en", "de"] as const)
  test(`nor is one of an attack: ${language}`, () => {
    const cost = { connections: 237, octets: 5e6, duration_ms: 120_000 };
    const report = { findings: FINDINGS, spent: cost, budget: cost, longestWait_ms: 886 };
    const [wide, narrow] = [
      attackText(report, { language, colour: true }),
      attackText(report, { language, colour: true, columns: COLUMNS }),
    ];
    assert.ok(tooLong(wide).length > 10);
    assert.deepEqual(tooLong(narrow), []);
    assert.deepEqual(wordsOf(narrow), wordsOf(wide));
  });
