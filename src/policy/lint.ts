import type { Stage } from "../journal/record.ts";
import { knownList } from "./default-lists.ts";
import { placeOf, type PolicyFinding, type Rule } from "./restrictions.ts";

/** What runs but does not do what its author thinks, or does it dangerously. */
export function lintLists(
  rules: readonly Rule[],
  placed: { readonly text: string; readonly line?: number },
  stage: Stage | "class",
): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const seen = new Map<string, Rule>();
  let end: Rule | undefined;
  let allowList: Rule | undefined;
  let heloSaid = false;
  for (const [i, rule] of rules.entries()) {
    const say = (severity: "warning" | "notice", message: string, suggestion?: string): void => {
      const place = placeOf(placed.text, rule.offset, placed.line ?? 1);
      const more = suggestion === undefined ? {} : { suggestion };
      findings.push({ severity, ...place, rule: rule.text, message, ...more });
    };
    if (end !== undefined) {
      say("warning", `is never reached: ${end.text} before it decides everything`);
      continue;
    }
    lintRule(rule, say);
    if (rule.kind === "check" && rule.check.links && !LINK_STAGES.includes(stage))
      say("warning", "sees no links here", "Links are known in the list end_of_data only.");
    if (!heloSaid && HELO_CHECKS.test(name(rule))) {
      say(
        "notice",
        "is void in Postfix for clients that send no HELO, unless smtpd_helo_required = yes; here they must (S-45)",
      );
      heloSaid = true;
    }
    const twin = seen.get(rule.text);
    if (twin !== undefined && twin.shadow === rule.shadow && !repeats(rule))
      say("warning", "stands in this list already");
    seen.set(rule.text, rule);
    if (name(rule) === "permit_dnswl_client") allowList = rule;
    if (allowList !== undefined && name(rule) === "reject_rbl_client") {
      say("notice", `is skipped for clients that ${allowList.text} permits`);
      allowList = undefined;
    }
    if (endsList(rule, rules.slice(0, i))) end = rule;
    if (stage === "data" && RECIPIENT_CHECKS.test(name(rule)))
      say("notice", "sees no recipient where there are several");
  }
  return findings;
}

/** A class may be named anywhere. */
const LINK_STAGES: readonly string[] = ["end-of-data", "class"];

const name = (rule: Rule): string => (rule.kind === "check" ? rule.check.name : "");

/** Rules that may well stand twice. */
const repeats = (rule: Rule): boolean => rule.kind === "class" || name(rule) === "sleep";

/** `permit_auth_destination` after `reject_unauth_destination` leaves nobody. */
function endsList(rule: Rule, before: readonly Rule[]): boolean {
  if (["permit", "dunno"].includes(name(rule))) return name(rule) === "permit";
  if (rule.shadow) return false;
  if (["reject", "defer"].includes(name(rule))) return true;
  const has = (other: string): boolean => before.some((rule) => name(rule) === other && !rule.shadow);
  if (name(rule) === "permit_auth_destination")
    return has("reject_unauth_destination") || has("defer_unauth_destination");
  return /^(reject|defer)_unauth_destination$/.test(name(rule)) && has("permit_auth_destination");
}

type Say = (severity: "warning" | "notice", message: string, suggestion?: string) => void;

function lintRule(rule: Rule, say: Say): void {
  if (rule.kind !== "check") return;
  if (rule.site !== undefined) lintSite(rule.site, rule.check.name, say);
  switch (rule.check.name) {
    case "reject_unknown_helo_hostname":
      say(
        "notice",
        "refuses honest mail from servers whose HELO name is not in the DNS (S-42)",
        "Put warn_if_reject before it and look at what it would refuse.",
      );
      break;
    case "reject_unknown_client_hostname":
      say(
        "notice",
        "refuses honest mail from servers with careless reverse DNS",
        "Write reject_unknown_reverse_client_hostname for the milder test.",
      );
      break;
    case "check_sender_access":
      say("notice", "a sender is easily forged: OK counts only where SPF passed for it (S-40)");
      break;
    default:
  }
}

const RECIPIENT_CHECKS = /^(check_recipient_.*access|reject_(non_fqdn|unknown|unlisted|rhsbl)_recipient.*)$/;
const HELO_CHECKS =
  /^(reject_(invalid|non_fqdn|own|unknown)_helo_hostname|check_helo_.*access|reject_rhsbl_helo)$/;

function lintSite(
  site: NonNullable<Extract<Rule, { kind: "check" }>["site"]>,
  check: string,
  say: Say,
): void {
  const known = knownList(site.zone);
  if (site.key !== undefined)
    say("notice", "the key of a list belongs into the secrets, not into the rules (D-07)");
  if (site.filter === undefined) {
    if (known !== undefined) {
      say("notice", "has no filter; of its answers only the documented codes count (S-48, S-49)");
    } else {
      const effect = check.startsWith("permit")
        ? "permits"
        : check.startsWith("tag")
          ? "files as junk"
          : "refuses";
      say(
        "warning",
        `${effect} on any answer in 127/8, also on one that means something else (S-49)`,
        `Write ${site.zone}=127.0.0.2 or the codes it documents.`,
      );
    }
  }
  if (known?.needs === "registration")
    say("warning", "answers only servers whose address is registered with it (S-54)");
  if (known?.needs === "key" && site.key === undefined)
    say("warning", "wants a key of your own (S-53, S-57)");
  if (known?.about === "domain" && check === "reject_rbl_client")
    say("warning", "is a list of domains, not of addresses");
  if (known !== undefined && known.about !== "domain" && /^(reject|tag)_rhsbl_/.test(check))
    say("warning", "is a list of addresses, not of domains");
  if (known?.about === "allowed-address" && check.startsWith("reject"))
    say("warning", "is a list of good clients");
}
