const DAY = 86_400_000;
/** From when on the person is told that the certificate ends, and that it is urgent. In days. */
const SOON = 30;
const URGENT = 7;

/** How urgent it is to have another certificate; null while there is time. */
export function ending(ends: string, now = Date.now()): { days: number; tone: 'warn' | 'danger' } | null {
  const days = Math.max(0, Math.ceil((new Date(ends).getTime() - now) / DAY));
  if (days > SOON) return null;
  return { days, tone: days <= URGENT ? 'danger' : 'warn' };
}
