// A socket without a network: what is pushed is received, what is written is dropped.

import { Duplex } from "node:stream";

export class FedSocket extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, callback: () => void): void {
    callback();
  }
}
