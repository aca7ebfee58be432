import { invalid } from "../../../base/errors.ts";

/** Reads `no`, `always`, `unless-stopped` or `on-failure[:N]`; the daemon knows which names exist. */
export function restartPolicyOf(text: string): { Name: string; MaximumRetryCount: number } {
  const colon = text.indexOf(":");
  const Name = colon === -1 ? text : text.slice(0, colon);
  const count = colon === -1 ? "" : text.slice(colon + 1);
  if (colon === 0) throw invalid("invalid restart policy format: no policy provided before colon");
  if (count !== "" && !/^[+-]?\d+$/.test(count)) {
    throw invalid("invalid restart policy format: maximum retry count must be an integer");
  }
  return { Name, MaximumRetryCount: Number(count) };
}
