// What a hostile text made of the page that is shown. It is the body of a function of how that text begins, and of the
// character that turns its direction around.
const [beginning, turn] = arguments;
const all = (selector) => [...document.querySelectorAll(selector)];
const made = [
  "[onerror], [onload], [onclick], iframe, object, base, style, [style], img[src=x]",
  "script:not([src^='/assets/']), [href^='javascript:' i], [src^='javascript:' i], form[action^='javascript:' i]",
  "form:not([action^='/'])",
].flatMap(all);
const fields = all("input, textarea").map((field) => field.value);
const loose = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  // Only what keeps its direction to itself may have another.
  if (node.data.includes(turn) && !node.parentElement.closest("bdi, textarea, [dir=auto]")) loose.push(node.parentElement);
}
const reach = (of) => of.getBoundingClientRect().right > innerWidth + 1;
const wide = document.documentElement.scrollWidth > innerWidth ? all("body, body *").filter(reach).slice(-3) : [];
return {
  hacked: typeof window.hacked,
  made: made.map((of) => of.outerHTML.slice(0, 200)),
  loose: loose.map((of) => of.outerHTML.slice(0, 200)),
  wide: wide.map((of) => of.outerHTML.slice(0, 200)),
  shown: document.body.textContent.includes(beginning) || fields.some((text) => text.includes(beginning)),
};
