// How a run starts: a process of its own, or a request to an application that runs already.

import type { CGIError } from "../errors.ts";
import type { Application } from "./application-path.ts";
import { startFastCGI } from "./fastcgi-run.ts";
import { startScript } from "./script-process.ts";
import type { ScriptJob } from "./script-job.ts";
import type { ScriptRun } from "./script-run.ts";
import { startSCGI } from "./scgi-run.ts";
import { startFacts } from "./start-facts.ts";
import { startFailure } from "./start-failure.ts";

/** @throws {CGIError} if it cannot be started */
export function startRun(job: ScriptJob): Promise<ScriptRun> {
  return job.application === undefined ? startProcess(job) : startApplication(job, job.application);
}

async function startProcess(job: ScriptJob): Promise<ScriptRun> {
  const { start, file, user, notes } = job;
  try {
    const script = await startScript({
      command: start.kind === "interpreter" ? start.command : file,
      args: start.kind === "interpreter" ? [...start.args, file] : (job.args ?? []),
      environment: job.environment,
      directory: job.directory,
      user,
      stdin: job.bodyFile ?? (job.body === undefined ? "empty" : "pipe"),
      resources: job.limits.resources,
      killGrace: job.limits.killGrace,
      onStderrLine: (line) => {
        notes?.stderrLine(line);
        job.log(`${job.scriptName}: ${line}`);
      },
      onStderrEnd: () => notes?.stderrEnded(),
    });
    notes?.started();
    return script;
  } catch (error) {
    throw startFailureOf(error, job);
  }
}

/** The failure of a start, with what the disk says about the script. */
export function startFailureOf(error: unknown, { file, start, user, environment }: ScriptJob): CGIError {
  return startFailure(error, file, () => startFacts(file, start, user, environment.get("PATH") ?? ""));
}

async function startApplication(job: ScriptJob, { protocol, address }: Application): Promise<ScriptRun> {
  const { environment, body, notes } = job;
  const start = protocol === "fastcgi" ? startFastCGI : startSCGI;
  const run = await start({
    address,
    environment,
    hasBody: body !== undefined,
    onStderrLine: (line) => {
      notes?.stderrLine(line);
      job.log(`${job.scriptName}: ${line}`);
    },
  });
  notes?.started();
  // All that it has to say comes before the end of its answer.
  void run.exited.then(() => notes?.stderrEnded());
  return run;
}
