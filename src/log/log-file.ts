// The log in a file that can be moved away and opened anew.

import { appendFileSync, closeSync, constants, openSync } from "node:fs";
import { resolve } from "node:path";
import { systemErrorCode } from "../errors.ts";
import { makeVisible } from "../text/visible.ts";
import { DescriptorWriter } from "./descriptor-writer.ts";
import { droppedText, type LogDestination, LogSink, stderrLog } from "./log-sink.ts";

// O_NONBLOCK: a FIFO that nobody reads is an error instead of a process that
// stands still. Windows has neither.
const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;

/**
 * Appends to a file, several lines at a time. Give it to a server as its `log`.
 *
 * What cannot be written is kept for a while and tried again; standard error tells about it once. What is
 * left is written when the program ends.
 */
export class LogFile implements LogDestination {
  /** Absolute. */
  readonly path: string;
  readonly #writer: DescriptorWriter;
  readonly #sink: LogSink;
  #isClosed = false;

  /** @throws the system's error if the file can neither be opened nor created */
  constructor(path: string) {
    this.path = resolve(path);
    this.#writer = new DescriptorWriter(this.#open(), {
      onFailure: (error) => this.#tell("write", error),
      onDropped: (lines) => stderrLog.write(droppedText(lines)),
    });
    this.#sink = new LogSink(
      (text) => this.#writer.write(text),
      () => this.#writer.finish(),
    );
  }

  /** Takes one entry, with its line end. */
  write(entry: string): void {
    if (this.#isClosed) this.#writeLate(entry);
    else this.#sink.write(entry);
  }

  /** What a request logs that was cut with its server. */
  #writeLate(entry: string): void {
    try {
      appendFileSync(this.path, entry);
    } catch (error) {
      this.#tell("write", error);
    }
  }

  /**
   * Opens the path anew: what was logged so far is in the old file, what follows goes to the new one. If that
   * fails, standard error tells, and the old file stays in use.
   */
  reopen(): void {
    if (this.#isClosed) return;
    this.#sink.flush();
    let fd: number;
    try {
      fd = this.#open();
    } catch (error) {
      return this.#tell("reopen", error);
    }
    closeSync(this.#writer.replace(fd));
  }

  /** Writes what is left and closes the file. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sink.close();
    closeSync(this.#writer.replace(-1));
  }

  #open(): number {
    return openSync(this.path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666);
  }

  #tell(what: "write" | "reopen", error: unknown): void {
    const why = systemErrorCode(error) ?? String(error);
    stderrLog.write(`htbin: cannot ${what} the log file ${makeVisible(this.path)}: ${why}\n`);
  }
}
