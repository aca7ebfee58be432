/** The three streams of the command line. */

/** Where output goes. Writing to a pipe or a terminal waits for the reader, so there is nothing to flush. */
export interface Output {
  write(data: string | Buffer): void;
  readonly isTerminal: boolean;
  /** Rows and columns; zeros when it is no terminal. */
  size(): { rows: number; columns: number };
  /** Calls back when the terminal changes its size, until the returned function is called. */
  onResize(listener: () => void): () => void;
}

/** Where input comes from. */
export interface Input {
  readonly isTerminal: boolean;
  /**
   * Makes the terminal hand over every key as it is typed, without echo, and show what it is sent as it is; the result
   * undoes it.
   */
  setRaw(): Promise<() => void>;
  /** The bytes that come in, until the end. */
  read(): AsyncIterable<Buffer>;
}

/** The streams a command works with. */
export interface Streams {
  readonly in: Input;
  readonly out: Output;
  readonly err: Output;
  /** Columns that help pages are wrapped to. */
  readonly helpColumns: number;
}

function outputOf(get: () => NodeJS.WriteStream): Output {
  return {
    write: (data) => {
      get().write(data);
    },
    get isTerminal() {
      return get().isTTY === true;
    },
    size: () => ({ rows: get().rows ?? 0, columns: get().columns ?? 0 }),
    onResize: (listener) => {
      get().on("resize", listener);
      return () => get().off("resize", listener);
    },
  };
}

/** The streams of this process. They are opened when first used: a command that reads nothing does not touch its input. */
export function processStreams(): Streams {
  return {
    in: {
      get isTerminal() {
        return process.stdin.isTTY === true;
      },
      setRaw: async () => {
        process.stdin.setRawMode(true);
        // Node's raw mode still turns line feeds into new lines, which would spoil the screens of programs that move
        // down by a line feed. Leaving the mode restores this as well.
        const { spawnSync } = await import("node:child_process");
        spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
        return () => process.stdin.setRawMode(false);
      },
      read: () => process.stdin as AsyncIterable<Buffer>,
    },
    out: outputOf(() => process.stdout),
    err: outputOf(() => process.stderr),
    get helpColumns() {
      const terminal = process.stdin.isTTY === true ? process.stdout.columns : undefined;
      return terminal ?? 80;
    },
  };
}
