import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAliases } from "./aliases.ts";
import { isTakenScheme, isWeakScheme, parsePasswdFile } from "./passwd-file.ts";
import { formatTableReference, parseTableReference } from "./table-reference.ts";
import { parseCidrTable, parseIndexedTable, parsePatternTable } from "./table-text.ts";

test("references: type, format, proxy unwrapped, inline text", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["hash:/etc/x", { kind: "text", type: "hash", format: "indexed", path: "/etc/x" }],
    ["proxy:cidr:/etc/x", { kind: "text", type: "cidr", format: "cidr", path: "/etc/x" }],
    ["pcre:/etc/x", { kind: "text", type: "pcre", format: "pattern", path: "/etc/x" }],
    ["proxy:mysql:/etc/x.cf", { kind: "external", type: "mysql", name: "/etc/x.cf" }],
    ["proxy:unix:passwd.byname", { kind: "external", type: "unix", name: "passwd.byname" }],
    ["tcp:localhost:99", { kind: "external", type: "tcp", name: "localhost:99" }],
    ["static:all", { kind: "static", value: "all" }],
    [
      "inline:{ {a = b c}, {d=e} }",
      { kind: "inline", type: "inline", format: "indexed", text: "a b c\nd e" },
    ],
    ["regexp:{ { /^x$/ OK } }", { kind: "inline", type: "regexp", format: "pattern", text: "/^x$/ OK" }],
    [
      "unionmap:{static:a,hash:/b}",
      {
        kind: "combined",
        type: "unionmap",
        members: [
          { kind: "static", value: "a" },
          { kind: "text", type: "hash", format: "indexed", path: "/b" },
        ],
      },
    ],
    ["/etc/x", undefined],
    ["example.org", undefined],
  ];
  for (const [word, want] of cases) assert.deepEqual(parseTableReference(word), want, word);
  const nested = "unionmap:{".repeat(50) + "}".repeat(50);
  assert.equal(parseTableReference(nested)?.kind, "combined");
  assert.equal(
    formatTableReference(parseTableReference("proxy:hash:/x") ?? { kind: "static", value: "" }),
    "hash:/x",
  );
});

test("indexed, cidr and pattern tables", () => {
  assert.deepEqual(parseIndexedTable('# c\na b\n  c\n"x y" z\nlonely\n'), {
    entries: [
      { key: "a", value: "b  c", line: 2 },
      { key: "x y", value: "z", line: 4 },
    ],
    faults: [{ line: 5, column: 1, message: "no `key value`" }],
  });
  const cidr = parseCidrTable(
    "192.0.2.0/24 OK\n!2001:db8::/32 REJECT\nif 10.0.0.0/8\n10.1.2.3 DUNNO\nendif\nnonsense x\nendif\nif 10.0.0.0/8",
  );
  assert.deepEqual(
    cidr.entries.map(({ network, negated, value, within }) => [
      network.address.text,
      network.prefix_bits,
      negated,
      value,
      within,
    ]),
    [
      ["192.0.2.0", 24, false, "OK", []],
      ["2001:db8::", 32, true, "REJECT", []],
      ["10.1.2.3", 32, false, "DUNNO", ["10.0.0.0/8"]],
    ],
  );
  assert.deepEqual(
    cidr.faults.map(({ line, message }) => `${line} ${message}`),
    ["6 no `network value`", "7 endif without if", "8 if without endif"],
  );
  const patterns = parsePatternTable(
    "/^a\\/b/ix REJECT no\n!!/c/ OK\n!/d/ OK\nif /e/\n%f%U DUNNO\nendif\n/never closed\n/empty/\n",
  );
  assert.deepEqual(
    patterns.entries.map(({ pattern, flags, negated, value, within }) => [
      pattern,
      flags,
      negated,
      value,
      within,
    ]),
    [
      ["^a\\/b", "ix", false, "REJECT no", []],
      ["c", "", false, "OK", []],
      ["d", "", true, "OK", []],
      ["f", "U", false, "DUNNO", ["/e/"]],
    ],
  );
  assert.deepEqual(
    patterns.faults.map(({ line }) => line),
    [7, 8],
  );
});

test("aliases(5): addresses, programs, files, included lists", () => {
  const { aliases, faults } = parseAliases(
    'Root: anna, "|/usr/bin/procmail -a b", /var/mail/x\nlist: :include:/etc/list\n"two words": <b@example.org>\n\nnothing:\nno colon\n',
  );
  assert.deepEqual(
    aliases.map(({ name, targets }) => ({ name, targets })),
    [
      {
        name: "root",
        targets: [
          { kind: "address", address: "anna" },
          { kind: "program", command: "/usr/bin/procmail -a b" },
          { kind: "file", path: "/var/mail/x" },
        ],
      },
      { name: "list", targets: [{ kind: "include", path: "/etc/list" }] },
      { name: "two words", targets: [{ kind: "address", address: "b@example.org" }] },
    ],
  );
  assert.deepEqual(
    faults.map(({ line }) => line),
    [5, 6],
  );
});

test("dovecot's passwd-file: schemes named and guessed, weak ones known", () => {
  const { entries, faults } = parsePasswdFile(
    "a@x.org:{sha512-crypt}$6$s$h:5000:5000::/v\nb:$2y$05$xyz\nc:\nd:{PLAIN}secret::\ne:{CRYPT}$6$s$h\nf:{CRYPT}$y$j9T$s$h\nnobody\n",
  );
  assert.deepEqual(
    entries.map(({ user, scheme, hash }) => [user, scheme, hash]),
    [
      ["a@x.org", "SHA512-CRYPT", "$6$s$h"],
      ["b", "BLF-CRYPT", "$2y$05$xyz"],
      ["c", "CRYPT", ""],
      ["d", "PLAIN", "secret"],
      ["e", "SHA512-CRYPT", "$6$s$h"],
      ["f", "YESCRYPT", "$y$j9T$s$h"],
    ],
  );
  assert.equal(faults.length, 1);
  assert.deepEqual(
    ["PLAIN", "SSHA", "MD5-CRYPT", "SHA512.b64", "SHA512-CRYPT", "ARGON2ID", "SSHA512"].map(isWeakScheme),
    [true, true, true, true, false, false, false],
  );
  assert.deepEqual(["BLF-CRYPT", "SSHA256.HEX", "SSHA", "YESCRYPT", "SCRAM-SHA-256"].map(isTakenScheme), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
