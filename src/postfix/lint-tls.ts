import type { PostfixConfiguration } from "./configuration.ts";
import { isSnakeoil } from "./import-listeners.ts";
import { placeOf, type Observation, type Report } from "./lint-finding.ts";

const OLD = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"] as const;
const VERSIONS = [...OLD, "TLSv1.2", "TLSv1.3"] as const;

/** TLS and passwords, as one service sees them. */
export function lintTls(postfix: PostfixConfiguration, report: Report): void {
  const at = (name: string): Pick<Observation, "file" | "line"> =>
    placeOf(postfix.main, postfix.setting(name));
  for (const name of [
    "smtpd_tls_protocols",
    "smtpd_tls_mandatory_protocols",
    "smtp_tls_protocols",
    "smtp_tls_mandatory_protocols",
  ]) {
    if (postfix.setting(name) === undefined) continue;
    const old = allowedVersions(postfix.list(name).map(({ text }) => text)).filter((version) =>
      OLD.some((each) => each === version),
    );
    if (old.length > 0) {
      report({
        word: "tls-old-versions",
        values: { name, versions: old.join(", ") },
        severity: "warning",
        ...at(name),
      });
    }
  }
  for (const name of [
    "smtpd_tls_ciphers",
    "smtpd_tls_mandatory_ciphers",
    "smtp_tls_ciphers",
    "smtp_tls_mandatory_ciphers",
  ]) {
    const grade = postfix.value(name);
    if (postfix.setting(name) !== undefined && /^(?:low|export|null|medium)$/.test(grade)) {
      report({
        word: "tls-weak-ciphers",
        values: { name, grade },
        severity: grade === "medium" ? "hint" : "warning",
        ...at(name),
      });
    }
  }
  const list = postfix.value("tls_high_cipherlist");
  if (
    /(?:^|[:+\s])(?:RC4|3DES|DES|EXP|LOW|aNULL|eNULL|MD5|CAMELLIA\d*-SHA|AES\d*-SHA)(?:[:\s]|$)/.test(list)
  ) {
    report({
      word: "tls-old-suites",
      severity: "warning",
      ...at("tls_high_cipherlist"),
    });
  }
  if (isSnakeoil(postfix.value("smtpd_tls_chain_files") + postfix.value("smtpd_tls_cert_file"))) {
    report({
      word: "tls-certificate-of-nobody",
      severity: "warning",
      ...at(postfix.setting("smtpd_tls_chain_files") ? "smtpd_tls_chain_files" : "smtpd_tls_cert_file"),
    });
  }
  lintLevels(postfix, report, at);
  lintLogins(postfix, report, at);
}

/** `!SSLv2, !SSLv3`, `TLSv1.2 TLSv1.3`, `>=TLSv1.2` */
function allowedVersions(words: readonly string[]): readonly string[] {
  const without = words.filter((word) => word.startsWith("!")).map((word) => word.slice(1).toLowerCase());
  const floor = words
    .find((word) => word.startsWith(">="))
    ?.slice(2)
    .toLowerCase();
  const named = words.filter((word) => !/^[!<>]/.test(word)).map((word) => word.toLowerCase());
  const from = VERSIONS.findIndex((version) => version.toLowerCase() === floor);
  return VERSIONS.filter((version, i) => {
    const lower = version.toLowerCase();
    return i >= from && !without.includes(lower) && (named.length === 0 || named.includes(lower));
  });
}

type At = (name: string) => Pick<Observation, "file" | "line">;

function lintLevels(postfix: PostfixConfiguration, report: Report, at: At): void {
  const incoming = levelOf(postfix, "smtpd");
  if (incoming === "none") {
    report({
      word: "tls-not-offered",
      severity: "warning",
      ...at("smtpd_tls_security_level"),
    });
  }
  if (levelOf(postfix, "smtp") === "none") {
    report({
      word: "tls-not-used",
      severity: "warning",
      ...at("smtp_tls_security_level"),
    });
  }
}

function levelOf(postfix: PostfixConfiguration, side: "smtp" | "smtpd"): "none" | "may" | "encrypt" {
  const level = postfix.value(`${side}_tls_security_level`);
  if (postfix.isYes(`${side}_tls_wrappermode`)) return "encrypt";
  if (level === "")
    return postfix.isYes(`${side}_enforce_tls`)
      ? "encrypt"
      : postfix.isYes(`${side}_use_tls`)
        ? "may"
        : "none";
  return level === "none" || level === "may"
    ? level
    : level === "dane" || level.includes("{{")
      ? "may"
      : "encrypt";
}

function lintLogins(postfix: PostfixConfiguration, report: Report, at: At): void {
  if (postfix.isYes("smtpd_sasl_auth_enable")) {
    if (!postfix.isYes("smtpd_tls_auth_only") && levelOf(postfix, "smtpd") !== "encrypt") {
      const name = postfix.setting("smtpd_tls_auth_only") ? "smtpd_tls_auth_only" : "smtpd_sasl_auth_enable";
      report({
        word: "auth-without-tls",
        severity: "danger",
        ...at(name),
      });
    }
    const options = postfix.value("smtpd_sasl_security_options");
    if (postfix.setting("smtpd_sasl_security_options") !== undefined && !options.includes("noanonymous")) {
      report({
        word: "auth-anonymous",
        severity: "danger",
        ...at("smtpd_sasl_security_options"),
      });
    }
  }
  const level = levelOf(postfix, "smtp");
  if (postfix.isYes("smtp_sasl_auth_enable") && level !== "encrypt") {
    report({
      word: "relay-password-without-tls",
      values: { level },
      severity: "warning",
      ...at("smtp_sasl_auth_enable"),
    });
  }
}
