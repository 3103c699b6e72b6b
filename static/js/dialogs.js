// data-dialog="id" opens that dialog, data-close closes its own; one with data-modal opens as it arrives, and closes once
// its form is answered.
(() => {
  'use strict';

  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-dialog]');
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    } else if (event.target.closest('[data-close]')) {
      event.target.closest('dialog').close();
    }
  });

  // The focus goes back to where it was; by a key it was nowhere, and a poll may have drawn the form anew meanwhile.
  const comeBack = (opener, asker) => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const form = asker && (asker.id ? document.getElementById(asker.id) : asker);
    const button = form && form.querySelector('button');
    if (opener !== document.body && opener.isConnected) opener.focus();
    else if (button) button.focus();
  };

  const openNew = ({ detail }) => {
    const dialog = document.querySelector('dialog[data-modal]:not([open])');
    if (!dialog) return;
    const opener = document.activeElement || document.body;
    const asker = detail.requestConfig && detail.requestConfig.elt.closest('form');
    dialog.addEventListener('close', () => {
      dialog.remove();
      comeBack(opener, asker);
    }, { once: true });
    dialog.showModal();
  };

  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { elt, verb } = detail.requestConfig;
    const dialog = detail.shouldSwap && verb !== 'get' && elt.closest('dialog[data-modal]');
    if (dialog && !detail.target.contains(dialog)) dialog.close();
  });

  document.addEventListener('htmx:afterSettle', openNew);
})();
