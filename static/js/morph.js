// hx-swap="morph" changes what differs and keeps the rest: what a person has typed, focused or opened.
(() => {
  'use strict';

  // A poll leaves an open form wholly alone, its version too: whoever sends it then is told who was first.
  // The answer to an act brings it up to date, and only what was typed stays.
  let isPoll = false;

  const TEXT = 'textarea, select, input:not([type=hidden])';
  const isTyped = (node) => node instanceof Element && node.matches(TEXT)
    && (node.tagName === 'SELECT'
      ? Array.from(node.options).some((option) => option.selected !== option.defaultSelected)
      : node.value !== node.defaultValue || node.checked !== node.defaultChecked);

  const isHeld = (form) => form.closest('details.ask[open]') !== null
    || Array.from(form.querySelectorAll(TEXT)).some((one) => one === document.activeElement || isTyped(one));
  const formsIn = (node) => (node.matches('form') ? [node] : Array.from(node.querySelectorAll('form')));
  const holds = (node) => node instanceof Element && formsIn(node).some(isHeld);

  Idiomorph.defaults.ignoreActiveValue = true;
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: (old) => !isTyped(old) && !(isPoll && old instanceof Element && old.matches('form') && isHeld(old)),
    beforeNodeRemoved: (old) => !holds(old),
    beforeAttributeUpdated: (name) => name !== 'open',
  });

  // A form that was taken is empty again, and closed.
  const finish = (form) => {
    form.reset();
    const panel = form.closest('details.ask');
    if (panel) panel.open = false;
  };

  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { elt, verb } = detail.requestConfig;
    isPoll = verb === 'get';
    if (!isPoll && detail.xhr.status < 300 && elt.matches('form')) finish(elt);
  });

  // Idiomorph's own extension calls every swap inline, so that an out-of-band toast would arrive in its wrapper.
  htmx.defineExtension('morph', {
    isInlineSwap: (style) => style === 'morph' || style === 'morph:outerHTML',
    handleSwap: (style, target, fragment) => {
      if (!style.startsWith('morph')) return false;
      const morphStyle = style === 'morph:innerHTML' ? 'innerHTML' : 'outerHTML';
      return Idiomorph.morph(target, fragment.children, { morphStyle });
    },
  });
})();
