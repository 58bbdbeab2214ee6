/**
 * Properties of SPF and of Authentication-Results under random input: `node --test test/fuzz/spf.ts`. FUZZ_RUNS sets
 * how often each property is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  parseArcAuthenticationResults,
  parseAuthenticationResults,
  withoutForged,
} from "../../src/authentication/authentication-results-parse.ts";
import { formatResults } from "../../src/authentication/authentication-results.ts";
import { ALL_LETTERS, expandDomain, parseMacroString } from "../../src/authentication/spf/macro.ts";
import { parseSpfRecord } from "../../src/authentication/spf/parse.ts";
import { checkHost } from "../../src/authentication/spf/verify.ts";
import { parseIp, type IpAddress } from "../../src/base/ip.ts";
import { findFields } from "../../src/message/header.ts";
import { zoneDns, type ZoneEntry } from "../authentication/spf-zone.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const TERMS = [
  "all",
  "-all",
  "a",
  "mx",
  "ptr",
  "~include:",
  "exists:",
  "redirect=",
  "exp=",
  "ip4:192.0.2.1",
  "ip6:::",
];
const PIECES = [
  "%{d}",
  "%{l1r-}",
  "%{p}",
  "%%",
  "%",
  "{",
  ".",
  "/24",
  "//64",
  ":",
  "=",
  " ",
  "b.example",
  "c.example",
];
const noise = fc.string({
  unit: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 2 })),
  maxLength: 12,
});
const terms = fc.array(
  fc.oneof(
    fc.constantFrom(...TERMS),
    fc
      .tuple(fc.constantFrom(...TERMS), fc.constantFrom("b.example", "c.example", "%{d}", "%{l}.%{d2r}"))
      .map((p) => p.join("")),
    noise,
  ),
  { maxLength: 14 },
);
const recordText = terms.map((list) => `v=spf1 ${list.join(" ")}`);
const domains = ["b.example", "c.example"];
const client = parseIp("192.0.2.1") as IpAddress;

const zone: fc.Arbitrary<ZoneEntry[]> = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom(...domains), fc.constant("TXT"), recordText),
    fc.tuple(fc.constantFrom(...domains), fc.constant("A"), fc.constantFrom("192.0.2.1", "192.0.2.2")),
    fc.tuple(
      fc.constantFrom(...domains),
      fc.constant("MX"),
      fc.constantFrom([1, "b.example"], [2, "c.example"], [0, ""]),
    ),
    fc.tuple(fc.constantFrom(...domains), fc.constant("CNAME"), fc.constantFrom(...domains)),
    fc.tuple(fc.constantFrom("1.2.0.192.in-addr.arpa"), fc.constant("PTR"), fc.constantFrom(...domains)),
    fc.tuple(fc.constantFrom(...domains), fc.constant("TIMEOUT"), fc.constant(null)),
  ) as fc.Arbitrary<ZoneEntry>,
  { maxLength: 10 },
);

test("a record is read or refused, and every directive stands in it", () => {
  fc.assert(
    fc.property(fc.oneof(recordText, noise, fc.string({ unit: "binary" })), (text) => {
      const parsed = parseSpfRecord(text);
      if (!parsed.ok) return;
      const written = text
        .split(" ")
        .filter((term) => term !== "")
        .slice(1);
      for (const directive of parsed.value.directives)
        assert.ok(written.includes(directive.text), directive.text);
      assert.ok(/^[ -~]*$/.test(text), "only ASCII is accepted");
    }),
    options,
  );
});

test("a macro string is read or refused, and a domain it makes has a bounded name", () => {
  fc.assert(
    fc.property(noise, fc.string({ unit: "binary", maxLength: 300 }), (text, localPart) => {
      const parsed = parseMacroString(text, ALL_LETTERS);
      if (parsed === undefined) return;
      const facts = {
        client,
        localPart,
        senderDomain: "b.example",
        domain: "b.example",
        heloName: localPart,
        receiver: "r",
        now_ms: 0,
        validatedName: "unknown",
      };
      const name = expandDomain(parsed, facts);
      assert.ok(name.length <= 253 || !name.slice(-253).includes("."), name);
    }),
    options,
  );
});

test("every check ends with a result, few questions, printable words and no odd name", async () => {
  await fc.assert(
    fc.asyncProperty(
      zone,
      fc.string({ unit: "binary", maxLength: 20 }),
      noise,
      async (entries, localPart, heloName) => {
        const asked: string[] = [];
        const question = {
          client,
          heloName,
          from: { localPart, domain: "b.example" },
          receiver: "mx.test",
          now_ms: 0,
        };
        const got = await checkHost(question, zoneDns(entries, asked));
        assert.ok(got.lookups <= 10);
        // One for the domain, ten terms with up to ten hosts each, eleven for the reverse name, one for the explanation.
        assert.ok(asked.length <= 1 + 10 * 11 + 11 + 1, `${asked.length} questions`);
        for (const one of asked) assert.match(one, /^[ -~]{1,253} (TXT|A|MX|PTR)$/);
        if (got.explanation !== undefined) {
          assert.equal(got.result, "fail");
          assert.match(got.explanation, /^[ -~]{0,255}$/);
        }
        assert.deepEqual(JSON.parse(JSON.stringify(got)), got);
      },
    ),
    options,
  );
});

const keyword = fc.stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5})?$/);
const value = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...Array.from('();"\\=/.@ :')),
      fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 60,
  })
  .filter((text) => /^[ -~]*$/.test(text));
const reported = fc.record(
  {
    authServId: value,
    results: fc.array(
      fc.record(
        {
          method: keyword,
          result: keyword,
          reason: value,
          properties: fc.array(
            fc.record(
              { type: keyword.filter((type) => type !== "reason"), name: keyword, value },
              { noNullPrototype: true },
            ),
            { maxLength: 6 },
          ),
        },
        { requiredKeys: ["method", "result", "properties"], noNullPrototype: true },
      ),
      { maxLength: 6 },
    ),
  },
  { noNullPrototype: true },
);

test("Authentication-Results: parse(format(x)) = x, as a value and as a field of a message", () => {
  fc.assert(
    fc.property(reported, (results) => {
      const text = formatResults(results);
      assert.deepEqual(parseAuthenticationResults(text), results);
      assert.deepEqual(parseArcAuthenticationResults(`i=7; ${text}`), { instance: 7, ...results });
      const message = Buffer.from(`Authentication-Results: ${text}\r\nSubject: x\r\n\r\nbody`, "latin1");
      assert.deepEqual(
        parseAuthenticationResults(findFields(message, "authentication-results")[0] ?? ""),
        results,
      );
      if (results.authServId !== "")
        assert.equal(withoutForged(message, results.authServId).toString(), "Subject: x\r\n\r\nbody");
    }),
    options,
  );
});

test("any text is read without an exception, and reading is stable", () => {
  const bits = fc.constantFrom(
    "a;",
    "spf=pass",
    "(",
    ")",
    '"',
    "\\",
    ";",
    "=",
    ".",
    " ",
    "\r\n\t",
    "reason=",
    "smtp.from=",
    "i=1;",
    "1",
    "/",
  );
  const text = fc.string({
    unit: fc.oneof(bits, fc.string({ unit: "binary", maxLength: 2 })),
    maxLength: 40,
  });
  fc.assert(
    fc.property(text, (input) => {
      const parsed = parseAuthenticationResults(input);
      parseArcAuthenticationResults(input);
      if (parsed === undefined || !/^[ -~\s]*$/.test(input)) return;
      const again = parseAuthenticationResults(formatResults(parsed));
      assert.equal(again?.results.length, parsed.results.length);
    }),
    options,
  );
});

test("what remains after forged fields went is what was there, in order", () => {
  const line = fc.constantFrom(
    "Authentication-Results: mx.test; spf=pass\r\n",
    "Authentication-Results: other.test; spf=pass\r\n",
    "authentication-results:\r\n (x) MX.test;\r\n\tspf=pass\r\n",
    "Subject: mx.test\r\n",
    " continued mx.test\r\n",
    "no field\r\n",
    "\r\n",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const octets = Buffer.from(lines.join(""), "latin1");
      const cleaned = withoutForged(octets, "mx.test");
      for (const left of findFields(cleaned, "authentication-results"))
        assert.ok(!/^(\(x\) )?mx\.test/i.test(left), left);
      assert.deepEqual(withoutForged(cleaned, "mx.test"), cleaned);
    }),
    options,
  );
});
