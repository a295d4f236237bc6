// What a server has dealt with when it hands a request on.

/**
 * Fields that concern the connection to the client alone (RFC 9110 §7.6.1), and Expect: a client that waits
 * for 100 (Continue) has been told to go on. In lower case.
 */
export const DEALT_WITH = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;
