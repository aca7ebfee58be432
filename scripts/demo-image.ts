/**
 * Makes the demo's image: Debian's nginx, installed by apt inside a container on the base image `debian:12`, with the page
 * of examples/hello. Its file system is kept in .cache/, so that it is made once.
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { machineMirror } from "./debian-packages.ts";

const root = join(import.meta.dirname, "..");
const page = readFileSync(join(root, "examples/hello/index.html"));

/** What the image is called. */
export const demoImage = "escale-demo:latest";

/** Every container of the demo carries this label. */
export const demoLabel = "escale.demo=1";

/** Runs a command of `escale`; resolves when it succeeds, with its standard output. */
export type RunEscale = (args: readonly string[], input?: Buffer | string) => Promise<string>;

const builder = "escale-demo-builder";

/** What is done in the container, step by step: what to tell the person, and the script. */
const steps: readonly (readonly [string, string])[] = [
  // Without it, the package would start nginx, and on the host's network.
  [
    "preparing apt",
    "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; rm -rf /etc/apt/sources.list.d/*",
  ],
  ["apt-get update", "apt-get -o APT::Sandbox::User=root -q update"],
  [
    "apt-get install nginx-light",
    "DEBIAN_FRONTEND=noninteractive apt-get -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 -qy --no-install-recommends install nginx-light",
  ],
  [
    "configuring nginx",
    "ln -sf /dev/stdout /var/log/nginx/access.log; ln -sf /dev/stderr /var/log/nginx/error.log; rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/sbin/policy-rc.d; apt-get clean",
  ],
];

function proxySettings(): string[] {
  const names = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
  return names.flatMap((name) => (process.env[name] === undefined ? [] : ["-e", `${name}=${process.env[name]}`]));
}

/** apt's proxy as this machine has it configured, in apt's own form. */
function aptConfiguration(): string {
  const { stdout } = spawnSync("apt-config", ["dump"], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => /^Acquire::https?::Proxy\b/.test(line))
    .join("\n");
}

/** Copies the file system of the running builder out by tar, as a whole or not at all. */
async function copyFileSystem(escale: string, env: NodeJS.ProcessEnv, target: string): Promise<void> {
  const partial = `${target}.partial`;
  const tar = spawn(escale, ["exec", builder, "tar", "-C", "/", "--one-file-system", "-cf", "-", "."], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const code = new Promise<number | null>((resolve, reject) => {
    tar.once("error", reject);
    tar.once("close", resolve);
  });
  await pipeline(tar.stdout, createWriteStream(partial));
  if ((await code) !== 0) {
    rmSync(partial, { force: true });
    throw new Error(`copying the file system out of the container failed with ${await code}`);
  }
  renameSync(partial, target);
}

/** How to make the image. */
export interface DemoImageOptions {
  /** Path of the command, and the environment that makes it speak to the daemon. */
  readonly escale: string;
  readonly env: NodeJS.ProcessEnv;
  readonly run: RunEscale;
  /** Tells the person what happens. */
  readonly say: (text: string) => void;
}

/** Gives the daemon the demo's image, from the cache if it was made before. */
export async function makeDemoImage({ escale, env, run, say }: DemoImageOptions): Promise<void> {
  const recipe = createHash("sha256").update(JSON.stringify(steps)).update(page).digest("hex").slice(0, 12);
  const fileSystem = join(root, ".cache", `demo-${recipe}.tar`);
  if (!existsSync(fileSystem)) {
    mkdirSync(dirname(fileSystem), { recursive: true });
    say("making the base image debian:12 from this machine's apt sources (about a minute, once)");
    await run(["image", "bootstrap", "debian:12"]);
    try {
      await run([
        "run",
        "-d",
        "--name",
        builder,
        "--label",
        demoLabel,
        "--network",
        "host",
        ...proxySettings(),
        "debian:12",
        "sleep",
        "3600",
      ]);
      const { uri } = machineMirror();
      for (const [what, script] of steps) {
        say(`in a container: ${what}`);
        await run(["exec", builder, "sh", "-ec", script]);
        if (what === "preparing apt") {
          const write = (path: string, text: Buffer | string): Promise<string> =>
            run(["exec", "-i", builder, "sh", "-c", `cat > ${path}`], text);
          await write(
            "/etc/apt/sources.list",
            `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${uri} bookworm main\n`,
          );
          await write("/etc/apt/apt.conf.d/99proxy", `${aptConfiguration()}\n`);
          if (uri.startsWith("https:")) {
            await run(["exec", builder, "mkdir", "-p", "/etc/ssl/certs"]);
            await write("/etc/ssl/certs/ca-certificates.crt", readFileSync("/etc/ssl/certs/ca-certificates.crt"));
          }
        }
      }
      await run(["exec", "-i", builder, "sh", "-c", "cat > /var/www/html/index.html"], page);
      say("copying the file system out of the container");
      await copyFileSystem(escale, env, fileSystem);
    } finally {
      await run(["rm", "-f", builder]);
    }
  }
  say(`importing the file system as ${demoImage}`);
  await run(["import", "-c", 'CMD ["nginx", "-g", "daemon off;"]', "-c", "EXPOSE 80", fileSystem, demoImage]);
}
