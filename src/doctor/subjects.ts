/** HOST:PORT; an IPv6 address by itself is none. */
const PLACE = /^([^:]+):([0-9]+)$/;

/** What findings that say the same are about: `mail.example.org:25, 465, 993`. */
export function subjectsText(subjects: readonly string[]): string {
  const ports = Map.groupBy(new Set(subjects), (subject) => PLACE.exec(subject)?.[1] ?? subject);
  return [...ports]
    .map(([host, places]) =>
      places.length === 1 ? places[0] : `${host}:${places.map((place) => PLACE.exec(place)?.[2]).join(", ")}`,
    )
    .join(", ");
}
