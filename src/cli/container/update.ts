/** `container update`. */
import { messageOf } from "../../base/errors.ts";
import { updateContainer } from "../../client/index.ts";
import { type AnyCommand, CommandFailure, defineCommand } from "../command.ts";
import { intFlag, stringFlag } from "../flags/flag.ts";
import { createFlags } from "./spec/create-flags.ts";
import { restartPolicyOf } from "./spec/restart-policy.ts";

/** `container update`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  aliases: ["container update", "update"],
  flags: {
    blkioWeight: createFlags.blkioWeight,
    cpuPeriod: createFlags.cpuPeriod,
    cpuQuota: createFlags.cpuQuota,
    cpuRtPeriod: intFlag("Limit the CPU real-time period in microseconds"),
    cpuRtRuntime: intFlag("Limit the CPU real-time runtime in microseconds"),
    cpuShares: createFlags.cpuShares,
    cpus: createFlags.cpus,
    cpusetCpus: createFlags.cpusetCpus,
    cpusetMems: createFlags.cpusetMems,
    memory: createFlags.memory,
    memoryReservation: createFlags.memoryReservation,
    memorySwap: {
      ...createFlags.memorySwap,
      usage: "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
    },
    pidsLimit: createFlags.pidsLimit,
    restart: stringFlag("Restart policy to apply when a container exits"),
  },
  args: { min: 1 },
  examples: ["update -m 512m --memory-swap 1g web", "update --restart unless-stopped web db"],
  run: async (cli, { flags, given, args }) => {
    if (given.size === 0) throw new CommandFailure(1, "you must provide one or more flags when using this command");
    const body = {
      BlkioWeight: flags.blkioWeight,
      CpuShares: flags.cpuShares,
      Memory: flags.memory,
      MemoryReservation: flags.memoryReservation,
      MemorySwap: flags.memorySwap,
      CpuPeriod: flags.cpuPeriod,
      CpuQuota: flags.cpuQuota,
      CpuRealtimePeriod: flags.cpuRtPeriod,
      CpuRealtimeRuntime: flags.cpuRtRuntime,
      CpusetCpus: flags.cpusetCpus,
      CpusetMems: flags.cpusetMems,
      NanoCpus: flags.cpus,
      ...(flags.pidsLimit !== 0 && { PidsLimit: flags.pidsLimit }),
      ...(flags.restart !== "" && { RestartPolicy: restartPolicyOf(flags.restart) }),
    };
    const client = await cli.client();
    const warnings: string[] = [];
    const failures: string[] = [];
    for (const name of args) {
      try {
        const answer = await updateContainer(client, name, body);
        cli.streams.out.write(`${name}\n`);
        warnings.push(...(answer.Warnings ?? []));
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    if (warnings.length > 0) cli.streams.err.write(`${warnings.join("\n")}\n`);
    if (failures.length > 0) throw new CommandFailure(1, failures.join("\n"));
    return 0;
  },
});
