import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config/parse.ts";
import { policyOf } from "../../src/policy/from-config.ts";
import { importPostfix, type Imported } from "../../src/postfix/import.ts";
import { renderToml } from "../../src/postfix/render-toml.ts";
import { renderPolicy, renderPolicyTests, renderReport } from "../../src/postfix/render.ts";
import { HOUSE, sourcesOf } from "./house.ts";

const imported = importPostfix(sourcesOf(HOUSE)) as Imported;
const linesOf = (setting: string): readonly string[] =>
  imported.report
    .filter((line) => line.setting === setting)
    .map(({ outcome, reason }) => `${outcome}: ${reason}`);

test("a whole Postfix: the configuration it becomes is good", () => {
  const config = parseConfig(renderToml(imported));
  assert.ok(config.ok, JSON.stringify(config));
  assert.deepEqual(
    policyOf(config.value).findings.filter(({ severity }) => severity === "error"),
    [],
  );
  assert.deepEqual(config.value.policy.mynetworks, ["127.0.0.0/8", "::1/128", "192.0.2.0/28"]);
  assert.equal(config.value.policy.classes["strict"], "reject_unknown_client_hostname\nreject");
  assert.equal(config.value.policy.helo, undefined);
  assert.equal(config.value.hostname, "mail.example.org");
  assert.equal(config.value.tls.key, "/etc/ssl/mail.pem");
  assert.deepEqual(config.value.listeners.smtp.addresses, ["192.0.2.1", "2001:db8::1"]);
  assert.equal(config.value.listeners.submission.enabled, true);
  assert.equal(config.value.queue.expire_s, 30 * 86_400);
  assert.equal(config.value.queue.delay_notice_s, 4 * 3600);
  assert.deepEqual(
    config.value.outbound.transports.map((t) => [
      t.domain,
      t.kind,
      t.host,
      t.port,
      t.tls,
      t.user,
      t.password_file,
    ]),
    [
      ["far.example", "smtp", "mx.far.example", 25, "opportunistic", undefined, undefined],
      [".far.example", "smtp", "other.example", 2525, "opportunistic", undefined, undefined],
      ["box.example", "lmtp", "/run/lmtp", 24, "none", undefined, undefined],
      ["*", "smtp", "smtp.example.com", 587, "verify", "joe", "secrets/next-hop-4"],
    ],
  );
  assert.equal(imported.transports[3]?.password?.reveal(), "pa:ss");
});

test("a whole Postfix: domains, accounts, aliases", () => {
  assert.deepEqual(
    imported.domains.map(({ name }) => name),
    ["mail.example.org", "example.org", "example.net", "alias.example"],
  );
  assert.deepEqual(
    imported.accounts.map(({ login, hash, withoutHash }) => [login, hash?.scheme, withoutHash]),
    [
      ["anna@example.net", "SHA512-CRYPT", undefined],
      ["bert@example.net", undefined, "PLAIN keeps a password as good as readable: a new one is needed"],
      ["new@example.net", undefined, undefined],
    ],
  );
  const addresses = new Map(imported.addresses.map(({ address, targets }) => [address, targets]));
  assert.deepEqual(addresses.get("info@alias.example"), ["anna@example.net", "bert@example.net"]);
  assert.deepEqual(addresses.get("@example.net"), ["anna@example.net"]);
  assert.deepEqual(addresses.get("postmaster@example.org"), ["root@example.org"]);
  assert.deepEqual(addresses.get("staff@example.org"), [
    "anna@example.net",
    "bert@example.net",
    "c@far.example",
  ]);
  assert.deepEqual(addresses.get("run@example.org"), ["anna@example.net"]);
  assert.equal(addresses.has("file@example.org"), false);
  assert.equal(addresses.has("anna@example.net"), false);
  assert.equal(addresses.has("x@foreign.example"), false);
});

test("a whole Postfix: policy in Postfix's words, without the dead and the missing", () => {
  const { lists, classes, tables, networks } = imported.policy;
  assert.deepEqual(lists[0]?.rules, [
    "permit_mynetworks",
    "check_client_access table:clients",
    "reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]",
  ]);
  assert.deepEqual(lists[1]?.rules, [
    "check_recipient_access table:clients-2",
    "reject_unauth_destination",
    "strict",
  ]);
  assert.deepEqual(classes[0]?.rules, ["reject_unknown_client_hostname", "reject"]);
  assert.deepEqual(
    tables.map(({ name, reference, format, text }) => [name, reference, format, text]),
    [
      ["clients", "cidr:/etc/postfix/clients", "cidr", "192.0.2.77 REJECT\n"],
      ["clients-2", "hash:/etc/postfix/clients", "indexed", "192.0.2.77 REJECT\n"],
    ],
  );
  assert.deepEqual(networks, ["127.0.0.0/8", "::1/128", "192.0.2.0/28"]);
  assert.match(renderPolicy(imported), /^smtpd_client_restrictions =\n {2}permit_mynetworks\n/m);
  assert.match(
    renderPolicyTests(imported)[0] ?? "",
    /^wachpost policy test --client \S+ --helo \S+ --from \S+ --to anna@example\.net$/,
  );
});

const reasons: readonly (readonly [setting: string, want: RegExp])[] = [
  ["mynetworks", /^changed-for-safety: 10\.0\.0\.0\/8 is wider/],
  ["message_size_limit", /^changed-for-safety: no limit at all/],
  ["maximal_queue_lifetime", /^changed-for-safety: 3456000 is outside/],
  ["minimal_backoff_time", /^not-carried-over: "soon" is no number/],
  ["relayhost", /^changed-for-safety: a password only to a verified host/],
  ["drop.example", /^changed-for-safety: mail is never accepted and dropped/],
  ["user@x.example", /^not-carried-over: .*belongs to a domain/],
  ["run", /^changed-for-safety: .*never handed to a program/],
  ["file", /^changed-for-safety: .*written to a file/],
  ["x@foreign.example", /^not-carried-over: not in a domain of ours/],
  ["B+x@example.net", /^not-carried-over: no login name/],
  ["home_made", /^not-carried-over: not a setting this import knows/],
  ["2525/inet", /^not-carried-over: port 2525/],
  ["submission/inet -o smtpd_sasl_auth_enable", /^changed-for-safety/],
  ["spam/unix", /^not-carried-over: mail is never handed to a program/],
  [
    "smtpd_client_restrictions: warn_if_reject reject_rbl_client dnsbl.sorbs.net",
    /^changed-for-safety: the list is gone/,
  ],
  ["smtpd_client_restrictions: check_policy_service unix:private/spf", /^not-carried-over: policy servers/],
  ["bert@example.net", /^changed-for-safety: PLAIN keeps/],
  ["anna@example.net", /^carried-over: SHA512-CRYPT is good for the next login/],
];
test("a whole Postfix: reasons", () => {
  for (const [setting, want] of reasons) assert.match(linesOf(setting).join("\n"), want, setting);
  assert.deepEqual(
    linesOf("soft_bounce").map((line) => line.split(":")[0]),
    ["not-carried-over", "not-carried-over"],
  );
  assert.match(
    linesOf("virtual_alias_maps").join("\n"),
    /mysql:\/etc\/postfix\/sql\.cf: mysql: is no text file/,
  );
});

test("secrets are in no report and in no JSON", () => {
  const texts = [
    renderReport(imported),
    renderToml(imported),
    renderPolicy(imported),
    JSON.stringify(imported),
  ];
  for (const text of texts) assert.doesNotMatch(text, /pa:ss|\$6\$salt|secret::/);
});

test("names that mean something to a shell or a terminal", () => {
  const mailboxes = "`id`@example.net x\n\u007fx@example.net x\n$(id)@example.net x\nz;id@example.net x\n";
  const hostile = importPostfix(
    sourcesOf({ ...HOUSE, "/etc/postfix/mailboxes": mailboxes, "/etc/dovecot/mailusers": "" }),
  );
  assert.ok(hostile);
  assert.deepEqual(
    hostile.accounts.map(({ login }) => login),
    ["`id`@example.net"],
  );
  assert.doesNotMatch(renderPolicyTests(hostile).join("\n"), /[`$;|&<>'"\u007f]/);
});

test("no main.cf: nothing to import", () => {
  assert.equal(importPostfix(sourcesOf({ "master.cf": "" })), undefined);
});
