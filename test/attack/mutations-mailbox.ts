/** Defences of the server, each removed by a few words, and the attack that has to notice: IMAP, POP3, what is read there, and the web. */
import { removed, type Mutation } from "./mutation.ts";

export const MAILBOX_MUTATIONS: readonly Mutation[] = [
  removed("strangers send large literals", "imap-stranger-literal", [
    ["src/imap/limits.ts", "literalBeforeLogin_octets: 8_192,", "literalBeforeLogin_octets: 8_192_000,"],
  ]),
  removed("strangers send long lines", "imap-stranger-line", [
    ["src/imap/limits.ts", "lineBeforeLogin_octets: 16_384,", "lineBeforeLogin_octets: 16_384_000,"],
  ]),
  removed("commands need not be understood", "imap-parentheses", [
    ["src/imap/server.ts", "      if (cursor.failed) return bad(", "      if (false) return bad("],
  ]),
  removed("malformed commands are not counted", "imap-garbage", [
    ["src/imap/limits.ts", "badCommands: 50,", "badCommands: 50_000,"],
  ]),
  removed("users send large literals", "imap-literal", [
    ["src/imap/limits.ts", "literals_octets: 262_144,", "literals_octets: 262_144_000,"],
  ]),
  removed("searches have any depth", "imap-search-depth", [
    ["src/imap/limits.ts", "searchDepth: 250,", "searchDepth: 250_000,"],
  ]),
  removed("sets have any length", "imap-sets", [
    ["src/imap/limits.ts", "setRanges: 10_000,", "setRanges: 10_000_000,"],
  ]),
  removed("patterns have any length", "imap-list-patterns", [
    ["src/imap/limits.ts", "listPatterns_octets: 1_024,", "listPatterns_octets: 1_024_000,"],
  ]),
  removed("FETCH asks for any number of items", "imap-fetch-depth", [
    ["src/imap/limits.ts", "fetchItems: 100,", "fetchItems: 100_000,"],
  ]),
  removed("flags are not counted", "imap-flag-flood", [
    ["src/imap/limits.ts", "  flags: 100,", "  flags: 100_000,"],
    [
      "src/store/sqlite/message-rows.ts",
      `  if (wanted.size > STORE_LIMITS.keywordsPerMessage) throw new RollBack("keyword-limit");
`,
      "",
    ],
    [
      "src/store/sqlite/message-rows.ts",
      `  if (count >= STORE_LIMITS.keywordsPerMailbox) return undefined;
`,
      "",
    ],
  ]),
  removed("names are paths", "imap-foreign-mailbox", [
    [
      "src/mailbox/mailbox-name.ts",
      `  if (levels.some((level) => level === "." || level === "..")) return cannot("The name is a path");
`,
      "",
    ],
  ]),
  removed("names have line ends", "imap-name-injection", [
    ["src/mailbox/mailbox-name.ts", "  if (FORBIDDEN.test(canonical)) return", "  if (false) return"],
    [
      "src/imap/mailbox-name.ts",
      `    if (/[^ -~]/.test(plain)) return undefined;
`,
      "",
    ],
    ["src/imap/mailbox-name.ts", "  return encodeUtf7(name) === text ? name : undefined;", "  return name;"],
  ]),
  removed("POP3 lines have any length", "pop3-line", [
    ["src/pop3/limits.ts", "authorization_octets: 12_288 + 64,", "authorization_octets: 12_288_000,"],
  ]),
  removed("errors are not counted in POP3", "pop3-garbage", [
    ["src/pop3/limits.ts", "faults: 10,", "faults: 10_000,"],
  ]),
  removed("numbers are what JavaScript calls one", "pop3-numbers", [
    [
      "src/pop3/grammar.ts",
      `  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
`,
      "",
    ],
    [
      "src/pop3/message-number.ts",
      `  if (maildrop.messages[index] === undefined || deleted.has(index))
    return err({ reply: negative("No such message") });
`,
      "",
    ],
  ]),
  removed(
    "parts lie in each other without end",
    "mime-depth",
    [["src/message/limits.ts", "nestingMax: 50,", "nestingMax: 50_000,"]],
    { also: ["mime-letters"] },
  ),
  removed("messages lie in each other without end", "mime-letters", [
    ["src/message/limits.ts", "nestingMax: 50,", "nestingMax: 500,"],
  ]),
  removed("parts are not counted", "mime-parts", [
    ["src/message/limits.ts", "partsMax: 1_000,", "partsMax: 1_000_000,"],
  ]),
  removed("parameters are not counted", "mime-parameters", [
    ["src/message/limits.ts", "parametersMax: 100,", "parametersMax: 1_000_000,"],
  ]),
  removed("fields are not counted", "header-fields", [
    ["src/message/limits.ts", "headerLinesMax: 1_000,", "headerLinesMax: 1_000_000,"],
  ]),
  removed("a header has any size", "header-size", [
    [
      "src/mta/accept.ts",
      "const HEADER_OCTETS_MAX = 1024 * 1024;",
      "const HEADER_OCTETS_MAX = 1024 * 1024 * 1024;",
    ],
  ]),
  removed("fields are kept in an object", "header-prototype", [
    [
      "src/imap/section.ts",
      `  const names = new Set(wanted);
`,
      `  const held = wanted.reduce((o, name) => ((o[name] = true), o), {});
  const names = { has: (name) => Object.hasOwn(held, name) };
`,
    ],
  ]),
  removed("HTML is read by a pattern that starts over", "html-bomb", [
    [
      "src/message/html-text.ts",
      `export function htmlText(html: string): string {
`,
      `export function htmlText(html: string): string {
  if (/^(?:<div>|<|d|i|v|>|\\s)+$!/m.test(html)) return "";
`,
    ],
  ]),
  removed("packed reports have any size", "report-bomb", [
    [
      "src/authentication/reports/unpack.ts",
      "  const maxOutputLength = Math.min(unpackedOctetsMax, Math.max(unpackedAlways, packed.length * ratioMax));",
      "  const maxOutputLength = 1024 * (unpackedOctetsMax + unpackedAlways + ratioMax);",
    ],
  ]),
  removed("every path is a page", "web-traversal", [
    ["src/web/router.ts", "return noSuchPage;", "return await page(request, rooms);"],
  ]),
  removed("a DTD is read", "web-entities", [
    [
      "src/web/xml.ts",
      `  if (body.includes("<!") || body.includes("<?")) return undefined;
`,
      "",
    ],
  ]),
  removed("text is written as it is", "web-reflection", [
    [
      "src/web/xml.ts",
      `    .replaceAll("&", "&amp;")
`,
      "",
    ],
  ]),
  removed("any protocol is switched to", "web-upgrade", [
    [
      "src/web/server.ts",
      `  server.maxHeadersCount = WEB_LIMITS.headersMax;
`,
      `  server.on("upgrade", (_, stream) => stream.end("HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n"));
`,
    ],
  ]),
  removed("headers have any size", "web-headers", [
    ["src/web/limits.ts", "header_octets: 8 * 1024,", "header_octets: 8 * 1024 * 1024,"],
  ]),
  removed("bodies have any size", "web-body", [
    ["src/web/limits.ts", "body_octets: 16 * 1024,", "body_octets: 16 * 1024 * 1024,"],
  ]),
  removed("a request has two lengths", "web-smuggling", [
    ["src/web/server.ts", "insecureHTTPParser: false,", "insecureHTTPParser: true,"],
  ]),
  removed("every host has our policy", "web-host", [
    [
      "src/web/routes/mta-sts.ts",
      `  if (domain === undefined || !(await rooms.isOurs(domain))) return noSuchDomain;
`,
      "",
    ],
  ]),
  removed("pages may be framed", "web-framing", [
    [
      "src/web/server.ts",
      `    ...SECURITY_HEADERS,
`,
      "",
    ],
  ]),
  removed(
    "a request may take minutes",
    "slow-request",
    [["src/web/limits.ts", "request_ms: 15_000,", "request_ms: 150_000,"]],
    { slow: true },
  ),
];
