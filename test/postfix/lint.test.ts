import assert from "node:assert/strict";
import { test } from "node:test";
import { lintPostfix } from "../../src/postfix/lint.ts";
import { sourcesOf } from "./house.ts";
import { CLEAN, LINT_CASES } from "./lint-cases.ts";

const idsOf = (main: string, master?: string): readonly string[] =>
  (
    lintPostfix(
      sourcesOf({ "main.cf": CLEAN + main, ...(master === undefined ? {} : { "master.cf": master }) }),
    ) ?? []
  ).map(({ id, severity, file }) => `${id} ${severity}${file === "master.cf" ? " master.cf" : ""}`);

for (const [main, want] of LINT_CASES) {
  test(`lint: ${main.replaceAll("\n", " | ") || "nothing wrong"}`, () => {
    assert.deepEqual([...idsOf(main)].toSorted(), [...want].toSorted());
  });
}

test("lint sees what each service of master.cf sees", () => {
  const submission =
    "587 inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_tls_auth_only=no\n";
  assert.deepEqual([...idsOf("", submission)].toSorted(), [
    "auth-without-tls danger master.cf",
    "sender-not-owned warning master.cf",
  ]);
  const safe = `${submission}  -o smtpd_tls_security_level=encrypt -o smtpd_sender_restrictions=reject_sender_login_mismatch\n`;
  assert.deepEqual(idsOf("", safe), []);
});

test("what main.cf leaves out counts by its default", () => {
  const bare = CLEAN.replace(
    /^(?:mynetworks|smtpd_forbid_bare_newline|smtpd_client_connection_rate_limit) .*$/gm,
    "",
  );
  const found = lintPostfix(sourcesOf({ "main.cf": `${bare}mynetworks_style = subnet\n` })) ?? [];
  assert.deepEqual(found.map(({ id }) => id).toSorted(), [
    "mynetworks-neighbours",
    "no-rate-limit",
    "smuggling-not-set",
  ]);
});
