// hx-swap="morph" changes what differs and keeps the rest: what a person has typed, focused or opened.
(() => {
  'use strict';

  // Typed text stays when the focus has gone on, too: a poll must not empty a half-written reason.
  const isTyped = (node) => node instanceof Element && node.matches('textarea, input:not([type=hidden])')
    && (node.value !== node.defaultValue || node.checked !== node.defaultChecked);

  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) => !isTyped(old);
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name) => name !== 'open';

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
