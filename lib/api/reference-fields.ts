import { z } from 'zod';

/** One field as the readable page lists it. */
export interface ReferenceField {
  /** Dotted, `[]` for the entries of a list. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

type Schema = z.core.JSONSchema.BaseSchema;

/** The fields of a schema, nested ones right after their parent. Lists and objects are walked, choices named. */
export function referenceFields(schema: z.ZodType, io: 'input' | 'output'): readonly ReferenceField[] {
  return fieldsOf(z.toJSONSchema(schema, { io, unrepresentable: 'any' }), '');
}

function fieldsOf(schema: Schema, above: string): ReferenceField[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    if (typeof given === 'boolean') return [];
    const path = `${above}${name}`;
    const field: ReferenceField = {
      name: path,
      type: typeWord(given),
      isRequired: required.has(name),
      description: describe(given),
    };
    return [field, ...nested(given, path)];
  });
}

function nested(schema: Schema, path: string): ReferenceField[] {
  if (schema.properties !== undefined) return fieldsOf(schema, `${path}.`);
  const entry = listEntry(schema);
  if (entry?.properties !== undefined) return fieldsOf(entry, `${path}[].`);
  const inner = schema.anyOf?.find(
    (branch) => typeof branch !== 'boolean' && branch.properties !== undefined,
  );
  return typeof inner === 'object' ? fieldsOf(inner, `${path}.`) : [];
}

function listEntry(schema: Schema): Schema | null {
  const { items } = schema;
  if (items === undefined || typeof items === 'boolean' || Array.isArray(items)) return null;
  return items;
}

function describe(schema: Schema): string {
  const limits = [
    schema.maxLength === undefined ? null : `At most ${schema.maxLength} characters.`,
    schema.maxItems === undefined ? null : `At most ${schema.maxItems} entries.`,
    defaultOf(schema),
  ];
  const own = schema.description ?? '';
  return [own === '' || own.endsWith('.') ? own : `${own}.`, ...limits]
    .filter((part) => part !== null && part !== '')
    .join(' ');
}

function typeWord(schema: Schema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined)
    return schema.enum.length > 6 ? 'one of a closed list' : schema.enum.map(String).join(' | ');
  if (schema.anyOf !== undefined) return choiceWord(schema);
  const entry = listEntry(schema);
  if (entry !== null) return `list of ${typeWord(entry)}`;
  if (schema.format === 'date-time') return 'time';
  return (typeof schema.type === 'string' ? typeWords[schema.type] : undefined) ?? 'anything';
}

// A list beside its own entries is "…, or a list".
function choiceWord(schema: Schema): string {
  const leaves = leavesOf(schema);
  const single = [...new Set(leaves.filter((leaf) => listEntry(leaf) === null).map(typeWord))].join(' or ');
  const lists = leaves.flatMap((leaf) => {
    const entry = listEntry(leaf);
    return entry === null ? [] : [typeWord(entry) === single ? 'a list' : typeWord(leaf)];
  });
  return [single, ...lists].filter((word) => word !== '').join(', or ');
}

function leavesOf(schema: Schema): Schema[] {
  if (schema.anyOf === undefined) return [schema];
  return schema.anyOf.flatMap((branch) => (typeof branch === 'boolean' ? [] : leavesOf(branch)));
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  null: 'null',
  object: 'object',
};

function defaultOf(schema: Schema): string | null {
  const given: unknown = schema.default;
  if (typeof given === 'string') return given === '' ? null : `Default: ${given}.`;
  return typeof given === 'number' || typeof given === 'boolean' ? `Default: ${given}.` : null;
}
