// Single-key shortcuts: / ? j k x Enter, and the letters that buttons name; they can be turned off.
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

  const click = (selector) => {
    const row = rowInFocus();
    const control = row && row.querySelector(selector);
    if (control) control.click();
    return Boolean(control);
  };

  const tick = (ranged) => {
    const row = rowInFocus();
    if (row) row.dispatchEvent(new CustomEvent('row:tick', { bubbles: true, detail: { ranged } }));
    return Boolean(row);
  };

  // With rows ticked, c is for all of them; Enter rests until their dialog is there.
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

  const search = () => {
    const box = document.querySelector('[data-search]');
    if (box) box.select();
    return Boolean(box);
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
    v: () => click('[data-key=v]'),
  };

  const isTyping = (target) => target.matches(
    'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]',
  );

  document.addEventListener('keydown', (event) => {
    const act = acts[event.key];
    if (!act || body.dataset.keys === 'off' || event.repeat && event.key.length > 1) return;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    if (act() !== false) event.preventDefault();
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
