/** State and rule of an arrival as one small integer, as the ledger's file keeps them. The numbers never change. */
import type { ArrivalState, SkipRule } from "./states.ts";

const STATE_CODES: Readonly<Record<Exclude<ArrivalState, "skipped">, number>> = {
  waiting: 1,
  discovered: 2,
  claimed: 3,
  committed: 4,
  archived: 5,
  deleted: 6,
  quarantined: 7,
  undone: 8,
  forgotten: 9,
};

/** A skip whose rule nobody named. */
const SKIPPED = 20;
const RULE_CODES: Readonly<Record<SkipRule, number>> = {
  gone: 21,
  overwritten: 22,
  grown: 23,
  touched: 24,
  baseline: 25,
  adopted: 26,
};

export interface StateAndRule {
  readonly state: ArrivalState;
  readonly rule?: SkipRule;
}

const BY_CODE = new Map<number, StateAndRule>([
  ...Object.entries(STATE_CODES).map(([state, code]): [number, StateAndRule] => [
    code,
    { state: state as ArrivalState },
  ]),
  [SKIPPED, { state: "skipped" }],
  ...Object.entries(RULE_CODES).map(([rule, code]): [number, StateAndRule] => [
    code,
    { state: "skipped", rule: rule as SkipRule },
  ]),
]);

export function codeOf(arrival: StateAndRule): number {
  if (arrival.state !== "skipped") return STATE_CODES[arrival.state];
  return arrival.rule === undefined ? SKIPPED : RULE_CODES[arrival.rule];
}

/** Undefined for a number that stands for nothing: the file is damaged. */
export function stateOfCode(code: number): StateAndRule | undefined {
  return BY_CODE.get(code);
}

/** Every state with every rule. */
export const ALL_STATES: readonly StateAndRule[] = [...BY_CODE.values()];

/** All codes of a state: one, or one for each rule of `skipped`. */
export function codesOfState(state: ArrivalState): readonly number[] {
  return [...BY_CODE].filter(([, value]) => value.state === state).map(([code]) => code);
}
