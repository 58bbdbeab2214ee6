/** DNS lists that are gone, with what became of them (S-52, S-60). RFC 6471 §3.4 */
const DEAD: readonly (readonly [zone: string, fate: string])[] = [
  ["sorbs.net", "decommissioned by Proofpoint on 5 June 2024, its zones are empty"],
  ["ix.dnsbl.manitu.net", "NiX Spam was switched off on 16 January 2025, its zone is empty"],
  ["relays.ordb.org", "closed in 2006 and listed everything afterwards"],
  ["list.dsbl.org", "closed in 2008"],
  ["dnsbl.njabl.org", "closed in 2013"],
  ["dnsbl.ahbl.org", "closed in 2014 and lists everything"],
  ["bl.spamcannibal.org", "closed in 2018 and listed everything afterwards"],
  ["cbl.abuseat.org", "merged into Spamhaus XBL; its zone answers no more"],
];

/** What became of a list that is no more; also for zones below it. `zone` in lower case. */
export const deadList = (zone: string): string | undefined =>
  DEAD.find(([dead]) => zone === dead || zone.endsWith(`.${dead}`))?.[1];
