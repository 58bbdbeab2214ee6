import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { processorTime_ms } from "../../test/simulate/processor-time.ts";
import { formatAddressList, formatAddrSpec, mailboxesOf, parseAddressList } from "./address.ts";
import { MESSAGE_LIMITS } from "./limits.ts";

/** `name|local|domain`, groups as `name:[…]`. */
function short(text: string): string[] {
  const { addresses } = parseAddressList(text);
  return addresses.map((address) =>
    address.kind === "group"
      ? `${address.name}:[${address.members.map((m) => `${m.name ?? ""}|${m.localPart}|${m.domain}`).join(" ")}]`
      : `${address.name ?? ""}|${address.localPart}|${address.domain}`,
  );
}

const grammatical: readonly { name: string; input: string; want: readonly string[] }[] = [
  {
    name: "RFC 5322 A.1.1",
    input: "John Doe <jdoe@machine.example>",
    want: ["John Doe|jdoe|machine.example"],
  },
  {
    name: "RFC 5322 A.1.2 From",
    input: '"Joe Q. Public" <john.q.public@example.com>',
    want: ["Joe Q. Public|john.q.public|example.com"],
  },
  {
    name: "RFC 5322 A.1.2 To",
    input: "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
    want: ["Mary Smith|mary|x.test", "|jdoe|example.org", "Who?|one|y.test"],
  },
  {
    name: "RFC 5322 A.1.2 Cc",
    input: '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
    want: ["|boss|nil.test", 'Giant; "Big" Box|sysservices|example.net'],
  },
  {
    name: "RFC 5322 A.1.3 group",
    input: "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
    want: ["A Group:[Ed Jones|c|a.test |joe|where.test John|jdoe|one.test]"],
  },
  {
    name: "RFC 5322 A.1.3 empty group",
    input: "Undisclosed recipients:;",
    want: ["Undisclosed recipients:[]"],
  },
  {
    name: "RFC 5322 A.2",
    input: '"Mary Smith: Personal Account" <smith@home.example>',
    want: ["Mary Smith: Personal Account|smith|home.example"],
  },
  {
    name: "RFC 5322 A.5 From",
    input: "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
    want: ["Pete|pete|silly.test"],
  },
  {
    name: "RFC 5322 A.5 To",
    input:
      "A Group(Some people)     :Chris Jones <c@(Chris's host.)public.example>,         joe@example.org,  John <jdoe@one.test> (my dear friend); (the end of the group)",
    want: ["A Group:[Chris Jones|c|public.example |joe|example.org John|jdoe|one.test]"],
  },
  {
    name: "RFC 5322 A.5 Cc",
    input: "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
    want: ["Hidden recipients:[]"],
  },
  {
    name: "RFC 5322 A.6.1 From",
    input: "Joe Q. Public <john.q.public@example.com>",
    want: ["Joe Q. Public|john.q.public|example.com"],
  },
  {
    name: "RFC 5322 A.6.1 To",
    input: "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
    want: ["Mary Smith|mary|example.net", "|jdoe|test.example"],
  },
  { name: "route of several", input: "<@a.test,@b.test,,@c.test:d@e.test>", want: ["|d|e.test"] },
  {
    name: "RFC 5322 A.6.3",
    input: "John Doe <jdoe@machine(comment).  example>",
    want: ["John Doe|jdoe|machine.example"],
  },
  {
    name: "RFC 2047 §8 name in a comment",
    input: "nsb@thumper.bellcore.com (=?iso-8859-8?b?7eXs?=)",
    want: ["=?iso-8859-8?b?7eXs?=|nsb|thumper.bellcore.com"],
  },
  { name: "RFC 6532", input: "Jøran <jøran@exämple.no>", want: ["Jøran|jøran|exämple.no"] },
  { name: "domain literal", input: "a@[ IPv6:2001:db8::1 ]", want: ["|a|[IPv6:2001:db8::1]"] },
  { name: "T-09: the last @ decides", input: '"a@b.com x"@d', want: ["|a@b.com x|d"] },
  { name: "quoted words with dots between", input: '"a"."b" . c@d.e', want: ["|a.b.c|d.e"] },
  { name: "no address at all", input: " , ,(only a comment)", want: [] },
];

for (const { name, input, want } of grammatical) {
  test(`address list: ${name}`, () => {
    assert.deepEqual(short(input), want);
    assert.deepEqual(parseAddressList(input).defects, []);
  });
}

const broken: readonly { name: string; input: string; want: readonly string[] }[] = [
  { name: "two @ without quotes (T-09)", input: "a@b@d", want: ["|a@b|d"] },
  {
    name: "spaces instead of quotes (T-09)",
    input: "xclow3n@gmail.com x@d",
    want: ["|xclow3n@gmail.com x|d"],
  },
  {
    name: "an address as a name",
    input: "ceo@bank.example <a@b.example>",
    want: ["ceo@bank.example|a|b.example"],
  },
  { name: "missing comma", input: "<a@b.c> <d@e.f>", want: ["|a|b.c", "|d|e.f"] },
  { name: "semicolon for comma", input: "a@b.c; d@e.f", want: ["|a|b.c", "|d|e.f"] },
  { name: "unclosed quote", input: '"Foo <foo@bar.example>, g@h.i', want: ["Foo|foo|bar.example", "|g|h.i"] },
  { name: "unclosed comment", input: "Foo (bar <foo@bar.example>", want: ["Foo bar|foo|bar.example"] },
  { name: "unclosed angle", input: "Foo <a@b.c, d@e.f", want: ["Foo|a|b.c", "|d|e.f"] },
  { name: "unclosed group", input: "G: a@b.c, d@e.f", want: ["G:[|a|b.c |d|e.f]"] },
  { name: "group in a group", input: "G: H: a@b.c;;", want: ["G:[|H: a|b.c]"] },
  { name: "words after a domain", input: "a@b.c Foo Bar", want: ["|a|b.c"] },
  { name: "no domain", input: "postmaster", want: ["|postmaster|"] },
  { name: "null address", input: "<>", want: ["||"] },
  { name: "no local part", input: "@b.c", want: ["||b.c"] },
  { name: "controls", input: "a\0b@c.d\x7f", want: ["|a b|c.d"] },
];

for (const { name, input, want } of broken) {
  test(`broken address list: ${name}`, () => {
    assert.deepEqual(short(input), want);
    assert.notDeepEqual(parseAddressList(input).defects, []);
  });
}

/**
 * Where the verdict of isemail on one address and that of a header parser differ, and why. Line ends are undone
 * before this parser runs, so a stray one is white space; what a domain name may be is the judgement of DNS code;
 * NUL is a control inside quotes; RFC 6532 §3.2 extends quoted-pair beyond ASCII.
 */
const ACCEPTED_HERE: readonly (readonly [rule: string, when: RegExp])[] = [
  ["line ends are white space", /^(?:ERR_FWS_CRLF_END|ERR_FWS_CRLF_X2|ERR_CR_NO_LF)$/],
  ["domain names are judged elsewhere", /^ERR_DOMAINHYPHEN(?:START|END)$/],
];
const ACCEPTED_IDS: ReadonlyMap<number, string> = new Map([
  [57, "NUL inside quotes becomes a space"],
  [99, "line ends are white space"],
  [132, "line ends are white space"],
  [133, "line ends are white space"],
  [135, "line ends are white space"],
  [160, "RFC 6532 extends quoted-pair"],
]);

type IsemailCase = {
  readonly id: number;
  readonly address: string;
  readonly category: string;
  readonly diagnosis: string;
};

test("isemail: one whole address exactly where that suite has no error, but for the rules above", () => {
  const file = join(dirname(fileURLToPath(import.meta.url)), "../../test/corpora/addresses/isemail.json");
  const cases = JSON.parse(readFileSync(file, "utf8")) as IsemailCase[];
  assert.ok(cases.length > 160);
  for (const { id, address, category, diagnosis } of cases) {
    const { addresses, defects } = parseAddressList(address);
    const whole = addresses.length === 1 && defects.length === 0;
    const isLenient = ACCEPTED_HERE.some(([, when]) => when.test(diagnosis)) || ACCEPTED_IDS.has(id);
    assert.equal(whole, category !== "ERR" || isLenient, `${id} ${JSON.stringify(address)} ${diagnosis}`);
  }
});

test("format gives what parse reads", () => {
  const text =
    'Joe <a@b.c>, "Q. P" <"x y"@[1.2.3.4]>, "Empty Group":;, "G, h": <c@d.e>, Ü <ü@ö.example>;, "a\\"b"@c.d';
  const { addresses } = parseAddressList(text);
  assert.deepEqual(parseAddressList(formatAddressList(addresses)).addresses, addresses);
  assert.equal(mailboxesOf(addresses).length, 5);
});

test("formatting never lets a value out of its place", () => {
  const text = formatAddressList([
    { kind: "mailbox", name: 'x" <evil@e.f>,\r\nBcc: y', localPart: "a>,b\r\n", domain: "c>,d@e\r\n.f" },
  ]);
  assert.ok(!/[\r\n]/.test(text));
  assert.equal(mailboxesOf(parseAddressList(text).addresses).length, 1);
  assert.equal(formatAddrSpec({ localPart: "a@b.com x", domain: "d" }), '"a@b.com x"@d');
});

test("limits are defects, not errors", () => {
  const many = parseAddressList("a@b.c,".repeat(MESSAGE_LIMITS.addressesMax + 1));
  assert.equal(many.addresses.length, MESSAGE_LIMITS.addressesMax);
  assert.deepEqual(many.defects, ["too-many-addresses"]);
  const long = parseAddressList(`a@b.c, ${"x ".repeat(2_000)}<d@e.f>`);
  assert.deepEqual([long.addresses.length, long.defects], [1, ["address-too-long"]]);
});

for (const piece of ["(", "a,", "(c)", '"', "<", "a.", "@", ":", "\\", "[", '"\\', "a:b;", "(()", "a@b "]) {
  test(`D-43: 1 MB of ${piece} is read in linear time`, () => {
    const time_ms = (octets: number): number => {
      const text = piece.repeat(octets / piece.length);
      return processorTime_ms(() => parseAddressList(text));
    };
    time_ms(1e5);
    assert.ok(time_ms(1e6) < 1_000);
  });
}
