// Ticked rows: counted in words, ticked in ranges, and while there are any, the list holds still.
(() => {
  'use strict';

  const form = document.querySelector('[data-selection]');
  if (!form) return;

  const body = document.body;
  const words = form.querySelector('[data-ticked]');
  const all = document.querySelector('[data-pick-all]');
  const boxes = () => Array.from(document.querySelectorAll('[data-pick]'));
  const ticked = () => boxes().filter((box) => box.checked);
  const boxesIn = (row) => Array.from(row.querySelectorAll('[data-pick]')); // A booking has one for each failure.
  const rowOf = (box) => box.closest('[data-row]');
  let last = null;
  let visited = null;
  let acted = [];

  const show = () => {
    const many = ticked().length;
    if (many) words.textContent = many === 1 ? words.dataset.one : words.dataset.many.replace('{n}', many);
    body.dispatchEvent(new CustomEvent('polling:hold', { detail: { held: many > 0 } }));
    if (!all) return;
    const box = all.querySelector('input');
    all.hidden = !boxes().length;
    box.checked = many > 0 && many === boxes().length;
    box.indeterminate = many > 0 && !box.checked;
  };

  // From the row that was ticked last up to this one, whichever of the two is above.
  const range = (row, on) => {
    const rows = Array.from(document.querySelectorAll('tr[data-row]'));
    const [first, end] = [rows.indexOf(last), rows.indexOf(row)].sort((a, b) => a - b);
    rows.slice(Math.max(first, 0), end + 1).flatMap(boxesIn).forEach((box) => { box.checked = on; });
  };

  const tick = (row, ranged, on) => {
    if (ranged && last && last.isConnected) range(row, on);
    if (boxesIn(row).length) last = row;
    show();
  };

  document.addEventListener('click', (event) => {
    if (event.target.matches('[data-pick]')) tick(rowOf(event.target), event.shiftKey, event.target.checked);
  });

  // The keys x and Shift+x on a row.
  document.addEventListener('row:tick', (event) => {
    const { target, detail: { ranged } } = event;
    const inside = boxesIn(target);
    const on = ranged || inside.some((box) => !box.checked);
    inside.forEach((box) => { box.checked = on; });
    if (inside.length || ranged) tick(target, ranged, true);
  });

  if (all) {
    all.addEventListener('change', (event) => {
      boxes().forEach((box) => { box.checked = event.target.checked; });
      show();
    });
  }

  form.addEventListener('reset', () => setTimeout(show));

  document.addEventListener('focusin', (event) => {
    const row = event.target.closest('tr[data-row]');
    if (row) visited = row.id;
  });

  const isBulk = (event) => {
    const { requestConfig, target } = event.detail;
    return requestConfig && requestConfig.verb !== 'get' && target && target.id === 'bulk';
  };

  // What was done is done: its rows come unticked, so that the next poll may change them.
  document.addEventListener('htmx:beforeSwap', (event) => {
    if (!isBulk(event) || !event.detail.shouldSwap) return;
    acted = ticked().map((box) => rowOf(box).id);
    ticked().forEach((box) => { box.checked = false; });
  });

  document.addEventListener('htmx:afterSettle', (event) => {
    show(); // A single act may have taken a ticked row's box away.
    if (!isBulk(event)) return;
    for (const row of acted.map((id) => document.getElementById(id)).filter(Boolean)) {
      row.classList.add('flash');
      row.addEventListener('animationend', () => row.classList.remove('flash'), { once: true });
    }
    const row = visited && document.getElementById(visited);
    if (row && !document.querySelector('dialog[open]')) row.dispatchEvent(new CustomEvent('row:next', { bubbles: true }));
  });

  show();
})();
