/** `--security-opt`. Pure. */
import { internal } from "../../base/errors.ts";
import type { HostConfig } from "../../wire/docker/containers.ts";

/** What the options of a container ask for. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** `default`, `unconfined`, or the JSON text of a profile. */
  readonly seccomp: string;
  /** Name of a profile, `unconfined`, or undefined for none asked. */
  readonly appArmor: string | undefined;
  readonly hasWritableCgroups: boolean;
}

const booleans: Readonly<Record<string, boolean>> = {
  ...{ "1": true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ "0": false, f: false, F: false, false: false, FALSE: false, False: false },
};

/** Separator: `=`, or `:` as in old clients where there is no `=`. */
function split(option: string): [key: string, value: string] | undefined {
  const at = option.includes("=") ? option.indexOf("=") : option.indexOf(":");
  return at === -1 ? undefined : [option.slice(0, at), option.slice(at + 1)];
}

function booleanOf(option: string, value: string): boolean {
  const known = booleans[value];
  if (known === undefined) throw internal(`invalid --security-opt 2: "${option}"`);
  return known;
}

/** Reads the options. Errors: internal with Docker's texts, which differ by whether the option has a value. */
export function securityOptionsOf(host: Pick<HostConfig, "SecurityOpt">): SecurityOptions {
  let noNewPrivileges = false;
  let hasWritableCgroups = false;
  let seccomp = "default";
  let appArmor: string | undefined;
  for (const option of host.SecurityOpt ?? []) {
    if (option === "no-new-privileges") {
      noNewPrivileges = true;
      continue;
    }
    const pair = split(option);
    if (pair === undefined) throw internal(`invalid --security-opt 1: "${option}"`);
    const [key, value] = pair;
    if (key === "no-new-privileges") noNewPrivileges = booleanOf(option, value);
    else if (key === "writable-cgroups") hasWritableCgroups = booleanOf(option, value);
    else if (key === "seccomp") seccomp = value === "" || value === "builtin" ? "default" : value;
    else if (key === "apparmor") appArmor = value;
    // There is no SELinux in the containers of this engine: labels change nothing.
    else if (key !== "label") throw internal(`invalid --security-opt 2: "${option}"`);
  }
  return { noNewPrivileges, seccomp, appArmor, hasWritableCgroups };
}

/** Refuses unknown options. Errors: as {@link securityOptionsOf}. */
export function checkSecurityOptions(host: Pick<HostConfig, "SecurityOpt">): void {
  securityOptionsOf(host);
}
