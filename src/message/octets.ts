/** The same memory as a Buffer. */
export const asBuffer = (octets: Uint8Array): Buffer =>
  Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
