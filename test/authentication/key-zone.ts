import type { Dns, DnsAnswer, RecordData, RecordType } from "../../src/dns/answer.ts";

/** A DNS in memory that holds TXT records only; `asked` collects the names of every question. */
export function keyZone(
  records: Readonly<Record<string, string | readonly string[]>>,
  asked: string[] = [],
): Dns {
  const zone = new Map(Object.entries(records));
  return {
    query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<RecordData[T]>> {
      asked.push(name);
      const found = zone.get(name);
      if (type !== "TXT" || found === undefined) {
        return Promise.resolve({ kind: "nxdomain", ttl_s: 60, authenticated: false });
      }
      const texts = (typeof found === "string" ? [found] : found) as RecordData[T][];
      return Promise.resolve({ kind: "records", records: texts, ttl_s: 60, authenticated: false });
    },
  };
}

/** Text of a corpus as it travels. */
export const crlf = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, "\r\n"), "latin1");
