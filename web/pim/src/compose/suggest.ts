import type { Address } from '../api/types';
import type { Mailbox } from '../state/mailbox.svelte';

const OFFERED = 6;

/** People of the messages in memory whose name or address begins with what is typed, the most frequent first. */
export function suggestFrom(mailbox: Mailbox, typed: string): Address[] {
  const wanted = fold(typed);
  const found = new Map<string, { address: Address; count: number }>();
  for (const item of mailbox.pages?.known() ?? []) {
    for (const address of [item.from, ...item.to]) {
      if (!matches(address, wanted)) continue;

      const key = address.address.toLowerCase();
      const known = found.get(key);
      found.set(key, { address: known?.address ?? address, count: (known?.count ?? 0) + 1 });
    }
  }
  return [...found.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, OFFERED)
    .map(({ address }) => address);
}

function matches({ name, address }: Address, wanted: string): boolean {
  const words = fold(`${name} ${address}`).split(/[\s@._-]+/);
  return fold(address).startsWith(wanted) || fold(name).startsWith(wanted) || words.some((word) => word.startsWith(wanted));
}

function fold(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}
