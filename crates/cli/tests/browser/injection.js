// Body of a function that reports effects of a hostile text on the page. Arguments: the beginning of the text, and its
// bidirectional control character.
const [beginning, control] = arguments;
const all = (selector) => [...document.querySelectorAll(selector)];
const injected = [
  "[onerror], [onload], [onclick], iframe, object, base, style, [style], img[src=x]",
  "script:not([src^='/assets/']), [href^='javascript:' i], [src^='javascript:' i], form[action^='javascript:' i]",
  "form:not([action^='/'])",
].flatMap(all);
const fields = all("input, textarea").map((field) => field.value);
const unisolated = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  // Bidirectional controls must be isolated from the surrounding text.
  if (node.data.includes(control) && !node.parentElement.closest("bdi, textarea, [dir=auto]")) unisolated.push(node.parentElement);
}
const overflows = (element) => element.getBoundingClientRect().right > innerWidth + 1;
const overflowing = document.documentElement.scrollWidth > innerWidth ? all("body, body *").filter(overflows).slice(-3) : [];
return {
  hacked: typeof window.hacked,
  injected: injected.map((element) => element.outerHTML.slice(0, 200)),
  unisolated: unisolated.map((element) => element.outerHTML.slice(0, 200)),
  overflowing: overflowing.map((element) => element.outerHTML.slice(0, 200)),
  shown: document.body.textContent.includes(beginning) || fields.some((text) => text.includes(beginning)),
};
