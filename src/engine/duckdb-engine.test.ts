import { engineContract } from "../../test/contracts/engine-contract.ts";
import { duckdbEngine } from "./duckdb-engine.ts";

engineContract("in this process", duckdbEngine);
