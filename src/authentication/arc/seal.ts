import { relaxedBodyHash } from "../dkim/body-hash.ts";
import type { SigningKey } from "../dkim/key-pair.ts";
import { namesToSign, signedField } from "../dkim/sign.ts";
import { signedData, splitMessage, type FieldText } from "../dkim/signed-data.ts";
import type { TagToWrite } from "../dkim/tag-writer.ts";
import type { ArcResult } from "../results.ts";
import { ARC_INSTANCES_MAX, collectChain } from "./chain.ts";
import { sealData } from "./seal-data.ts";

export type SealOptions = {
  readonly now_ms: number;
  /** What `verifyChain` found when the message arrived; it becomes cv=. */
  readonly chain: ArcResult;
  /** Our results, as `formatResults` writes them: authserv-id first, folded. */
  readonly authenticationResults: string;
  /** h= instead of what DKIM would sign; also the DKIM-Signature fields are signed. */
  readonly signedNames?: readonly string[];
};

/**
 * The ARC set to stand before a message that is passed on: seal, message signature, results. Undefined where the chain
 * ended before (cv=fail) or is full. All changes to the message come first. RFC 8617 §5.1; C-25
 */
export function sealMessage(octets: Buffer, key: SigningKey, options: SealOptions): Buffer | undefined {
  const message = splitMessage(octets);
  const chain = collectChain(message);
  const instance = chain.instances + 1;
  if (chain.failedBefore || instance > ARC_INSTANCES_MAX || message.tooLong) return undefined;
  const whole = options.chain.result !== "fail" && chain.sets !== undefined;
  const cv = !whole ? "fail" : instance === 1 ? "none" : "pass";
  const signed = String(Math.floor(options.now_ms / 1000));
  const results = Buffer.from(
    `ARC-Authentication-Results: i=${instance}; ${options.authenticationResults}\r\n`,
    "latin1",
  );
  const dkim = (message.fields.get("dkim-signature") ?? []).map(() => "DKIM-Signature");
  const names = options.signedNames ?? [...namesToSign(message), ...dkim];
  const common: TagToWrite[] = [
    ["d", key.domain],
    ["i", String(instance)],
    ["s", key.selector],
    ["t", signed],
  ];
  const [d, ...rest] = common as [TagToWrite, ...TagToWrite[]];
  const signatureTags: TagToWrite[] = [
    ["a", key.algorithm],
    ["b", ""],
    ["bh", relaxedBodyHash(message.body).toString("base64")],
    ["c", "relaxed/relaxed"],
    d,
    ["h", names.join(":")],
    ...rest,
  ];
  const messageSignature = signedField("ARC-Message-Signature", signatureTags, key, (canonical) =>
    signedData(
      message,
      names.map((name) => name.toLowerCase()),
      "relaxed",
      { canonical },
    ),
  );
  const sealTags: TagToWrite[] = [["a", key.algorithm], ["b", ""], ["cv", cv], ...common];
  // A broken chain has no fields one could agree on: the seal signs its own set. RFC 8617 §5.1.2
  const before = whole ? (chain.sets ?? []) : [];
  const seal = signedField("ARC-Seal", sealTags, key, (canonical) =>
    sealData(before, {
      results: written("ARC-Authentication-Results", results),
      messageSignature: written("ARC-Message-Signature", messageSignature),
      seal: canonical,
    }),
  );
  return Buffer.concat([seal, messageSignature, results]);
}

const written = (name: string, field: Buffer): FieldText => ({
  text: field.toString("latin1").slice(0, -2),
  nameEnd: name.length,
  valueStart: name.length + 1,
});
