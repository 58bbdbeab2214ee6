/** What a sabotage is, and the forms most of them have. */
import type { CheckId, Family } from "../../../src/doctor/checks.ts";
import type { RecordType } from "../../../src/dns/answer.ts";
import type { Line } from "./zones.ts";
import type { World } from "./world.ts";

export type Sabotage = {
  readonly what: string;
  readonly do: (world: World) => Promise<void>;
  readonly undo: (world: World) => Promise<void>;
  /** The check that has to notice. */
  readonly check: CheckId;
  /** What its remedy has to say. */
  readonly remedy: RegExp;
  /** Other checks that may turn red because of it; `any`: nothing is as it was. What says "settle that first" always may. */
  readonly consequences: readonly CheckId[] | "any";
  /** Families that are asked for in the short form. */
  readonly families: readonly Family[];
};

type Row = Pick<Sabotage, "what" | "check" | "remedy" | "families"> & Partial<Pick<Sabotage, "consequences">>;

/** `NAME TYPE`, and the data the name has instead of its own. */
export type Change = readonly [name: string, type: RecordType, data: readonly string[]];

/** Records as somebody's slip leaves them. */
export function records(row: Row, changes: (world: World) => readonly Change[]): Sabotage {
  const lines = (change: readonly Change[]): readonly Line[] =>
    change.flatMap(([name, type, data]) => data.map((one): Line => [name, type, one]));
  return {
    ...row,
    consequences: row.consequences ?? [],
    async do(world) {
      const all = changes(world);
      await world.zones.change(
        all.map(([name, type]): Line => [name, type]),
        lines(all),
      );
    },
    async undo(world) {
      const all = changes(world).map(([name, type]): Change => [
        name,
        type,
        world.records.get(`${name} ${type}`) ?? [],
      ]);
      await world.zones.change(
        all.map(([name, type]): Line => [name, type]),
        lines(all),
      );
    },
  };
}

/** The configuration with another text; `restart`: the server runs with it. */
export function configured(
  row: Row,
  change: (text: string, world: World) => string,
  { restart = false } = {},
): Sabotage {
  const { consequences = [] } = row;
  let before = "";
  return {
    ...row,
    // A server that is started with what nobody tried says so, too.
    consequences: consequences === "any" || !restart ? consequences : [...consequences, "settings-tried"],
    async do(world) {
      before = world.read("wachpost.toml");
      const text = change(before, world);
      if (text === before) throw new Error(`${row.what}: the configuration stays as it was`);
      world.writeConfig(text);
      if (restart) await world.restart();
    },
    async undo(world) {
      world.writeConfig(before);
      if (restart) await world.restart();
    },
  };
}

/** Anything else. */
export const deed = (row: Row, act: Pick<Sabotage, "do" | "undo">): Sabotage => ({
  ...row,
  ...act,
  consequences: row.consequences ?? [],
});
