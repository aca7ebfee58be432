/**
 * At a terminal, and when it is interrupted, Escale's command line behaves as the stock one: every scene is played with
 * both, on Escale's own daemon.
 */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { openTerminal, type Terminal } from "../kit/terminal.ts";
import { escaleCommand } from "./commands.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker } = engine;

/** What a person does and sees; the exit code of the command belongs to it. */
interface Scene {
  readonly title: string;
  /** The command, from the name of its container. */
  readonly line: (name: string) => readonly string[];
  /** What is there before. */
  readonly prepare?: (name: string) => Promise<unknown>;
  readonly play: (terminal: Terminal) => Promise<void>;
  readonly code: number;
}

const prompt = /(\/|~) # /;
const forEver = "while :; do sleep 0.1; done";

function started(...words: readonly string[]): (name: string) => Promise<unknown> {
  return (name) => docker.ok("run", "-d", "-i", "--name", name, "bb", ...words);
}

const scenes: readonly Scene[] = [
  {
    title: "a shell has the terminal's size, follows a resize and shows what it is sent as it is",
    line: () => ["run", "-it", "--rm", "bb", "sh"],
    play: async (terminal) => {
      await terminal.waitFor(prompt);
      terminal.send("stty size\r");
      await terminal.waitFor(/24 80\r\n/);
      terminal.resize(33, 101);
      await terminal.waitFor(prompt);
      terminal.send("sleep 0.3; stty size\r");
      await terminal.waitFor(/33 101\r\n/);
      // A line feed moves down and nowhere else, as programs that draw on the screen rely on.
      terminal.send("stty -opost; printf 'a\\nb\\n'; stty opost\r");
      await terminal.waitFor(/a\nb\n/);
      terminal.send("exit 7\r");
    },
    code: 7,
  },
  {
    title: "detaching leaves the container running",
    line: (name) => ["run", "-it", "--name", name, "bb", "sh"],
    play: async (terminal) => {
      await terminal.waitFor(prompt);
      terminal.send("\x10\x11");
    },
    code: 0,
  },
  {
    title: "detaching by other keys",
    line: (name) => ["run", "-it", "--detach-keys", "ctrl-x,q", "--name", name, "bb", "sh"],
    play: async (terminal) => {
      await terminal.waitFor(prompt);
      terminal.send("echo \x18a $((40+2))\r");
      await terminal.waitFor(/42\r\n/);
      terminal.send("\x18q");
    },
    code: 0,
  },
  {
    title: "detaching from an exec",
    prepare: started("sleep", "100"),
    line: (name) => ["exec", "-it", name, "sh"],
    play: async (terminal) => {
      await terminal.waitFor(prompt);
      terminal.send("\x10\x11");
      await terminal.waitFor(/read escape sequence/);
    },
    code: 1,
  },
  {
    title: "an exec's exit code",
    prepare: started("sleep", "100"),
    line: (name) => ["exec", "-it", name, "sh"],
    play: async (terminal) => {
      await terminal.waitFor(prompt);
      terminal.send("exit 8\r");
    },
    code: 8,
  },
  {
    title: "Ctrl-C goes to the program at the container's terminal",
    line: () => ["run", "-it", "--rm", "bb", "sh", "-c", `trap 'echo caught; exit 9' INT; echo up; ${forEver}`],
    play: async (terminal) => {
      await terminal.waitFor(/up/);
      terminal.send("\x03");
      await terminal.waitFor(/caught/);
    },
    code: 9,
  },
  {
    title: "without a terminal in the container Ctrl-C is passed on as a signal",
    line: () => ["run", "--rm", "bb", "sh", "-c", `trap 'echo caught; exit 4' INT; echo up; ${forEver}`],
    play: async (terminal) => {
      await terminal.waitFor(/up/);
      terminal.send("\x03");
      await terminal.waitFor(/caught/);
    },
    code: 4,
  },
  {
    title: "the third Ctrl-C ends the command when the container does not care",
    line: (name) => ["run", "--name", name, "bb", "sh", "-c", `trap '' INT; echo up; ${forEver}`],
    play: async (terminal) => {
      await terminal.waitFor(/up/);
      for (let times = 0; times < 3; times++) {
        terminal.send("\x03");
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      await terminal.waitFor(/got 3 SIGTERM\/SIGINTs, forcefully exiting/);
    },
    code: 1,
  },
  {
    title: "Ctrl-C ends following a log",
    prepare: started("sh", "-c", `echo up; ${forEver}`),
    line: (name) => ["logs", "-f", name],
    play: async (terminal) => {
      await terminal.waitFor(/up/);
      terminal.send("\x03");
    },
    code: 130,
  },
  {
    title: "Ctrl-C leaves an exec alone and ends without complaint",
    prepare: started("sleep", "100"),
    line: (name) => ["exec", name, "sh", "-c", "echo up; sleep 5"],
    play: async (terminal) => {
      await terminal.waitFor(/up/);
      terminal.send("\x03");
    },
    code: 0,
  },
  {
    title: "an archive is not written to a terminal",
    line: () => ["save", "bb"],
    play: async (terminal) => {
      await terminal.waitFor(/cowardly refusing to save to a terminal/);
    },
    code: 1,
  },
];

for (const { title, line, prepare, play, code } of scenes) {
  describe(title, () => {
    for (const [client, command] of Object.entries({ docker: [docker.command], escale: escaleCommand })) {
      test(client, async () => {
        const name = engine.name();
        await prepare?.(name);
        const [program = "", ...first] = command;
        const terminal = openTerminal(program, [...first, ...line(name)], docker.env);
        try {
          await play(terminal);
          assert.equal(await terminal.exit, code);
        } finally {
          terminal.close();
          await docker.run(["rm", "-f", name]);
        }
      });
    }
  });
}
