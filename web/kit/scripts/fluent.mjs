// Keeps the messages honest. Fails when an id is missing in a language, takes different arguments there, is used but not
// defined, or defined but not used; and when the generated types are stale. `--write` refreshes the types.
import { parse } from '@fluent/syntax';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const kit = join(dirname(fileURLToPath(import.meta.url)), '..');
const web = join(kit, '..');
const types = join(kit, 'src/i18n/messages.ts');
const languages = ['en', 'de'];
const faults = [];

const found = Object.fromEntries(languages.map((language) => [language, messagesOf(language)]));
compareLanguages();
const sources = ['kit/src', 'portal/src', 'pim/src'].flatMap((folder) => filesBelow(join(web, folder)));
checkUse();
writeOrCompareTypes();

if (faults.length > 0) {
  console.error(faults.map((fault) => `messages: ${fault}`).join('\n'));
  process.exit(1);
}
console.log(`messages: ${found.en.size} ids in ${languages.length} languages`);

function messagesOf(language) {
  const all = new Map();
  const folder = join(kit, 'locales', language);
  for (const name of readdirSync(folder).sort()) {
    const resource = parse(readFileSync(join(folder, name), 'utf8'), { withSpans: true });
    for (const entry of resource.body) {
      if (entry.type === 'Junk') faults.push(`${language}/${name}: cannot read: ${entry.content.trim().split('\n')[0]}`);
      if (entry.type !== 'Message') continue;

      const id = entry.id.name;
      if (all.has(id)) faults.push(`${language}/${name}: ${id} is defined twice`);
      if (!entry.value) faults.push(`${language}/${name}: ${id} has no text`);
      all.set(id, { name, variables: variablesIn(entry) });
    }
  }
  return all;
}

function variablesIn(node, names = new Set()) {
  if (Array.isArray(node)) for (const part of node) variablesIn(part, names);
  else if (node && typeof node === 'object') {
    if (node.type === 'VariableReference') names.add(node.id.name);
    for (const part of Object.values(node)) variablesIn(part, names);
  }
  return names;
}

function compareLanguages() {
  for (const [id, message] of found.en) {
    const other = found.de.get(id);
    if (!other) {
      faults.push(`de/${message.name}: ${id} is missing`);
      continue;
    }
    if (other.name !== message.name) faults.push(`${id} is in ${message.name} and in ${other.name}`);
    const [here, there] = [message.variables, other.variables].map((names) => [...names].sort().join(', '));
    if (here !== there) faults.push(`${id} takes {${here}} in en and {${there}} in de`);
  }
  for (const [id, message] of found.de) if (!found.en.has(id)) faults.push(`en/${message.name}: ${id} is missing`);
}

function checkUse() {
  const literals = new Set();
  const prefixes = new Set();
  for (const path of sources) {
    const text = readFileSync(path, 'utf8');
    for (const [, id] of text.matchAll(/['"`]([a-z][a-z0-9-]*)['"`]/g)) literals.add(id);
    for (const [, prefix] of text.matchAll(/`([a-z][a-z0-9-]*-)\$\{/g)) prefixes.add(prefix);
    for (const [, id] of text.matchAll(/\bt\(\s*['"]([^'"]+)['"]/g)) {
      if (!found.en.has(id)) faults.push(`${relative(web, path)}: ${id} is not defined`);
    }
  }
  for (const [id, { name }] of found.en) {
    const owner = name.replace('.ftl', '');
    if (!existsSync(join(web, owner, 'src'))) continue;
    if (!literals.has(id) && ![...prefixes].some((prefix) => id.startsWith(prefix))) faults.push(`${name}: ${id} is not used`);
  }
}

function writeOrCompareTypes() {
  const lines = [...found.en].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { variables }]) => {
    const names = [...variables].sort().map((name) => `${name}: Value`);
    return `  '${id}': ${names.length > 0 ? `{ ${names.join('; ')} }` : 'null'};`;
  });
  const text = [
    '// Made from locales/*/*.ftl by scripts/fluent.mjs. Do not edit.',
    '/** A value that a message takes. */',
    'export type Value = string | number | Date;',
    '',
    '/** Each message with the values it takes. */',
    'export interface Messages {',
    ...lines,
    '}',
    '',
    '/** The name of a message. */',
    'export type MessageId = keyof Messages;',
    '',
    '/** The name of a message that takes no values. */',
    'export type PlainMessageId = { [Id in MessageId]: Messages[Id] extends null ? Id : never }[MessageId];',
    '',
  ].join('\n');
  const old = existsSync(types) ? readFileSync(types, 'utf8') : '';
  if (old === text) return;

  if (process.argv.includes('--write')) writeFileSync(types, text);
  else faults.push('kit/src/i18n/messages.ts is stale: run npm run messages');
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];

  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return /\.(ts|svelte)$/.test(name) && path !== types ? [path] : [];
  });
}
