import type { PostfixConfiguration } from "./configuration.ts";
import { deadZone, zoneNeeds, zoneOf } from "./dead-zones.ts";
import { isTemplate } from "./importing.ts";
import { placeOf, type Observation, type Report } from "./lint-finding.ts";
import { OLD_NAMES } from "./restriction-names.ts";
import { readRestrictions, RESTRICTION_LISTS, type Restriction } from "./restrictions.ts";

/** The rules of every list and class, as one service sees them. */
export function lintLists(postfix: PostfixConfiguration, report: Report): void {
  const classes = postfix.list("smtpd_restriction_classes").map(({ text }) => text);
  for (const list of [...RESTRICTION_LISTS, ...classes]) {
    const setting = postfix.setting(list);
    if (setting === undefined) continue;
    const rules = readRestrictions(postfix, list);
    const { file } = placeOf(postfix.main, setting);
    const tell = (rule: Restriction, rest: Omit<Observation, "file" | "line">): void =>
      report({ ...rest, file, line: rule.line || setting.line });
    rules.forEach((rule) => lintRule(postfix, rule, tell));
    lintOrder(list, rules, tell);
  }
  lintPostscreen(postfix, report);
  lintSenderOwnership(postfix, report);
}

type Tell = (rule: Restriction, finding: Omit<Observation, "file" | "line">) => void;

function lintRule(postfix: PostfixConfiguration, rule: Restriction, tell: Tell): void {
  const { name, written, argument } = rule;
  if (isTemplate(`${written} ${argument ?? ""}`)) return;
  if (OLD_NAMES.has(written.toLowerCase())) {
    tell(rule, {
      word: "old-name",
      values: { written, name },
      severity: "hint",
    });
  }
  if (rule.kind === "unknown") {
    return tell(rule, {
      word: "unknown-restriction",
      values: { name: written },
      severity: "warning",
    });
  }
  if (rule.kind === "known" && rule.what.takes !== "nothing" && argument === undefined) {
    return tell(rule, {
      word: "argument-missing",
      values: { name },
      severity: "warning",
    });
  }
  const helo = /_helo_|^reject_rhsbl_helo$/.test(name);
  if (helo && !postfix.isYes("smtpd_helo_required")) {
    tell(rule, {
      word: "helo-not-required",
      values: { name },
      severity: "warning",
    });
  }
  if (argument !== undefined && rule.kind === "known" && rule.what.takes === "zone")
    lintZone(rule, argument, tell);
  if (["hash", "btree"].includes(rule.table?.kind === "text" ? rule.table.type : "")) {
    tell(rule, {
      word: "berkeley-db",
      values: { table: argument ?? "" },
      severity: "hint",
    });
  }
}

function lintZone(rule: Restriction, argument: string, tell: Tell): void {
  const dead = deadZone(argument);
  if (dead !== undefined) {
    return tell(rule, {
      word: "dead-zone",
      values: { zone: zoneOf(argument), reason: dead, rule: `${rule.name} ${argument}` },
      severity: "warning",
    });
  }
  const needs = zoneNeeds(argument);
  if (needs !== undefined) {
    tell(rule, {
      word: "zone-needs",
      values: { zone: zoneOf(argument), reason: needs },
      severity: "hint",
    });
  }
  if (argument.includes("=")) return;
  if (rule.name.startsWith("permit_")) {
    tell(rule, {
      word: "dnswl-unfiltered",
      values: { rule: `${rule.name} ${argument}` },
      severity: "warning",
    });
  } else {
    tell(rule, {
      word: "rbl-unfiltered",
      values: { rule: `${rule.name} ${argument}` },
      severity: "hint",
    });
  }
}

const FINAL = new Set(["permit", "reject", "defer"]);

function lintOrder(list: string, rules: readonly Restriction[], tell: Tell): void {
  const final = rules.findIndex(({ name, shadow }) => FINAL.has(name) && !shadow);
  const next = rules[final + 1];
  if (final >= 0 && next !== undefined) {
    tell(next, {
      word: "unreachable-rule",
      values: { rule: next.name, list, ending: rules[final]?.name ?? "" },
      severity: "warning",
    });
  }
  const seen = new Set<string>();
  for (const rule of rules) {
    const key = `${rule.name} ${rule.argument ?? ""}`;
    if (seen.has(key))
      tell(rule, {
        word: "repeated-rule",
        values: { rule: key.trim(), list },
        severity: "hint",
      });
    seen.add(key);
    if (rule.shadow)
      tell(rule, {
        word: "only-logged",
        values: { rule: key.trim() },
        severity: "hint",
      });
  }
}

function lintPostscreen(postfix: PostfixConfiguration, report: Report): void {
  for (const { text, line } of postfix.list("postscreen_dnsbl_sites")) {
    const dead = deadZone(text);
    const place = { ...placeOf(postfix.main, postfix.setting("postscreen_dnsbl_sites")), line };
    if (dead !== undefined) {
      report({
        word: "dead-zone",
        values: { zone: zoneOf(text), reason: dead, rule: text },
        severity: "warning",
        ...place,
      });
    } else if (!text.includes("=") && !isTemplate(text)) {
      report({
        word: "site-unfiltered",
        values: { zone: zoneOf(text) },
        severity: "hint",
        ...place,
      });
    }
  }
}

/** Users who log in may call themselves whatever they like, unless a rule says otherwise (S-32). */
function lintSenderOwnership(postfix: PostfixConfiguration, report: Report): void {
  if (!postfix.isYes("smtpd_sasl_auth_enable")) return;
  const rules = RESTRICTION_LISTS.flatMap((list) => readRestrictions(postfix, list));
  if (rules.some(({ name }) => /^reject_\w*sender_login_mismatch$/.test(name))) return;
  report({
    word: "sender-not-owned",
    severity: "warning",
    ...placeOf(postfix.main, postfix.setting("smtpd_sasl_auth_enable")),
  });
}
