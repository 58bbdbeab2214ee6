import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { scan } from "./mime.ts";
import { shifted } from "./shift-outline.ts";

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "../../test/corpora/messages");
const SIZE_MAX = 512 * 1024;
const TRACE = Buffer.from("Received: from here\r\n\tby there; today\r\n");
const FIELD = Buffer.from("Authentication-Results: mail.example.org;\r\n\tspf=none; dkim=none\r\n");

test("a shifted outline is what a second pass would find, for every message of the corpus", () => {
  const files = readdirSync(CORPUS, { recursive: true, encoding: "utf8" })
    .map((name) => join(CORPUS, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size < SIZE_MAX);
  assert.ok(files.length > 100, String(files.length));
  for (const path of files) {
    const received = Buffer.concat([TRACE, readFileSync(path)]);
    for (const at of [0, TRACE.length]) {
      const whole = Buffer.concat([received.subarray(0, at), FIELD, received.subarray(at)]);
      assert.deepEqual(shifted(scan(received), FIELD.length), scan(whole), path);
    }
  }
});
