/** Shapes of the Docker Engine API 1.51 that concern what containers use, and changing what they may use. */
import type { HostConfig } from "./containers.ts";

/** A counter: a bigint where a double would lose digits; it travels as a number. */
export type Count = number | bigint;

/** Times in nanoseconds. */
export interface CpuStats {
  cpu_usage: {
    total_usage: Count;
    /** Only of cgroup v1. */
    percpu_usage?: readonly Count[];
    usage_in_kernelmode: Count;
    usage_in_usermode: Count;
  };
  /** Of the whole machine, idle time included. */
  system_cpu_usage?: Count;
  online_cpus?: number;
  throttling_data: { periods: Count; throttled_periods: Count; throttled_time: Count };
}

export interface BlkioEntry {
  major: number;
  minor: number;
  op: string;
  value: Count;
}

/** Received and sent bytes and packets of one interface. */
export interface InterfaceStats {
  rx_bytes: Count;
  rx_packets: Count;
  rx_errors: Count;
  rx_dropped: Count;
  tx_bytes: Count;
  tx_packets: Count;
  tx_errors: Count;
  tx_dropped: Count;
}

/** One document of `GET /containers/{id}/stats`. Memory in bytes. */
export interface ContainerStats {
  name?: string;
  id?: string;
  read: string;
  preread: string;
  pids_stats: { current?: Count; limit?: Count };
  blkio_stats: Record<string, readonly BlkioEntry[] | null>;
  num_procs: number;
  storage_stats: Record<string, never>;
  cpu_stats: CpuStats;
  precpu_stats: CpuStats;
  memory_stats: {
    usage?: Count;
    max_usage?: Count;
    stats?: Record<string, Count>;
    failcnt?: Count;
    limit?: Count;
  };
  networks?: Record<string, InterfaceStats>;
}

/** Body of `POST /containers/{id}/update`. */
export type ContainerUpdateRequest = Partial<HostConfig>;

/** Answer of `POST /containers/{id}/update`. */
export interface ContainerUpdateResponse {
  Warnings: string[] | null;
}
