// One request to an SCGI application: variables, then the body, then its answer
// until it closes the connection.

import { Writable } from "node:stream";
import type { Socket } from "node:net";

import { connectTo } from "./connect-to-application.ts";
import { ApplicationRun } from "./application-run.ts";
import type { ApplicationRequest } from "./fastcgi-run.ts";
import { makeSCGIRequest } from "./scgi-request.ts";

/** @throws {CGIError} as `connectTo` does */
export async function startSCGI(request: ApplicationRequest): Promise<ApplicationRun> {
  return new SCGIRun(await connectTo(request.address), request);
}

class SCGIRun extends ApplicationRun {
  override readonly stdin: Writable | undefined;

  constructor(socket: Socket, { address, environment, hasBody }: ApplicationRequest) {
    super(socket, address);
    socket.write(makeSCGIRequest(environment));
    // Our side stays open: some applications take its end for a client that has left.
    if (hasBody) {
      this.stdin = new Writable({
        write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, (error) => done(error)),
      }).on("error", () => {});
    }
  }

  protected override onBytes(bytes: Buffer): void {
    this.addOutput(bytes);
  }

  protected override onEnd(): void {
    this.complete(0);
    this.socket.destroy();
  }

  protected override abort(): void {
    this.socket.destroy();
  }
}
