// Whether scripts can be run with these options: their programs are there, their variables are free.
import { statSync } from "node:fs";

import { isOfTheRequest } from "../cgi/environment.ts";
import { findProgram } from "../cgi/find-program.ts";
import { makeVisible } from "../text/visible.ts";
import type { ServeOptions } from "./serve-options.ts";
import { StartError } from "./start-errors.ts";

/**
 * What is wrong is better found at start than by the first visitor.
 * @throws {StartError} for the first thing that is
 */
export function checkScripts(options: ServeOptions): void {
  for (const name of variablesOf(options)) {
    if (!isOfTheRequest(name)) continue;
    throw wrong(
      `the variable ${makeVisible(name)} cannot be set, because it tells a script about its request; leave it out`,
    );
  }
  for (const [path, { program }] of Object.entries(options.cgiMounts ?? {})) {
    if (findProgram(program) !== undefined) continue;
    if (statSync(program, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw wrong(
        `${makeVisible(program)} is a folder, and a mount is one program; give each program a mount of its own, or put links to them into cgi-bin/ of the served folder, and add --cgi --follow-symlinks`,
      );
    }
    throw wrong(
      `there is no program ${makeVisible(program)} that can be run for ${makeVisible(path)}; check the path, and its x bit`,
    );
  }
  for (const [extension, [name]] of Object.entries(options.cgiInterpreters ?? {})) {
    if (name === undefined || findProgram(name) !== undefined) continue;
    throw wrong(
      `there is no program ${makeVisible(name)} in PATH to run ${makeVisible(extension)} files with; install it, or give its whole path`,
    );
  }
}

function variablesOf(options: ServeOptions): string[] {
  const { cgiEnvironment = {}, cgiPassEnvironment = [], cgiMounts = {} } = options;
  const ofMounts = Object.values(cgiMounts).flatMap(({ environment = {} }) => Object.keys(environment));
  return [...Object.keys(cgiEnvironment), ...cgiPassEnvironment, ...ofMounts];
}

function wrong(message: string): StartError {
  return new StartError("ERR_START_OPTION", message);
}
