/** The part of an engine that makes networks, in a test process. */
import { join } from "node:path";
import { openLogger } from "../../src/base/logger.ts";
import { type Networks, networkFile, openNetworks } from "../../src/engine/networks/index.ts";
import { openSandboxes, type Sandboxes, sandboxFiles } from "../../src/engine/sandboxes/index.ts";
import { openFirewall } from "../../src/host/firewall/index.ts";
import { instanceOf } from "../../src/host/instance.ts";

/** Networks and sandboxes over one data root; its exec root is in it. Disposing is the daemon's stop. */
export interface NetworkEngine extends AsyncDisposable {
  readonly tag: string;
  readonly sandboxes: Sandboxes;
  readonly networks: Networks;
}

/** Opens them; opened again over the same folder they are the next daemon. */
export async function openNetworkEngine(dataRoot: string): Promise<NetworkEngine> {
  const instance = instanceOf(dataRoot, join(dataRoot, "exec"));
  const nameOf = (id: string): string => `name-of-${id.slice(0, 4)}`;
  const log = openLogger("error", (line) => process.stderr.write(line));
  const firewall = openFirewall(instance.tag);
  const storage = networkFile(join(dataRoot, "networks", "built-in.json"));
  const networks = await openNetworks({ instance, firewall, storage, nameOf, log });
  const records = sandboxFiles(join(instance.execRoot, "sandboxes"));
  const sandboxes = await openSandboxes({ instance, firewall, networks, records, nameOf, log });
  return {
    tag: instance.tag,
    sandboxes,
    networks,
    [Symbol.asyncDispose]: async () => {
      await sandboxes[Symbol.asyncDispose]();
      await networks[Symbol.asyncDispose]();
      firewall[Symbol.dispose]();
    },
  };
}
