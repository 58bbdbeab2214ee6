import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { importPostfix } from "../../src/postfix/import.ts";
import { lintPostfix } from "../../src/postfix/lint.ts";
import { readDirectory } from "../../src/postfix/read-directory.ts";

const BRIEF = fileURLToPath(new URL("../corpora/postfix/brief-main.cf", import.meta.url));

test("the brief's sample: every rule in its order, old names as today, dead lists left out", () => {
  const policy = importPostfix(readDirectory(BRIEF))?.policy;
  assert.deepEqual(
    policy?.lists.map(({ name, rules, tables }) => ({ name, rules, tables })),
    [
      {
        name: "smtpd_sender_restrictions",
        rules: [
          "permit_mynetworks",
          "permit_sasl_authenticated",
          "reject_unknown_sender_domain",
          "reject_non_fqdn_sender",
        ],
        tables: [],
      },
      {
        name: "smtpd_recipient_restrictions",
        rules: [
          "permit_mynetworks",
          "permit_sasl_authenticated",
          "reject_unauth_destination",
          "reject_unauth_pipelining",
          "check_client_access table:client_checks",
          "check_sender_access table:sender_checks",
          "reject_unknown_helo_hostname",
          "reject_invalid_helo_hostname",
          "reject_non_fqdn_helo_hostname",
          "reject_non_fqdn_recipient",
          "permit_dnswl_client list.dnswl.org",
          "reject_rbl_client zen.spamhaus.org",
          "reject_rbl_client b.barracudacentral.org",
          "reject_rbl_client bl.spamcop.net",
          "reject_rbl_client psbl.surriel.com",
          "reject_rbl_client noptr.spamrats.com",
          "reject_rbl_client dyna.spamrats.com",
        ],
        tables: ["client_checks", "sender_checks"],
      },
    ],
  );
});

test("the brief's sample: its dangers by name and line (S-43, S-45, S-48, S-49, S-52, S-60)", () => {
  const findings = (lintPostfix(readDirectory(BRIEF)) ?? []).filter(({ line }) => line > 0);
  assert.deepEqual(
    findings.filter(({ id }) => id !== "rbl-unfiltered").map(({ line, id }) => `${line} ${id}`),
    [
      "13 berkeley-db",
      "14 berkeley-db",
      "15 helo-not-required",
      "16 old-name",
      "16 helo-not-required",
      "17 old-name",
      "17 helo-not-required",
      "19 dnswl-unfiltered",
      "20 dead-zone",
      "22 zone-needs",
      "25 zone-needs",
      "26 zone-needs",
      "27 dead-zone",
    ],
  );
  assert.deepEqual(
    findings.filter(({ id }) => id === "rbl-unfiltered").map(({ line }) => line),
    [21, 22, 23, 24, 25, 26],
  );
});
