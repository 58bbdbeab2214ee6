/**
 * Properties of the SMTP server under random input: `node --test test/fuzz/smtp.ts`. FUZZ_RUNS sets how often each
 * property is tried, FUZZ_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DataReader } from "../../src/smtp/data-reader.ts";
import {
  envelopeAddress,
  formatPath,
  parseCommand,
  parseMailbox,
  parsePath,
} from "../../src/smtp/grammar.ts";
import {
  decodeXtext,
  encodeXtext,
  parseMailParameters,
  parseRcptParameters,
} from "../../src/smtp/parameters.ts";
import { assertNothingLeft, SmtpStage } from "../dialogs/smtp/stage.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);
const seed = process.env["FUZZ_SEED"];
const options = { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) };

const localPart = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...Array.from(' .@"\\<>,;:()%!üñ漢🙂')),
      fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 60,
  })
  .filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text));
const domain = fc.oneof(
  fc.constantFrom(
    "example.org",
    "a.b.c.example",
    "xn--mller-kva.example",
    "[192.0.2.1]",
    "[IPv6:2001:db8::1]",
  ),
  fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,10}){1,3}$/),
);

test("an address survives being written and read", () => {
  fc.assert(
    fc.property(localPart, domain, (local, where) => {
      const address = envelopeAddress(local, where);
      const parsed = parsePath(formatPath(address));
      assert.ok(parsed.ok, address.text);
      assert.equal(parsed.value.rest, "");
      assert.deepEqual(parsed.value.path.address, address);
    }),
    options,
  );
});

const pieces = fc.constantFrom(
  ...Array.from('<>@,:;."\\[]()%!= +-aZ09ü\0\r\n\t'),
  "MAIL",
  "FROM:",
  "SIZE=",
  "ORCPT=rfc822;",
  "NOTIFY=",
  "IPv6:",
  "postmaster",
  "example.org",
  "+41",
);
const line = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));

test("parsers are total, and what they accept is in its one spelling", () => {
  fc.assert(
    fc.property(fc.oneof(line, fc.string({ unit: "binary" })), (text) => {
      parseCommand(text);
      parseMailParameters(text);
      parseRcptParameters(text);
      const parsed = parsePath(text);
      const mailbox = parseMailbox(text);
      for (const address of [
        parsed.ok ? parsed.value.path.address : null,
        mailbox.ok ? mailbox.value : null,
      ]) {
        if (address === null || address.domain === "") continue;
        assert.deepEqual(parseMailbox(address.text), { ok: true, value: address });
        assert.ok(!/[\u0000-\u001f\u007f]/.test(address.text), "a control character came through");
      }
    }),
    options,
  );
});

test("xtext survives", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), (text) =>
      assert.equal(decodeXtext(encodeXtext(text)), text),
    ),
    options,
  );
});

const octets = fc.array(fc.constantFrom("\r\n", "\r\n.", "\r\n.\r\n", ".", "\r", "\n", "\0", "a", "bc"), {
  maxLength: 30,
});
const cuts = fc.array(fc.nat(60), { maxLength: 6 });

/** What a reader must find, said as simply as possible: everything up to the first CRLF.CRLF. */
function plainly(input: string): { end: number; clean: boolean; body: string } {
  const found = `\r\n${input}`.indexOf("\r\n.\r\n");
  const content = found < 0 ? input : input.slice(0, found);
  const clean = !/\0|\r(?!\n)|(?<!\r)\n/.test(content);
  return { end: found < 0 ? -1 : found + 3, clean, body: content.replace(/^\./gm, "") };
}

test("the end of DATA is the first CRLF.CRLF, however the octets come (T-29, T-32)", () => {
  fc.assert(
    fc.property(octets, cuts, (parts, places) => {
      const input = `${parts.join("")}\r\n`;
      const want = plainly(input);
      const reader = new DataReader(1000);
      const body: Buffer[] = [];
      let end = -1;
      let from = 0;
      for (const to of [
        ...places.filter((at) => at < input.length).toSorted((a, b) => a - b),
        input.length,
      ]) {
        const part = reader.push(Buffer.from(input.slice(from, to), "latin1"));
        body.push(...part.body);
        if (part.done) {
          end = from + part.used;
          break;
        }
        from = to;
      }
      assert.equal(end, want.end);
      if (end < 0) return;
      assert.equal(reader.fault === undefined, want.clean, String(reader.fault));
      if (want.clean) assert.equal(Buffer.concat(body).toString("latin1"), want.body);
    }),
    options,
  );
});

const said = fc.constantFrom(
  "EHLO client.example.org",
  "HELO x",
  "MAIL FROM:<a@example.org>",
  "MAIL FROM:<> SIZE=10",
  "RCPT TO:<you@wachpost.test>",
  "RCPT TO:<nobody@wachpost.test>",
  "DATA",
  "hello",
  ".",
  "BDAT 3\r\na\r",
  "BDAT 3 LAST\r\na\r",
  "BDAT 0 LAST",
  "RSET",
  "NOOP",
  "VRFY x",
  "AUTH PLAIN",
  "STARTTLS",
  "*",
  "",
  "\0",
  "QUIT",
);

test("whatever is said in whatever order, replies are well-formed and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<string>("mx", "submission", "lmtp"),
      fc.array(said, { maxLength: 25 }),
      async (profile, lines) => {
        const stage = new SmtpStage(new Map([["profile", profile]]));
        const { client, over } = stage.inMemory();
        await client.line();
        for (const one of ["EHLO client.example.org", ...lines]) {
          client.send(Buffer.from(`${one}\r\n`, "latin1"));
          await new Promise((resolve) => setImmediate(resolve));
        }
        client.hangUp();
        await over;
        assertNothingLeft(stage);
        assert.ok(!stage.log.events.some(({ event }) => event === "smtp.session-failed"));
      },
    ),
    { ...options, numRuns: Math.ceil(numRuns / 3) },
  );
});
