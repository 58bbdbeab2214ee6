import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { from, House } from "../../test/accounts/house.ts";
import { Secret } from "../base/secret.ts";
import { bcrypt, parseBcrypt } from "./foreign-hash-bcrypt.ts";
import { parseShaCrypt, shaCrypt } from "./foreign-hash-sha-crypt.ts";
import { foreignHash, isForeignHash, verifyForeignHash } from "./foreign-hash.ts";
import { accountsWithOldHash, addAccount, type FirstPassword } from "./manage.ts";

/** The examples of the SHA-crypt specification (Drepper), with the salt as it is stored and its password. */
const SHA_CRYPT: readonly (readonly [password: string, stored: string])[] = [
  ["Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
  ["Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"],
  ["This is just a test", "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"],
  [
    "a very much longer text to encrypt.  This one even stretches over morethan one line.",
    "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1",
  ],
  [
    "the minimum number is still observed",
    "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC",
  ],
  [
    "Hello world!",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "Hello world!",
    "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
  ],
  [
    "This is just a test",
    "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0",
  ],
  [
    "a very much longer text to encrypt.  This one even stretches over morethan one line.",
    "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
  ],
  [
    "the minimum number is still observed",
    "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
  ],
];

/** Of crypt_blowfish's own tests (Openwall), and one of crypt(3) with UTF-8. */
const BCRYPT: readonly (readonly [password: string, stored: string])[] = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
  ["U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
  ["", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"],
  [
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
    "$2y$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
  ],
  ["ärger und nöte", "$2y$06$abcdefghijklmnopqrstuuPbdlQgSg/63g6WuBE.asboIhYuojy92"],
];

/** `{SCHEME}`s with their password: dovecot's tests, the reference implementation of Argon2, and RFC 8018 with Python. */
const OTHERS: readonly (readonly [password: string, scheme: string, text: string])[] = [
  ["test", "PBKDF2", "$1$bUnT4Pl7yFtYX0KU$5000$50a83cafdc517b9f46519415e53c6a858908680a"],
  [
    "password",
    "ARGON2ID",
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
  ],
  [
    "password",
    "ARGON2I",
    "$argon2i$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$sDV8zPvvkfOGCw26RHsjSMvv7K2vmQq/6cxAcmxSEnE",
  ],
  [
    "secret",
    "SSHA512",
    "Enu6C74BUnsH3FJ5DbcJeTfPKMqMpMZOm66wJaf/iZqtrDfdcDyFhEmcwbcWyY5CUEDqbpdskEI2yPdeCZGVPXNhbHQxMjM0",
  ],
  [
    "secret",
    "SSHA256.HEX",
    "9574fba85f9f4fb395a159700f4b4c774d84d5a93674b0db93df77c19c4833ae73616c7431323334",
  ],
  ["Hello world!", "SHA512-CRYPT", SHA_CRYPT[5]?.[1] ?? ""],
  ["Hello world!", "sha256-crypt", SHA_CRYPT[0]?.[1] ?? ""],
  ["U*U", "BLF-CRYPT", BCRYPT[0]?.[1] ?? ""],
  ["U*U", "CRYPT", BCRYPT[0]?.[1] ?? ""],
];

describe("hashes of other servers", () => {
  for (const [password, stored] of SHA_CRYPT) {
    test(`SHA-crypt: ${stored.slice(0, 32)}`, async () => {
      const asked = parseShaCrypt(stored) ?? assert.fail("no hash");
      assert.equal(await shaCrypt(Buffer.from(password), asked), asked.digest);
    });
  }

  for (const [password, stored] of BCRYPT) {
    test(`bcrypt: ${stored.slice(0, 29)} ${password.slice(0, 10)}`, async () => {
      const asked = parseBcrypt(stored) ?? assert.fail("no hash");
      assert.equal(await bcrypt(Buffer.from(password), asked), asked.digest);
    });
  }

  for (const [password, scheme, text] of OTHERS) {
    test(`${scheme}: right, wrong and damaged`, async () => {
      const stored = foreignHash(scheme, text);
      assert.ok(stored.ok, JSON.stringify(stored));
      assert.ok(isForeignHash(stored.value));
      assert.equal(await verifyForeignHash(new Secret(password), stored.value), true);
      assert.equal(await verifyForeignHash(new Secret(`${password} `), stored.value), false);
      assert.deepEqual(foreignHash(scheme, `${text}\n`), {
        ok: false,
        error: scheme === "CRYPT" ? "unknown" : "damaged",
      });
    });
  }

  const unusable: readonly (readonly [scheme: string, text: string, want: string])[] = [
    ["PLAIN", "secret", "weak"],
    ["MD5-CRYPT", "$1$GgvxyNz8$OjZhLh4P.gF1lxYEbLZ3e/", "weak"],
    ["CRYPT", "$1$GgvxyNz8$OjZhLh4P.gF1lxYEbLZ3e/", "weak"],
    ["CRYPT", "..9sjyf8zL76k", "weak"],
    ["SHA512", "abcd", "weak"],
    ["SSHA", "abcd", "weak"],
    ["PLAIN-MD5.b64", "abcd", "weak"],
    ["CRYPT", "$y$j9T$abc$def", "unknown"],
    ["SCRAM-SHA-256", "4096,c2FsdA==,a,b", "unknown"],
    ["__PROTO__", "x", "unknown"],
    ["SHA512-CRYPT", SHA_CRYPT[0]?.[1] ?? "", "damaged"],
    ["SHA512-CRYPT", "$6$salt$hash", "damaged"],
    ["SHA256-CRYPT", (SHA_CRYPT[1]?.[1] ?? "").replace("10000", "9999999"), "damaged"],
    ["SHA256-CRYPT", (SHA_CRYPT[1]?.[1] ?? "").replace("10000", "999"), "damaged"],
    ["BLF-CRYPT", (BCRYPT[0]?.[1] ?? "").replace("05", "31"), "damaged"],
    ["BLF-CRYPT", (BCRYPT[0]?.[1] ?? "").replace("2a", "2x"), "damaged"],
    ["ARGON2ID", (OTHERS[1]?.[2] ?? "").replace("65536", "9999999"), "damaged"],
    ["ARGON2ID", (OTHERS[1]?.[2] ?? "").replace("t=2", "t=99"), "damaged"],
    ["ARGON2I", OTHERS[1]?.[2] ?? "", "damaged"],
    ["PBKDF2", (OTHERS[0]?.[2] ?? "").replace("$5000$", "$9999999$"), "damaged"],
    ["SSHA256", Buffer.alloc(33).toString("base64"), "damaged"],
  ];
  for (const [scheme, text, want] of unusable) {
    test(`not taken over: ${scheme} ${text.slice(0, 24)}: ${want}`, () => {
      assert.deepEqual(foreignHash(scheme, text), { ok: false, error: want });
    });
  }

  test("a password that was never set elsewhere does no work", async () => {
    const stored = `{SHA512-CRYPT}${SHA_CRYPT[5]?.[1]}`;
    assert.equal(await verifyForeignHash(new Secret("x".repeat(257)), stored), false);
    assert.equal(await verifyForeignHash(new Secret("U*U\0"), `{BLF-CRYPT}${BCRYPT[0]?.[1]}`), false);
  });

  test("any text is read or refused, and what is refused opens nothing", async () => {
    const scheme = fc.constantFrom(
      "SHA512-CRYPT",
      "BLF-CRYPT",
      "ARGON2ID",
      "PBKDF2",
      "SSHA512",
      "CRYPT",
      "X",
    );
    const whole = fc.constantFrom(...OTHERS.map(([, , text]) => text));
    const cut = fc
      .tuple(whole, fc.nat(120), fc.nat(120), fc.string({ maxLength: 4 }))
      .map(([text, from, to, put]) => text.slice(0, from) + put + text.slice(Math.max(from, to)));
    const runs = Number(process.env["FUZZ_RUNS"] ?? 300);
    await fc.assert(
      fc.asyncProperty(scheme, fc.oneof(cut, fc.string({ maxLength: 200 })), async (name, text) => {
        const read = foreignHash(name, text);
        if (!read.ok) assert.equal(await verifyForeignHash(new Secret("x"), `{${name}}${text}`), false);
      }),
      { numRuns: runs },
    );
  });
});

async function account(house: House, name: string, password: FirstPassword): Promise<void> {
  const choice = { displayName: "", quota_octets: 0, administrator: false, password };
  const made = await addAccount(house.managing, { ...choice, login: `${name}@example.org` });
  assert.ok(made.ok);
  assert.equal(made.value.generated, undefined);
}

test("the hash of another server is good for one login, then it is ours (F-07)", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  for (const [i, [, scheme, text]] of OTHERS.entries()) {
    const stored = foreignHash(scheme, text);
    await account(house, `u${i}`, { kind: "taken-over", hash: stored.ok ? stored.value : "" });
  }
  for (const [i, [password]] of OTHERS.entries()) {
    const login = `u${i}@example.org`;
    const session = from(all, `192.0.2.${i + 1}`);
    const row = async (): Promise<string> => {
      const { id } = (await house.store.directory.accountByLogin(login)) ?? assert.fail(login);
      const [first, ...more] = await house.store.directory.credentials(id);
      assert.deepEqual(more, []);
      return first?.hash ?? "";
    };
    assert.equal((await session.password(login, new Secret(`${password}x`))).ok, false);
    assert.ok(isForeignHash(await row()), "a wrong password changes nothing");
    assert.equal((await accountsWithOldHash(house.managing)).size, OTHERS.length - i);
    assert.equal((await session.password(login, new Secret(password))).ok, true, login);
    assert.match(await row(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal((await session.password(login, new Secret(password))).ok, true, "and again");
  }
  assert.equal((await accountsWithOldHash(house.managing)).size, 0);
});

test("a quick hash of another server takes as long as an unknown login (D-27)", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  const stored = foreignHash("SSHA512", OTHERS[3]?.[2] ?? "");
  await account(house, "anna", { kind: "taken-over", hash: stored.ok ? stored.value : "" });
  for (let i = 1; i <= 3; i++) {
    const begin = performance.now();
    await from(all, `198.51.100.${i}`).password("anna@example.org", new Secret("wrong"));
    // SHA-512 takes a microsecond, argon2id never less than 20 ms.
    assert.ok(performance.now() - begin > 10);
  }
});

test("an account without a password: nobody gets in, and it needs none to exist", async () => {
  await using house = await House.open();
  await using all = await house.logins();
  await account(house, "anna", { kind: "none" });
  const result = await from(all, "192.0.2.1").password("anna@example.org", new Secret("x"));
  assert.deepEqual(result, { ok: false, failure: { kind: "invalid" } });
});
