// What a client expects of the server before it sends the body of its request (RFC 9110 §10.1.1).

import { tokenList } from "../text/field-value.ts";

/** `continue`: to be told to send it. That is the only expectation there is. */
export type Expectation = "none" | "continue" | "unknown";

/** @param expect all Expect fields as one list value; `undefined` where there is none */
export function readExpectation(expect: string | undefined): Expectation {
  if (expect === undefined) return "none";
  const expectations = tokenList(expect);
  if (expectations.length === 0) return "none";
  return expectations.every((each) => each === "100-continue") ? "continue" : "unknown";
}
