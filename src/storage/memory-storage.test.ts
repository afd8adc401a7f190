import { storageContract } from "../../test/contracts/storage-contract.ts";
import { memoryStorage } from "./memory-storage.ts";

storageContract("memory storage", () => memoryStorage());
