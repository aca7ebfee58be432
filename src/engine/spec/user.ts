/** Who a process runs as: users and groups by the names in the container's own files. Pure. */
import { internal } from "../../base/errors.ts";

/** A user in numbers. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

/** The texts of `/etc/passwd` and `/etc/group` inside the container; empty where there is none. */
export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const largestId = 2 ** 31 - 1;
const wholeNumber = /^[+-]?\d+$/;

function* rows(text: string): Generator<string[]> {
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed !== "" && !trimmed.startsWith("#")) yield trimmed.split(":");
  }
}

function passwdEntries(text: string): PasswdEntry[] {
  const entries: PasswdEntry[] = [];
  for (const [name = "", , uid = "", gid = "", , home = ""] of rows(text)) {
    if (wholeNumber.test(uid)) entries.push({ name, uid: Number(uid), gid: Number(gid) || 0, home });
  }
  return entries;
}

function groupEntries(text: string): GroupEntry[] {
  const entries: GroupEntry[] = [];
  for (const [name = "", , gid = "", members = ""] of rows(text)) {
    if (wholeNumber.test(gid)) entries.push({ name, gid: Number(gid), members: members.split(",") });
  }
  return entries;
}

function checkedId(text: string): number {
  const id = Number(text);
  if (id < 0 || id > largestId) throw internal("uids and gids must be in range 0-2147483647");
  return id;
}

function findUser(wanted: string, passwd: readonly PasswdEntry[]): PasswdEntry {
  const isNumber = wholeNumber.test(wanted);
  const uid = wanted === "" ? 0 : Number(wanted);
  const found = passwd.find((entry) => (wanted === "" || isNumber ? entry.uid === uid : entry.name === wanted));
  if (found !== undefined) return found;
  if (wanted === "") return { name: "", uid: 0, gid: 0, home: "/" };
  if (!isNumber) throw internal(`unable to find user ${wanted}: no matching entries in passwd file`);
  return { name: "", uid: checkedId(wanted), gid: 0, home: "/" };
}

function findGroup(wanted: string, groups: readonly GroupEntry[], alsoNumericName: boolean): number {
  const isNumber = wholeNumber.test(wanted);
  const found = groups.find((entry) =>
    isNumber && !alsoNumericName ? entry.gid === Number(wanted) : entry.name === wanted || `${entry.gid}` === wanted,
  );
  if (found !== undefined) return found.gid;
  if (!isNumber) throw internal(`unable to find group ${wanted}: no matching entries in group file`);
  return checkedId(wanted);
}

/**
 * Resolves `user[:group]`, each a name or a number, empty for root. A named or known user brings the groups that list
 * it, unless a group is given; `groupAdd` comes on top. Errors: internal, with Docker's texts.
 */
export function resolveUser(spec: string, groupAdd: readonly string[], files: UserFiles): ContainerUser {
  const [userName = "", groupName = ""] = spec.split(":");
  const passwd = passwdEntries(files.passwd);
  const groups = groupEntries(files.group);
  const user = findUser(userName, passwd);
  const gid = groupName === "" ? user.gid : findGroup(groupName, groups, false);
  const memberships =
    groupName === "" && user.name !== ""
      ? groups.filter((entry) => entry.members.includes(user.name)).map((entry) => entry.gid)
      : [];
  const added = groupAdd.map((name) => findGroup(name, groups, true));
  return {
    uid: user.uid,
    gid,
    additionalGids: [...new Set([gid, ...memberships, ...added])],
    // The home is that of the number: two names of one number share the first one's.
    home: passwd.find((entry) => entry.uid === user.uid)?.home || "/",
  };
}
