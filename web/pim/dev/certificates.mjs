// The certificates that the contract server knows, and what it says of recipients without a good one.
const learnt = '2026-11-20T09:00:00Z';

let known = [
  {
    id: 1, address: 'emil.sander@sander.example', source: 'signed_mail', learnt, subject: 'CN=Dr. Emil Sander',
    issuer: 'CN=Sander Mail CA, O=Sander & Partner', not_before: '2025-06-30T12:00:00Z', not_after: '2027-06-30T12:00:00Z',
    fingerprint: '3f9a1c55e07b4d2296f0a8b17c6ed3049b1f2a7d8c5e60413b9a7f2e1d0c4b58', pem: '', capable: true, problem: null,
  },
  {
    id: 2, address: 'frachten@baltic-freight.example', source: 'import', learnt, subject: 'CN=Baltic Freight',
    issuer: 'CN=Baltic Freight CA', not_before: '2024-01-01T00:00:00Z', not_after: '2026-10-31T00:00:00Z',
    fingerprint: '88fd0a6bc1704e93a5e2bb5c0b76d19fe1724c03b6d5a8f94e0712cd93ab6e07', pem: '', capable: false,
    problem: {
      en: ['The certificate of frachten@baltic-freight.example is not trusted: CN=Baltic Freight: expired on 2026-10-31.'],
      de: ['Dem Zertifikat von frachten@baltic-freight.example wird nicht vertraut: CN=Baltic Freight: abgelaufen am 2026-10-31.'],
    },
  },
];

export const certificates = () => known;

export function forget(id) {
  known = known.filter((one) => one.id !== id);
}

/** What is wrong with the recipients of an encrypted mail; null if nothing is. */
export function doubts({ to, cc = [], bcc = [], protect = {} }) {
  if (!protect.encrypt) return null;
  const recipients = [...to, ...cc, ...bcc].map((one) => /<(.*)>/.exec(one)?.[1] ?? one).flatMap((address) => {
    const { problem } = known.find((one) => one.address === address) ?? {};
    if (problem && !protect.despite?.includes(address)) return [{ address, missing: false, words: problem }];
    if (!address.endsWith('.invalid')) return [];
    const words = { en: [`There is no certificate of ${address}.`], de: [`Von ${address} liegt kein Zertifikat vor.`] };
    return [{ address, missing: true, words }];
  });
  return recipients.length > 0 ? { recipients, despite_allowed: true, plain_allowed: true } : null;
}
