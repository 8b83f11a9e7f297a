/** Takes the one-time ticket out of the address, so that neither history nor a screenshot keeps it. */
export function takeTicket(): string | null {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ''));
  const ticket = fragment.get('ticket');
  if (ticket === null) return null;
  history.replaceState(null, '', location.pathname);
  return ticket;
}
