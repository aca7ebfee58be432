/** What a container and its execs run, and as whom. */
import { internal } from "../../base/errors.ts";
import { readFileInRoot } from "../../host/root-path.ts";
import type { ContainerConfig, ExecCreateRequest, HostConfig } from "../../wire/docker/containers.ts";
import type { Process } from "../../wire/oci/runtime-spec.ts";
import { capabilitiesOf, capabilitySets } from "./capabilities.ts";
import { environmentOf } from "./environment.ts";
import { oomScoreAdjOf, rlimitsOf } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { securityOptionsOf } from "./security-options.ts";
import { type ContainerUser, resolveUser } from "./user.ts";

/** An image's user file is some kilobytes: what is larger is no such file. */
const userFileLimit = 4 * 1024 * 1024;

/** The user that `spec` names by the files of the root file system `rootfs`. Errors: internal, with Docker's texts. */
export function userIn(rootfs: string, spec: string, host: Partial<Pick<HostConfig, "GroupAdd">>): ContainerUser {
  const read = (path: string): string => {
    try {
      return readFileInRoot(rootfs, path, userFileLimit) ?? "";
    } catch (error) {
      throw internal(`reading ${path} of the container failed`, { cause: error });
    }
  };
  return resolveUser(spec, host.GroupAdd ?? [], { passwd: read("/etc/passwd"), group: read("/etc/group") });
}

/** How one process differs from the others of its container. */
interface ProcessChoice {
  readonly args: readonly string[];
  readonly user: string;
  readonly cwd: string;
  readonly tty: boolean;
  /** Rows and columns. */
  readonly consoleSize: readonly [number, number];
  readonly extraEnv: readonly string[];
  readonly privileged: boolean;
}

function processOf(
  config: ContainerConfig,
  host: HostConfig,
  rootfs: string,
  choice: ProcessChoice,
  machine: Machine,
): Process {
  const { home, ...user } = userIn(rootfs, choice.user, host);
  const [height, width] = choice.consoleSize;
  const security = securityOptionsOf(host);
  const rlimits = rlimitsOf(host, machine);
  const capabilities = choice.privileged ? machine.capabilities : capabilitiesOf(host, machine.capabilities);
  return {
    ...(choice.tty && { terminal: true }),
    ...(choice.tty && height > 0 && width > 0 && { consoleSize: { height, width } }),
    user,
    args: choice.args,
    env: environmentOf(config, { tty: choice.tty, home, extra: choice.extraEnv }),
    cwd: choice.cwd === "" ? "/" : choice.cwd,
    capabilities: capabilitySets(capabilities),
    ...(rlimits.length > 0 && { rlimits }),
    ...(security.noNewPrivileges && { noNewPrivileges: true }),
    ...(security.appArmor !== undefined && machine.hasAppArmor && { apparmorProfile: security.appArmor }),
    oomScoreAdj: oomScoreAdjOf(host, machine),
  };
}

/** The first process of a container. Errors: internal, with Docker's texts. */
export function mainProcess(
  request: { config: ContainerConfig; hostConfig: HostConfig; path: string; args: readonly string[]; rootfs: string },
  machine: Machine,
): Process {
  const { config, hostConfig, rootfs } = request;
  const choice: ProcessChoice = {
    args: [request.path, ...request.args],
    user: config.User,
    cwd: config.WorkingDir,
    tty: config.Tty,
    consoleSize: hostConfig.ConsoleSize,
    extraEnv: [],
    privileged: hostConfig.Privileged,
  };
  return processOf(config, hostConfig, rootfs, choice, machine);
}

/** One more process in a running container. Errors: internal, with Docker's texts. */
export function execProcess(
  request: { config: ContainerConfig; hostConfig: HostConfig; rootfs: string; request: ExecCreateRequest },
  machine: Machine,
): Process {
  const { config, hostConfig, rootfs, request: exec } = request;
  const choice: ProcessChoice = {
    args: exec.Cmd ?? [],
    user: exec.User || config.User,
    cwd: exec.WorkingDir || config.WorkingDir,
    tty: exec.Tty ?? false,
    consoleSize: exec.ConsoleSize ?? [0, 0],
    extraEnv: exec.Env ?? [],
    privileged: exec.Privileged || hostConfig.Privileged,
  };
  return processOf(config, hostConfig, rootfs, choice, machine);
}
