import { z } from "zod";
import { parseIp } from "../base/ip.ts";
import { domainName, portNumber, section } from "./schema-parts.ts";

/** How mail leaves, and how long it is tried. */

/** Undefined: usable. */
function localAddressFault(setting: string | readonly string[]): string | undefined {
  const texts = [setting].flat();
  const found = texts.map((text) => parseIp(text));
  if (texts.length === 0) return "names no address";
  if (found.some((ip) => ip === undefined || ip.text === "0.0.0.0" || ip.text === "::"))
    return "is not an address of this machine, e.g. 192.0.2.1 or 2001:db8::1";
  const families = new Set(found.map((ip) => ip?.family));
  if (families.size < found.length)
    return "names two addresses of one family; one IPv4 and one IPv6 address can be used";
  return undefined;
}

/** One address, or one of each family. */
const localAddress = z
  .union([z.string(), z.array(z.string())], {
    error: "is an address, or a list of one IPv4 and one IPv6 address",
  })
  .superRefine((setting, context) => {
    const message = localAddressFault(setting);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const OF_A_NEXT_HOP = ["host", "port", "tls", "user", "password_file"] as const;

const transport = z
  .strictObject({
    domain: z
      .string()
      .describe("`example.org`, `.example.org` for its subdomains, or `*` for everything else."),
    kind: z
      .enum(["smtp", "lmtp", "direct"])
      .default("smtp")
      .describe("Protocol of the next hop; `direct`: none, the DNS (MX) says where mail goes."),
    host: z.string().optional().describe("Host name or address of the next hop; none for `direct`."),
    port: portNumber.optional().describe("Its port; 587 where none is named."),
    tls: z
      .enum(["none", "opportunistic", "encrypt", "verify", "implicit"])
      .optional()
      .describe(
        "`verify`, as where nothing is said: STARTTLS with a matching certificate; `implicit`: TLS from the first octet, verified.",
      ),
    user: z.string().optional().describe("Login name there."),
    password_file: z
      .string()
      .optional()
      .describe("File that holds the password there, readable by the server only."),
    local_address: localAddress
      .optional()
      .describe("Where connections for this entry come from; without it `outbound.local_address`."),
    helo_name: domainName
      .optional()
      .describe("Name said in EHLO there, which leads to that address; without it `hostname`."),
  })
  .refine(({ kind, host }) => kind === "direct" || host !== undefined, {
    error: "is missing: the name or address of the next hop",
    path: ["host"],
  })
  .superRefine((entry, context) => {
    if (entry.kind !== "direct") return;
    for (const key of OF_A_NEXT_HOP) {
      if (entry[key] === undefined) continue;
      const message =
        'belongs to a next hop; kind = "direct" goes where the DNS says, as safely as the destination can';
      context.addIssue({ code: "custom", message, path: [key] });
    }
  });

export const queue = section(
  {
    first_retry_s: z.int().min(10).max(3600).default(300).describe("Wait before the second try."),
    retry_max_s: z
      .int()
      .min(60)
      .max(86_400)
      .default(4000)
      .describe("Longest wait between two tries; waits double up to it."),
    expire_s: z
      .int()
      .min(600)
      .max(30 * 86_400)
      .default(5 * 86_400)
      .describe("Age at which mail is given up and returned (RFC 5321 §4.5.4.1: at least 4-5 days)."),
    delay_notice_s: z
      .int()
      .min(0)
      .max(5 * 86_400)
      .default(4 * 3600)
      .describe("Age at which the sender is told once that his mail is delayed; 0: never."),
    concurrency: z.int().min(1).max(500).default(20).describe("Deliveries under way at once."),
    concurrency_per_destination: z.int().min(1).max(100).default(5).describe("Of these to one destination."),
  },
  "Outgoing mail.",
);

export const outbound = section(
  {
    port: portNumber.default(25).describe("Port of other servers' MX hosts. Anything but 25 is for tests."),
    local_address: localAddress
      .optional()
      .describe(
        "Address outgoing connections come from, or one of each family; a family without one is not used (docs/config.md).",
      ),
    ca_file: z
      .string()
      .optional()
      .describe(
        "PEM file of authorities trusted beside the public ones, for smarthosts with a certificate of their own.",
      ),
    signatures_end: z
      .boolean()
      .default(false)
      .describe(
        "DKIM signatures end (`x=`) two days after `queue.expire_s`, so after seven days: one signed message of a bad user cannot be sent on for ever. Whoever checks it later, or gets it after you held it for long, finds no valid signature.",
      ),
    transports: z
      .array(transport)
      .default([])
      .describe('Next hops that override MX, first match wins: a smarthost is `domain = "*"`.'),
  },
  "How mail leaves.",
);

export type Transport = z.infer<typeof transport>;
export type LocalAddress = z.infer<typeof localAddress> | undefined;
