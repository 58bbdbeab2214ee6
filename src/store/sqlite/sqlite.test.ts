import { runConformance } from "../conformance/run.ts";
import { openTemporary } from "./test-engine.ts";

runConformance("sqlite", openTemporary);
