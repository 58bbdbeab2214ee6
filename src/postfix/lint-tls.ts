import type { PostfixConfiguration } from "./configuration.ts";
import { isSnakeoil } from "./import-listeners.ts";
import { placeOf, type LintFinding, type Report } from "./lint-finding.ts";

const OLD = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"] as const;
const VERSIONS = [...OLD, "TLSv1.2", "TLSv1.3"] as const;

/** TLS and passwords, as one service sees them. */
export function lintTls(postfix: PostfixConfiguration, report: Report): void {
  const at = (name: string): Pick<LintFinding, "file" | "line"> =>
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
        id: "tls-old-versions",
        severity: "warning",
        ...at(name),
        what: `${name} allows ${old.join(", ")}`,
        why: "these versions are broken or withdrawn (RFC 8996)",
        remedy: `${name} = >=TLSv1.2`,
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
        id: "tls-weak-ciphers",
        severity: grade === "medium" ? "hint" : "warning",
        ...at(name),
        what: `${name} = ${grade}`,
        why: "suites without forward secrecy or AEAD remain possible",
        remedy: `${name} = high`,
      });
    }
  }
  const list = postfix.value("tls_high_cipherlist");
  if (
    /(?:^|[:+\s])(?:RC4|3DES|DES|EXP|LOW|aNULL|eNULL|MD5|CAMELLIA\d*-SHA|AES\d*-SHA)(?:[:\s]|$)/.test(list)
  ) {
    report({
      id: "tls-weak-ciphers",
      severity: "warning",
      ...at("tls_high_cipherlist"),
      what: "tls_high_cipherlist names old suites",
      why: "suites without forward secrecy or AEAD remain possible",
      remedy: "remove tls_high_cipherlist; the default of a current Postfix is good",
    });
  }
  if (isSnakeoil(postfix.value("smtpd_tls_chain_files") + postfix.value("smtpd_tls_cert_file"))) {
    report({
      id: "tls-certificate-of-nobody",
      severity: "warning",
      ...at(postfix.setting("smtpd_tls_chain_files") ? "smtpd_tls_chain_files" : "smtpd_tls_cert_file"),
      what: "the certificate is Debian's snakeoil",
      why: "nobody can verify it",
      remedy: "take one from an ACME authority",
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

type At = (name: string) => Pick<LintFinding, "file" | "line">;

function lintLevels(postfix: PostfixConfiguration, report: Report, at: At): void {
  const incoming = levelOf(postfix, "smtpd");
  if (incoming === "none") {
    report({
      id: "tls-not-offered",
      severity: "warning",
      ...at("smtpd_tls_security_level"),
      what: "incoming mail is taken without offering TLS",
      why: "everyone on the way can read and change it",
      remedy: "smtpd_tls_security_level = may, with a certificate",
    });
  }
  if (levelOf(postfix, "smtp") === "none") {
    report({
      id: "tls-not-used",
      severity: "warning",
      ...at("smtp_tls_security_level"),
      what: "outgoing mail never uses TLS",
      why: "everyone on the way can read and change it",
      remedy: "smtp_tls_security_level = dane, or may",
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
        id: "auth-without-tls",
        severity: "danger",
        ...at(name),
        what: "AUTH is offered without TLS",
        why: "passwords cross the network readable",
        remedy: "smtpd_tls_auth_only = yes",
      });
    }
    const options = postfix.value("smtpd_sasl_security_options");
    if (postfix.setting("smtpd_sasl_security_options") !== undefined && !options.includes("noanonymous")) {
      report({
        id: "auth-anonymous",
        severity: "danger",
        ...at("smtpd_sasl_security_options"),
        what: "anonymous logins are not excluded",
        why: "whoever logs in as nobody may relay",
        remedy: "smtpd_sasl_security_options = noanonymous",
      });
    }
  }
  const level = levelOf(postfix, "smtp");
  if (postfix.isYes("smtp_sasl_auth_enable") && level !== "encrypt") {
    report({
      id: "relay-password-without-tls",
      severity: "warning",
      ...at("smtp_sasl_auth_enable"),
      what: "the password of the next hop may travel without TLS",
      why: `smtp_tls_security_level does not demand it (${level})`,
      remedy: "smtp_tls_security_level = secure",
    });
  }
}
