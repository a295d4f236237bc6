// `--cgi-limit cpu=10,memory=512M`: the limits for scripts that a person sets, as a person writes them.
import type { CGILimits } from "../cgi/limits.ts";
import { makeVisible } from "../text/visible.ts";
import { parseCount, parseSeconds, parseSize } from "./limit-values.ts";

interface Word {
  readonly parse: (text: string, option: string) => number | string;
  readonly add: (value: number, soFar: Partial<CGILimits>) => Partial<CGILimits>;
}

const seconds = (text: string, option: string): number | string => parseSeconds(text, option, "refused");

const own =
  (member: Exclude<keyof CGILimits, "resources">): Word["add"] =>
  (value, soFar) => ({ ...soFar, [member]: value });

const resource =
  (member: keyof CGILimits["resources"]): Word["add"] =>
  (value, soFar) => ({ ...soFar, resources: { ...soFar.resources, [member]: value } });

/** In the order of the manual: docs/cgi.md. */
const WORDS: Readonly<Record<string, Word>> = {
  scripts: { parse: parseCount, add: own("scriptsAtOnce") },
  "per-client": { parse: parseCount, add: own("perClient") },
  queue: { parse: parseCount, add: own("queueLength") },
  wait: { parse: seconds, add: own("queueWait") },
  header: { parse: seconds, add: own("timeToHeader") },
  idle: { parse: seconds, add: own("idle") },
  time: { parse: seconds, add: own("wholeTime") },
  cpu: { parse: parseCount, add: resource("cpu") },
  memory: { parse: parseSize, add: resource("memory") },
  "file-size": { parse: parseSize, add: resource("fileSize") },
  processes: { parse: parseCount, add: resource("processes") },
};

/** The limits so far with those of `text`, or a sentence that says what is wrong with it. */
export function parseCGILimits(
  text: string,
  option: string,
  soFar: Partial<CGILimits>,
): Partial<CGILimits> | string {
  let limits = soFar;
  for (const part of text.split(",")) {
    const [, name = part, value] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
    const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
    if (word === undefined || value === undefined) {
      return `${option} "${makeVisible(part)}" is no limit; write NAME=VALUE with one of ${Object.keys(WORDS).join(", ")}`;
    }
    const parsed = word.parse(value, `${option} ${name}`);
    if (typeof parsed === "string") return parsed;
    limits = word.add(parsed, limits);
  }
  return limits;
}
