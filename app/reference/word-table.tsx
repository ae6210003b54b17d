/** Words of a closed list with what they mean. */
export function WordTable({
  label,
  rows,
  withAnchors,
}: {
  label: string;
  rows: readonly { readonly word: string; readonly meaning: string }[];
  /** Each row is the target of a link to its word. */
  withAnchors?: boolean;
}) {
  return (
    <div className="pad">
      <table className="cmp" aria-label={label}>
        <tbody>
          {rows.map(({ word, meaning }) => (
            <tr key={word} id={withAnchors === true ? word : undefined}>
              <th scope="row" className="mono w-[34%]!">
                {word}
              </th>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
