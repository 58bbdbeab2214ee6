import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalField, type Canonicalization } from "./canonical.ts";
import { dataSignedBy, fieldTags, fieldText, splitMessage, withoutSignature } from "./signed-data.ts";
import { parseTagList } from "./tag-list.ts";

const SIGNATURES = [
  "DKIM-Signature: a=1; b=QUJD; c=2",
  "DKIM-Signature: b=QUJD; a=1",
  "DKIM-Signature: a=1; b=QUJD",
  "DKIM-Signature: a=1; b=QUJD;",
  "DKIM-Signature: a=1; b=QUJD ;\t",
  "DKIM-Signature :\r\n\ta=1;\r\n\tb=QUJD\r\n\t REVG\r\n\t;\r\n  c = 2",
  "DKIM-Signature:a=1;b\r\n =\r\n QUJD\r\n REVG",
  "dkim-SIGNATURE:\r\n b=\r\n ;\r\n c=\r\n 2\r\n ",
  "DKIM-Signature: bh=QUJD; b=; d=b=b",
];

test("a signature's own field enters its data without b=, wherever that stands (RFC 6376 §3.5)", () => {
  for (const kind of ["simple", "relaxed"] satisfies Canonicalization[])
    for (const signature of SIGNATURES) {
      const header = `Subject:  one\t two \r\n  three \r\n${signature}\r\nFrom: a@b.test\r\nSubject: other\r\n`;
      const message = splitMessage(Buffer.from(`${header}\r\nText\r\n`));
      const [field] = message.fields.get("dkim-signature") ?? [];
      assert.ok(field !== undefined);
      const text = fieldText(message.octets, field);
      const tags = parseTagList(fieldTags(text));
      assert.ok(tags !== undefined, signature);
      const names = ["from", "subject", "subject", "subject", "dkim-signature", "no-such"];
      const data = dataSignedBy(message, names, kind, { field, tags });
      const fields = ["From: a@b.test", "Subject: other", "Subject:  one\t two \r\n  three "];
      const before = fields.map((one) => `${canonicalField(kind, one, one.indexOf(":"))}\r\n`).join("");
      assert.equal(
        data.toString("latin1"),
        before + withoutSignature(text, tags, kind),
        `${kind} ${signature}`,
      );
    }
});
