import type { OldPassword } from "../accounts/old-passwords.ts";
import type { CanaryState } from "./canary-state.ts";
import type { ResolverVerdict } from "../dns/examine-resolver.ts";
import type { CaaAccount } from "../tls/caa.ts";
import type { UpdateState } from "../upgrade/update-state.ts";
import type { ScheduleState } from "./schedule-state.ts";

/** What our server knows about itself; undefined where it does not. */
export type OwnServerFacts = {
  readonly hostName: string;
  readonly data: string;
  readonly disk: { readonly free_percent: number; readonly min_percent: number } | undefined;
  /** Permission bits of the data directory. */
  readonly dataMode: number | undefined;
  /** Age of the oldest mail that waits and is not held; 0 for an empty queue. */
  readonly queue: { readonly length: number; readonly oldest_ms: number } | undefined;
  /** Age of the last backup, or of the newest file below the directory that was named. */
  readonly backup_ms: number | undefined;
  /** Why there is none below the directory that was named; undefined where one is, or none was named. */
  readonly noBackup: { readonly directory: string; readonly reason: string } | undefined;
  /** As configured: from one backup to the next; undefined where the server makes none by itself. */
  readonly backupEvery_ms: number | undefined;
  /** Of the last trial restore; undefined where there was none yet. */
  readonly drill: { readonly ok: boolean; readonly detail: string } | undefined;
  /** Files with keys and passwords, and their permission bits. */
  readonly secretFiles: readonly { readonly file: string; readonly mode: number }[];
  /** Own passwords past their age. */
  readonly oldPasswords: readonly OldPassword[] | undefined;
  readonly nodeVersion: string;
  readonly certificate:
    | {
        readonly notBefore_ms: number;
        readonly notAfter_ms: number;
        readonly own: boolean;
        readonly names: readonly string[];
      }
    | undefined;
  /** Settings weaker than the default, in words of the configuration: `policy.dmarc = "record"`. */
  readonly weakened: readonly string[];
  /** What becomes of mail that SPF alone speaks against, and whether a forwarder is known that it would hit. */
  readonly spfFail: { readonly setting: "record" | "junk" | "reject"; readonly knowsForwarders: boolean };
  /** Whether the settings the server runs with passed a trial; undefined where it did not write down which they are. */
  readonly settingsTried: boolean | undefined;
  /** Mail to postmaster and abuse that a rule refuses from a stranger; undefined where there is no store. */
  readonly refusedRoles: readonly RefusedRole[] | undefined;
  /** What the certificate authority (ACME) says; undefined where none is used, or none answers. */
  readonly authority: AuthorityFacts | undefined;
  /** True where the system says that its clock follows a source; undefined where it says nothing. */
  readonly clockFollows: boolean | undefined;
  /** Whether the resolver checks signatures. */
  readonly resolver: ResolverVerdict | undefined;
  /** How the server examines itself; undefined where it does not, does so now, or is too young. */
  readonly schedule: ScheduleState | undefined;
  /** What the feed of new versions said; undefined where none is asked. */
  readonly updates:
    | { readonly state: UpdateState; readonly version: string; readonly now_ms: number }
    | undefined;
  /** The last mail of the server to itself, and how often there is one; undefined where there is none yet. */
  readonly canary: (CanaryState & { readonly every_ms: number }) | undefined;
};

export type RefusedRole = { readonly address: string; readonly rule: string; readonly reply: string };

export type AuthorityFacts = {
  readonly host: string;
  /** Our clock less its own; undefined where it tells no time. */
  readonly offset_s: number | undefined;
  /** The names CAA records know it by (RFC 8555 §9.7.6). */
  readonly identities: readonly string[];
  /** Our account there, and how names are proved; undefined before the first order. */
  readonly account: CaaAccount | undefined;
};
