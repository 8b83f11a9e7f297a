// The people of a company that does not exist.
export const self = { name: 'Alice Novak', address: 'alice@nordlicht.example' };

const internal = [
  'Jana Brandt', 'Marek Keller', 'Sofia Lindqvist', 'Tobias Wenger', 'Ayşe Yıldırım', 'Paul Hartmann', 'Miriam Vogt',
  'Jonas Richter', 'Claire Dubois', 'Nils Andersen', 'Hannah Berger', 'Luca Ferrari', 'Petra Schuster', 'David Okafor',
];
const external = [
  ['Hartmann GmbH, Einkauf', 'einkauf@hartmann.example'], ['Zürcher Kantonalwerke', 'service@zkw.example'],
  ['Deutsche Bahn', 'buchung@bahn.example'], ['Northwind Hotels', 'reservations@northwind.example'],
  ['Katarzyna Wiśniewska', 'k.wisniewska@baltic-freight.example'], ['Dr. Emil Sander', 'sander@kanzlei-sander.example'],
  ['GitLab', 'gitlab@code.nordlicht.example'], ['Monitoring', 'alerts@ops.nordlicht.example'],
  ['Priya Raman', 'priya.raman@lumen.example'], ['Bürocenter Limmat', 'rechnung@buerocenter.example'],
];

export const people = [
  ...internal.map((name) => ({ name, address: `${plain(name)}@nordlicht.example` })),
  ...external.map(([name, address]) => ({ name, address })),
];

export const person = (name) => people.find((one) => one.name.startsWith(name)) ?? people[0];

function plain(name) {
  const [first, last] = name.toLowerCase().replace(/ş/g, 's').replace(/ı/g, 'i').replace(/ü/g, 'ue').split(' ');
  return `${first}.${last}`.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
}
