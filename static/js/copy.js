// data-copy="id" copies what stands in that field, and says so on its own label.
(() => {
  'use strict';

  const SECONDS = 4;

  // Away from https and localhost there is no clipboard to ask; the old command still works there.
  const put = (field) => {
    field.focus();
    field.select();
    if (navigator.clipboard) return navigator.clipboard.writeText(field.value);
    return document.execCommand('copy') ? Promise.resolve() : Promise.reject();
  };

  const say = (button) => {
    const word = button.querySelector('[data-word]');
    const said = button.parentElement.querySelector('[data-said]');
    const usual = word.textContent;
    if (usual === word.dataset.done) return;
    word.textContent = word.dataset.done;
    said.textContent = word.dataset.done;
    setTimeout(() => {
      word.textContent = usual;
      said.textContent = '';
    }, SECONDS * 1000);
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    // Where neither works the text is marked at least, for the person's own keys.
    put(document.getElementById(button.dataset.copy)).then(() => {
      button.focus();
      say(button);
    }, () => {});
  });
})();
