import { Fragment } from 'react';

/** Keys to press, one after the other: `<Keys keys="g m" />`. */
export function Keys({ keys }: { keys: string }) {
  return (
    <>
      {keys.split(' ').map((key, at) => (
        <Fragment key={`${key}${at}`}>
          {at > 0 && ' '}
          <kbd>{key}</kbd>
        </Fragment>
      ))}
    </>
  );
}
