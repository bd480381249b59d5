/**
 * Owns a document being changed: containers are copied the first time they are touched, so the input never changes and
 * untouched parts are shared.
 */
import { badValue, pathNotViable } from '../errors.js';
import { field, isIndex } from '../bson/document.js';
import { identical } from '../bson/compare.js';
import { isObject } from '../bson/types.js';
import type { Doc } from '../types.js';
import { shown } from './show.js';

type Container = Doc | unknown[];

/** Returned by an operation that removes the field. */
export const REMOVE = Symbol('remove');
const MAX_PADDING = 1_500_000;

const isContainer = (value: unknown): value is Container => Array.isArray(value) || isObject(value);
const copyOf = (value: Container): Container => (Array.isArray(value) ? [...(value as unknown[])] : { ...value });

function read(container: Container, name: string): unknown {
  if (Array.isArray(container)) return isIndex(name) ? (container[Number(name)] as unknown) : undefined;
  return field(container, name);
}

export class Draft {
  readonly root: Doc;
  modified = false;
  readonly #own = new Set<unknown>();

  constructor(source: Doc) {
    this.root = { ...source };
    this.#own.add(this.root);
  }

  /** The value at a concrete path, or undefined. */
  get(path: readonly string[]): unknown {
    let value: unknown = this.root;
    for (const name of path) {
      if (!isContainer(value)) return undefined;
      value = read(value, name);
    }
    return value;
  }

  /** Sets the value, making documents on the way. Error 28 when something on the way is neither document nor array. */
  set(path: readonly string[], value: unknown): void {
    const last = path.length - 1;
    let container: Container = this.root;
    for (let at = 0; at < last; at++) container = this.#child(container, path, at);
    const name = path[last]!;
    if (identical(read(container, name), value)) return;
    this.#write(container, name, value);
    this.modified = true;
  }

  /** Removes a field; an array element becomes null. Nothing happens when there is none. */
  remove(path: readonly string[]): void {
    const last = path.length - 1;
    if (this.get(path) === undefined) return;
    let container: Container = this.root;
    for (let at = 0; at < last; at++) container = this.#child(container, path, at);
    const name = path[last]!;
    if (Array.isArray(container)) {
      if (container[Number(name)] === null) return;
      container[Number(name)] = null;
    } else delete container[name];
    this.modified = true;
  }

  #child(container: Container, path: readonly string[], at: number): Container {
    const name = path[at]!;
    const value = read(container, name);
    if (value !== undefined && !isContainer(value)) {
      throw pathNotViable(`Cannot create field '${path[at + 1]}' in element {${name}: ${shown(value)}}`);
    }
    if (value !== undefined && this.#own.has(value)) return value;
    const copy: Container = value === undefined ? {} : copyOf(value);
    this.#own.add(copy);
    this.#write(container, name, copy);
    return copy;
  }

  #write(container: Container, name: string, value: unknown): void {
    if (!Array.isArray(container)) {
      container[name] = value;
      return;
    }
    if (!isIndex(name)) throw pathNotViable(`Cannot create field '${name}' in element {${shown(container)}}`);
    const index = Number(name);
    if (index - container.length > MAX_PADDING) throw badValue(`can't backfill more than ${MAX_PADDING} elements`);
    while (container.length < index) container.push(null);
    container[index] = value;
  }
}
