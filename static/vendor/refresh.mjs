// Copies the pinned browser parts out of node_modules and builds the icon sprite. Run: npm ci && npm run vendor
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';

const MODULES = 'node_modules';
const STATIC = 'static';

// Every icon that a template or webapp/words.py names.
const ICONS = [
  'activity', 'adjustments', 'alert-triangle', 'arrow-back-up', 'ban', 'bell', 'brand-whatsapp', 'calendar-event',
  'check', 'checks', 'chevron-left', 'chevron-right', 'circle', 'circle-check', 'circle-half', 'circle-x', 'clock', 'copy', 'credit-card',
  'database-off', 'device-mobile', 'dots', 'download', 'external-link', 'eye', 'help-circle', 'history', 'home',
  'hourglass', 'info-circle', 'key', 'keyboard', 'loader-2', 'lock', 'login', 'logout', 'mail', 'menu-2', 'message',
  'moon', 'note', 'pencil', 'phone', 'player-pause', 'player-play', 'plus', 'printer', 'receipt', 'refresh', 'search',
  'send', 'server', 'settings', 'sun', 'user-x', 'users', 'wifi-off', 'x',
];

const version = async (name) => JSON.parse(await readFile(`${MODULES}/${name}/package.json`, 'utf8')).version;
const licence = (name) => readFile(`${MODULES}/${name}/LICENSE`, 'utf8');

async function vendor(name, file, as) {
  const stale = (await readdir(`${STATIC}/vendor`)).filter((old) => old.startsWith(`${as}-`) && old.endsWith('.min.js'));
  await Promise.all(stale.map((old) => rm(`${STATIC}/vendor/${old}`)));
  await copyFile(`${MODULES}/${name}/dist/${file}`, `${STATIC}/vendor/${as}-${await version(name)}.min.js`);
  await copyFile(`${MODULES}/${name}/LICENSE`, `${STATIC}/vendor/${as}.LICENSE.txt`);
}

async function font() {
  await mkdir(`${STATIC}/fonts`, { recursive: true });
  const inter = `${MODULES}/@fontsource-variable/inter`;
  const file = 'inter-latin-wght-normal.woff2';
  await copyFile(`${inter}/files/${file}`, `${STATIC}/fonts/${file}`);
  await copyFile(`${inter}/LICENSE`, `${STATIC}/fonts/Inter.LICENSE.txt`);
}

async function symbol(name) {
  const svg = await readFile(`${MODULES}/@tabler/icons/icons/outline/${name}.svg`, 'utf8');
  const shapes = svg.match(/<(path|circle|line|rect|polyline)\b[^>]*\/>/g).filter((shape) => !shape.includes('M0 0h24v24H0z'));
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes.join('').replaceAll(' />', '/>')}</symbol>`;
}

async function sprite() {
  const notice = (await licence('@tabler/icons')).replaceAll('--', '- -').trim();
  const symbols = await Promise.all(ICONS.map(symbol));
  const head = `<!-- Tabler Icons ${await version('@tabler/icons')}, https://tabler.io/icons\n${notice}\n-->`;
  await writeFile(`${STATIC}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">\n${head}\n${symbols.join('\n')}\n</svg>\n`);
}

await vendor('htmx.org', 'htmx.min.js', 'htmx');
await vendor('idiomorph', 'idiomorph.min.js', 'idiomorph');
await font();
await sprite();
