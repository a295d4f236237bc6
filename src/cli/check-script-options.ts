// Whether the options about scripts have the form they need. What they name, `check-scripts.ts` looks for.
import { quoted } from "./quoted.ts";

export function checkDirectories(directories: unknown, name: string): string | undefined {
  if (!Array.isArray(directories)) return `${name} has to be a list of paths`;
  for (const directory of directories as readonly unknown[]) {
    const problem = checkPath(directory, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

export function checkMounts(mounts: unknown, name: string): string | undefined {
  if (!isRecord(mounts)) return `${name} has to be an object of { path: { program } }`;
  for (const [path, mount] of Object.entries(mounts)) {
    const problem = checkPath(path, name) ?? checkMount(path, mount, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkMount(path: string, mount: unknown, name: string): string | undefined {
  const { program, environment, requestBody } = isRecord(mount) ? mount : {};
  if (program === undefined || program === "") {
    return `${name} has no program for ${quoted(path)}; write ${name === "cgiMounts" ? '{ program: "/the/program" }' : `${name} ${path}=/the/program`}`;
  }
  if (typeof program !== "string" || !/^([/\\]|[A-Za-z]:)/.test(program) || program.includes("\0"))
    return `${name} ${quoted(path)}: the program has to be an absolute path`;
  if (requestBody !== undefined && requestBody !== "store" && requestBody !== "stream")
    return `${name} ${quoted(path)}: requestBody has to be "store" or "stream"`;
  return environment === undefined ? undefined : checkEnvironment(environment, "--cgi-env");
}

/** One that it could never match would be silently dead. */
function checkPath(path: unknown, name: string): string | undefined {
  if (typeof path !== "string") return `${name} has to hold paths`;
  if (!path.startsWith("/") || path.split("/").some((each) => each === "." || each === ".."))
    return `${name} ${quoted(path)} is no path; write one like /tools, decoded, without . and ..`;
  return undefined;
}

export function checkInterpreters(interpreters: unknown, name: string): string | undefined {
  if (!isRecord(interpreters)) return `${name} has to be an object of { ".ext": ["program"] }`;
  for (const [extension, words] of Object.entries(interpreters)) {
    if (!/^\.[^./\\A-Z]+$/.test(extension))
      return `${name} ${quoted(extension)} is no extension; write one like .php, in small letters`;
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string" && !word.includes("\0")))
      return `${name} ${quoted(extension)} has to be a list of texts: the program and its arguments`;
  }
  return undefined;
}

export function checkEnvironment(environment: unknown, name: string): string | undefined {
  if (!isRecord(environment)) return `${name} has to be an object of { NAME: "value" }`;
  for (const [variable, value] of Object.entries(environment)) {
    const problem = checkVariable(variable, name);
    if (problem !== undefined) return problem;
    if (typeof value !== "string" || value.includes("\0"))
      return `${name} ${quoted(variable)} has to be a text without NUL`;
  }
  return undefined;
}

export function checkVariables(names: unknown, name: string): string | undefined {
  if (!Array.isArray(names)) return `${name} has to be a list of names`;
  for (const variable of names as readonly unknown[]) {
    const problem = checkVariable(variable, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkVariable(variable: unknown, name: string): string | undefined {
  if (typeof variable !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
    return `${name} ${quoted(variable)} is no name of a variable; use letters, digits and _`;
  return undefined;
}

/** Whether a value is an object with names, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
