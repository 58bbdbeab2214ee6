import { z } from "zod";
import { parseDomain } from "../base/domain-name.ts";
import { cidr, section } from "./schema-parts.ts";

/** Settings of what the server does and says by itself: to the web, to its operator, about itself. */

const mxPattern = z.string().refine((text) => parseDomain(text.replace(/^\*\./, "")) !== undefined, {
  error: "is not a host name or *.DOMAIN",
});
const httpUrl = z.string().refine(isSafeUrl, {
  error: "is not an https URL (http only to this machine), e.g. https://ntfy.sh/your-secret-topic",
});

/** What is told must not be read on the way. */
function isSafeUrl(text: string): boolean {
  if (text.length > 2000 || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === "https:" || (protocol === "http:" && /^(localhost|127\.[0-9.]+|\[::1\])$/.test(hostname))
  );
}

export const alerts = section(
  {
    mail_enabled: z.boolean().default(true).describe("Alerts are mailed."),
    mail: z
      .string()
      .regex(/^[^\s<>@]+@[^\s<>@]+$/, { error: "is not an address" })
      .optional()
      .describe("Where to. Without it: postmaster of the domain `hostname` is in."),
    webhook: httpUrl
      .optional()
      .describe(
        "A second way, for when mail is what is broken: every alert is also posted here. Keep the URL secret.",
      ),
    webhook_format: z
      .enum(["json", "ntfy"])
      .default("json")
      .describe("`json`: `{ server, text, alerts }`, which chat programs understand; `ntfy`: text for ntfy."),
    ping: httpUrl
      .optional()
      .describe(
        "Fetched again and again while `/readyz` would say yes; a watcher outside raises the alarm when it stays away.",
      ),
    ping_s: z.int().min(10).max(86_400).default(300).describe("How often."),
    language: z.enum(["en", "de"]).default("en").describe("Language of alerts."),
    disk_free_percent: z.int().min(0).max(100).default(15).describe("Less free space than this is an alert."),
    queue_age_s: z
      .int()
      .min(600)
      .max(5 * 86_400)
      .default(4 * 3600)
      .describe("A message that waits longer than this is an alert."),
  },
  "What the server tells its operator by itself: when something begins, and when it is over.",
);

export const web = section(
  {
    mta_sts: z
      .enum(["testing", "enforce", "none"])
      .default("testing")
      .describe(
        "What other servers are told to do when our certificate is not right: `testing` deliver and report, `enforce` do not deliver. `none` takes an earlier policy back (RFC 8461 §8.3).",
      ),
    mta_sts_max_age_s: z
      .int()
      .min(86_400)
      .max(31_557_600)
      .default(604_800)
      .describe("How long others keep the policy. Raise it once `enforce` works: a month is 2592000."),
    mta_sts_mx: z
      .array(mxPattern)
      .default([])
      .describe("Mail hosts of our domains beside `hostname`, e.g. a backup MX; `*.example.org` is allowed."),
    metrics_networks: z
      .array(cidr)
      .default([])
      .describe(
        "Who may read /healthz, /readyz and /metrics beside this machine itself. To everybody else they do not exist.",
      ),
  },
  "What the web door says.",
);

const hour = z.int().min(0).max(23);

export const doctor = section(
  {
    enabled: z
      .boolean()
      .default(true)
      .describe(
        "The running server examines itself and tells what has changed by the ways of `alerts` (docs/doctor.md).",
      ),
    light_s: z
      .int()
      .min(1)
      .max(86_400)
      .default(3600)
      .describe("From one short look (ports, certificate, DNS records, lists, disk, queue) to the next."),
    full_from_hour: hour
      .default(1)
      .describe("The daily full examination begins at or after this hour, local time."),
    full_to_hour: hour
      .default(5)
      .describe("And before this one; the minute between is chosen once for each installation."),
    start_s: z
      .int()
      .min(0)
      .max(86_400)
      .default(180)
      .describe(
        "Nothing runs for this long after the start. Then a full examination where version or configuration are new.",
      ),
    attack: z
      .boolean()
      .default(true)
      .describe(
        "The daily examination also attacks the server's own doors, within a budget (docs/attack.md).",
      ),
    canary: z
      .boolean()
      .default(true)
      .describe(
        "A mail through the whole server and back again and again, with an account nobody else can use.",
      ),
    canary_s: z.int().min(1).max(86_400).default(900).describe("From one to the next."),
    canary_late_s: z
      .int()
      .min(1)
      .max(3600)
      .default(60)
      .describe("One that has not arrived by then is missing: an alert."),
  },
  "The doctor inside the running server.",
);

const httpsUrl = z.string().refine((text) => isSafeUrl(text) && text.startsWith("https:"), {
  error: "is not an https URL, e.g. https://wachpost.example/feed.json",
});

export const updates = section(
  {
    feed: httpsUrl
      .optional()
      .describe(
        "A signed list of releases, asked once a day. Without it nobody is asked; nothing is ever installed by itself (docs/upgrade.md).",
      ),
    key: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, { error: "is not the 32 octets of an Ed25519 public key in base64" })
      .optional()
      .describe("The public key the feed is signed with."),
  },
  "Notice of new versions.",
).refine(({ feed, key }) => feed === undefined || key !== undefined, {
  error: "is missing: a feed is believed by its signature only",
  path: ["key"],
});
