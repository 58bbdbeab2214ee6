import { asciiUpper } from "../../base/ascii.ts";
import { outOfSequence, syntax, tooLarge } from "../answers.ts";
import { ChunkReader } from "../chunk-reader.ts";
import { Intake } from "../intake.ts";
import { closing, reply, type Reply } from "../reply.ts";
import type { At, ChunkMove, Move, Said } from "../state.ts";
import { needsRecipient } from "./data.ts";

/**
 * BDAT: so many octets follow, whatever we think of them. They are read even when refused, so that no octet of
 * a message is ever taken for a command (T-18); where that cannot be done the connection ends. RFC 3030 §2
 *
 *     bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF
 */
export async function bdat(said: Said): Promise<Reply | Move> {
  const { facts, stage, setting, argument } = said;
  const chunk = parseChunk(argument);
  if (chunk === undefined) return closing(syntax("BDAT size [LAST]"));
  const { messageSizeMax } = setting.backend;
  if (messageSizeMax > 0 && chunk.size_octets > messageSizeMax + setting.limits.excess_octets) {
    return closing(tooLarge(messageSizeMax));
  }
  const refusal = (answer: Reply): Move => ({
    kind: "chunk-refused",
    reply: answer,
    size_octets: chunk.size_octets,
  });
  if (stage.name === "chunks") {
    if (stage.chunks >= setting.limits.chunks) return tooManyChunks;
    return { ...continued(stage), chunks: stage.chunks + 1, ...chunk };
  }
  if (stage.name !== "mail") return refusal(outOfSequence(stage.name, facts.profile));
  const early = needsRecipient(stage, facts);
  if (early) return refusal(early);
  const sink = await setting.backend.data(facts, stage.mail);
  if (!sink.ok) return refusal(sink.error);
  const intake = new Intake(sink.value, messageSizeMax);
  const reader = new ChunkReader(setting.limits.dataLine_octets);
  return { kind: "chunk", mail: stage.mail, intake, reader, chunks: 1, ...chunk };
}

const tooManyChunks = closing(reply(421, "4.7.0", "Too many chunks; use larger ones", "too-many-chunks"));

function continued(stage: At<"chunks">): Omit<ChunkMove, "size_octets" | "last"> {
  const { mail, intake, reader, chunks } = stage;
  return { kind: "chunk", mail, intake, reader, chunks };
}

function parseChunk(argument: string): Pick<ChunkMove, "size_octets" | "last"> | undefined {
  const [size = "", marker, extra] = argument.split(" ").filter((word) => word !== "");
  if (!/^[0-9]{1,15}$/.test(size) || extra !== undefined) return undefined;
  if (marker !== undefined && asciiUpper(marker) !== "LAST") return undefined;
  return { size_octets: Number(size), last: marker !== undefined };
}
