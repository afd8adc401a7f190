import { engineContract } from "../../test/contracts/engine-contract.ts";
import { scanContract } from "../../test/contracts/scan-contract.ts";
import { duckdbEngine } from "./duckdb-engine.ts";

engineContract("in this process", duckdbEngine);
scanContract("in this process", duckdbEngine);
