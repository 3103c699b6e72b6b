// hx-swap="morph" changes what differs and keeps the rest: what a person is typing, has focused or has opened.
(() => {
  'use strict';

  Idiomorph.defaults.ignoreActiveValue = true;
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
