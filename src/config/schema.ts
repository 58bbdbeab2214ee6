import { z } from "zod";
import { parseDomain } from "../base/domain-name.ts";
import { listeners } from "./schema-listeners.ts";
import { outbound, queue } from "./schema-outbound.ts";
import { domainName, MIB, portNumber, section } from "./schema-parts.ts";
import { journal, policy } from "./schema-policy.ts";
import { alerts, doctor, updates, web } from "./schema-web.ts";

/**
 * Every setting of `wachpost.toml`, with its prose: this file is validation, defaults and reference
 * (`docs/settings.md`) at once. Units stand last in names. What may not be lowered is not a setting.
 */

/** Good enough for a setting; who writes to it finds out the rest. */
const isMailAddress = (text: string): boolean => {
  const at = text.lastIndexOf("@");
  return /^[A-Za-z0-9._+-]{1,64}$/.test(text.slice(0, at)) && parseDomain(text.slice(at + 1)) !== undefined;
};

const hostAndPort = z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[0-9.]+)(:[0-9]{1,5})?$/, {
  error: "is not ADDRESS or ADDRESS:PORT, e.g. 127.0.0.1:53 or [::1]:53",
});

const limits = section(
  {
    message_size_octets: z
      .int()
      .min(64 * 1024)
      .max(1024 * MIB)
      .default(50 * MIB)
      .describe("Largest message, in and out (SIZE, APPENDLIMIT)."),
    connections: z.int().min(10).max(100_000).default(2000).describe("Connections per listener."),
    connections_per_client: z
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe("Connections on port 25 from one IPv4 address or IPv6 /64 (D-13)."),
    logins_per_client: z
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe("Connections for submission, IMAP and POP3 from one IPv4 address or IPv6 /64."),
    message_memory_octets: z
      .int()
      .min(4 * MIB)
      .default(64 * MIB)
      .describe("Memory for messages under way; what does not fit goes to a temporary file."),
    disk_free_percent: z
      .int()
      .min(0)
      .max(50)
      .default(5)
      .describe("Below this much free space new mail is put off with 452 4.3.1 (D-49)."),
    signatures_s: z
      .int()
      .min(1)
      .max(60)
      .default(20)
      .describe(
        "Seconds the key servers of one message's signatures (DKIM, ARC) have to answer; DMARC has as long again of its own (C-10).",
      ),
  },
  "Limits. Each protocol has more, fixed ones in its `limits.ts`.",
);

const acme = section(
  {
    enabled: z.boolean().default(false).describe("Get the certificate from an authority and renew it."),
    agree_terms: z.boolean().default(false).describe("You have read and accept the terms of the authority."),
    directory: z
      .string()
      .default("https://acme-v02.api.letsencrypt.org/directory")
      .describe("Where the authority's ACME directory is."),
    contact: z.string().optional().describe("Mail address the authority may write to."),
    names: z
      .array(domainName)
      .default([])
      .describe("Names of the certificate; all must lead to this machine. Empty: `hostname`."),
    web_names: z
      .boolean()
      .default(true)
      .describe(
        "Also the names of the web door that lead here in the DNS: mta-sts., autoconfig. and autodiscover. of every domain (docs/web.md).",
      ),
    challenge: z
      .enum(["http-01", "tls-alpn-01", "dns-01"])
      .default("http-01")
      .describe(
        "How the authority is convinced: it connects to port 80 (`http-01`) or 443 (`tls-alpn-01`), or looks at a DNS record that `dns.update` sets (`dns-01`).",
      ),
    address: z.string().optional().describe("Address the challenge is answered on; without it all."),
    port: portNumber.optional().describe("Port the challenge is answered on, where a proxy leads there."),
    profile: z.string().optional().describe("Profile of the authority, e.g. `shortlived`."),
    ca_file: z.string().optional().describe("PEM file of authorities trusted for the ACME directory itself."),
  },
  "Certificate by ACME (RFC 8555), renewed when the authority says so (RFC 9773).",
);

const dnsUpdate = z
  .strictObject({
    server: hostAndPort.describe("Primary server of the zone, ADDRESS or ADDRESS:PORT."),
    key: domainName.describe("Name of the key, as the server knows it."),
    algorithm: z
      .enum(["hmac-sha256", "hmac-sha512"])
      .default("hmac-sha256")
      .describe("Algorithm of the key."),
    secret_file: z.string().describe("File with the key's secret in base64, readable by the server only."),
  })
  .optional()
  .describe(
    "Dynamic updates of our own zones (RFC 2136), signed by TSIG (RFC 8945): for `dns-01`, and to keep TLSA records in step with the certificate's key.",
  );

const mailAddress = z.string().refine(isMailAddress, {
  error: "is not a mail address, e.g. reports@example.org",
});

const reports = section(
  {
    enabled: z
      .boolean()
      .default(true)
      .describe(
        "Tell domains that ask for it (rua=) once a day what came in their name (DMARC, RFC 9990) and how TLS to them went (RFC 8460). Numbers and addresses of servers, nothing of people.",
      ),
    from: mailAddress
      .optional()
      .describe(
        "Address the reports come from, of a domain of this server. Without it: postmaster at the domain `hostname` is in.",
      ),
    organization: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe("Who reports, for the readers. Without it: `hostname`."),
    contact: z
      .string()
      .max(200)
      .optional()
      .describe("Where else its readers can ask, e.g. the address of a web page."),
  },
  "Daily reports to other domains.",
);

const backup = section(
  {
    directory: z
      .string()
      .optional()
      .describe("Directory archives are written to, best on another disk. Without it no backup is made."),
    key_file: z
      .string()
      .optional()
      .describe("File with the key that seals archives; `wachpost backup key FILE` makes one (T-44)."),
    passphrase_file: z.string().optional().describe("File with a passphrase instead of a key."),
    every_hours: z.int().min(1).max(720).default(24).describe("Hours from one backup to the next."),
    drill_days: z
      .int()
      .min(0)
      .max(365)
      .default(30)
      .describe("Days from one trial restore to the next; 0: none (G-07)."),
    keep_daily: z.int().min(0).max(1000).default(7).describe("Days whose newest archive is kept."),
    keep_weekly: z.int().min(0).max(1000).default(4).describe("Weeks whose newest archive is kept."),
    keep_monthly: z.int().min(0).max(1000).default(6).describe("Months whose newest archive is kept."),
  },
  "Encrypted backups the running server makes by itself (docs/backup.md).",
);

export const configSchema = z.strictObject({
  hostname: domainName.describe(
    "Name of this server in greetings, EHLO and trace headers: the name its address resolves back to.",
  ),
  data: z
    .string()
    .default("/var/lib/wachpost")
    .describe("Directory for mail, queue, accounts and keys; mode 0700."),
  listeners,
  tls: section(
    {
      certificate: z
        .string()
        .optional()
        .describe(
          "PEM file with certificate chain. Without it the server uses an authority of its own, which clients must be told to trust.",
        ),
      key: z.string().optional().describe("PEM file with the private key, readable by the server only."),
      acme,
    },
    "Certificate. Versions and ciphers are a floor, not a setting.",
  ),
  dns: section(
    {
      servers: z
        .array(hostAndPort)
        .default([])
        .describe("Resolvers, ADDRESS or ADDRESS:PORT. Empty: those of /etc/resolv.conf."),
      signed_name: domainName
        .default("org")
        .describe("A signed zone. The resolver's answer must be marked as authenticated, else DANE is off."),
      bogus_name: domainName
        .default("dnssec-failed.org")
        .describe(
          "A name with wrong signatures. A resolver that answers it does not validate; then DANE is off.",
        ),
      update: dnsUpdate,
    },
    "Where questions about other domains go.",
  ),
  outbound,
  queue,
  limits,
  policy,
  web,
  updates,
  alerts,
  doctor,
  journal,
  backup,
  reports,
  sasl: section(
    {
      scram: z
        .enum(["auto", "never"])
        .default("auto")
        .describe("`auto`: SCRAM is offered while every account can use it (docs/decisions/0002)."),
    },
    "Logging in.",
  ),
  passwords: section(
    {
      argon2_memory_kib: z
        .int()
        .min(19_456)
        .max(1_048_576)
        .default(19_456)
        .describe("Memory per argon2id hash; 19456 is the floor (F-06)."),
      argon2_passes: z.int().min(2).max(20).default(2).describe("Passes per argon2id hash; 2 is the floor."),
      max_age_days: z
        .int()
        .min(0)
        .max(3_650)
        .default(0)
        .describe(
          "Own passwords older than this are reported by alert and doctor, and go on working; 0: never (docs/accounts.md).",
        ),
      admin_max_age_days: z
        .int()
        .min(0)
        .max(3_650)
        .default(0)
        .describe(
          "An administrator's own password older than this opens nothing until it is renewed, app passwords do; 0: never.",
        ),
    },
    "How passwords are kept. Raised figures take effect at the next good login of each account.",
  ),
  log: section(
    {
      level: z
        .enum(["debug", "info", "warn", "error"])
        .default("info")
        .describe("Least important event that is written."),
      file: z.string().optional().describe("File for the log; without it standard error."),
    },
    "The log: one JSON object per line.",
  ),
});

export type Config = z.infer<typeof configSchema>;
