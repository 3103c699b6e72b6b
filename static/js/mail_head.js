// data-mail-head shows how the head of a mail would look with the name and the colour that are being typed.
(() => {
  'use strict';

  document.addEventListener('input', ({ target }) => {
    const head = target.form?.querySelector('[data-mail-head]');
    if (!head) return;
    if (target.name === 'business_name') head.querySelector('.name').textContent = target.value || target.placeholder;
    if (target.name === 'business_colour') head.querySelector('rect').setAttribute('fill', target.value);
  });
})();
