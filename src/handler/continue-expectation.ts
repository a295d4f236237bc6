// Whether the client waits to be told to send the body of its request, and whether
// it is told (RFC 9110 §10.1.1).

import { readExpectation } from "../http1/expectation.ts";
import type { Connection } from "../server/connection.ts";

/** Of a handler, what everybody may read, set and call. */
export interface ExpectedHandler {
  readonly request: Connection;
  readonly protocolVersion: string;
  closeConnection: boolean;
  handleExpect100(): boolean;
}

export class ContinueExpectation {
  readonly #handler: ExpectedHandler;
  /** The client waits for 100 (Continue) and has not been told to send the body. */
  isOpen = false;

  constructor(handler: ExpectedHandler) {
    this.#handler = handler;
  }

  /**
   * Takes down what a request expects.
   * @param expect its Expect field, if it has one that counts
   * @returns whether that is known here; if not, the request is to be refused
   */
  note(expect: string | undefined): boolean {
    const { protocolVersion, request } = this.#handler;
    const expectation = readExpectation(expect);
    this.isOpen = expectation === "continue" && protocolVersion !== "HTTP/1.0" && !request.isBodyRead;
    return expectation !== "unknown";
  }

  /**
   * Asks the handler, where the client waits.
   * @returns whether the request is to be handled; if not, an error has been sent
   */
  isMet(): boolean {
    if (!this.isOpen) return true;
    const handler = this.#handler;
    const closes = handler.closeConnection;
    // An error that `handleExpect100` sends closes: nobody knows whether the body comes all the same.
    handler.closeConnection = true;
    const isMet = handler.handleExpect100();
    if (isMet) handler.closeConnection = closes;
    return isMet;
  }
}
