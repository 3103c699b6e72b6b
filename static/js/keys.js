// Single-key shortcuts: / ? j k x z n g Enter, and the letters that buttons name; they can be turned off.
(() => {
  'use strict';

  const YEAR = 365 * 24 * 60 * 60;
  const body = document.body;
  const rows = () => Array.from(document.querySelectorAll('[data-row]'));
  const rowInFocus = () => document.activeElement.closest('[data-row]');

  const move = (by) => {
    const all = rows();
    const row = all[all.indexOf(rowInFocus()) + by] || (by > 0 && !rowInFocus() ? all[0] : null);
    if (!row) return;
    row.tabIndex = -1;
    row.focus();
  };

  // On its own page a booking needs no focus.
  const click = (selector) => {
    const row = rowInFocus() || document.getElementById('booking');
    const control = row && row.querySelector(selector);
    if (control) control.click();
    return Boolean(control);
  };

  const tick = (ranged) => {
    const row = rowInFocus();
    if (row) row.dispatchEvent(new CustomEvent('row:tick', { bubbles: true, detail: { ranged } }));
    return Boolean(row);
  };

  // With rows ticked, c and d are for all of them; Enter rests until their dialog is there.
  const clickForTicked = (letter) => {
    const control = document.querySelector('[data-pick]:checked') && document.querySelector(`[data-act=${letter}]`);
    if (control) control.click();
    return Boolean(control);
  };
  const isAsking = () => document.querySelector('[data-selection].htmx-request');

  const open = () => {
    if (isAsking()) return true;
    return document.activeElement.matches('[data-row]') && click('[data-open]');
  };

  const go = (key) => {
    const link = document.querySelector(`#keys [data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return Boolean(link);
  };

  const search = () => {
    const box = document.querySelector('[data-search]');
    if (!box) return go('/');
    box.select();
    return true;
  };
  if (window.location.hash === '#search') search();

  // The newest act that can be undone: the last toast's, else that of the page.
  const wayBack = () => {
    const toasts = Array.from(document.querySelectorAll('[data-toast]:not([hidden]) [data-key=z]'));
    return toasts.pop() || document.querySelector('main [data-key=z]');
  };

  const undo = () => {
    const button = wayBack();
    if (button) button.click();
    return Boolean(button);
  };

  // After g the next letter names a page.
  const PATIENCE = 1500;
  let goesUntil = 0;
  const begin = () => { goesUntil = performance.now() + PATIENCE; };
  const isGoing = (key) => {
    const goes = performance.now() < goesUntil;
    goesUntil = 0;
    return goes && /^[a-z]$/.test(key) && go(key);
  };

  const help = () => {
    const dialog = document.getElementById('keys');
    if (dialog) dialog.showModal();
  };

  const acts = {
    '/': search,
    '?': help,
    j: () => move(1),
    k: () => move(-1),
    Enter: open,
    x: () => tick(false),
    X: () => tick(true),
    c: () => clickForTicked('c') || click('[data-key=c]'),
    d: () => clickForTicked('d') || click('[data-key=d]'),
    g: begin,
    n: () => go('n'),
    v: () => click('[data-key=v]'),
    z: undo,
  };

  const isTyping = (target) => target.matches(
    'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]',
  );

  document.addEventListener('keydown', (event) => {
    if (body.dataset.keys === 'off' || event.repeat && event.key.length > 1) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    const act = acts[event.key];
    if (isGoing(event.key) || act && act() !== false) event.preventDefault();
  });

  // For those who have letters switched off: no letter, so it works in fields too.
  document.addEventListener('keydown', (event) => {
    const button = event.key === 'F6' && !document.querySelector('dialog[open]') && wayBack();
    if (!button) return;
    event.preventDefault();
    button.focus();
  });

  const toggle = document.querySelector('[data-keys-toggle]');
  if (!toggle) return;

  const showState = () => toggle.setAttribute('aria-pressed', String(body.dataset.keys === 'off'));
  showState();
  toggle.addEventListener('click', () => {
    body.dataset.keys = body.dataset.keys === 'off' ? 'on' : 'off';
    document.cookie = `keys=${body.dataset.keys}; path=/; max-age=${YEAR}; SameSite=Lax`;
    showState();
  });
})();
