/** Persons as the connected components of the links between customers. Pure. */

export interface Node {
  id: string;
  createdAt: Date;
}

/** The oldest first; of equal age the smaller id. */
export function byAge(a: Node, b: Node): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Groups of ids that hang together, each oldest first. An edge to an id outside `nodes` is left out. */
export function componentsOf(nodes: readonly Node[], edges: ReadonlyArray<readonly [string, string]>): string[][] {
  const sorted = [...nodes].sort(byAge);
  const next = new Map<string, string[]>(sorted.map(({ id }) => [id, []]));
  for (const [a, b] of edges) {
    if (!next.has(a) || !next.has(b)) continue;
    next.get(a)?.push(b);
    next.get(b)?.push(a);
  }
  const place = new Map(sorted.map(({ id }, index) => [id, index]));
  const seen = new Set<string>();
  const groups: string[][] = [];
  for (const { id } of sorted) {
    if (seen.has(id)) continue;
    const group = reach(id, next, seen);
    groups.push(group.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)));
  }
  return groups;
}

function reach(from: string, next: ReadonlyMap<string, readonly string[]>, seen: Set<string>): string[] {
  const group = [from];
  seen.add(from);
  // The list grows while it is walked: every id reached is looked from in its turn.
  for (const id of group) {
    for (const other of next.get(id) ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      group.push(other);
    }
  }
  return group;
}

/** One key for two ids in whatever order. */
export function pairOf(a: string, b: string): string {
  return a < b ? `${a}:${b}` : `${b}:${a}`;
}
