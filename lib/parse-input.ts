import type { z } from 'zod';
import { DomainError, type FieldIssue } from './errors.ts';

/**
 * Parses what came through a door. Throws `invalid_input` with one issue for each fault, its field as a dotted path.
 * Values never appear in it: an input can be a secret.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(issuesOf(parsed.error));
}

/** `invalid_input` for several fields; the first sentence stands for all. */
export function invalidInput(issues: readonly FieldIssue[]): DomainError {
  return new DomainError('invalid_input', issues[0]?.message ?? 'The input is not valid.', { issues });
}

function issuesOf(error: z.ZodError): FieldIssue[] {
  return fieldIssues(error.issues, []);
}

function fieldIssues(issues: readonly z.core.$ZodIssue[], above: readonly string[]): FieldIssue[] {
  return issues.flatMap((issue) => {
    const at = [...above, ...issue.path.map(String)];
    if (issue.code === 'invalid_union') {
      // The branch that the caller meant is the one whose own type fits; its faults say more than "no branch fits".
      const meant = issue.errors.find((branch) => branch.every((fault) => !isWrongType(fault)));
      return meant === undefined
        ? [{ field: at.join('.'), message: 'This has a type that does not fit here.' }]
        : fieldIssues(meant, at);
    }
    if (issue.code !== 'unrecognized_keys') return [{ field: at.join('.'), message: sentence(issue) }];
    return issue.keys.map((key) => ({ field: [...at, key].join('.'), message: 'There is no such field.' }));
  });
}

function isWrongType(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isWrongType));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

// zod's own words name types of the language; ours stand for people, and a schema's own message beats both.
function sentence(issue: z.core.$ZodIssue): string {
  if (!issue.message.startsWith('Invalid')) return issue.message;
  if (issue.code === 'invalid_type' && issue.expected === 'nonoptional') return 'This field is needed.';
  if (issue.code === 'invalid_type') return `This must be given as ${wordFor(issue.expected)}.`;
  if (issue.code === 'invalid_value') return `This must be one of ${issue.values.map(String).join(', ')}.`;
  return issue.message;
}

function wordFor(expected: string): string {
  switch (expected) {
    case 'string':
      return 'text';
    case 'number':
    case 'int':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'date':
      return 'a time';
    case 'object':
    case 'record':
      return 'an object';
    default:
      return 'another type';
  }
}
