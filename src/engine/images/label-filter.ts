function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = "", ...value] = wanted.split("=");
  return Object.hasOwn(labels, key) && (value.length === 0 || labels[key] === value.join("="));
}

/** Whether labels have all that `label` wants and nothing that `label!` names: `key` or `key=value`. */
export function matchesLabelFilters(
  labels: Readonly<Record<string, string>>,
  filters: Readonly<Record<string, readonly string[]>>,
): boolean {
  if (!(filters.label ?? []).every((wanted) => hasLabel(labels, wanted))) return false;
  return !(filters["label!"] ?? []).some((wanted) => hasLabel(labels, wanted));
}
