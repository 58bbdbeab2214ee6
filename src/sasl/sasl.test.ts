import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId } from "../base/mail-ids.ts";
import type {
  AuthResult,
  Authenticator,
  ChannelBinding,
  Exchange,
  Mechanism,
  SaslStep,
  ScramVerifier,
} from "./exchange.ts";
import { scramClient } from "./scram-client.ts";
import { hmac, scramKeys, xor, type ScramKeys } from "./scram-keys.ts";
import { prepare } from "./prepare.ts";
import { encodeName, parseClientFinal, parseClientFirst } from "./scram-message.ts";
import { startExchange } from "./start.ts";

const SALT = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
const ITERATIONS = 4096;
const passwords = new Map([
  ["user", ["pencil", "second app password"]],
  ["a,b=c", ["x"]],
]);
const binding: ChannelBinding = { type: "tls-exporter", data: Buffer.alloc(32, 7) };
const ALL: readonly Mechanism[] = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"];

const granted = (login: string): AuthResult => ({
  ok: true,
  identity: { account: 1 as AccountId, login, credential: 1 },
});
const refused: AuthResult = { ok: false, failure: { kind: "invalid" } };

const made = new Map<string, ScramKeys>();
async function keysOf(password: string): Promise<ScramKeys> {
  const keys = made.get(password) ?? (await scramKeys(password, SALT, ITERATIONS));
  made.set(password, keys);
  return keys;
}

const authenticator: Authenticator = {
  password: async (login, password) =>
    passwords.get(login)?.includes(password.reveal()) ? granted(login) : refused,
  async scram(login) {
    const verifiers: ScramVerifier[] = [];
    for (const [credential, password] of (passwords.get(login) ?? []).entries()) {
      verifiers.push({ credential, ...(await keysOf(password)) });
    }
    return { salt: SALT, iterations: ITERATIONS, verifiers };
  },
  scramDone: async (login, credential) => (credential === undefined ? refused : granted(login)),
};

const start = (mechanism: Mechanism, offered = ALL): Exchange =>
  startExchange(mechanism, authenticator, binding, offered);

const show = (step: SaslStep): string => {
  if (step.kind === "challenge") return `challenge ${Buffer.from(step.octets).toString()}`;
  return step.kind === "success" ? `success ${step.identity.login}` : step.failure.kind;
};

const plain = [
  { name: "without authzid", input: "\0user\0pencil", want: "success user" },
  { name: "with equal authzid", input: "user\0user\0pencil", want: "success user" },
  { name: "for another", input: "root\0user\0pencil", want: "malformed" },
  { name: "wrong password", input: "\0user\0pen", want: "invalid" },
  { name: "unknown user", input: "\0nobody\0pencil", want: "invalid" },
  { name: "one NUL", input: "user\0pencil", want: "malformed" },
  { name: "three NULs", input: "\0user\0pencil\0", want: "malformed" },
  { name: "empty password", input: "\0user\0", want: "malformed" },
  { name: "nothing", input: "", want: "malformed" },
];
for (const { name, input, want } of plain) {
  test(`PLAIN ${name}`, async () => assert.equal(show(await start("PLAIN").step(Buffer.from(input))), want));
}

test("PLAIN that is not UTF-8", async () => {
  assert.equal(show(await start("PLAIN").step(Buffer.from([0, 0xff, 0, 0xff]))), "malformed");
});

test("LOGIN asks twice", async () => {
  const exchange = start("LOGIN");
  assert.equal(show(await exchange.step(undefined)), "challenge Username:");
  assert.equal(show(await exchange.step(Buffer.from("user"))), "challenge Password:");
  assert.equal(show(await exchange.step(Buffer.from("pencil"))), "success user");
});

test("LOGIN with the name as initial response", async () => {
  const exchange = start("LOGIN");
  assert.equal(show(await exchange.step(Buffer.from("user"))), "challenge Password:");
  assert.equal(show(await exchange.step(Buffer.from("wrong"))), "invalid");
});

test("the example of RFC 7677 §3", async () => {
  const client = scramClient("user", "pencil", "rOprNGfwEbeRWgbNEkqO");
  assert.equal(client.first, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const serverFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  assert.equal(
    await client.final(serverFirst),
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  );
  assert.ok(client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  assert.ok(!client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="));
});

type Course = {
  readonly mechanism: Mechanism;
  readonly user: string;
  readonly password: string;
  readonly binding?: ChannelBinding;
  readonly offered?: readonly Mechanism[];
};

async function run(
  { mechanism, user, password, binding: mine, offered }: Course,
  change = (text: string): string => text,
): Promise<string> {
  const client = scramClient(user, password, "abcdefghijkl", mine);
  const exchange = start(mechanism, offered);
  const first = await exchange.step(Buffer.from(client.first));
  if (first.kind !== "challenge") return show(first);
  const final = await client.final(Buffer.from(first.octets).toString());
  const last = await exchange.step(Buffer.from(change(final ?? "")));
  if (last.kind === "success")
    assert.ok(client.verify(Buffer.from(last.octets ?? []).toString()), "the server proves itself");
  return show(last);
}

const courses: readonly (Course & { name: string; want: string })[] = [
  {
    name: "first password",
    mechanism: "SCRAM-SHA-256",
    user: "user",
    password: "pencil",
    want: "success user",
  },
  {
    name: "second password",
    mechanism: "SCRAM-SHA-256",
    user: "user",
    password: "second app password",
    want: "success user",
  },
  { name: "wrong password", mechanism: "SCRAM-SHA-256", user: "user", password: "pen", want: "invalid" },
  {
    name: "unknown user runs to the end",
    mechanism: "SCRAM-SHA-256",
    user: "nobody",
    password: "pen",
    want: "invalid",
  },
  {
    name: "a name with , and =",
    mechanism: "SCRAM-SHA-256",
    user: "a,b=c",
    password: "x",
    want: "success a,b=c",
  },
  {
    name: "channel bound",
    mechanism: "SCRAM-SHA-256-PLUS",
    user: "user",
    password: "pencil",
    binding,
    want: "success user",
  },
  {
    name: "bound to another channel",
    mechanism: "SCRAM-SHA-256-PLUS",
    user: "user",
    password: "pencil",
    binding: { ...binding, data: Buffer.alloc(32, 8) },
    want: "invalid",
  },
  {
    name: "PLUS without binding",
    mechanism: "SCRAM-SHA-256-PLUS",
    user: "user",
    password: "pencil",
    want: "malformed",
  },
  {
    name: "binding without PLUS",
    mechanism: "SCRAM-SHA-256",
    user: "user",
    password: "pencil",
    binding,
    want: "malformed",
  },
];
for (const course of courses)
  test(`SCRAM ${course.name}`, async () => assert.equal(await run(course), course.want));

test("a client that could bind and was not offered -PLUS is a downgrade (E-27)", async () => {
  const first = Buffer.from("y,,n=user,r=abcdefghijkl");
  assert.equal(show(await start("SCRAM-SHA-256").step(first)), "malformed");
  assert.match(show(await start("SCRAM-SHA-256", ["SCRAM-SHA-256"]).step(first)), /^challenge/);
});

test("every changed octet of the final message fails", async () => {
  const course: Course = { mechanism: "SCRAM-SHA-256", user: "user", password: "pencil" };
  const length = 120;
  for (let at = 0; at < length; at += 7) {
    const outcome = await run(
      course,
      (text) => `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`,
    );
    assert.ok(outcome === "invalid" || outcome === "malformed", `octet ${at}: ${outcome}`);
  }
});

const strange = [
  "",
  "n",
  "n,",
  "n,,",
  "n,,n=user",
  "n,,n=,r=abcdefgh",
  "n,,m=x,n=user,r=abcdefgh",
  "p=,,n=user,r=abcdefgh",
  "n,,n=us=er,r=abcdefgh",
  "n,,n=user,r=abc",
  "x,,n=user,r=abcdefgh",
  "n,a=,n=user,r=abcdefgh",
  "n,,n=user,r=abcdefgh,m=ext",
  "n,,n=user,r=abcdefgh,x=",
  "n,,n=us=2cer,r=abcdefgh",
  "n,,n=user,r=abcd efgh",
  "n,,r=abcdefgh,n=user",
];
for (const text of strange) {
  test(`not a client-first-message: ${JSON.stringify(text)}`, () =>
    assert.equal(parseClientFirst(text), undefined));
}

test("parsers are total and linear", () => {
  for (const piece of ["n,", "=2C", "r=", ",", "p=x,", "c=", "\u0000"]) {
    const text = piece.repeat(4000);
    parseClientFirst(text);
    parseClientFinal(text);
    parseClientFirst(`n,,n=${text}`);
    parseClientFinal(`c=biws,r=${text}`);
  }
});

test("what has ended stays ended", async () => {
  const exchange = start("PLAIN");
  assert.equal(show(await exchange.step(Buffer.from("\0user\0pen"))), "invalid");
  assert.equal(show(await exchange.step(Buffer.from("\0user\0pencil"))), "malformed");
});

test("a nonce that is not ours, and a proof for another exchange", async () => {
  const course: Course = { mechanism: "SCRAM-SHA-256", user: "user", password: "pencil" };
  assert.equal(await run(course, (text) => text.replace(/,r=[^,]+/, ",r=abcdefghijklx")), "invalid");
  let kept = "";
  await run(course, (text) => (kept = text));
  assert.equal(await run(course, () => kept), "invalid");
});

test("a right proof over a nonce that is not the server's", async () => {
  const exchange = start("SCRAM-SHA-256");
  const bare = "n=user,r=abcdefghijkl";
  const first = await exchange.step(Buffer.from(`n,,${bare}`));
  assert.ok(first.kind === "challenge");
  const serverFirst = Buffer.from(first.octets).toString();
  const keys = await keysOf("pencil");
  const withoutProof = "c=biws,r=abcdefghijklmnopqrst";
  const signature = hmac(keys.storedKey, `${bare},${serverFirst},${withoutProof}`);
  const proof = xor(keys.clientKey, signature).toString("base64");
  assert.equal(show(await exchange.step(Buffer.from(`${withoutProof},p=${proof}`))), "invalid");
});

test("a client that says n while its library sends a binding", async () => {
  const course: Course = { mechanism: "SCRAM-SHA-256", user: "user", password: "pencil" };
  assert.equal(await run(course, (text) => text.replace("c=biws", "c=eSws")), "invalid");
});

const preparations = [
  { name: "NFD", input: "gru\u0308n", want: "grün" },
  { name: "no-break and ideographic space", input: "a\u00a0b\u3000c", want: "a b c" },
  { name: "compatibility forms stay apart", input: "ﬁ", want: "ﬁ" },
  { name: "case stays", input: "Aa", want: "Aa" },
  { name: "a control", input: "a\u0085", want: undefined },
  { name: "nothing", input: "", want: undefined },
  { name: "1025 octets", input: "x".repeat(1025), want: undefined },
];
for (const { name, input, want } of preparations) {
  test(`prepared: ${name}`, () => assert.equal(prepare(input), want));
}

test("a password typed in NFD on one side and NFC on the other", async () => {
  passwords.set("uml", ["gr\u00fcn"]);
  assert.equal(await run({ mechanism: "SCRAM-SHA-256", user: "uml", password: "gru\u0308n" }), "success uml");
});

const serverFirsts = [
  { name: "another nonce", input: "r=XbcdefghijklZZ,s=W22Z,i=4096" },
  { name: "our nonce alone", input: "r=abcdefghijkl,s=W22Z,i=4096" },
  { name: "too few rounds", input: "r=abcdefghijklZZ,s=W22Z,i=4095" },
  { name: "too many rounds", input: "r=abcdefghijklZZ,s=W22Z,i=9999999" },
  { name: "no salt", input: "r=abcdefghijklZZ,s=,i=4096" },
  { name: "an extension we must know", input: "m=x,r=abcdefghijklZZ,s=W22Z,i=4096" },
  { name: "an error", input: "e=other-error" },
];
for (const { name, input } of serverFirsts) {
  test(`the client refuses ${name}`, async () => {
    assert.equal(await scramClient("user", "pencil", "abcdefghijkl").final(input), undefined);
  });
}

test("fuzz: no exchange throws, none succeeds by accident, names come back", async () => {
  const runs = Number(process.env["FUZZ_RUNS"] ?? 1500);
  const random = seeded(7677);
  const pieces = [
    "n,",
    "y,",
    "p=tls-exporter,",
    ",",
    "n=user",
    "r=abcdefgh",
    "c=biws",
    "p=",
    "=2C",
    "\0",
    "user",
  ];
  const piece = (): Buffer =>
    random() < 0.7
      ? Buffer.from(pieces[Math.floor(random() * pieces.length)] ?? "")
      : Buffer.from([Math.floor(random() * 256)]);
  for (let i = 0; i < runs; i++) {
    const exchange = start(ALL[i % ALL.length] ?? "PLAIN");
    for (let step = 0; step < 3; step++) {
      const said = Buffer.concat(Array.from({ length: Math.floor(random() * 8) }, piece));
      assert.notEqual((await exchange.step(said)).kind, "success", said.toString("latin1"));
    }
    const name = Buffer.from(Array.from({ length: 8 }, () => 33 + Math.floor(random() * 94))).toString();
    assert.equal(parseClientFirst(`n,,n=${encodeName(name)},r=abcdefgh`)?.username, name);
  }
});

/** A small generator (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
