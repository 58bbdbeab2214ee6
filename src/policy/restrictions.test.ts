import assert from "node:assert/strict";
import { test } from "node:test";
import { listSites, readPolicy } from "./policy-lists.ts";
import { parseRestrictions, tableName } from "./restrictions.ts";

const read = (text: string, classes: string[] = []): string[] => {
  const parsed = parseRestrictions(text, { stage: "recipient", classes: new Set(classes) });
  return [
    ...parsed.rules.map((rule) => `${rule.shadow ? "shadow " : ""}${rule.text}`),
    ...parsed.findings.map(
      ({ severity, line, column, rule, message, suggestion }) =>
        `${severity} ${line}:${column} ${rule}: ${message}${suggestion === undefined ? "" : ` / ${suggestion}`}`,
    ),
  ];
};

const LISTS: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  {
    name: "commas and spaces",
    text: "permit_mynetworks,reject\n\t,  , permit",
    want: ["permit_mynetworks", "reject", "permit"],
  },
  { name: "any case", text: "Permit_MyNetworks REJECT", want: ["permit_mynetworks", "reject"] },
  {
    name: "old names",
    text: "reject_invalid_hostname reject_unknown_client",
    want: ["reject_invalid_hostname", "reject_unknown_client"],
  },
  {
    name: "shadow",
    text: "warn_if_reject reject reject_warning reject permit",
    want: ["shadow reject", "shadow reject", "permit"],
  },
  {
    name: "shadow of nothing",
    text: "permit warn_if_reject",
    want: ["permit", "warning 1:22 warn_if_reject: nothing follows that it could apply to"],
  },
  {
    name: "filters",
    text: "reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]",
    want: ["reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]"],
  },
  {
    name: "arguments in braces",
    text: "reject_rbl_client { bl.example.net=127.0.0.2 }, permit",
    want: ["reject_rbl_client bl.example.net=127.0.0.2", "permit"],
  },
  {
    name: "restrictions in braces",
    text: "{ reject }",
    want: ["error 1:1 reject: braces hold arguments, not restrictions"],
  },
  { name: "an open brace", text: "permit { a", want: ["permit", "error 1:8 : a brace that is not closed"] },
  {
    name: "a bare table",
    text: "hash:/etc/postfix/access",
    want: ["check_recipient_access hash:/etc/postfix/access"],
  },
  {
    name: "a table of a kind not had",
    text: "check_client_access mysql:/x",
    want: [
      "error 1:21 check_client_access: mysql:/x is not a table like hash:/etc/postfix/clients, cidr:networks or table:clients",
    ],
  },
  {
    name: "no argument",
    text: "permit, reject_rbl_client",
    want: ["permit", "error 1:9 reject_rbl_client: needs the domain of a DNS list"],
  },
  { name: "a class", text: "strict", want: ["strict"] },
  {
    name: "a slip of the pen",
    text: "\n  reject_unauth_destinaton",
    want: [
      "error 2:3 reject_unauth_destinaton: is not a restriction / Did you mean reject_unauth_destination?",
    ],
  },
  { name: "nothing like it", text: "frobnicate", want: ["error 1:1 frobnicate: is not a restriction"] },
  {
    name: "a restriction not had, with its argument",
    text: "check_policy_service inet:127.0.0.1:10023, permit",
    want: [
      "permit",
      "error 1:1 check_policy_service: is not supported: policy servers are not asked; SPF, greylisting and limits are built in",
    ],
  },
  {
    name: "a list that is gone",
    text: "reject_rbl_client dnsbl.sorbs.net reject",
    want: [
      "reject",
      "warning 1:19 reject_rbl_client dnsbl.sorbs.net: ignored: dnsbl.sorbs.net is gone: decommissioned by Proofpoint on 5 June 2024, its zones are empty",
    ],
  },
  { name: "sleep", text: "sleep 5 sleep x", want: ["sleep 5", "error 1:15 sleep: x is not a number"] },
];
for (const { name, text, want } of LISTS) {
  test(`list: ${name}`, () => assert.deepEqual(read(text, ["strict"]), want));
}

const TABLES: readonly (readonly [string, string | undefined])[] = [
  ["hash:/etc/postfix/access", "access"],
  ["proxy:btree:/etc/postfix/access.d/x", "x"],
  ["table:clients", "clients"],
  ["cidr:networks", "networks"],
  ["ldap:x", undefined],
  ["hash:", undefined],
  ["hash:/", undefined],
  ["access", undefined],
];
for (const [reference, want] of TABLES) {
  test(`table ${reference}`, () => assert.equal(tableName(reference), want));
}

const LINT: readonly (readonly [string, string, RegExp])[] = [
  ["recipient", "permit, reject_rbl_client zen.spamhaus.org=127.0.0.2", /never reached: permit before/],
  [
    "recipient",
    "reject_unauth_destination, permit_auth_destination, reject_non_fqdn_sender",
    /never reached: permit_auth_destination/,
  ],
  [
    "recipient",
    "permit_auth_destination, reject_unauth_destination, reject_non_fqdn_sender",
    /never reached: reject_unauth_destination/,
  ],
  ["recipient", "reject_non_fqdn_sender, reject_non_fqdn_sender", /stands in this list already/],
  ["recipient", "permit_dnswl_client list.dnswl.org", /has no filter/],
  ["recipient", "permit_dnswl_client white.example.net", /permits on any answer/],
  ["recipient", "reject_rbl_client bl.example.net", /refuses on any answer/],
  ["recipient", "reject_rbl_client b.barracudacentral.org=127.0.0.2", /registered/],
  ["recipient", "reject_rbl_client dyna.spamrats.com=127.0.0.36", /key of your own/],
  ["recipient", "reject_rbl_client dbl.spamhaus.org=127.0.1.2", /list of domains/],
  ["recipient", "reject_rbl_client list.dnswl.org=127.0.5.2", /list of good clients/],
  [
    "recipient",
    "permit_dnswl_client list.dnswl.org=127.0.5.2 reject_rbl_client zen.spamhaus.org=127.0.0.2",
    /is skipped for clients that permit_dnswl_client/,
  ],
  ["helo", "reject_invalid_helo_hostname", /smtpd_helo_required/],
  ["sender", "check_sender_access hash:x", /easily forged/],
  ["data", "check_recipient_access hash:x", /sees no recipient/],
];
for (const [list, text, want] of LINT) {
  test(`lint: ${text}`, () => {
    const { findings } = readPolicy({ [list]: { text, line: 10 } });
    const found = findings.filter((finding) => want.test(finding.message));
    assert.equal(found.length, 1, JSON.stringify(findings));
    assert.equal(found[0]?.list, list);
    assert.equal(found[0]?.line, 10);
  });
}

test("a shadow rule ends no list", () => {
  const { findings } = readPolicy({ client: { text: "warn_if_reject reject, permit_mynetworks" } });
  assert.deepEqual(findings, []);
});

test("every list that is asked anywhere, each once", () => {
  const { lists } = readPolicy({
    client: { text: "reject_rbl_client psbl.surriel.com, strict" },
    classes: { strict: { text: "permit_dnswl_client list.dnswl.org" } },
    sites: { text: "psbl.surriel.com*2 bl.spamcop.net" },
  });
  assert.deepEqual(
    listSites(lists).map(({ zone }) => zone),
    ["psbl.surriel.com", "bl.spamcop.net", "list.dnswl.org"],
  );
});
