import { controlId } from './form-context.tsx';
import type { SettingsField } from './form-values.ts';

/** Goes to whichever of the fields comes first on the page. */
export function focusFirst(fields: readonly SettingsField[]): void {
  const controls = fields.flatMap((field) => document.getElementById(controlId(field)) ?? []);
  const first = controls.toSorted(byPosition)[0];
  first?.scrollIntoView({ block: 'center' });
  first?.focus({ preventScroll: true });
}

function byPosition(a: Element, b: Element): number {
  return a.getBoundingClientRect().top - b.getBoundingClientRect().top;
}
