import type { PostfixConfiguration } from "./configuration.ts";
import { placeOf, type Observation, type Report } from "./lint-finding.ts";

type Manner = Omit<Observation, "file" | "line"> & {
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
    word: "smuggling-bare-newline",
    severity: "danger",
  },
  {
    setting: "smtpd_forbid_bare_newline",
    wrong: (_value, isSet) => !isSet,
    word: "smuggling-not-set",
    severity: "hint",
  },
  {
    setting: "smtpd_forbid_unauth_pipelining",
    wrong: no,
    word: "unauth-pipelining",
    severity: "warning",
  },
  {
    setting: "disable_vrfy_command",
    wrong: (value) => !/^yes$/i.test(value),
    word: "vrfy",
    severity: "hint",
  },
  {
    setting: "soft_bounce",
    wrong: (value) => /^yes$/i.test(value),
    word: "soft-bounce",
    severity: "warning",
  },
  {
    setting: "message_size_limit",
    wrong: zero,
    word: "no-size-limit",
    severity: "warning",
  },
  {
    setting: "smtpd_client_connection_count_limit",
    wrong: zero,
    word: "no-connection-limit",
    severity: "warning",
  },
  {
    setting: "smtpd_client_event_limit_exceptions",
    wrong: (value, isSet) => isSet && value.includes("static:all"),
    word: "limits-for-nobody",
    severity: "warning",
  },
  {
    setting: "smtpd_client_connection_rate_limit",
    wrong: (value, isSet) => !isSet || zero(value),
    word: "no-rate-limit",
    severity: "hint",
  },
  {
    setting: "smtpd_delay_reject",
    wrong: no,
    word: "early-reject",
    severity: "hint",
  },
  {
    setting: "smtpd_reject_unlisted_recipient",
    wrong: no,
    word: "unknown-recipients-accepted",
    severity: "warning",
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
        word: "syntax",
        values: { reason: message },
        severity: "warning",
        file,
        line,
      });
    }
  }
  for (const setting of main.settings) {
    const last = main.last.get(setting.name);
    if (last !== setting) {
      report({
        word: "set-twice",
        values: { name: setting.name, line: String(last?.line) },
        severity: "warning",
        file: "main.cf",
        line: setting.line,
      });
      continue;
    }
    const { missing, faults } = postfix.expansion(setting.name);
    for (const name of missing) {
      report({
        word: "undefined-name",
        values: { name, setting: setting.name },
        severity: "hint",
        file: "main.cf",
        line: setting.line,
      });
    }
    for (const message of faults) {
      report({
        word: "syntax-of-value",
        values: { name: setting.name, reason: message },
        severity: "warning",
        file: "main.cf",
        line: setting.line,
      });
    }
  }
}
