import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMasterCf } from "./master-cf.ts";

test("master.cf: services, overrides in both forms, programs with -o of their own", () => {
  const { services, faults } = parseMasterCf(
    [
      "smtp inet n - y - 1 postscreen",
      "465 inet n - n - - smtpd",
      "  -o smtpd_tls_wrappermode=yes -o { smtpd_client_restrictions = permit_mynetworks, reject }",
      "  -v -osyslog_name=postfix/x",
      "spam unix - n n - - pipe",
      "  flags=Rq argv=/usr/bin/spamc -e /usr/sbin/sendmail -oi -o x",
      "short inet n",
      "odd tcp n - n - - smtpd",
      "bad inet n - n - - smtpd -o novalue",
    ].join("\n"),
  );
  assert.deepEqual(
    services.map(({ name, command, overrides, line }) => ({
      name,
      command,
      line,
      overrides: overrides.map((each) => `${each.line} ${each.name}=${each.value}`),
    })),
    [
      { name: "smtp", command: "postscreen", line: 1, overrides: [] },
      {
        name: "465",
        command: "smtpd",
        line: 2,
        overrides: [
          "3 smtpd_tls_wrappermode=yes",
          "3 smtpd_client_restrictions=permit_mynetworks, reject",
          "4 syslog_name=postfix/x",
        ],
      },
      { name: "spam", command: "pipe", line: 5, overrides: [] },
      { name: "bad", command: "smtpd", line: 9, overrides: [] },
    ],
  );
  assert.deepEqual(services[1]?.arguments, ["-v"]);
  assert.deepEqual(faults, [
    { line: 7, column: 1, message: "a service has at least eight fields" },
    { line: 8, column: 5, message: "tcp is no type of service" },
    { line: 9, column: 26, message: "`-o` without `name=value`" },
  ]);
});
