/** What the world needs and may lack. */
import { spawnSync } from "node:child_process";
import { bindMissing } from "../../setup/bind.ts";
import { unboundMissing } from "../../setup/unbound.ts";
import { pebbleMissing } from "../../tls/pebble.ts";

const mountMissing: string | false =
  spawnSync("mount", ["--version"]).error === undefined
    ? false
    : "mount is not installed: apt-get install mount";

export const worldMissing: string | false = bindMissing || unboundMissing || pebbleMissing || mountMissing;
