// A menu closes by Escape, by a click elsewhere, and once something in it was chosen.
(() => {
  'use strict';

  const close = (menu) => { menu.open = false; };
  const open = () => Array.from(document.querySelectorAll('details[data-pop][open]'));

  document.addEventListener('click', ({ target }) => {
    const chosen = target.closest('.panel a, .panel button');
    open().filter((menu) => chosen || !menu.contains(target)).forEach(close);
  });

  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of open()) {
      if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
      close(menu);
    }
  });
})();
