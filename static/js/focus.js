// After an act on a row, the focus goes to that row's next control, never to the top of the page. A form that is opened has
// the focus in its first field: what is typed next is text, and no letter of it is taken for a key.
(() => {
  'use strict';

  const NEXT = ['[data-next]', 'button:not([disabled])', 'a[href]'];
  let acted = null;

  const isFree = () => !document.activeElement || document.activeElement === document.body;

  const focusOn = (row) => {
    const next = NEXT.map((kind) => row.querySelector(kind)).find(Boolean);
    if (!next) row.tabIndex = -1;
    (next || row).focus({ preventScroll: true });
  };

  document.addEventListener('htmx:beforeRequest', (event) => {
    const { target, requestConfig } = event.detail;
    const row = target && target.closest('[data-row]');
    if (!row || requestConfig.verb === 'get') return;
    const neighbour = row.nextElementSibling || row.previousElementSibling;
    acted = { id: row.id, neighbour: neighbour && neighbour.id, row };
  });

  document.addEventListener('toggle', ({ target }) => {
    if (!target.matches('details.ask[open]') || !target.contains(document.activeElement)) return;
    const field = target.querySelector('input:not([type=hidden]), textarea, select');
    if (field) field.focus();
  }, true);

  // An act on many rows ends on the one that it was begun from.
  document.addEventListener('row:next', (event) => focusOn(event.target));

  // A poll that settles in between is not the act's answer; a person who has moved on is left alone.
  document.addEventListener('htmx:afterSettle', (event) => {
    const { requestConfig } = event.detail;
    if (!acted || !requestConfig || requestConfig.verb === 'get') return;
    const { id, neighbour } = acted;
    acted = null;
    const row = document.getElementById(id);
    if (row && (isFree() || row.contains(document.activeElement))) focusOn(row);
    else if (!row && isFree()) focusOn(document.getElementById(neighbour) || document.getElementById('main'));
  });
})();
