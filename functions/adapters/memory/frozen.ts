const known = new WeakSet<object>();

/**
 * The same value, which from now on nobody can change, at any depth. A part that was frozen here before is not looked at
 * again, so that a state costs only what is new in it.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || known.has(value)) return value;
  known.add(Object.freeze(value));
  for (const part of Object.values(value)) frozen(part);
  return value;
}
