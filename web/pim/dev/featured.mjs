// The newest messages of the inbox, written out, so that each kind of message can be seen.
import { people, person, self } from './people.mjs';

const sign = (name, role) => `\n-- \n${name}\n${role}\nNordlicht AG · Limmatstrasse 210 · 8005 Zürich`;

const signature = {
  signer: 'emil.sander@sander.example', good: true, time: '2026-11-22T08:12:00Z', algorithm: 'RSA, SHA-256',
  issuer: 'CN=Sander Mail CA, O=Sander & Partner', not_after: '2027-06-30T12:00:00Z',
  fingerprint: '3f9a1c55e07b4d2296f0a8b17c6ed3049b1f2a7d8c5e60413b9a7f2e1d0c4b58',
};
const sealed = {
  signed: true, encrypted: true, sound: true, opened: true, remote_content: true, ciphers: ['AES-256-GCM'],
  signatures: [signature], problems: [],
  words: {
    en: ['Signed by emil.sander@sander.example, on 2026-11-22 according to the sender.', 'Encrypted with AES-256-GCM.'],
    de: ['Unterschrieben von emil.sander@sander.example, laut Absender am 2026-11-22.', 'Verschlüsselt mit AES-256-GCM.'],
  },
};
const mismatch = {
  en: ['The mail says it is from rechnung@nordlicht.example, but it was signed by info@paket.example.'],
  de: ['Die Mail gibt rechnung@nordlicht.example als Absender an, unterschrieben hat aber info@paket.example.'],
};
const pretended = {
  ...sealed, signed: false, encrypted: false, sound: false, ciphers: [],
  signatures: [{ ...signature, signer: 'info@paket.example' }],
  problems: [{ code: 'address_mismatch', fault: true, words: mismatch }],
  words: {
    en: ['The signature is not valid.', 'Not encrypted.', ...mismatch.en],
    de: ['Die Unterschrift ist nicht gültig.', 'Nicht verschlüsselt.', ...mismatch.de],
  },
};

export const featured = [
  {
    minutes: 4,
    from: person('Jana Brandt'),
    to: [self, person('Marek Keller')],
    cc: [person('Sofia Lindqvist'), person('Paul Hartmann'), person('Miriam Vogt')],
    subject: 'Umzug Zürich: Konzept für den Lenkungskreis',
    importance: 'high',
    files: ['konzept.pdf', 'grundriss.png', 'kosten.csv', 'protokoll.txt'],
    html: `<div style="font-family:Segoe UI,Helvetica,sans-serif;font-size:15px;line-height:1.55;color:#1d2333;max-width:640px">
<p>Hallo Alice, hallo Marek,</p>
<p>anbei das <b>Konzept in der dritten Fassung</b>. Neu sind der Zeitplan für die Leitung und das Kapitel über die
23 Tablets aus dem Lager. Bitte schaut vor Freitag auf diese drei Punkte:</p>
<ul><li>Reicht <span style="background:#fff3c4">eine Woche</span> zwischen den Gruppen?</li><li>Bleibt das zweite Gateway bis zum Rückbau am alten Standort?</li><li>Wer übernimmt die Bereitschaft am Wochenende?</li></ul>
<table style="border-collapse:collapse;margin:12px 0;font-size:14px"><tr style="background:#eef0fb"><th style="padding:6px 14px;text-align:left">Gruppe</th><th style="padding:6px 14px;text-align:left">Woche</th><th style="padding:6px 14px;text-align:right">Personen</th></tr><tr><td style="padding:6px 14px;border-top:1px solid #dde">Entwicklung, Support</td><td style="padding:6px 14px;border-top:1px solid #dde">KW 2</td><td style="padding:6px 14px;border-top:1px solid #dde;text-align:right">40</td></tr><tr><td style="padding:6px 14px;border-top:1px solid #dde">Vertrieb, Verwaltung</td><td style="padding:6px 14px;border-top:1px solid #dde">KW 3</td><td style="padding:6px 14px;border-top:1px solid #dde;text-align:right">85</td></tr></table>
<p>Der Grundriss und die Kosten liegen bei, das Protokoll der letzten Sitzung auch. Mehr dazu im <a href="https://wiki.nordlicht.example/umzug" target="_blank" rel="noopener noreferrer">Wiki</a>.</p>
<p>Viele Grüße<br>Jana</p><p style="color:#6a7189;font-size:13px">Jana Brandt · Leiterin Infrastruktur · Nordlicht AG</p></div>`,
    text: `Hallo Alice, hallo Marek,\n\nanbei das Konzept in der dritten Fassung. Neu sind der Zeitplan für die Leitung und das Kapitel über die 23 Tablets aus dem Lager. Bitte schaut vor Freitag auf diese drei Punkte:\n\n* Reicht eine Woche zwischen den Gruppen?\n* Bleibt das zweite Gateway bis zum Rückbau am alten Standort?\n* Wer übernimmt die Bereitschaft am Wochenende?\n\nViele Grüße\nJana\n`,
  },
  {
    minutes: 21,
    from: person('Marek Keller'),
    to: [self],
    subject: 'Re: Abnahme der Verkabelung am Dienstag',
    text: `Hi Alice,\n\n9:30 passt. Ich bringe die Messprotokolle mit, die Liste der Dosen liegt unter\nhttps://wiki.nordlicht.example/netz/dosen?etage=3 (letzter Stand von gestern).\n\nFragen bitte direkt an service@zkw.example, die sind schneller als das Telefon.\n\nGruß\nMarek\n${sign('Marek Keller', 'Netz und Standorte')}\n\nAm 21. November schrieb Alice Novak:\n> Hallo Marek,\n>\n> können wir die Abnahme auf Dienstag 9:30 legen? Am Montag ist der Technikraum gesperrt.\n>\n>> Am 20. November schrieb Marek Keller:\n>>\n>> Montag 14:00 wäre mein Vorschlag, dann ist auch die Firma noch im Haus.\n>\n> Danke!\n> Alice\n`,
  },
  {
    minutes: 55,
    from: person('Northwind Hotels'),
    to: [self],
    subject: 'Your stay in Gothenburg, 7–9 December',
    images: 3,
    html: `<div style="font-family:Georgia,serif;background:#f3efe7;padding:28px"><div style="max-width:560px;margin:auto;background:#fff;border-radius:8px;overflow:hidden"><div style="background:#23403a;color:#fff;padding:28px 32px"><div style="letter-spacing:.18em;font-size:12px">NORTHWIND HOTELS</div><h1 style="font-weight:400;font-size:28px;margin:10px 0 0">We look forward to seeing you, Alice.</h1></div>{{image}}<div style="padding:24px 32px;font-size:16px;line-height:1.6;color:#2a2f2d"><p>Your room is confirmed. Check-in opens at 15:00, and breakfast is served until 10:30 on weekdays.</p><table style="width:100%;border-top:1px solid #ddd;font-size:15px"><tr><td style="padding:10px 0">Arrival</td><td style="text-align:right">Mon 7 December</td></tr><tr><td style="padding:10px 0">Departure</td><td style="text-align:right">Wed 9 December</td></tr><tr><td style="padding:10px 0">Booking</td><td style="text-align:right">NW-48211</td></tr></table><p><a style="display:inline-block;background:#23403a;color:#fff;padding:12px 20px;text-decoration:none;border-radius:4px" href="https://northwind.example/stay" target="_blank" rel="noopener noreferrer">Manage your booking</a></p></div></div></div>`,
    text: 'Your room is confirmed. Check-in opens at 15:00, and breakfast is served until 10:30 on weekdays.\n',
  },
  {
    minutes: 96,
    from: person('Dr. Emil Sander'),
    to: [self, person('Paul Hartmann')],
    subject: 'Vertragsentwurf Hartmann, verschlüsselt',
    protection: 'smime',
    security: sealed,
    text: `Sehr geehrte Frau Novak,\n\nder Entwurf mit den Änderungen zu Ziffer 4 und 7 ist im Anhang. Ziffer 4 regelt nun die Haftung bei Ausfall des Gateways; Ziffer 7 die Frist zur Rückgabe der Geräte.\n\nMit freundlichen Grüßen\nDr. Emil Sander\n`,
    files: ['konzept.pdf'],
  },
  {
    minutes: 140,
    from: person('Sofia Lindqvist'),
    to: [self, person('David Okafor'), person('Claire Dubois'), person('Nils Andersen'), person('Luca Ferrari')],
    subject: 'Numbers for the steering committee',
    flagged: true,
    read: true,
    text: `Hi all,\n\nthe short version: 412 devices under management, 23 unknown tablets in storage, 3 blocked since Monday (two lost phones, one without a screen lock).\n\nThe long version is in the attached table. Please correct your own line before Thursday noon.\n\nThanks,\nSofia\n`,
    files: ['kosten.csv'],
  },
  {
    minutes: 205,
    from: person('Monitoring'),
    to: [self],
    subject: '[resolved] gateway-b: response time above 250 ms',
    read: true,
    text: `RESOLVED after 6 min\n\nservice    gateway-b\ncheck      p95 of decisions\nvalue      31 ms (limit 250 ms)\nsince      09:58:12\ndashboard  https://ops.nordlicht.example/d/gateway-b\n`,
  },
  {
    minutes: 320,
    from: person('Ayşe Yıldırım'),
    to: [self],
    subject: 'Mittagessen am Donnerstag?',
    text: 'Hast du am Donnerstag um 12 Zeit? Das neue Lokal an der Ecke hat geöffnet, und ich brauche deine Meinung zu den Geräten im Außendienst.\n\nAyşe\n',
  },
  {
    minutes: 410,
    from: person('Deutsche Bahn'),
    to: [self],
    subject: 'Ihre Fahrkarte Zürich HB – München Hbf',
    read: true,
    images: 1,
    files: ['konzept.pdf'],
    html: `<div style="font-family:Arial,sans-serif;font-size:14px;color:#222;padding:8px"><h2 style="color:#b4122b;margin:0 0 12px">Ihre Reise am 3. Dezember</h2><p>Zürich HB ab 07:33, München Hbf an 11:05. Wagen 7, Platz 42.</p>{{image}}<p>Die Fahrkarte liegt als PDF bei.</p></div>`,
    text: 'Zürich HB ab 07:33, München Hbf an 11:05. Wagen 7, Platz 42.\n',
  },
  {
    minutes: 1500,
    from: person('Priya Raman'),
    to: [self],
    cc: [person('Jana Brandt')],
    subject: 'Follow-up: pilot with 40 phones in the field service, open questions about certificates and the order of the rollout',
    text: `Dear Alice,\n\nthank you for the walk-through yesterday. Three questions came up on our side:\n\n1. Can a certificate be renewed while the phone is abroad?\n2. Does the app keep working when the phone is offline for two weeks?\n3. Who unlocks a phone after too many wrong passwords?\n\nBest regards,\nPriya\n`,
  },
  {
    minutes: 1560,
    from: { name: 'Rechnungen', address: 'rechnung@nordlicht.example' },
    to: [self],
    subject: 'Offene Rechnung, bitte sofort begleichen',
    protection: 'smime',
    security: pretended,
    read: true,
    text: 'Bitte überweisen Sie den Betrag noch heute auf das neue Konto.\n',
  },
  { minutes: 1620, from: people[5], to: [self], subject: '', read: true, text: 'Siehe Anhang.\n', files: ['grundriss.png'] },
  { minutes: 1800, from: { name: '', address: 'no-reply@very-long-subdomain.tickets.baltic-freight.example' }, to: [self], subject: 'Ticket 88231 wurde geschlossen', importance: 'low', read: true, text: '', none: true },
];
