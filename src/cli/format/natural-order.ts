/** Orders texts so that runs of digits compare as numbers: `c2` before `c10`. */
export function naturalOrder(a: string, b: string): number {
  const left = a.match(/\d+|\D/g) ?? [];
  const right = b.match(/\d+|\D/g) ?? [];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [one = "", two = ""] = [left[index], right[index]];
    if (one === two) continue;
    const areNumbers = /^\d/.test(one) && /^\d/.test(two);
    if (!areNumbers) return one < two ? -1 : 1;
    if (Number(one) !== Number(two)) return Number(one) - Number(two);
  }
  return left.length - right.length || (a < b ? -1 : a > b ? 1 : 0);
}
