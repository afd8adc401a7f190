/**
 * The local states of a process. What it does is a function of its start and of the answers that it has got since: so its states
 * are the nodes of a tree, an edge for each answer, and each is worked out once, however many states of the whole it stands in.
 */
import type { Answer } from "./call.ts";
import { startProcess, type Event, type Process, type ProcessOptions } from "./process.ts";

export interface LocalState {
  readonly id: number;
  readonly parent: LocalState | undefined;
  readonly event: Event;
  /** Calls answered since the start. */
  readonly depth: number;
  /** Ids made since the start. */
  readonly draws: number;
}

interface Node extends LocalState {
  readonly parent: Node | undefined;
  readonly answer: number;
  readonly options: ProcessOptions;
  readonly children: Map<number, Node>;
  /** A process that stands here; used up by the first answer. */
  live: Process | undefined;
}

export interface LocalStates {
  start(options: ProcessOptions): Promise<LocalState>;
  next(from: LocalState, answer: number): Promise<LocalState>;
  readonly size: number;
}

export function localStates(answers: { at(id: number): Answer }): LocalStates {
  const roots = new Map<string, Node>();
  let size = 0;

  const replay = async (node: Node): Promise<Process> => {
    const path: number[] = [];
    for (let at = node; at.parent !== undefined; at = at.parent) path.push(at.answer);
    const process = startProcess(node.options);
    await process.first;
    for (const answer of path.reverse()) await process.answer(answers.at(answer));
    return process;
  };

  return {
    async start(options) {
      const name = `${options.index} ${options.drawn}`;
      const known = roots.get(name);
      if (known !== undefined) return known;
      const live = startProcess(options);
      const event = await live.first;
      const rest = { parent: undefined, answer: -1, depth: 0, children: new Map(), options };
      const root: Node = { id: size++, event, draws: live.draws(), live, ...rest };
      roots.set(name, root);
      return root;
    },
    async next(from, answer) {
      const node = from as Node;
      const known = node.children.get(answer);
      if (known !== undefined) return known;
      const live = node.live ?? (await replay(node));
      node.live = undefined;
      const event = await live.answer(answers.at(answer));
      const rest = {
        parent: node,
        answer,
        depth: node.depth + 1,
        children: new Map(),
        options: node.options,
      };
      const child: Node = { id: size++, event, draws: live.draws(), live, ...rest };
      if (event.kind === "ended") child.live = undefined;
      node.children.set(answer, child);
      return child;
    },
    get size() {
      return size;
    },
  };
}
