import type { ReferenceField } from '#lib/api/reference-fields.ts';
import { InlineCode } from './inline-code.tsx';

/** The fields of a body or an answer. */
export function FieldTable({ title, fields }: { title: string; fields: readonly ReferenceField[] }) {
  return (
    <div className="pad">
      <table className="cmp">
        <caption className="pb-1 text-left font-semibold">{title}</caption>
        <thead>
          <tr>
            <th scope="col" className="w-[34%]!">
              Field
            </th>
            <th scope="col" className="w-[22%]">
              Type
            </th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <th scope="row" className="mono">
                {field.name}
                {field.isRequired && <span className="block font-sans text-xs text-text-3">required</span>}
              </th>
              <td>{field.type}</td>
              <td>
                <InlineCode text={field.description} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
