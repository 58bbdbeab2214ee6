import assert from "node:assert/strict";
import { test } from "node:test";
import { doctorPage, pageWithTable } from "../../tools/doctor-table.ts";

test("the table of docs/doctor.md is current (node tools/doctor-table.ts)", () => {
  const page = doctorPage();
  assert.equal(pageWithTable(page), page);
});
