import assert from "node:assert/strict";
import { test } from "node:test";
import { committedPage, settingsPage } from "../../tools/reference.ts";

test("docs/settings.md says what the schema says (npm run reference)", () => {
  assert.equal(committedPage(), settingsPage());
});
