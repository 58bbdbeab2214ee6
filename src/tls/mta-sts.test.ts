import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../base/ip.ts";
import { parseMtaStsPolicy, policyLines, policyNames } from "./mta-sts-policy.ts";
import { mtaStsId } from "./mta-sts-record.ts";
import { isPublicAddress } from "./public-address.ts";

const records: readonly { readonly texts: readonly string[]; readonly want: string | undefined }[] = [
  // RFC 8461 §3.1 and appendix A
  { texts: ["v=STSv1; id=20160831085700Z;"], want: "20160831085700Z" },
  { texts: ["v=STSv1;id=1"], want: "1" },
  { texts: ["v=STSv1 ; id = a1 ; new=thing"], want: "a1" },
  { texts: ["v=spf1 -all", "v=STSv1; id=a1"], want: "a1" },
  { texts: ["v=STSv1; id=a1", "v=STSv1; id=a2"], want: undefined },
  { texts: ["v=STSv1; id=a1", "v=STSv2; id=a2"], want: "a1" },
  { texts: ["v=STSv1; x=1"], want: undefined },
  { texts: ["v=STSv1"], want: undefined },
  { texts: ["v=STSv1; id="], want: undefined },
  { texts: ["v=STSv1; id=a-b"], want: undefined },
  { texts: [`v=STSv1; id=${"a".repeat(32)}`], want: "a".repeat(32) },
  { texts: [`v=STSv1; id=${"a".repeat(33)}`], want: undefined },
  { texts: ["V=STSv1; id=a1"], want: undefined },
  { texts: ["id=a1; v=STSv1"], want: undefined },
  { texts: ["v=STSv11; id=a1"], want: undefined },
  { texts: [" v=STSv1; id=a1"], want: undefined },
  { texts: [], want: undefined },
];
for (const { texts, want } of records) {
  test(`mta-sts record: ${JSON.stringify(texts)}`, () => assert.equal(mtaStsId(texts), want));
}

// RFC 8461 §3.2 and appendix A
const EXAMPLE = [
  "version: STSv1",
  "mode: enforce",
  "mx: mail.example.com",
  "mx: *.example.net",
  "mx: backupmx.example.com",
  "max_age: 604800",
].join("\r\n");

const show = (text: string): string => {
  const policy = parseMtaStsPolicy(text);
  if (!policy.ok) return `bad: ${policy.error}`;
  const { mode, maxAge_s, mx } = policy.value;
  return [mode, maxAge_s, ...mx.map(({ wildcard, domain }) => `${wildcard ? "*." : ""}${domain}`)].join(" ");
};
const RFC_POLICY = "enforce 604800 mail.example.com *.example.net backupmx.example.com";
const policies: readonly { readonly name: string; readonly text: string; readonly want: string }[] = [
  { name: "RFC example", text: EXAMPLE, want: RFC_POLICY },
  { name: "LF", text: EXAMPLE.replaceAll("\r\n", "\n"), want: RFC_POLICY },
  { name: "empty lines at the end", text: `${EXAMPLE}\r\n\r\n`, want: RFC_POLICY },
  { name: "unknown keys", text: `${EXAMPLE}\nfoo: bar: baz`, want: RFC_POLICY },
  { name: "the first mode counts", text: `${EXAMPLE}\nmode: none\nmax_age: 1`, want: RFC_POLICY },
  { name: "none without mx", text: "version: STSv1\nmode: none\nmax_age: 86400", want: "none 86400" },
  {
    name: "U-label",
    text: "version:STSv1\nmode:testing\nmx:mail.BÜCHER.example\nmax_age:1",
    want: "testing 1 mail.xn--bcher-kva.example",
  },
  {
    name: "a long time is a year",
    text: EXAMPLE.replace("604800", "9999999999"),
    want: RFC_POLICY.replace("604800", "31557600"),
  },
  { name: "enforce without mx", text: "version: STSv1\nmode: enforce\nmax_age: 86400", want: "bad: no mx" },
  { name: "version", text: EXAMPLE.replace("STSv1", "STSv2"), want: "bad: version is not STSv1" },
  {
    name: "mode",
    text: EXAMPLE.replace("enforce", "Enforce"),
    want: "bad: mode is not enforce, testing or none",
  },
  { name: "age", text: EXAMPLE.replace("604800", "-1"), want: "bad: max_age is not a number of seconds" },
  {
    name: "huge age",
    text: EXAMPLE.replace("604800", "9".repeat(40)),
    want: "bad: max_age is not a number of seconds",
  },
  {
    name: "mx",
    text: EXAMPLE.replace("mail.example.com", "*.*.example.com"),
    want: "bad: an mx that is no host name",
  },
  { name: "a page of HTML", text: "<html>\n<body>", want: "bad: a line without a colon" },
  { name: "nothing", text: "", want: "bad: version is not STSv1" },
  { name: "a megabyte", text: "x".repeat(1 << 20), want: "bad: longer than 64 KB" },
];
for (const { name, text, want } of policies) {
  test(`mta-sts policy: ${name}`, () => assert.equal(show(text), want));
}

test("mta-sts policy: what we write we read", () => {
  const policy = parseMtaStsPolicy(EXAMPLE);
  assert.ok(policy.ok);
  assert.equal(show(policyLines(policy.value).join("\n")), RFC_POLICY);
});

// RFC 8461 §4.1
const hosts = [
  { host: "mail.example.com", want: true },
  { host: "MAIL.example.com.", want: true },
  { host: "backupmx.example.com", want: true },
  { host: "mx1.example.net", want: true },
  { host: "a.mx1.example.net", want: false },
  { host: "example.net", want: false },
  { host: "evil-example.net", want: false },
  { host: "mail.example.com.evil.test", want: false },
  { host: "192.0.2.1", want: false },
  { host: "", want: false },
];
for (const { host, want } of hosts) {
  test(`mta-sts: the policy ${want ? "names" : "does not name"} ${host}`, () => {
    const policy = parseMtaStsPolicy(EXAMPLE);
    assert.ok(policy.ok);
    assert.equal(policyNames(policy.value, host), want);
  });
}

const addresses = [
  { ip: "8.8.8.8", want: true },
  { ip: "172.32.0.1", want: true },
  { ip: "2a01:4f8::1", want: true },
  { ip: "2001:200::1", want: true },
  { ip: "127.0.0.1", want: false },
  { ip: "10.1.2.3", want: false },
  { ip: "172.31.255.255", want: false },
  { ip: "192.168.1.1", want: false },
  { ip: "169.254.169.254", want: false },
  { ip: "100.64.0.1", want: false },
  { ip: "0.0.0.0", want: false },
  { ip: "224.0.0.1", want: false },
  { ip: "255.255.255.255", want: false },
  { ip: "::1", want: false },
  { ip: "::", want: false },
  { ip: "::ffff:10.0.0.1", want: false },
  { ip: "::ffff:8.8.8.8", want: true },
  { ip: "64:ff9b::a00:1", want: false },
  { ip: "fe80::1", want: false },
  { ip: "fd00::1", want: false },
  { ip: "2002:a00:1::", want: false },
  { ip: "2001:db8::1", want: false },
  { ip: "ff02::1", want: false },
];
for (const { ip, want } of addresses) {
  test(`address ${ip} is ${want ? "public" : "not public"}`, () => {
    const address = parseIp(ip);
    assert.ok(address);
    assert.equal(isPublicAddress(address), want);
  });
}
