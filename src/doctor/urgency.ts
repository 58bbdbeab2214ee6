import type { CheckId } from "./checks.ts";
import type { Grade } from "./finding.ts";

/** The worst first. */
export const GRADES: readonly Grade[] = ["fail", "warn", "unknown", "ok"];

/** Through these others are in already: they send in the server's name, or read along. */
const OPEN: ReadonlySet<string> = new Set<CheckId>([
  "relay",
  "relay-forms",
  "smuggling",
  "starttls-injection",
  "auth-before-tls",
  "login-needed",
]);

type Graded = { readonly grade: Grade; readonly check: string };

/** What is to be done first, stands first. */
export const byUrgency = (one: Graded, other: Graded): number =>
  GRADES.indexOf(one.grade) - GRADES.indexOf(other.grade) ||
  Number(OPEN.has(other.check)) - Number(OPEN.has(one.check));
