/** Bytes: logs, attached output, images. */
import { spawnSync } from "node:child_process";
import { busyboxFiles, dockerArchive } from "../../test/kit/images.ts";
import { tarOf } from "../../test/kit/tar.ts";
import { type Metric, timed } from "../metric.ts";
import { benchLabel, create, removeAll, type Side } from "../side.ts";

const mebibytes = 64;
const size = mebibytes * 1024 * 1024;
/** Writes 64 MiB in lines of 80 bytes. */
const writer = `yes ${"0123456789".repeat(8).slice(1)} | head -c ${size}`;

async function bytesOf(side: Side, args: readonly string[]): Promise<number> {
  const child = side.startDocker(args);
  let count = 0;
  child.stdout?.on("data", (data: Buffer) => {
    count += data.length;
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`docker ${args[0]} ended with ${code}`);
  return count;
}

async function speedOf(side: Side, args: readonly string[]): Promise<number> {
  let count = 0;
  const took = await timed(async () => {
    count = await bytesOf(side, args);
  });
  if (count !== size) throw new Error(`${count} of ${size} bytes arrived`);
  return mebibytes / (took / 1000);
}

const logWrite: Metric = {
  name: "log_write",
  unit: "MiB/s",
  better: "higher",
  rounds: 2,
  before: removeAll,
  measure: async (side) => {
    const id = await create(side, "none", ["sh", "-c", writer]);
    side.notes.set("log", id);
    const took = await timed(async () => {
      await side.api("POST", `/containers/${id}/start`);
      const { StatusCode } = (await side.api("POST", `/containers/${id}/wait`)).json();
      if (StatusCode !== 0) throw new Error(`the writer ended with ${StatusCode}`);
    });
    return mebibytes / (took / 1000);
  },
};

const logRead: Metric = {
  name: "log_read",
  unit: "MiB/s",
  better: "higher",
  rounds: 2,
  measure: (side) => speedOf(side, ["logs", String(side.notes.get("log"))]),
};

const logTail: Metric = {
  name: "log_tail_100",
  unit: "ms",
  better: "lower",
  rounds: 5,
  warmUps: 1,
  measure: async (side) => {
    let said = "";
    const took = await timed(async () => {
      said = await side.docker(["logs", "--tail", "100", String(side.notes.get("log"))]);
    });
    if (said.split("\n").length < 100) throw new Error(`${said.split("\n").length} lines came`);
    return took;
  },
};

const attach: Metric = {
  name: "attach_stream",
  unit: "MiB/s",
  better: "higher",
  rounds: 2,
  before: removeAll,
  measure: (side) =>
    speedOf(side, [
      "run",
      "--rm",
      "--label",
      benchLabel,
      "--network",
      "none",
      "--log-driver",
      "none",
      "bb",
      "sh",
      "-c",
      writer,
    ]),
};

let archive: Buffer | undefined;

/** An image of busybox and this machine's programs: some 100 MiB in some thousand files. */
function bigArchive(): Buffer {
  if (archive === undefined) {
    const { stdout } = spawnSync("tar", ["-C", "/", "-cf", "-", "usr/bin", "usr/sbin", "usr/share/perl"], {
      maxBuffer: 1 << 30,
    });
    archive = dockerArchive({
      tag: "escale-bench:big",
      layers: [tarOf(busyboxFiles()), stdout],
      config: { Cmd: ["ls", "/bin"] },
    });
  }
  return archive;
}

const load: Metric = {
  name: "load",
  unit: "ms",
  better: "lower",
  rounds: 3,
  before: async () => bigArchive(),
  measure: async (side) => {
    let said = "";
    const took = await timed(async () => {
      said = await side.docker(["load"], { input: bigArchive() });
    });
    if (!said.includes("Loaded image: escale-bench:big")) throw new Error(`load said ${said}`);
    const listed = await side.docker([
      "run",
      "--rm",
      "--label",
      benchLabel,
      "--network",
      "none",
      "escale-bench:big",
      "/bin/ls",
      "/usr/share/perl",
    ]);
    if (listed === "") throw new Error("the image's second layer is empty");
    return took;
  },
  after: async (side) => {
    await side.docker(["rmi", "-f", "escale-bench:big"]);
  },
};

const copyIn: Metric = {
  name: "cp_in_1000_files",
  unit: "ms",
  better: "lower",
  rounds: 2,
  before: async (side) => {
    const id = await create(side, "none", ["sh", "-c", "ls /d | wc -l"]);
    // The CLI says something else when this is not built.
    await side.api("GET", `/containers/${id}/archive?path=/etc/passwd`);
    side.notes.set("cp", id);
  },
  measure: async (side) => {
    const files = Array.from({ length: 1000 }, (_, index) => ({ name: `d/f${index}`, data: `${index}\n`.repeat(100) }));
    const input = tarOf([{ name: "d/", type: "directory" }, ...files]);
    const took = await timed(() => side.docker(["cp", "-", `${side.notes.get("cp")}:/`], { input }));
    const said = await side.docker(["start", "-a", String(side.notes.get("cp"))]);
    if (said.trim() !== "1000") throw new Error(`${said.trim()} files arrived`);
    return took;
  },
  after: removeAll,
};

/** In the order in which they are measured; the log metrics use the same container. */
export const streamMetrics: readonly Metric[] = [logWrite, logRead, logTail, attach, load, copyIn];
