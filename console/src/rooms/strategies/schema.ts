/** Reads the JSON Schema of a rule's args into the few kinds of field a form knows, and checks what was filled in. Pure. */

export type Schema = Readonly<Record<string, unknown>>;
export interface Named {
  name: string;
  field: Field;
  required: boolean;
}
export type Field =
  | { kind: 'text'; min: number; max: number; pattern?: string; initial?: unknown }
  | { kind: 'number'; whole: boolean; min: number; max: number; initial?: unknown }
  | { kind: 'boolean'; initial?: unknown }
  | { kind: 'choice'; options: Array<string | number>; initial?: unknown }
  | { kind: 'choices'; options: Array<string | number>; min: number; initial?: unknown }
  | { kind: 'list'; item: Field; min: number; max: number; initial?: unknown }
  | { kind: 'object'; fields: Named[]; initial?: unknown }
  | { kind: 'union'; tag: string; cases: Array<{ value: string | number; fields: Named[] }>; initial?: unknown }
  | { kind: 'map'; value: Field; keys?: string; initial?: unknown }
  /** A shape no form is drawn for: shown and kept as it is. */
  | { kind: 'other'; initial?: unknown };

export type ArgsProblem = { path: string; code: 'missing' | 'range' | 'shape' | 'length' | 'amount' };

const MANY = 1_000_000;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const numberOr = (value: unknown, usual: number): number => (typeof value === 'number' ? value : usual);
const isScalar = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';

export function fieldOf(schema: Schema): Field {
  const field = bare(schema);
  return 'default' in schema ? { ...field, initial: schema['default'] } : field;
}

function bare(schema: Schema): Field {
  const options = optionsOf(schema);
  if (options) return { kind: 'choice', options };
  const union = unionOf(schema);
  if (union) return union;
  switch (schema['type']) {
    case 'string':
      return {
        kind: 'text',
        min: numberOr(schema['minLength'], 0),
        max: numberOr(schema['maxLength'], MANY),
        ...(typeof schema['pattern'] === 'string' ? { pattern: schema['pattern'] } : {}),
      };
    case 'number':
    case 'integer':
      return {
        kind: 'number',
        whole: schema['type'] === 'integer',
        min: numberOr(schema['minimum'], Number.MIN_SAFE_INTEGER),
        max: numberOr(schema['maximum'], Number.MAX_SAFE_INTEGER),
      };
    case 'boolean':
      return { kind: 'boolean' };
    case 'array':
      return listOf(schema);
    case 'object':
      return objectOf(schema);
    default:
      return { kind: 'other' };
  }
}

/** Of an enum, one constant, or constants to choose among. */
function optionsOf(schema: Schema): Array<string | number> | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'].filter(isScalar);
  if (isScalar(schema['const'])) return [schema['const']];
  const cases = casesOf(schema);
  const constants = cases.flatMap((one) => (isScalar(one['const']) ? [one['const']] : []));
  return cases.length > 0 && constants.length === cases.length ? constants : undefined;
}

const casesOf = (schema: Schema): Schema[] => {
  const cases = schema['oneOf'] ?? schema['anyOf'];
  return Array.isArray(cases) ? cases.filter(isObject) : [];
};

/** Objects told apart by one property that is a different constant in each. */
function unionOf(schema: Schema): Field | undefined {
  const cases = casesOf(schema);
  const objects = cases.map(objectOf).flatMap((one) => (one.kind === 'object' ? [one] : []));
  if (cases.length < 2 || objects.length < cases.length) return undefined;
  const tag = objects[0]?.fields.find(({ name }) => {
    const values = objects.map((one) => constantOf(one.fields, name));
    return values.every((value) => value !== undefined) && new Set(values).size === values.length;
  })?.name;
  if (tag === undefined) return undefined;
  return {
    kind: 'union',
    tag,
    cases: objects.map(({ fields }) => ({
      value: constantOf(fields, tag) ?? '',
      fields: fields.filter(({ name }) => name !== tag),
    })),
  };
}

function constantOf(fields: readonly Named[], name: string): string | number | undefined {
  const field = fields.find((one) => one.name === name)?.field;
  return field?.kind === 'choice' && field.options.length === 1 ? field.options[0] : undefined;
}

function listOf(schema: Schema): Field {
  const item: Field = isObject(schema['items']) ? fieldOf(schema['items']) : { kind: 'other' };
  const min = numberOr(schema['minItems'], 0);
  if (item.kind === 'choice') return { kind: 'choices', options: item.options, min };
  return { kind: 'list', item, min, max: numberOr(schema['maxItems'], MANY) };
}

function objectOf(schema: Schema): Field {
  const { properties, additionalProperties, propertyNames } = schema;
  if (isObject(properties)) {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const fields = Object.entries(properties).flatMap(([name, inner]) =>
      isObject(inner)
        ? [{ name, field: fieldOf(inner), required: required.includes(name) && !('default' in inner) }]
        : [],
    );
    return { kind: 'object', fields };
  }
  if (isObject(additionalProperties)) {
    const keys = isObject(propertyNames) ? propertyNames['pattern'] : undefined;
    return { kind: 'map', value: fieldOf(additionalProperties), ...(typeof keys === 'string' ? { keys } : {}) };
  }
  return schema['type'] === 'object' ? { kind: 'object', fields: [] } : { kind: 'other' };
}

/** What a form begins with. */
export function initialOf(field: Field): unknown {
  if (field.initial !== undefined) return structuredClone(field.initial);
  switch (field.kind) {
    case 'text':
      return '';
    case 'number':
      return field.min > Number.MIN_SAFE_INTEGER ? Math.max(field.min, Math.min(field.max, 0)) : 0;
    case 'boolean':
      return false;
    case 'choice':
      return field.options[0];
    case 'choices':
      return [];
    case 'list':
      return Array.from({ length: field.min }, () => initialOf(field.item));
    case 'object':
      return initialObject(field.fields);
    case 'union': {
      const first = field.cases[0];
      return first ? { [field.tag]: first.value, ...initialObject(first.fields) } : {};
    }
    case 'map':
      return {};
    case 'other':
      return undefined;
  }
}

/** Optional fields without a usual value begin empty and are left out. */
export const initialObject = (fields: readonly Named[]): Record<string, unknown> =>
  Object.fromEntries(
    fields
      .filter(({ field, required }) => required || field.initial !== undefined)
      .map(({ name, field }) => [name, initialOf(field)]),
  );

/** The fields that apply to this value. */
export function fieldsFor(field: Field, value: unknown): readonly Named[] {
  if (field.kind === 'object') return field.fields;
  if (field.kind !== 'union' || !isObject(value)) return [];
  return field.cases.find((one) => one.value === value[field.tag])?.fields ?? [];
}

/** The same value under another tag: what both cases know stays. */
export function switchCase(field: Field & { kind: 'union' }, value: unknown, tag: string | number): unknown {
  const next = field.cases.find((one) => one.value === tag);
  if (!next) return value;
  const before = isObject(value) ? value : {};
  const kept = next.fields.flatMap(({ name, field: inner }) =>
    before[name] !== undefined && problemsOf(inner, before[name]).length === 0 ? [[name, before[name]] as const] : [],
  );
  return { [field.tag]: tag, ...initialObject(next.fields), ...Object.fromEntries(kept) };
}

/** What goes to the server: texts trimmed, empty fields that nobody needs left out. */
export function cleaned(field: Field, value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  if (field.kind === 'list' && Array.isArray(value)) return value.map((one) => cleaned(field.item, one));
  if (field.kind === 'map' && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.trim(), cleaned(field.value, one)]));
  if (!isObject(value) || (field.kind !== 'object' && field.kind !== 'union')) return value;
  const fields = fieldsFor(field, value);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const known = fields.find((one) => one.name === name);
      if (!known) return [[name, inner]];
      const clean = cleaned(known.field, inner);
      const isEmpty = clean === '' || clean === undefined || clean === null;
      return isEmpty && !known.required ? [] : [[name, clean]];
    }),
  );
}

/** What the server would refuse by this schema; paths with dots. */
export function problemsOf(field: Field, value: unknown, path = ''): ArgsProblem[] {
  const problem = (code: ArgsProblem['code']): ArgsProblem[] => [{ path, code }];
  const at = (name: string | number): string => (path ? `${path}.${name}` : String(name));
  switch (field.kind) {
    case 'text': {
      const text = typeof value === 'string' ? value.trim() : '';
      if (text.length < field.min) return problem('missing');
      if (text.length > field.max) return problem('length');
      return field.pattern && !fits(field.pattern, text) ? problem('shape') : [];
    }
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return problem('missing');
      if (field.whole && !Number.isInteger(value)) return problem('range');
      return value < field.min || value > field.max ? problem('range') : [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : problem('missing');
    case 'choice':
      return isScalar(value) && field.options.includes(value) ? [] : problem('missing');
    case 'choices':
      return Array.isArray(value) && value.length >= field.min ? [] : problem('amount');
    case 'list': {
      if (!Array.isArray(value)) return problem('missing');
      if (value.length < field.min || value.length > field.max) return problem('amount');
      return value.flatMap((one: unknown, index) => problemsOf(field.item, one, at(index)));
    }
    case 'map': {
      if (!isObject(value)) return problem('missing');
      const keys = Object.keys(value);
      if (field.keys && keys.some((key) => !fits(field.keys ?? '', key.trim()))) return problem('shape');
      return Object.entries(value).flatMap(([key, one]) => problemsOf(field.value, one, at(key)));
    }
    case 'object':
    case 'union': {
      if (!isObject(value)) return problem('missing');
      if (field.kind === 'union' && !field.cases.some((one) => one.value === value[field.tag]))
        return problem('missing');
      return fieldsFor(field, value).flatMap(({ name, field: inner, required }) => {
        const one = value[name];
        const isEmpty = one === undefined || one === null || one === '';
        if (isEmpty) return required ? [{ path: at(name), code: 'missing' as const }] : [];
        return problemsOf(inner, one, at(name));
      });
    }
    case 'other':
      return [];
  }
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    // A pattern of another dialect: the server decides.
    return true;
  }
}
