// Overrides of steps that nobody waits for: what becomes of a promise that one of them returns. TypeScript lets an async method pass where
// one is declared that returns nothing, and a rejection that nobody hears ends the process.

/**
 * Looks after the promise that an override has returned.
 * @param name of the step
 * @returns what the caller of the step gets
 */
export type PromiseKeeper = (name: string, promise: Promise<unknown>, args: readonly unknown[]) => unknown;

type Steps = Record<string, unknown>;
type Step = (...args: unknown[]) => unknown;

const trusted = new WeakSet<object>();
const guarded = new WeakSet<Step>();

/** The steps of this class are known to return no promises: they are called as they are. */
export function trustSteps(prototype: object): void {
  trusted.add(prototype);
}

/** Which of these steps the class of `owner`, or whoever has set it, has overridden. */
export function overridesOf(owner: object, names: readonly string[]): string[] {
  return names.filter((name) => isOverridden(owner, name));
}

/** Puts a guard before each of these steps. */
export function guardOverrides(owner: object, names: readonly string[], keep: PromiseKeeper): void {
  for (const name of names) {
    const step = (owner as Steps)[name];
    if (typeof step !== "function" || guarded.has(step as Step)) continue;
    // Not assigned: a class may have declared the step as one that cannot be.
    Object.defineProperty(owner, name, {
      value: guard(name, step as Step, keep),
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

function guard(name: string, step: Step, keep: PromiseKeeper): Step {
  const call = function (this: unknown, ...args: unknown[]): unknown {
    const result = step.apply(this, args);
    return result instanceof Promise ? keep(name, result, args) : result;
  };
  guarded.add(call);
  return call;
}

/** The class that declares a step holds it, too: if another holder comes before that one, the step is overridden. */
function isOverridden(owner: object, name: string): boolean {
  const holders: object[] = [];
  for (let each: object | null = owner; each !== null; each = Object.getPrototypeOf(each) as object | null)
    if (Object.hasOwn(each, name)) holders.push(each);
  return holders.length > 1 && !trusted.has(holders[0]!);
}

function ignore(): void {}
