/** Defences of the server, each removed by a few words, and the attack that has to notice: SMTP and TLS. */
import { removed, type Mutation } from "./mutation.ts";

export const SMTP_MUTATIONS: readonly Mutation[] = [
  removed(
    "LF.LF ends a message",
    "smuggling",
    [
      [
        "src/smtp/data-reader.ts",
        `    if (this.#dot === "dot" && octet === CR) {`,
        `    if (this.#dot === "dot" && octet === 10) return "final";
    if (this.#dot === "dot" && octet === CR) {`,
      ],
    ],
    { note: "smuggling-open" },
  ),
  removed(
    "mail for strangers is taken",
    "relay-forms",
    [["src/mta/inbound.ts", `  if (resolution.kind === "foreign") return relayDenied;`, ""]],
    { note: "relay-open-form", also: ["relay"] },
  ),
  removed(
    "what stands behind STARTTLS is kept",
    "starttls-injection",
    [
      [
        "src/net/socket-connection.ts",
        `    if (this.#input.length > 0) {
      this.#endHandshake();
      return { ok: false, reason: "early-data", detail: \`\${this.#input.length} octets before the handshake\` };
    }
    return this.acceptTls(options, deadline_ms);`,
        `    const kept = this.#input.takeAll();
    const start = await this.acceptTls(options, deadline_ms);
    this.unread(kept);
    return start;`,
      ],
      [
        "src/smtp/session.ts",
        `    if (ahead && !this.#mayBeAhead(octets)) return this.#answer(notSynchronised);
`,
        "",
      ],
    ],
    { note: "starttls-injected" },
  ),
  removed(
    "unknown recipients are taken",
    "unknown-recipient",
    [
      [
        "src/mta/inbound.ts",
        "  const refused = recipientRefusal(resolution, to.text);",
        "  const refused = undefined;",
      ],
    ],
    { note: "unknown-accepted" },
  ),
  removed(
    "VRFY tells who exists",
    "vrfy",
    [
      [
        "src/smtp/commands/vrfy.ts",
        `  return reply(252, "2.1.5", "Send mail and see");`,
        `  return reply(250, "2.1.5", argument);`,
      ],
    ],
    { note: "vrfy-tells" },
  ),
  removed(
    "SIZE is not looked at",
    "size-limit",
    [
      [
        "src/smtp/commands/mail.ts",
        "  if (size_max > 0 && (command.size ?? 0) > size_max) return refused(tooLarge(size_max));",
        "",
      ],
    ],
    { grade: "warn", note: "size-ignored" },
  ),
  removed(
    "no login is needed to send",
    "login-needed",
    [
      [
        "src/smtp/commands/mail.ts",
        `  if (facts.profile !== "submission" || facts.identity !== undefined) return undefined;`,
        "  return undefined;",
      ],
      [
        "src/mta/submission.ts",
        `  if (identity === undefined) return loginNeeded;
  if (mail.from`,
        `  if (identity === undefined) return undefined;
  if (mail.from`,
      ],
      ["src/mta/submission.ts", "  if (session.identity === undefined) return loginNeeded;", ""],
    ],
    { note: "no-login-needed" },
  ),
  removed(
    "AUTH is offered before TLS",
    "auth-before-tls",
    [
      [
        "src/smtp/commands/auth.ts",
        `  if (facts.profile !== "submission" || facts.tls === undefined || facts.identity !== undefined) return [];
  const bound = setting.channelBinding() !== undefined;`,
        `  if (facts.profile !== "submission" || facts.identity !== undefined) return [];
  const bound = false;`,
      ],
      ["src/mta/submission.ts", "logins.mechanisms(session.tls !== undefined)", "logins.mechanisms(true)"],
    ],
    { note: "auth-plain" },
  ),
  removed(
    "TLS 1.1 is spoken",
    "tls-1-1",
    [
      [
        "src/tls/contexts.ts",
        `    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    ecdhCurve: GROUPS,`,
        `    minVersion: "TLSv1",
    ciphers: \`\${CIPHERS}:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0\`,
    ecdhCurve: GROUPS,`,
      ],
      [
        "src/tls/contexts.ts",
        `  "rsa_pkcs1_sha512",
].join`,
        `  "rsa_pkcs1_sha512",
  "ECDSA+SHA1",
  "RSA+SHA1",
].join`,
      ],
    ],
    { note: "tls-old-accepted", also: ["cipher-cbc"] },
  ),
  removed(
    "clients renegotiate without end",
    "client-renegotiation",
    [["src/tls/contexts.ts", "    secureOptions: NO_RENEGOTIATION,", ""]],
    { grade: "warn", note: "renegotiation-by-client" },
  ),
  removed("a refused message ends at its fault", "refused-message-end", [
    [
      "src/smtp/receive.ts",
      `    if (reader.fault !== undefined) intake.fail(reader.fault);
    return whenHere(written(intake, body), () => {`,
      `    if (reader.fault !== undefined) {
      intake.fail(reader.fault);
      connection.unread(octets.subarray(octets.indexOf(0) + 3));
      return "complete";
    }
    return whenHere(written(intake, body), () => {`,
    ],
  ]),
  removed("octets of a refused chunk are commands", "bdat-smuggling", [
    [
      "src/smtp/commands/bdat.ts",
      `    reply: answer,
    size_octets: chunk.size_octets,`,
      `    reply: answer,
    size_octets: 0,`,
    ],
  ]),
  removed("a NUL is content", "stray-octets", [
    ["src/smtp/content-walk.ts", `    if (stretch.indexOf(NUL) >= 0) this.note("nul");`, ""],
  ]),
  removed("a bare LF is content", "stray-octets", [
    ["src/smtp/content-walk.ts", `        this.note("bare-lf");`, ""],
  ]),
  removed("a bare CR is content", "stray-octets", [
    [
      "src/smtp/content-walk.ts",
      `      } else {
        this.note("bare-cr");
        from = cr + 1;`,
      `      } else {
        from = cr + 1;`,
    ],
  ]),
  removed("a line has no end", "message-line-length", [
    ["src/smtp/limits.ts", "dataLine_octets: 65_536,", "dataLine_octets: 65_536_000,"],
  ]),
  removed("a chunk of any size is waited for", "bdat-size", [
    [
      "src/smtp/commands/bdat.ts",
      "  if (messageSizeMax > 0 && chunk.size_octets > messageSizeMax + setting.limits.excess_octets) {",
      "  if (false) {",
    ],
  ]),
  removed("chunks are not counted", "bdat-chunks", [
    ["src/smtp/limits.ts", "chunks: 10_000,", "chunks: 10_000_000,"],
  ]),
  removed(
    "a message outlives its refusal",
    "bdat-reset",
    [
      [
        "src/smtp/state.ts",
        `        ...state,
        stage: { name: "greeted" },
        ...(move.delivered ? { errors: 0, junk: 0 } : {}),`,
        `        ...state,
        stage: "mail" in state.stage ? { name: "mail", mail: state.stage.mail, refused: 0, tolerated: 0 } : { name: "greeted" },
        ...(move.delivered ? { errors: 0, junk: 0 } : {}),`,
      ],
    ],
    { also: ["refused-message-state"] },
  ),
  removed("a message refused at its end leaves its sender", "refused-message-state", [
    [
      "src/smtp/state.ts",
      `        ...state,
        stage: { name: "greeted" },
        ...(move.delivered ? { errors: 0, junk: 0 } : {}),`,
      `        ...state,
        stage: state.stage.name === "data" ? { name: "mail", mail: state.stage.mail, refused: 0, tolerated: 0 } : { name: "greeted" },
        ...(move.delivered ? { errors: 0, junk: 0 } : {}),`,
    ],
  ]),
  removed("an address in UTF-8 needs no SMTPUTF8", "utf8-address", [
    ["src/smtp/commands/mail.ts", "  if (path.needsSmtpUtf8 && !smtpUtf8) {", "  if (false) {"],
  ]),
  removed("Received fields are not counted", "mail-loop", [
    [
      "src/mta/accept.ts",
      "  if (receivedFields <= RECEIVED_MAX) return ok(undefined);",
      "  return ok(undefined);",
    ],
  ]),
  removed("LF ends a command", "command-octets", [
    [
      "src/smtp/server.ts",
      `        return line.bareLf
`,
      `        return false
`,
    ],
  ]),
  removed("control characters stand in commands", "command-octets", [
    [
      "src/smtp/session.ts",
      "  return hasControl(unicode) ? undefined : unicode;",
      "  return hasControl(unicode) ? unicode : unicode;",
    ],
  ]),
  removed("commands have any length", "command-length", [
    ["src/smtp/limits.ts", "commandLine_octets: 2048,", "commandLine_octets: 20_480_000,"],
  ]),
  removed("xtext hides line ends", "parameter-injection", [
    [
      "src/smtp/parameters.ts",
      `  return /[\\u0000-\\u001f\\u007f-\\u009f]/.test(plain) ? undefined : plain;`,
      "  return plain;",
    ],
  ]),
  removed("everybody is a proxy (XCLIENT)", "foreign-commands", [
    ["src/smtp/commands/xclient.ts", "  if (!setting.trustsXclient) {", "  if (false) {"],
  ]),
  removed("everybody is a proxy (PROXY)", "proxy-header", [
    [
      "src/assembly/doors.ts",
      "    proxyFrom: cidrs(setting.proxy_from),",
      `    proxyFrom: cidrs(["0.0.0.0/0"]),`,
    ],
  ]),
  removed("names that are queries exist", "lookup-injection", [
    [
      "src/mta/inbound.ts",
      `    case "unknown":
`,
      `    case "unknown":
      if (/[$|\`']/.test(address)) return undefined;
`,
    ],
  ]),
  removed("recipients are not counted", "recipient-flood", [
    ["src/smtp/limits.ts", "recipients: 1000,", "recipients: 1_000_000,"],
  ]),
  removed("VRFY tells before the login", "submission-enumeration", [
    [
      "src/smtp/commands/vrfy.ts",
      `  return reply(252, "2.1.5", "Send mail and see");`,
      `  return argument.startsWith("you@") ? reply(252, "2.1.5", "Send mail and see") : reply(550, "5.1.1", "Nobody");`,
    ],
  ]),
  removed("errors are not counted", "error-flood", [
    [
      "src/smtp/limits.ts",
      `  errorsSoft: 10,
  errorsHard: 20,
  errorDelay`,
      `  errorsSoft: 10_000,
  errorsHard: 20_000,
  errorDelay`,
    ],
  ]),
  removed("HTTP is spoken to", "web-speech", [
    [
      "src/smtp/session.ts",
      `  return first < 0x61 || first > 0x7a || isHttp(first, octets);`,
      "  return first > 0xff;",
    ],
    [
      "src/smtp/session.ts",
      `    if (ahead && !this.#mayBeAhead(octets)) return this.#answer(notSynchronised);
`,
      "",
    ],
  ]),
];
