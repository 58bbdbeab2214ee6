import { z } from "zod";
import { parseDomain } from "../base/domain-name.ts";
import { parseCidr } from "../base/ip.ts";

/** What settings of many sections are made of. */

export const MIB = 1024 * 1024;

export const portNumber = z.int().min(1).max(65535);

export const domainName = z.string().refine((text) => parseDomain(text) !== undefined, {
  error: "is not a domain name, e.g. mail.example.org",
});

export const cidr = z.string().refine((text) => parseCidr(text) !== undefined, {
  error: "is not an address or network, e.g. 192.0.2.0/24",
});

export const section = <Shape extends z.ZodRawShape>(shape: Shape, what: string) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .describe(what);
