import { LandfallError } from "../base/landfall-error.ts";
import { NOTHING_READ } from "../delta/conflicts/read-set.ts";
import { HONOURED_BY_LOG } from "../delta/features.ts";
import type { TableState } from "../delta/table-state.ts";
import { commitWrite } from "./commit-write.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite, WritePlan } from "./write-plan.ts";

export interface SetPropertiesOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sets table properties, and takes away those that are null. Undefined where the table has them like that already.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a property that puts a table feature to use which the table does not have
 */
export function setProperties(
  context: WriteContext,
  properties: Readonly<Record<string, string | null>>,
  options: SetPropertiesOptions = {},
): Promise<CommittedWrite | undefined> {
  return commitWrite(context, {
    ...options,
    honoured: HONOURED_BY_LOG,
    plan: (state) => Promise.resolve(planProperties(state, properties)),
  });
}

function planProperties(
  { metadata }: TableState,
  properties: Readonly<Record<string, string | null>>,
): WritePlan | undefined {
  const configuration: Record<string, string> = { ...metadata.configuration };
  for (const [name, value] of Object.entries(properties)) {
    if (value === null) delete configuration[name];
    else configuration[name] = value;
    if (FEATURE_PROPERTIES.test(name) && metadata.configuration[name] !== (value ?? undefined))
      throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
        message: `The property ${name} turns a table feature on or off, which setProperties does not.`,
      });
  }
  if (isSame(configuration, metadata.configuration)) return undefined;
  return {
    actions: [{ metaData: { ...metadata, configuration } }],
    reads: NOTHING_READ,
    operation: "SET TBLPROPERTIES",
    operationParameters: { properties: JSON.stringify(properties) },
    operationMetrics: {},
    written: [],
  };
}

const FEATURE_PROPERTIES =
  /^delta\.(?:feature|enable|constraints|columnMapping|checkpointPolicy|rowTracking)/;

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
