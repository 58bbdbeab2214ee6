/** Attacks on the web door. */
import { broken, held, lost, type At, type Attack, type Outcome } from "../contract.ts";
import { secured } from "../talk.ts";

type Response = { readonly status: number; readonly text: string };

/** Octets out, everything the server says until it hangs up or falls silent. */
async function ask(at: At, octets: string, judge: (response: Response) => Outcome): Promise<Outcome> {
  return await secured(at, async (visit) => {
    const { input, end } = await visit.exchange(
      Buffer.from(octets, "latin1"),
      (so) => isWhole(so.toString("latin1")),
      6_000,
    );
    const text = input.toString("latin1");
    const status = Number(/^HTTP\/1\.1 ([0-9]{3})/.exec(text)?.[1] ?? 0);
    if (status === 0) return end === "closed" ? judge({ status: 0, text }) : lost(`no answer: ${end}`);
    return judge({ status, text });
  });
}

function isWhole(text: string): boolean {
  const [head = "", ...body] = text.split("\r\n\r\n");
  if (body.length === 0) return false;
  const length = Number(/^content-length: ([0-9]+)/im.exec(head)?.[1] ?? 0);
  return body.join("\r\n\r\n").length >= length;
}

const request = (at: At, target: string, more = "", method = "GET", body = ""): string =>
  `${method} ${target} HTTP/1.1\r\nHost: ${at.host.name}\r\nConnection: close\r\n${more}${body === "" ? "" : `Content-Length: ${body.length}\r\n`}\r\n${body}`;

const HANGS_UP = "it hung up";

const shown = ({ status, text }: Response): string =>
  status === 0 ? HANGS_UP : (text.split("\r\n")[0] ?? "").replace("HTTP/1.1 ", "");

/** One after the other; the first that is not held is the outcome. */
async function each(trials: readonly (() => Promise<Outcome>)[]): Promise<Outcome> {
  const seen = new Set<string>();
  for (const trial of trials) {
    const outcome = await trial();
    if (outcome.kind !== "held") return outcome;
    seen.add(outcome.saw);
  }
  // Who hangs up on whatever is said refuses nothing of it.
  return seen.size === 1 && seen.has(HANGS_UP) ? lost(HANGS_UP) : held([...seen].join(" | "));
}

const web = (check: Attack["check"], run: (at: At) => Promise<Outcome>): Attack => ({
  check,
  doors: ["web"],
  weight: "light",
  needs: "nothing",
  run,
});

const notFound =
  (what: string) =>
  (response: Response): Outcome =>
    response.status >= 200 && response.status < 400
      ? broken(`${what}: ${shown(response)}`)
      : held(shown(response));

const PATHS = [
  "/../../../../etc/passwd",
  "/..%2f..%2f..%2f..%2fetc%2fpasswd",
  "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/..\\..\\..\\etc\\passwd",
  "/style.css/../../package.json",
  "/style.css%00.txt",
  "//etc/passwd",
  "file:///etc/passwd",
  "http://169.254.169.254/latest/meta-data/",
];

const traversal = web("web-traversal", (at) =>
  each(PATHS.map((path) => () => ask(at, request(at, path), notFound(path)))),
);

const XML = "Content-Type: text/xml\r\n";
const question = (dtd: string, address: string): string =>
  `<?xml version="1.0"?>${dtd}<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;
const LAUGHS = `<!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 12 }, (_, i) => `<!ENTITY ${"b".repeat(i + 1)} "${`&${i === 0 ? "a" : "b".repeat(i)};`.repeat(10)}">`).join("")}]>`;

const entities = web("web-entities", (at) => {
  const address = `you@${at.domain}`;
  const post = (dtd: string, text: string) => () =>
    ask(at, request(at, "/autodiscover/autodiscover.xml", XML, "POST", question(dtd, text)), (response) =>
      response.status === 200 ? broken(`a DTD was read: ${shown(response)}`) : held(shown(response)),
    );
  return each([
    post('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>', `&f;${address}`),
    post('<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">', address),
    post(LAUGHS, `&bbbbbbbbbbbb;${address}`),
  ]);
});

const reflection = web("web-reflection", (at) => {
  const evil = `"><script>alert(1)</script>`;
  const isReflected = (response: Response): Outcome =>
    /<script>alert\(1\)|^x-evil:|a&b@/im.test(response.text)
      ? broken(shown(response))
      : held(shown(response));
  return each([
    () => ask(at, request(at, `/?email=${encodeURIComponent(`a${evil}@${at.domain}`)}`), isReflected),
    () =>
      ask(
        at,
        request(at, `/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(`a${evil}@${at.domain}`)}`),
        isReflected,
      ),
    () =>
      ask(at, request(at, `/mail.mobileconfig?email=${encodeURIComponent(`a&b@${at.domain}`)}`), isReflected),
    () =>
      ask(
        at,
        request(at, `/mail.mobileconfig?email=${encodeURIComponent(`a\r\nX-Evil: 1@${at.domain}`)}`),
        isReflected,
      ),
    () =>
      ask(
        at,
        request(
          at,
          "/autodiscover/autodiscover.xml",
          XML,
          "POST",
          question("", `a&lt;script&gt;alert(1)&lt;/script&gt;@${at.domain}`),
        ),
        isReflected,
      ),
  ]);
});

const upgrade = web("web-upgrade", (at) =>
  each(
    ["TLS/1.0", "h2c", "websocket"].map(
      (protocol) => () =>
        ask(at, request(at, "/", `Upgrade: ${protocol}\r\nConnection: Upgrade\r\n`), (response) =>
          response.status === 101 ? broken(`${protocol}: ${shown(response)}`) : held(shown(response)),
        ),
    ),
  ),
);

const refused =
  (what: string) =>
  (response: Response): Outcome =>
    response.status !== 0 && response.status < 400
      ? broken(`${what}: ${shown(response)}`)
      : held(shown(response));

const headers = web("web-headers", (at) =>
  each([
    () =>
      ask(at, request(at, "/", `X-Large: ${"x".repeat(30_000)}\r\n`), refused("a field of 30,000 octets")),
    () => ask(at, request(at, `/?${"x".repeat(4_000)}`), refused("an address of 4,000 octets")),
  ]),
);

const body = web("web-body", (at) =>
  each([
    () =>
      ask(
        at,
        request(
          at,
          "/autodiscover/autodiscover.xml",
          XML,
          "POST",
          question("", `you@${at.domain}`) + " ".repeat(200_000),
        ),
        refused("a body of 200,000 octets"),
      ),
    () =>
      ask(
        at,
        `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x.example\r\nTransfer-Encoding: chunked\r\n\r\n${`1000\r\n${" ".repeat(4096)}\r\n`.repeat(40)}0\r\n\r\n`,
        refused("chunks of 160,000 octets"),
      ),
    () =>
      ask(
        at,
        request(at, "/autodiscover/autodiscover.xml", "Content-Length: 99999999999999\r\n", "POST"),
        refused("a length of 100 TB"),
      ),
  ]),
);

const smuggling = web("web-smuggling", (at) => {
  const hidden = `GET /style.css HTTP/1.1\r\nHost: ${at.host.name}\r\n\r\n`;
  const two =
    (what: string) =>
    (response: Response): Outcome =>
      response.text.split("HTTP/1.1 ").length > 2 ? broken(`${what}: two answers`) : held(shown(response));
  return each([
    () =>
      ask(
        at,
        `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x.example\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
        refused("two lengths"),
      ),
    () =>
      ask(
        at,
        `GET / HTTP/1.1\r\nHost: x.example\r\nContent-Length: ${hidden.length}\r\nContent-Length: 0\r\n\r\n${hidden}`,
        refused("two Content-Lengths"),
      ),
    () =>
      ask(
        at,
        `GET / HTTP/1.1\r\nHost: x.example\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
        two("a GET with a body"),
      ),
    () =>
      ask(
        at,
        `GET / HTTP/1.1\r\nHost: x.example\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
        refused("a space before the colon"),
      ),
  ]);
});

const hosts = web("web-host", (at) => {
  const policyFor = (host: string) => () =>
    ask(
      at,
      `GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      (response) =>
        response.text.includes("STSv1") ? broken(`a policy for ${host}`) : held(shown(response)),
    );
  return each([
    policyFor("mta-sts.example.net"),
    policyFor("mta-sts."),
    policyFor("mta-sts.__proto__"),
    () => ask(at, "GET / HTTP/1.1\r\n\r\n", refused("no Host")),
  ]);
});

const framing = web("web-framing", (at) =>
  ask(at, request(at, "/"), (response) => {
    if (response.status === 0) return lost(HANGS_UP);
    const missing = [
      "content-security-policy",
      "x-frame-options",
      "x-content-type-options",
      "strict-transport-security",
    ].filter((name) => !new RegExp(`^${name}: `, "im").test(response.text));
    return missing.length === 0
      ? held("all security headers are sent")
      : broken(`missing: ${missing.join(", ")}`);
  }),
);

export const WEB_ATTACKS: readonly Attack[] = [
  traversal,
  entities,
  reflection,
  upgrade,
  headers,
  body,
  smuggling,
  hosts,
  framing,
];
