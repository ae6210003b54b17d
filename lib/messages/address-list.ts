import { addressParser } from 'postal-mime';
import { normalAddress } from './mailbox.ts';

/** All addresses in the value of a To, Cc or From header, groups included. What is no address is left out. */
export function addressesIn(value: string): string[] {
  return addressParser(value, { flatten: true })
    .flatMap((entry) => (entry.address === undefined ? [] : [normalAddress(entry.address.trim())]))
    .filter((address) => address !== null);
}
