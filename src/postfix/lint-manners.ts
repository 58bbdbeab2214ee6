import type { PostfixConfiguration } from "./configuration.ts";
import { placeOf, type LintFinding, type Report } from "./lint-finding.ts";

type Manner = Omit<LintFinding, "file" | "line"> & {
  readonly setting: string;
  /** Given the value (of the setting or its default) and whether it is set. */
  readonly wrong: (value: string, isSet: boolean) => boolean;
};

const no = (value: string): boolean => /^no$/i.test(value);
const zero = (value: string): boolean => /^0+$/.test(value);

const MANNERS: readonly Manner[] = [
  {
    setting: "smtpd_forbid_bare_newline",
    wrong: no,
    id: "smuggling-bare-newline",
    severity: "danger",
    what: "lines may end with LF alone",
    why: "a second message can be smuggled in behind <LF>.<LF>",
    remedy: "smtpd_forbid_bare_newline = normalize",
  },
  {
    setting: "smtpd_forbid_bare_newline",
    wrong: (_value, isSet) => !isSet,
    id: "smuggling-not-set",
    severity: "hint",
    what: "smtpd_forbid_bare_newline is not set",
    why: "before Postfix 3.9 its default allows SMTP smuggling",
    remedy: "smtpd_forbid_bare_newline = normalize (yes on 3.5 to 3.8)",
  },
  {
    setting: "smtpd_forbid_unauth_pipelining",
    wrong: no,
    id: "unauth-pipelining",
    severity: "warning",
    what: "commands sent ahead of time are taken",
    why: "smugglers and spam programs live on it (S-38)",
    remedy: "smtpd_forbid_unauth_pipelining = yes",
  },
  {
    setting: "disable_vrfy_command",
    wrong: (value) => !/^yes$/i.test(value),
    id: "vrfy",
    severity: "hint",
    what: "VRFY tells strangers which addresses exist",
    why: "lists of addresses are collected by it",
    remedy: "disable_vrfy_command = yes",
  },
  {
    setting: "soft_bounce",
    wrong: (value) => /^yes$/i.test(value),
    id: "soft-bounce",
    severity: "warning",
    what: "soft_bounce turns every refusal into a delay",
    why: "spam comes again for days, and senders of mistyped addresses hear nothing",
    remedy: "remove soft_bounce",
  },
  {
    setting: "message_size_limit",
    wrong: zero,
    id: "no-size-limit",
    severity: "warning",
    what: "messages may be of any size",
    why: "one message can fill the disk",
    remedy: "message_size_limit = 52428800",
  },
  {
    setting: "smtpd_client_connection_count_limit",
    wrong: zero,
    id: "no-connection-limit",
    severity: "warning",
    what: "one client may open any number of connections",
    why: "a single machine can shut everyone else out",
    remedy: "smtpd_client_connection_count_limit = 50",
  },
  {
    setting: "smtpd_client_event_limit_exceptions",
    wrong: (value, isSet) => isSet && value.includes("static:all"),
    id: "no-connection-limit",
    severity: "warning",
    what: "limits per client hold for nobody",
    why: "a single machine can shut everyone else out",
    remedy: "remove smtpd_client_event_limit_exceptions",
  },
  {
    setting: "smtpd_client_connection_rate_limit",
    wrong: (value, isSet) => !isSet || zero(value),
    id: "no-rate-limit",
    severity: "hint",
    what: "connections per minute are not limited",
    why: "floods and guessing of passwords go unhindered",
    remedy: "smtpd_client_connection_rate_limit = 60",
  },
  {
    setting: "smtpd_delay_reject",
    wrong: no,
    id: "early-reject",
    severity: "hint",
    what: "refusals come before the recipient is known",
    why: "the log does not say whose mail was refused (S-30)",
    remedy: "smtpd_delay_reject = yes",
  },
  {
    setting: "smtpd_reject_unlisted_recipient",
    wrong: no,
    id: "unknown-recipients-accepted",
    severity: "warning",
    what: "unknown recipients are not refused",
    why: "what cannot be delivered goes back to forged senders (backscatter, S-50)",
    remedy: "smtpd_reject_unlisted_recipient = yes",
  },
];

/** Limits, smuggling, and what strangers are told. */
export function lintManners(postfix: PostfixConfiguration, report: Report): void {
  for (const { setting: name, wrong, ...finding } of MANNERS) {
    const setting = postfix.setting(name);
    const place = placeOf(postfix.main, setting);
    // A submission service may well look its users' recipients up later.
    if (name === "smtpd_reject_unlisted_recipient" && place.file === "master.cf") continue;
    if (wrong(postfix.value(name), setting !== undefined)) report({ ...finding, ...place });
  }
}

/** What is wrong with the files as such. */
export function lintFiles(postfix: PostfixConfiguration, report: Report): void {
  const { main, master } = postfix;
  for (const [file, faults] of [
    ["main.cf", main.faults],
    ["master.cf", master?.faults ?? []],
  ] as const) {
    for (const { line, message } of faults) {
      report({
        id: "syntax",
        severity: "warning",
        file,
        line,
        what: message,
        why: "Postfix stops or ignores the line",
        remedy: "correct or remove it",
      });
    }
  }
  for (const setting of main.settings) {
    const last = main.last.get(setting.name);
    if (last !== setting) {
      report({
        id: "set-twice",
        severity: "warning",
        file: "main.cf",
        line: setting.line,
        what: `${setting.name} is set again in line ${last?.line}`,
        why: "only the last counts",
        remedy: "remove one of them",
      });
      continue;
    }
    const { missing, faults } = postfix.expansion(setting.name);
    for (const name of missing) {
      report({
        id: "undefined-name",
        severity: "hint",
        file: "main.cf",
        line: setting.line,
        what: `$${name} in ${setting.name} is defined nowhere here`,
        why: "a built-in of Postfix, or nothing: it expands to nothing",
        remedy: "define or remove it",
      });
    }
    for (const message of faults) {
      report({
        id: "syntax",
        severity: "warning",
        file: "main.cf",
        line: setting.line,
        what: `${setting.name}: ${message}`,
        why: "its value is not what it looks like",
        remedy: "correct it",
      });
    }
  }
}
