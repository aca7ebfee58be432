/**
 * The main job in one command: a daemon, a container with Debian's nginx, its page through a published port.
 *
 *     npm start              until Ctrl-C, which stops and removes what it started
 *     npm start -- --once    the same without a person: checks the page, kills the daemon and starts it again, cleans up
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { demoImage, demoLabel, makeDemoImage } from "./demo-image.ts";

const isOnce = process.argv.includes("--once");
const escale = join(import.meta.dirname, "../bin/escale");
const container = "escale-demo";
const began = performance.now();

function say(text: string): void {
  console.log(`start: [${((performance.now() - began) / 1000).toFixed(1)} s] ${text}`);
}

function isAnswered(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.once("connect", () => {
      client.destroy();
      resolve(true);
    });
    client.once("error", () => resolve(false));
  });
}

/** Where the daemon's socket and data are: the default places for a person, places of its own where those are taken. */
async function choosePlaces(): Promise<{ socket: string; args: string[]; temporary: string | undefined }> {
  const socket = "/run/escale/escale.sock";
  if (!isOnce && !(await isAnswered(socket))) return { socket, args: [], temporary: undefined };
  const temporary = mkdtempSync(join(tmpdir(), "escale-demo-"));
  const own = join(temporary, "escale.sock");
  const doors = ["registry", "aws", "console"].flatMap((door) => [`--${door}-addr`, "none"]);
  const args = [
    "-H",
    `unix://${own}`,
    "--data-root",
    join(temporary, "data"),
    "--exec-root",
    join(temporary, "exec"),
    ...doors,
  ];
  return { socket: own, args, temporary };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 100; port++) if (await isFree(port)) return port;
  throw new Error(`no free port between ${from} and ${from + 99}`);
}

/** Starts the daemon and waits for its line `ready …`. */
function startDaemon(args: readonly string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(escale, ["daemon", "--log-level", "warn", ...args], {
      // In a process group of its own, so that Ctrl-C reaches this program only, which stops things in order.
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const line = /^ready .*$/m.exec(output)?.[0];
      if (line === undefined) return;
      say(`the daemon is ready (process ${child.pid}): ${line.slice("ready ".length)}`);
      resolve(child);
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`the daemon ended with ${code ?? signal}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

async function checkPage(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(3000) });
      const text = await answer.text();
      if (answer.status === 200 && text.includes("Hello from a container of Escale")) return;
      throw new Error(`${url} answers ${answer.status}: ${text.slice(0, 200)}`);
    } catch (error) {
      if (tries > 50) throw error;
      await sleep(100);
    }
  }
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new Error("the daemon needs root: run it as root, for example with sudo npm start");
  const { socket, args, temporary } = await choosePlaces();
  const env = { ...process.env, ESCALE_HOST: `unix://${socket}`, DOCKER_HOST: `unix://${socket}` };
  const run = (words: readonly string[], input?: Buffer | string): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn(escale, words, { env, detached: true, stdio: ["pipe", "pipe", "inherit"] });
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      child.stdin.on("error", () => {});
      child.stdin.end(input ?? "");
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve(output);
        else reject(new Error(`escale ${words.join(" ")} ended with ${code}\n${output.slice(-2000)}`));
      });
    });

  const removeContainers = async (): Promise<void> => {
    const ids = (await run(["ps", "-aq", "--filter", `label=${demoLabel}`])).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await run(["rm", "-f", ...ids]);
  };

  let daemon: ChildProcess | undefined;
  const cleanUp = async (): Promise<void> => {
    say("stopping: the container, then the daemon");
    if (daemon !== undefined) {
      await removeContainers().catch((error: Error) => console.error(`start: ${error.message}`));
      daemon.kill("SIGTERM");
      await ended(daemon);
    }
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    say(
      temporary === undefined && existsSync("/var/lib/escale")
        ? "stopped; images are kept in /var/lib/escale"
        : "stopped; nothing is left",
    );
  };

  const stopping = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  const stopped = stopping.then(() => Promise.reject(new Error("stopped before it was ready")));
  stopped.catch(() => {});
  const orStopped = <T>(work: Promise<T>): Promise<T> => Promise.race([work, stopped]);

  try {
    say("starting the daemon");
    daemon = await startDaemon(args);
    await removeContainers();
    await orStopped(makeDemoImage({ escale, env, run, say }));
    const port = await freePort(8080);
    say(`running the container ${container} with port ${port} published`);
    await orStopped(run(["run", "-d", "--name", container, "--label", demoLabel, "-p", `${port}:80`, demoImage]));
    const url = `http://127.0.0.1:${port}/`;
    await orStopped(checkPage(url));
    say(`nginx in the container serves the page at ${url}`);
    if (isOnce) {
      say("killing the daemon");
      daemon.kill("SIGKILL");
      await ended(daemon);
      await checkPage(url);
      say("the page is served without a daemon; starting it again");
      daemon = await startDaemon(args);
      await checkPage(url);
      const host = (await run(["exec", container, "hostname"])).trim();
      say(`the container ${host} is known again, and its page is served`);
      return;
    }
    console.log(`
  The page:  ${url}
  Try next, in another terminal:

    export DOCKER_HOST=unix://${socket}
    docker ps                                   # the stock docker command; npm run reference -- clients gets you one
    docker logs -f ${container}
    docker exec -it ${container} bash
    docker run --rm ${demoImage} cat /etc/debian_version

    bin/escale ps                               # the same with Escale's own
    bin/escale top ${container}
    kill -9 ${daemon.pid}                             # the daemon: the page stays, and a new daemon starts here

  Ctrl-C stops and removes the container and the daemon.
`);
    for (;;) {
      const gone = ended(daemon).then(() => "gone" as const);
      if ((await Promise.race([gone, stopping.then(() => "stop" as const)])) === "stop") return;
      say("the daemon is gone; starting it again");
      daemon = await startDaemon(args);
    }
  } finally {
    await cleanUp();
  }
}

await main().catch((error: unknown) => {
  console.error(`start: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
