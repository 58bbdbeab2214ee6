/** Character sets of DOS and early Windows consoles, which the platform's decoder does not know. */

/** Characters of the octets 0x80 to 0xFF; those below are ASCII. */
const UPPER_HALVES: ReadonlyMap<string, string> = new Map([
  [
    "cp437",
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ" +
      "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
      "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
      "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  ],
  [
    "cp850",
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ" +
      "áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐" +
      "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀" +
      "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
  ],
]);

export const isDosCodePage = (charset: string): boolean => UPPER_HALVES.has(charset);

/** Decodes single octets; `charset` is one of the names above. */
export function decodeDosCodePage(octets: Uint8Array, charset: string): string {
  const upper = UPPER_HALVES.get(charset) ?? "";
  const units = new Uint16Array(octets.length);
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i] ?? 0;
    units[i] = octet < 0x80 ? octet : upper.charCodeAt(octet - 0x80);
  }
  return Buffer.from(units.buffer).toString("utf16le");
}
