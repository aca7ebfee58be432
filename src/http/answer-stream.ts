import type { ServerResponse } from "node:http";

/** An answer whose head is sent and whose body is written piece by piece. */
export interface AnswerStream {
  /** Gives a promise when the client is slower than the writer: await it before writing more. Resolves too when the client is gone. */
  write(data: string | Uint8Array): Promise<void> | undefined;
  /** Ends the body; after it nothing may be written. */
  end(): void;
  /** Breaks the connection, so that the client sees that the body is not complete. */
  abort(): void;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.removeListener("drain", done);
      response.removeListener("close", done);
      resolve();
    };
    response.once("drain", done);
    response.once("close", done);
  });
}

/** The stream over a response whose head has been written. */
export function answerStreamOver(response: ServerResponse): AnswerStream {
  return {
    write: (data) => {
      if (response.destroyed || response.writableEnded) return undefined;
      return response.write(data) ? undefined : drained(response);
    },
    end: () => {
      if (!response.writableEnded) response.end();
    },
    abort: () => {
      response.destroy();
    },
  };
}
