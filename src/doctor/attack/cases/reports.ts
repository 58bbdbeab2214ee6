/** Reports others send (DMARC, TLS): packed bombs, opened here by the same code that opens real ones. */
import { deflateRawSync, gzipSync } from "node:zlib";
import { parseAggregate } from "../../../authentication/reports/aggregate-parse.ts";
import { unpackReport } from "../../../authentication/reports/unpack.ts";
import { broken, held, type Attack, type Outcome } from "../contract.ts";

/** 60 MB of nothing, in 60 KB. */
const EMPTINESS = 60 * 1024 * 1024;

function zipOf(octets: Buffer): Buffer {
  const packed = deflateRawSync(octets);
  const local = Buffer.alloc(30);
  local.write("PK\x03\x04", "latin1");
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(1, 26);
  const central = Buffer.alloc(46);
  central.write("PK\x01\x02", "latin1");
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt16LE(1, 28);
  const body = Buffer.concat([local, Buffer.from("r"), packed]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, central, Buffer.from("r"), end]);
}

async function explode(): Promise<Outcome> {
  const bomb = gzipSync(Buffer.alloc(EMPTINESS));
  const trials: readonly (readonly [name: string, octets: Buffer])[] = [
    ["gzip", bomb],
    ["zip", zipOf(Buffer.alloc(EMPTINESS))],
    ["gzip in gzip", gzipSync(gzipSync(Buffer.from("<feedback/>")))],
  ];
  const seen: string[] = [];
  for (const [name, octets] of trials) {
    const unpacked = unpackReport(octets);
    if (unpacked.ok) return broken(`${name}: ${octets.length} octets became ${unpacked.value.length}`);
    seen.push(`${name}: ${unpacked.error}`);
  }
  const laughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "${"ha".repeat(50)}">]><feedback>${"&a;".repeat(9)}</feedback>`;
  const parsed = parseAggregate(Buffer.from(laughs));
  if (parsed.ok) return broken("XML with entities of its own was read");
  return held([...seen, `entities: ${parsed.error}`].join(" | "));
}

export const REPORT_ATTACKS: readonly Attack[] = [
  {
    check: "report-bomb",
    doors: ["smtp"],
    once: true,
    weight: "heavy",
    needs: "nothing",
    run: explode,
  },
];
