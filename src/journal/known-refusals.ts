import type { PROVIDER_REASONS } from "./words/provider-reasons.ts";

type Known = {
  /** The name of the host ends so; the codes mean other things elsewhere. */
  readonly hosts: readonly string[];
  readonly sign: RegExp;
  readonly reason: keyof typeof PROVIDER_REASONS;
};

const GOOGLE = ["google.com", "googlemail.com"];
const MICROSOFT = ["outlook.com", "hotmail.com"];

/** Documented by the providers: support.google.com/a/answer/3726730, Outlook.com Postmaster, Apple's iCloud postmaster page. */
const KNOWN: readonly Known[] = [
  { hosts: GOOGLE, sign: /\b[45]\.7\.(?:26|27|30)\b/, reason: "provider-unproven" },
  { hosts: GOOGLE, sign: /\b[45]\.7\.32\b/, reason: "provider-bulk-unproven" },
  { hosts: GOOGLE, sign: /\b[45]\.7\.28\b/, reason: "provider-rate" },
  { hosts: MICROSOFT, sign: /\b5\.7\.515\b/, reason: "provider-bulk-unproven" },
  { hosts: MICROSOFT, sign: /\(S(?:3140|3150)\)/, reason: "provider-network-blocked" },
  { hosts: MICROSOFT, sign: /\b4\.7\.650\b/, reason: "provider-rate" },
  { hosts: ["icloud.com", "apple.com"], sign: /\bHM0[78]\b/, reason: "provider-local-policy" },
];

/** The cause behind a reply of a large provider, where its words do not say it (C-35). */
export function knownRefusal(
  host: string | undefined,
  reply: string | undefined,
): Known["reason"] | undefined {
  if (host === undefined || reply === undefined) return undefined;
  const name = host.toLowerCase();
  return KNOWN.find(
    ({ hosts, sign }) =>
      hosts.some((domain) => name === domain || name.endsWith(`.${domain}`)) && sign.test(reply),
  )?.reason;
}
