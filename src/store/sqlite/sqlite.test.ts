import { runConformance } from "../conformance/run.ts";
import { openTemporary } from "../../../test/store/engine.ts";

runConformance("sqlite", openTemporary);
