/** Defences of the server, each removed by a few words, and the attack that has to notice: logins and senders. */
import { removed, type Mutation } from "./mutation.ts";

export const LOGIN_MUTATIONS: readonly Mutation[] = [
  removed("a login sends from any address", "forged-envelope", [
    [
      "src/mta/submission.ts",
      "  if (mail.from !== null && !(await options.addresses.owns(identity.account, mail.from))) {",
      "  if (false) {",
    ],
  ]),
  removed("a login writes any From", "forged-header", [
    ["src/mta/submitted-header.ts", "    if (strangers !== undefined) {", "    if (false) {"],
  ]),
  removed("several From fields are sent", "forged-header", [
    [
      "src/mta/submitted-header.ts",
      `  if (from.length > 1)
`,
      `  if (false)
`,
    ],
  ]),
  removed("findings in our name stay", "forged-results", [
    [
      "src/mta/inbound-content.ts",
      "  const clean = withoutForged(octets, hostName);",
      "  const clean = octets;",
    ],
  ]),
  removed("… also in what users send", "forged-results", [
    [
      "src/mta/submitted-header.ts",
      "withoutForged(withoutStrayLineEnds(octets), hostName)",
      "withoutStrayLineEnds(octets)",
    ],
  ]),
  removed("an unknown login is told apart", "login-texts", [
    [
      "src/accounts/authenticate.ts",
      `  if (account === undefined || chosen === undefined || outcome === "wrong") {`,
      `  if (account === undefined) return refused(asking, "unavailable");
  if (account === undefined || chosen === undefined || outcome === "wrong") {`,
    ],
  ]),
  removed("no hash is computed for an unknown login", "login-timing", [
    [
      "src/accounts/authenticate.ts",
      `  const chosen = attempt.candidates.find(({ hash }) => !isFastHash(hash));
`,
      `  const chosen = attempt.candidates.find(({ hash }) => !isFastHash(hash));
  if (account === undefined) return refused(asking, "invalid");
`,
    ],
  ]),
  removed("a password in clear is looked at", "login-in-clear", [
    [
      "src/imap/commands/login.ts",
      `      if (session.facts.tls === undefined) return privacyRequired;
`,
      "",
    ],
  ]),
  removed("EXTERNAL is understood", "sasl-mechanisms", [
    [
      "src/smtp/commands/auth.ts",
      "  const mechanism = offered.find((one) => one === asciiUpper(name));",
      `  const mechanism = offered.find((one) => one === asciiUpper(name)) ?? "PLAIN";`,
    ],
  ]),
  removed("responses have any length", "sasl-length", [
    ["src/smtp/limits.ts", "authLine_octets: 12_288,", "authLine_octets: 12_288_000,"],
    ["src/sasl/limits.ts", "PREPARED_OCTETS_MAX = 1024;", "PREPARED_OCTETS_MAX = 1_024_000;"],
  ]),
  removed("base64 is read as it comes", "sasl-base64", [
    [
      "src/imap/sasl-dialog.ts",
      `  return octets.toString("base64") === text ? octets : undefined;`,
      "  return octets;",
    ],
  ]),
  removed("malformed base64 throws", "sasl-garbage", [
    [
      "src/smtp/commands/auth.ts",
      "  if (initial !== undefined && response === undefined) return notBase64;",
      `  if (initial !== undefined && response === undefined) throw new Error("not base64");`,
    ],
  ]),
  removed("anybody acts for anybody", "sasl-authorization", [
    [
      "src/sasl/plain.ts",
      `      if (authzid !== "" && prepare(authzid) !== login) return malformed;
`,
      "",
    ],
  ]),
  removed("a login name that is none is told apart", "login-injection", [
    [
      "src/accounts/authenticate.ts",
      `  const { account, candidates } = await find(asking);
  const made =`,
      `  if (!login.includes("@")) return refused(asking, "unavailable");
  const { account, candidates } = await find(asking);
  const made =`,
    ],
  ]),
  removed("wrong logins are not counted", "login-attempts", [
    ["src/smtp/limits.ts", "authAttempts: 5,", "authAttempts: 5_000,"],
  ]),
  removed(
    "who does not log in may stay",
    "slow-login",
    [["src/imap/limits.ts", "login_ms: 60_000,", "login_ms: 600_000,"]],
    { slow: true },
  ),
  removed(
    "a handshake may take an hour",
    "slow-handshake",
    [["src/net/listener.ts", "const HANDSHAKE_MS = 10_000;", "const HANDSHAKE_MS = 3_600_000;"]],
    { slow: true },
  ),
];
