/**
 * Named places where a crash may fall. A point costs one undefined check when nobody listens. `landfall prove` and the
 * crash tests set a listener that kills the process; nothing else does.
 */
type FaultListener = (point: string) => void;

let listener: FaultListener | undefined;

/** Called in the flow, between two durable steps. */
export function faultPoint(name: string): void {
  if (listener !== undefined) listener(name);
}

/** Sets or removes the listener of this process. */
export function onFaultPoint(next: FaultListener | undefined): void {
  listener = next;
}
