/** What a metric is, and how one is measured on both sides: alternately, warmed up, bounded, by medians. */
import { NotBuilt, type Side } from "./side.ts";

/** One number that is compared. */
export interface Metric {
  readonly name: string;
  readonly unit: "ms" | "/s" | "MiB" | "KiB" | "MiB/s" | "req/s";
  readonly better: "lower" | "higher";
  /** Rounds whose median counts, and rounds before them that do not. */
  readonly rounds: number;
  readonly warmUps?: number;
  /** How many times better than the peer it has to be; absent if it is only told. */
  readonly required?: number;
  /** Gives the value, having checked the effect; rejects if that is not there. */
  measure(side: Side): Promise<number>;
  /** Before and after each round, not in the time. */
  before?(side: Side): Promise<unknown>;
  after?(side: Side): Promise<unknown>;
}

/** What came out of a metric. */
export interface Outcome {
  readonly metric: Metric;
  readonly peer: number | undefined;
  readonly ours: number | undefined;
  /** ours / peer. */
  readonly ratio: number | undefined;
  /** How many times better ours is than the peer: above 1 is better, whatever the unit. */
  readonly gain: number | undefined;
  /** Why a value is missing. */
  readonly problems: readonly string[];
  /** Not a fault: one side has not built what the metric needs. */
  readonly isSkipped: boolean;
}

const boundMs = 90_000;

async function bounded<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${boundMs / 1000} s`)), boundMs);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The middle value of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, two) => one - two);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Measures a metric on both sides. A side that fails once is not asked again. */
export async function measureBoth(metric: Metric, peer: Side, ours: Side): Promise<Outcome> {
  const values = new Map<Side, number[]>([
    [peer, []],
    [ours, []],
  ]);
  const problems = new Map<Side, Error>();
  const round = async (side: Side, isKept: boolean): Promise<void> => {
    if (problems.has(side)) return;
    try {
      await bounded(Promise.resolve(metric.before?.(side)), `${metric.name}, before`);
      const value = await bounded(metric.measure(side), metric.name);
      if (isKept) values.get(side)?.push(value);
    } catch (error) {
      problems.set(side, error instanceof Error ? error : new Error(String(error)));
    } finally {
      await bounded(Promise.resolve(metric.after?.(side)), `${metric.name}, after`).catch((error: Error) => {
        if (!problems.has(side)) problems.set(side, error);
      });
    }
  };
  for (let turn = -(metric.warmUps ?? 0); turn < metric.rounds; turn++) {
    for (const side of turn % 2 === 0 ? [peer, ours] : [ours, peer]) await round(side, turn >= 0);
  }
  const of = (side: Side): number | undefined => {
    const list = values.get(side) ?? [];
    return list.length === 0 || problems.has(side) ? undefined : median(list);
  };
  const [theirs, own] = [of(peer), of(ours)];
  const ratio = theirs === undefined || own === undefined ? undefined : own / theirs;
  return {
    metric,
    peer: theirs,
    ours: own,
    ratio,
    gain: ratio === undefined ? undefined : metric.better === "lower" ? 1 / ratio : ratio,
    problems: [...problems].map(([side, error]) => `${side.name}: ${error.message}`),
    isSkipped: problems.size > 0 && [...problems.values()].every((error) => error instanceof NotBuilt),
  };
}
