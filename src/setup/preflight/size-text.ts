/** `1.9 GB`, `512 MB` */
export const sizeText = (octets: number): string =>
  octets >= 1024 ** 3 ? `${(octets / 1024 ** 3).toFixed(1)} GB` : `${Math.round(octets / 1024 ** 2)} MB`;
