import { test } from "node:test";
import { fuzz } from "../fuzz/policy.ts";

test("parsers of rules, tables, lists, patterns and transcripts under random text", async () => {
  await fuzz(Number(process.env["FUZZ_RUNS"] ?? 400));
});
