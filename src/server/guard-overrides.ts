// Overrides of steps that nobody waits for: what becomes of a promise that one of them returns.
// TypeScript lets an async method pass where one is declared that returns nothing, and a rejection that
// nobody hears ends the process.

/** What the callers of a step need of it. */
export type StepKind =
  /** It adds to an answer, which does not end before the step does, and fails with it. */
  | "answers"
  /** They need its result at once. */
  | "decides"
  /** They do without it: that it fails is logged, and nothing else. */
  | "beside";

/**
 * Looks after the promise that an override has returned.
 * @returns what the caller of the step gets
 */
export type PromiseKeeper = (
  name: string,
  kind: StepKind,
  promise: Promise<unknown>,
  args: readonly unknown[],
) => unknown;

type Step = (...args: unknown[]) => unknown;

/** The prototype of a class → the steps that it brings, and that nobody waits for. */
const declared = new WeakMap<object, Readonly<Record<string, StepKind>>>();
const guarded = new WeakSet<Step>();

/**
 * Each class of a ladder declares the steps that it brings. What it overrides of the classes below it is
 * taken for no override: it returns no promise.
 */
export function declareSteps(prototype: object, steps: Readonly<Record<string, StepKind>>): void {
  declared.set(prototype, steps);
}

/** The steps that a class itself has declared. */
export function stepsOf(prototype: object): Readonly<Record<string, StepKind>> {
  return declared.get(prototype) ?? {};
}

/** Which steps the class of `owner`, or whoever has set them, has overridden. */
export function overridesOf(owner: object): ReadonlyMap<string, StepKind> {
  const ladder = ladderOf(owner);
  const steps = ladder.flatMap((each) => Object.entries(stepsOf(each)));
  return new Map(steps.filter(([name]) => isOverridden(ladder, name)));
}

/** Puts a guard before each of these steps. */
export function guardOverrides(
  owner: object,
  steps: ReadonlyMap<string, StepKind>,
  keep: PromiseKeeper,
): void {
  for (const [name, kind] of steps) {
    const step = (owner as Record<string, unknown>)[name];
    if (typeof step !== "function" || guarded.has(step as Step)) continue;
    // Not assigned: a class may have declared the step as one that cannot be.
    Object.defineProperty(owner, name, {
      value: guard(name, kind, step as Step, keep),
      configurable: true,
      writable: true,
    });
  }
}

/** For a step whose result is needed at once. */
export function refusePromise(name: string, promise: Promise<unknown>): never {
  promise.catch(ignore);
  throw new TypeError(`${name}() returned a promise, and its result is needed at once: it must not be async`);
}

function guard(name: string, kind: StepKind, step: Step, keep: PromiseKeeper): Step {
  const call = function (this: unknown, ...args: unknown[]): unknown {
    const result = step.apply(this, args);
    return result instanceof Promise ? keep(name, kind, result, args) : result;
  };
  guarded.add(call);
  return call;
}

/** An object, and the prototypes from which it inherits. */
function ladderOf(owner: object): object[] {
  const ladder: object[] = [];
  for (let each: object | null = owner; each !== null; each = Object.getPrototypeOf(each) as object | null)
    ladder.push(each);
  return ladder;
}

/** The class that declares a step holds it, too: a holder before that one has overridden it. */
function isOverridden(ladder: readonly object[], name: string): boolean {
  const holders = ladder.filter((each) => Object.hasOwn(each, name));
  return holders.length > 1 && !declared.has(holders[0]!);
}

function ignore(): void {}
