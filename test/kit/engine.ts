/**
 * The engine that everyday tests run against: a daemon of Escale's made for the file, or the one that ESCALE_TEST_HOST
 * names, so that the same expectations can be tried on a stock dockerd.
 */
import { bringBusybox } from "./bring-images.ts";
import { startDaemon } from "./daemon.ts";
import { type Docker, dockerOf } from "./docker.ts";

/** An engine with the image `bb`, a busybox. */
export interface Engine extends AsyncDisposable {
  readonly host: string;
  readonly docker: Docker;
  /** A name that no other test uses. */
  name(): string;
}

/** Opens the engine under test. Disposing removes every container whose name came from {@link Engine.name}. */
export async function openEngine(): Promise<Engine> {
  const given = process.env.ESCALE_TEST_HOST;
  const daemon = given === undefined ? await startDaemon() : undefined;
  const host = given ?? daemon?.host ?? "";
  const docker = dockerOf(host);
  const names: string[] = [];
  const dispose = async (): Promise<void> => {
    if (names.length > 0) await docker.run(["rm", "-f", "-v", ...names]);
    if (daemon !== undefined && process.exitCode) console.error(`the daemon's log ends:\n${daemon.log().slice(-5000)}`);
    await daemon?.[Symbol.asyncDispose]();
  };
  try {
    await bringBusybox(docker);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    host,
    docker,
    name: () => {
      const name = `t${process.pid}-${names.length}`;
      names.push(name);
      return name;
    },
    [Symbol.asyncDispose]: dispose,
  };
}
