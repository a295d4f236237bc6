// The end of a request: the connection is brought to where the next one begins, or is to be closed.

import type { BodyFraming } from "../http1/framing.ts";
import type { Connection } from "../server/connection.ts";
import type { ExchangeStreams } from "./exchange-streams.ts";

/** Of a handler, what everybody may read and set. */
export interface EndingHandler {
  readonly request: Connection;
  readonly bodyFraming: BodyFraming;
  closeConnection: boolean;
}

/** Drops the rest of the request body. Without a promise where there is none. */
export function endRequest(handler: EndingHandler, streams: ExchangeStreams): void | Promise<void> {
  const { request } = handler;
  if (request.isLastRequest) handler.closeConnection = true;
  if (!streams.hasReader && (handler.closeConnection || request.isBodyRead)) return;
  return discardBody(handler, streams);
}

async function discardBody(handler: EndingHandler, streams: ExchangeStreams): Promise<void> {
  const { request } = handler;
  await streams.finishReading(request.limits.bodyTime);
  if (handler.closeConnection) return;
  const isAtNext = await request.discardBody(handler.bodyFraming);
  if (!isAtNext || request.isLastRequest) handler.closeConnection = true;
}
