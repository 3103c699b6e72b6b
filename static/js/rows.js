// A click anywhere on a row opens it, as its link does; its controls keep their own clicks, and so does marked text.
(() => {
  'use strict';

  const CONTROLS = 'a, button, input, label, select, textarea, summary, form, time[data-ago], dialog';

  const linkOf = (event) => {
    const row = event.target.closest('[data-row]');
    if (!row || event.target.closest(CONTROLS) || String(window.getSelection())) return null;
    return row.querySelector('a[data-open]');
  };

  const openBeside = (link) => window.open(link.href, '_blank', 'noopener');

  document.addEventListener('click', (event) => {
    const link = linkOf(event);
    if (!link || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) openBeside(link);
    else link.click();
  });

  document.addEventListener('auxclick', (event) => {
    const link = event.button === 1 && linkOf(event);
    if (link) openBeside(link);
  });
})();
