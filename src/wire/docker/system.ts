/** Shapes of the Docker Engine API 1.51 that concern the daemon itself. */

/** Answer of `GET /version`. */
export interface SystemVersion {
  Platform: { Name: string };
  Components: { Name: string; Version: string; Details: Record<string, string> }[];
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  GitCommit: string;
  GoVersion: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
  Experimental?: boolean;
  BuildTime: string;
}

/** One event of `GET /events`. */
export interface EventMessage {
  /** Only for containers and images, and only kept for old clients. */
  status?: string;
  id?: string;
  from?: string;
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: "local" | "swarm";
  /** Seconds since 1970. */
  time: number;
  /** Nanoseconds since 1970: more than a double holds exactly, so it travels as a bigint and is printed as a number. */
  timeNano: bigint;
}
