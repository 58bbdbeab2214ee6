import type { PostfixConfiguration } from "./configuration.ts";
import { deadZone, zoneNeeds, zoneOf } from "./dead-zones.ts";
import { isTemplate } from "./importing.ts";
import { placeOf, type LintFinding, type Report } from "./lint-finding.ts";
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
    const tell = (rule: Restriction, rest: Omit<LintFinding, "file" | "line">): void =>
      report({ ...rest, file, line: rule.line || setting.line });
    rules.forEach((rule) => lintRule(postfix, rule, tell));
    lintOrder(list, rules, tell);
  }
  lintPostscreen(postfix, report);
  lintSenderOwnership(postfix, report);
}

type Tell = (rule: Restriction, finding: Omit<LintFinding, "file" | "line">) => void;

function lintRule(postfix: PostfixConfiguration, rule: Restriction, tell: Tell): void {
  const { name, written, argument } = rule;
  if (isTemplate(`${written} ${argument ?? ""}`)) return;
  if (OLD_NAMES.has(written.toLowerCase())) {
    tell(rule, {
      id: "old-name",
      severity: "hint",
      what: `${written} is called ${name} today`,
      why: "old names may go at any release (S-43)",
      remedy: `write ${name}`,
    });
  }
  if (rule.kind === "unknown") {
    return tell(rule, {
      id: "unknown-restriction",
      severity: "warning",
      what: `${written} is no restriction of Postfix`,
      why: "Postfix defers all mail when it meets an unknown word",
      remedy: "correct or remove it",
    });
  }
  if (rule.kind === "known" && rule.what.takes !== "nothing" && argument === undefined) {
    return tell(rule, {
      id: "argument-missing",
      severity: "warning",
      what: `${name} has no argument`,
      why: "Postfix defers all mail when it comes to this rule",
      remedy: "add it",
    });
  }
  const helo = /_helo_|^reject_rhsbl_helo$/.test(name);
  if (helo && !postfix.isYes("smtpd_helo_required")) {
    tell(rule, {
      id: "helo-not-required",
      severity: "warning",
      what: `${name} without smtpd_helo_required`,
      why: "a client that says no HELO passes it (S-45)",
      remedy: "smtpd_helo_required = yes",
    });
  }
  if (argument !== undefined && rule.kind === "known" && rule.what.takes === "zone")
    lintZone(rule, argument, tell);
  if (["hash", "btree"].includes(rule.table?.kind === "text" ? rule.table.type : "")) {
    tell(rule, {
      id: "berkeley-db",
      severity: "hint",
      what: `${argument} needs Berkeley DB`,
      why: "current distributions build Postfix without it (S-41)",
      remedy: "use lmdb: or texthash:",
    });
  }
}

function lintZone(rule: Restriction, argument: string, tell: Tell): void {
  const dead = deadZone(argument);
  if (dead !== undefined) {
    return tell(rule, {
      id: "dead-zone",
      severity: "warning",
      what: `${zoneOf(argument)} is gone`,
      why: dead,
      remedy: `remove ${rule.name} ${argument}`,
    });
  }
  const needs = zoneNeeds(argument);
  if (needs !== undefined) {
    tell(rule, {
      id: "zone-needs",
      severity: "hint",
      what: `${zoneOf(argument)} does not serve everyone`,
      why: needs,
      remedy: "register or remove it",
    });
  }
  if (argument.includes("=")) return;
  if (rule.name.startsWith("permit_")) {
    tell(rule, {
      id: "dnswl-unfiltered",
      severity: "warning",
      what: `${rule.name} ${argument} accepts any answer`,
      why: 'the answer "you ask too much" lets everyone in and skips all rules behind it (S-48)',
      remedy: `${rule.name} ${argument}=127.0.[0..9;11..255].[1..3]`,
    });
  } else {
    tell(rule, {
      id: "rbl-unfiltered",
      severity: "hint",
      what: `${rule.name} ${argument} refuses on any answer`,
      why: "lists answer 127.255.255.x to say that they do not serve you; then all mail is refused (S-49)",
      remedy: `${rule.name} ${argument}=127.0.0.[2..11], with the codes the list documents`,
    });
  }
}

const FINAL = new Set(["permit", "reject", "defer"]);

function lintOrder(list: string, rules: readonly Restriction[], tell: Tell): void {
  const final = rules.findIndex(({ name, shadow }) => FINAL.has(name) && !shadow);
  const next = rules[final + 1];
  if (final >= 0 && next !== undefined) {
    tell(next, {
      id: "unreachable-rule",
      severity: "warning",
      what: `${next.name} in ${list} is never reached`,
      why: `${rules[final]?.name} before it ends the list`,
      remedy: "move it up or remove it",
    });
  }
  const seen = new Set<string>();
  for (const rule of rules) {
    const key = `${rule.name} ${rule.argument ?? ""}`;
    if (seen.has(key))
      tell(rule, {
        id: "repeated-rule",
        severity: "hint",
        what: `${key.trim()} stands twice in ${list}`,
        why: "the second never decides anything",
        remedy: "remove it",
      });
    seen.add(key);
    if (rule.shadow)
      tell(rule, {
        id: "only-logged",
        severity: "hint",
        what: `${key.trim()} is only logged`,
        why: "warn_if_reject stands before it",
        remedy: "remove warn_if_reject once it has proved itself",
      });
  }
}

function lintPostscreen(postfix: PostfixConfiguration, report: Report): void {
  for (const { text, line } of postfix.list("postscreen_dnsbl_sites")) {
    const dead = deadZone(text);
    const place = { ...placeOf(postfix.main, postfix.setting("postscreen_dnsbl_sites")), line };
    if (dead !== undefined) {
      report({
        id: "dead-zone",
        severity: "warning",
        ...place,
        what: `${zoneOf(text)} is gone`,
        why: dead,
        remedy: `remove ${text}`,
      });
    } else if (!text.includes("=") && !isTemplate(text)) {
      report({
        id: "rbl-unfiltered",
        severity: "hint",
        ...place,
        what: `${zoneOf(text)} counts whatever it answers`,
        why: "lists answer 127.255.255.x to say that they do not serve you (S-49)",
        remedy: `${zoneOf(text)}=127.0.0.2, with the codes the list documents`,
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
    id: "sender-not-owned",
    severity: "warning",
    ...placeOf(postfix.main, postfix.setting("smtpd_sasl_auth_enable")),
    what: "whoever logs in may use any sender address",
    why: "no reject_sender_login_mismatch: one stolen password sends in everybody's name",
    remedy: "smtpd_sender_restrictions = reject_sender_login_mismatch, … with smtpd_sender_login_maps",
  });
}
