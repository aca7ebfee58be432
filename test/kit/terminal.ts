/** A terminal with a person at it, for `run -it`, `exec -it` and `attach`. */
import { spawn } from "node:child_process";
import { join } from "node:path";

/** A command that runs in a pseudo-terminal. */
export interface Terminal {
  /** Types text; `\r` is the return key, `\x10\x11` is Ctrl-P Ctrl-Q. */
  send(text: string): void;
  resize(rows: number, columns: number): void;
  /** Waits until what was shown since the last call matches, and gives the match. Rejects with all that was shown. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** The command's exit code. */
  readonly exit: Promise<number>;
  /** Ends it, if it has not ended. */
  close(): void;
}

/** Runs `command` in a new terminal of 24 rows and 80 columns. */
export function openTerminal(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Terminal {
  const script = join(import.meta.dirname, "terminal.py");
  const child = spawn("python3", [script, "24", "80", command, ...args], {
    env: { ...process.env, TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  let ended = false;
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdin.on("error", () => {});
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    notify();
  });
  const exit = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      ended = true;
      notify();
      resolve(code ?? 1);
    });
  });
  const order = (what: object): void => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
  };
  return {
    send: (text) => order({ send: text }),
    resize: (rows, columns) => order({ resize: [rows, columns] }),
    waitFor: (pattern, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const done = (finish: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          finish();
        };
        const look = (): void => {
          const match = pattern.exec(shown);
          if (match !== null) {
            done(() => {
              shown = shown.slice(match.index + match[0].length);
              resolve(match);
            });
          } else if (ended)
            done(() => reject(new Error(`it ended without ${pattern}; shown: ${JSON.stringify(shown)}`)));
        };
        const late = (): void =>
          done(() => reject(new Error(`no ${pattern} in ${timeoutMs} ms; shown: ${JSON.stringify(shown)}`)));
        const timer = setTimeout(late, timeoutMs);
        listeners.add(look);
        look();
      }),
    exit,
    close: () => {
      child.kill("SIGKILL");
    },
  };
}
