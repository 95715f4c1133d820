// Body of a function that returns the accessibility and layout faults of the page, one string each. The page has axe.
const faults = [];
const report = (fault, element) => faults.push(`${fault}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 160)}`);

// The page never scrolls horizontally, with any section expanded.
const sections = [...document.querySelectorAll("details:not([open])")].slice(0, 6);
const checkWidth = (when) => {
  if (document.documentElement.scrollWidth <= innerWidth) return;
  const over = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
  report(`wider than the window${when}, ${document.documentElement.scrollWidth} of ${innerWidth}`, over.at(-1) ?? document.body);
};
checkWidth("");
for (const section of sections) {
  section.open = true;
  checkWidth(" expanded");
  // Content left of the window cannot be scrolled to.
  const outside = [...section.querySelectorAll("button, input, select")].find((element) => element.getBoundingClientRect().left < 0);
  if (outside) report("outside of the window", outside);
  section.open = false;
}
for (const fold of document.querySelectorAll("details")) {
  fold.removeAttribute("name");
  fold.open = true;
}
// The header must not cover what the page was scrolled to.
scrollTo(0, 0);

// Title, heading, language and ids.
if (!document.title.trim()) faults.push("no title");
const headings = document.querySelectorAll("main h1");
if (headings.length !== 1) faults.push(`${headings.length} h1 headings`);
if (!document.documentElement.lang) faults.push("no language");
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of ids.filter((id, at) => ids.indexOf(id) < at)) faults.push(`duplicate id ${id}`);

// Interactive elements have accessible names.
const text = (element) => element.textContent.trim() || element.querySelector("img")?.alt;
for (const element of document.querySelectorAll("input:not([type=hidden], [aria-hidden=true]), select, textarea")) {
  if (!element.ariaLabel && ![...element.labels].some(text)) report("no label", element);
}
for (const element of document.querySelectorAll("a[href], button, summary")) {
  if (!element.ariaLabel && !text(element) && !element.closest("[aria-hidden=true]")) report("no name", element);
}
for (const element of document.querySelectorAll("[aria-hidden=true]")) {
  if (element.matches("a[href]:not([tabindex='-1']), input:not([tabindex='-1']), button")) report("hidden but focusable", element);
}

// Text contrast: WCAG 2, level AA.
const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
const cache = new Map();
/** Converts a computed CSS colour to red, green, blue and alpha. */
const parts = (colour) => {
  if (!cache.has(colour)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    cache.set(colour, [red, green, blue, alpha / 255]);
  }
  return cache.get(colour);
};
const over = ([...top], below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
/** Returns the background colour behind an element; null if it is not a plain colour. */
const background = (element) => {
  if (!element) return parts(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#fff");
  const style = getComputedStyle(element);
  if (style.backgroundImage !== "none") return null;
  const own = parts(style.backgroundColor);
  if (own[3] === 1) return own;
  const below = background(element.parentElement);
  return below && over(own, below);
};
const luminance = (colour) => {
  const [red, green, blue] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const checkContrast = (element, colour, text) => {
  const below = background(element.closest("svg") ?? element);
  if (!below) return;
  const [one, other] = [luminance(over(parts(colour), below)), luminance(below)].sort((a, b) => b - a);
  const contrast = (one + 0.05) / (other + 0.05);
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  const required = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
  if (contrast < required) report(`contrast ${contrast.toFixed(2)} of ${required} (${text})`, element);
};
const isVisible = (element) => {
  const { width, height } = element.getBoundingClientRect();
  return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest("option, noscript, :disabled");
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || !isVisible(element)) continue;
  checkContrast(element, element.closest("svg") ? getComputedStyle(element).fill : getComputedStyle(element).color, node.data.trim().slice(0, 20));
}
for (const element of document.querySelectorAll("input:not([type=hidden], [type=checkbox]), textarea, select")) {
  if (!isVisible(element)) continue;
  checkContrast(element, getComputedStyle(element).color, "value");
  if (element.placeholder) checkContrast(element, getComputedStyle(element, "::placeholder").color, "placeholder");
}

// The rules of axe: WCAG 2.2, levels A and AA, and its best practices.
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const audit = async (options) => {
  const { violations } = await axe.run(document, { ...options, resultTypes: ["violations"] });
  for (const { id, help, nodes } of violations) {
    for (const { html, any } of nodes) faults.push(`${id}, ${help}: ${any[0]?.message ?? ""} ${html.slice(0, 160)}`);
  }
};
return audit({ runOnly: tags, rules: { "target-size": { enabled: false } } })
  .then(() => {
    // Open menus cover each other, so the size of what can be clicked is checked without them.
    for (const menu of document.querySelectorAll("details.menu")) menu.open = false;
    return audit({ runOnly: ["target-size"] });
  })
  .then(() => [...new Set(faults)]);
