import { z } from "zod";
import type { Domain } from "../base/domain-name.ts";

const portName = z.enum(["smtp", "submissions", "imaps", "web", "http"]);
export type PortName = z.infer<typeof portName>;

/** What setup has to know; kept with the state, so that a later run needs no flag again. Nothing here is secret. */
export const answersSchema = z.object({
  hostName: z.string(),
  /** `wachpost.toml`. */
  config: z.string(),
  /** First account. */
  account: z.string(),
  /** System user the server runs as; without one it is whoever runs setup. */
  user: z.string().optional(),
  /** File of the systemd unit; without one there is none. */
  unit: z.string().optional(),
  /** Addresses the world reaches this machine at. */
  publicAddresses: z.array(z.string()),
  /** Addresses to listen on; all of them without. */
  listen: z.array(z.string()),
  /** Ports other than the standard ones: behind a redirection, or in a test. */
  ports: z.partialRecord(portName, z.int().min(1).max(65_535)),
  /** Resolvers, ADDRESS or ADDRESS:PORT; those of the system without. */
  dnsServers: z.array(z.string()),
  acme: z
    .object({
      directory: z.string(),
      challenge: z.enum(["http-01", "dns-01"]),
      caFile: z.string().optional(),
    })
    .optional(),
  /** Server that takes dynamic updates, and the name of our key there. The key's secret is a file of its own. */
  dnsUpdate: z
    .object({
      server: z.string(),
      key: z.string(),
      algorithm: z.enum(["hmac-sha256", "hmac-sha512"]),
    })
    .optional(),
  /** Port of authoritative servers; 53 outside of tests. */
  authoritativePort: z.int().optional(),
  /** PEM of authorities the self-test trusts beside the public ones. */
  trust: z.string().optional(),
});

export type Answers = z.infer<typeof answersSchema> & {
  readonly domain: Domain;
  /** Data directory. */
  readonly data: string;
};

export const STANDARD_PORTS: Readonly<Record<PortName, number>> = {
  smtp: 25,
  submissions: 465,
  imaps: 993,
  web: 443,
  http: 80,
};

export const portOf = ({ ports }: Pick<Answers, "ports">, name: PortName): number =>
  ports[name] ?? STANDARD_PORTS[name];
