import { z } from "zod";
import { cidr, domainName, MIB, section } from "./schema-parts.ts";

const restrictions = (what: string) =>
  z.string().optional().describe(`${what} Without it the default of a fresh server (docs/policy.md).`);

export const policy = section(
  {
    mynetworks: z
      .array(cidr)
      .default(["127.0.0.0/8", "::1/128"])
      .describe(
        "Clients that are trusted: not looked up, not authenticated, let through by `permit_mynetworks`.",
      ),
    banner: restrictions("Rules before the banner."),
    client: restrictions("Rules on the client, asked at RCPT. `smtpd_client_restrictions`"),
    helo: restrictions("Rules on HELO. `smtpd_helo_restrictions`"),
    sender: restrictions("Rules on the sender. `smtpd_sender_restrictions`"),
    relay: restrictions("Rules on relaying; they can refuse, never allow. `smtpd_relay_restrictions`"),
    recipient: restrictions("Rules on the recipient. `smtpd_recipient_restrictions`"),
    data: restrictions("Rules at DATA. `smtpd_data_restrictions`"),
    end_of_data: restrictions("Rules when the message is in. `smtpd_end_of_data_restrictions`"),
    dnsbl_sites: z
      .string()
      .optional()
      .describe(
        "Weighted DNS lists of `reject_dnsbl_score`, written as `postscreen_dnsbl_sites`. Default: docs/policy.md.",
      ),
    classes: z
      .record(z.string(), z.string())
      .default({})
      .describe("Restriction classes by name. `smtpd_restriction_classes`"),
    dmarc: z
      .enum(["enforce", "junk", "record"])
      .default("enforce")
      .describe(
        "Mail that fails DMARC: `enforce` does what the author's domain asks (refuse or Junk), `junk` never refuses, `record` only notes it.",
      ),
    dmarc_unknown: z
      .enum(["defer", "record"])
      .default("defer")
      .describe(
        'Mail that nothing proves to be its author\'s, where the DNS does not tell what that domain asks for: `defer` asks the sender to try again (451), `record` only notes it. Only with `dmarc = "enforce"`, never from who is named below, and not while the DNS of the world does not answer at all.',
      ),
    spf_fail: z
      .enum(["record", "junk", "reject"])
      .default("record")
      .describe(
        "Mail whose envelope domain disowns the client (SPF fail), without a signature, where the DMARC of the domain in From asks for nothing: `record` only notes it, `junk` files it as junk, `reject` refuses it. Forwarded mail fails too unless `dmarc_forwarders` names who forwards.",
      ),
    dmarc_forwarders: z
      .array(cidr)
      .default([])
      .describe(
        "Networks of forwarders and mailing lists you know: mail from there that fails DMARC is let through, and the report to the author's domain says so.",
      ),
    dmarc_forwarder_names: z
      .array(domainName)
      .default([])
      .describe("The same by the confirmed name of the client: these names and all below them."),
    dmarc_trusted_sealers: z
      .array(domainName)
      .default([])
      .describe(
        "Domains whose ARC seals you believe: mail that passed DMARC when they took it, and fails since they changed it, is let through.",
      ),
  },
  "Who may send mail to us: Postfix's restriction lists, recorded rule by rule.",
);

export const journal = section(
  {
    days: z.int().min(1).max(3650).default(30).describe("How long records are kept (G-17)."),
    size_octets: z
      .int()
      .min(MIB)
      .default(256 * MIB)
      .describe("Octets of records; the oldest go first."),
    subjects: z.boolean().default(false).describe("Also keep the subjects of messages."),
    fates: z
      .enum(["all", "junk", "none"])
      .default("all")
      .describe(
        "What readers did with a message: `all` (read, answered, to or out of junk, removed), `junk` (only what they call junk), `none`.",
      ),
  },
  "The journal behind `wachpost explain`.",
);
