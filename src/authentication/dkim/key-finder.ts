import type { Domain } from "../../base/domain-name.ts";
import { remembered } from "../../base/remembered.ts";
import { err, type Result } from "../../base/result.ts";
import { whenHere, type Soon } from "../../base/soon.ts";
import type { Dns, DnsAnswer } from "../../dns/answer.ts";
import { timedDns, type Asking, type Budget } from "../timed-dns.ts";
import type { SigningAlgorithm } from "./algorithm.ts";
import { parseKeyRecord, type DkimKey, type KeyProblem } from "./key-record.ts";
import { DKIM_LIMITS } from "./limits.ts";

/** Reading a key takes three times as long as verifying with it. */
const KEYS_KEPT = 1_000;
const KEYS = {
  "rsa-sha256": remembered(KEYS_KEPT, (text) => parseKeyRecord(text, "rsa-sha256")),
  "ed25519-sha256": remembered(KEYS_KEPT, (text) => parseKeyRecord(text, "ed25519-sha256")),
} as const;

/** No key, and whether another day may bring one. */
export type NoKey = { readonly result: "temperror" | "permerror" | "fail"; readonly problem: string };

/** Asks for every key name once per message, and not after the time is over. RFC 6376 §6.1.2 */
export class KeyFinder {
  readonly #dns: Asking;
  readonly #asked = new Map<Domain, Soon<DnsAnswer<string>>>();

  constructor(dns: Dns, budget: Budget) {
    this.#dns = timedDns(dns, budget);
  }

  find(keyName: Domain, algorithm: SigningAlgorithm): Soon<Result<DkimKey, NoKey>> {
    let asked = this.#asked.get(keyName);
    if (asked === undefined) {
      asked = this.#dns.query(keyName, "TXT");
      this.#asked.set(keyName, asked);
    }
    return whenHere(asked, (answer) => keyIn(answer, algorithm));
  }
}

function keyIn(answer: DnsAnswer<string>, algorithm: SigningAlgorithm): Result<DkimKey, NoKey> {
  if (answer.kind === "failure") {
    const problem = answer.reason === "timeout" ? "timeout" : `dns-${answer.reason}`;
    return err({ result: "temperror", problem });
  }
  return answer.kind === "records" ? bestKey(answer.records, algorithm) : err(noKey("no-key"));
}

/** The first record that is a key for this algorithm; otherwise what the first that is a key record at all lacks. */
function bestKey(records: readonly string[], algorithm: SigningAlgorithm): Result<DkimKey, NoKey> {
  let problem: KeyProblem = "key-syntax";
  for (const record of records.slice(0, DKIM_LIMITS.keyRecordsMax)) {
    const key = KEYS[algorithm](record);
    if (key.ok) return key;
    if (problem === "key-syntax") problem = key.error;
  }
  return err(noKey(problem));
}

/** A key everybody can guess proves nothing, but the signature is whole: RFC 8301 §3.2. */
const noKey = (problem: KeyProblem | "no-key"): NoKey => ({
  result: problem === "key-too-short" ? "fail" : "permerror",
  problem,
});
