// What is wrong with the page that is shown, a line a fault. It is the body of a function.
const faults = [];
const blame = (what, of) => faults.push(`${what}: ${of.outerHTML.replace(/\s+/g, " ").slice(0, 160)}`);

// Nobody scrolls sideways, whatever is unfolded.
const folds = [...document.querySelectorAll("details:not([open])")].slice(0, 6);
const wide = (when) => {
  if (document.documentElement.scrollWidth <= innerWidth) return;
  const over = [...document.body.querySelectorAll("*")].filter((of) => of.getBoundingClientRect().right > innerWidth + 1);
  blame(`wider than the window${when}, ${document.documentElement.scrollWidth} of ${innerWidth}`, over.at(-1) ?? document.body);
};
wide("");
for (const fold of folds) {
  fold.open = true;
  wide(" unfolded");
  // What a fold shows can be reached: what lies left of the window cannot be scrolled to.
  const outside = [...fold.querySelectorAll("button, input, select")].find((of) => of.getBoundingClientRect().left < 0);
  if (outside) blame("outside of the window", outside);
  fold.open = false;
}
for (const fold of document.querySelectorAll("details")) {
  fold.removeAttribute("name");
  fold.open = true;
}

// It says what it is, once.
if (!document.title.trim()) faults.push("no title");
const headings = document.querySelectorAll("h1");
if (headings.length !== 1) faults.push(`${headings.length} first headings`);
if (!document.documentElement.lang) faults.push("no language");
const ids = [...document.querySelectorAll("[id]")].map((of) => of.id);
for (const id of ids.filter((id, at) => ids.indexOf(id) < at)) faults.push(`two of the id ${id}`);

// What can be used has a name.
const text = (of) => of.textContent.trim() || of.querySelector("img")?.alt;
for (const of of document.querySelectorAll("input:not([type=hidden], [aria-hidden=true]), select, textarea")) {
  if (!of.ariaLabel && ![...of.labels].some(text)) blame("no label", of);
}
for (const of of document.querySelectorAll("a[href], button, summary")) {
  if (!of.ariaLabel && !text(of) && !of.closest("[aria-hidden=true]")) blame("no name", of);
}
for (const of of document.querySelectorAll("[aria-hidden=true]")) {
  if (of.matches("a[href]:not([tabindex='-1']), input:not([tabindex='-1']), button")) blame("hidden, and yet the focus comes there", of);
}

// Text is told apart from what it stands on: WCAG 2, level AA.
const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
const known = new Map();
/** A colour as CSS computes it, as red, green, blue and alpha. */
const parts = (colour) => {
  if (!known.has(colour)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    known.set(colour, [red, green, blue, alpha / 255]);
  }
  return known.get(colour);
};
const over = ([...top], below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
/** What lies behind an element; none if it is no plain colour. */
const ground = (of) => {
  if (!of) return parts(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#fff");
  const style = getComputedStyle(of);
  if (style.backgroundImage !== "none") return null;
  const own = parts(style.backgroundColor);
  if (own[3] === 1) return own;
  const below = ground(of.parentElement);
  return below && over(own, below);
};
const light = (colour) => {
  const [red, green, blue] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const judge = (of, colour, what) => {
  const below = ground(of.closest("svg") ?? of);
  if (!below) return;
  const [one, other] = [light(over(parts(colour), below)), light(below)].sort((a, b) => b - a);
  const contrast = (one + 0.05) / (other + 0.05);
  const style = getComputedStyle(of);
  const size = parseFloat(style.fontSize);
  const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
  if (contrast < least) blame(`contrast ${contrast.toFixed(2)} of ${least} (${what})`, of);
};
const seen = (of) => {
  const { width, height } = of.getBoundingClientRect();
  return width > 1 && height > 1 && of.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !of.closest("option, noscript, :disabled");
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const of = node.parentElement;
  if (!node.data.trim() || !seen(of)) continue;
  judge(of, of.closest("svg") ? getComputedStyle(of).fill : getComputedStyle(of).color, node.data.trim().slice(0, 20));
}
for (const of of document.querySelectorAll("input:not([type=hidden], [type=checkbox]), textarea, select")) {
  if (!seen(of)) continue;
  judge(of, getComputedStyle(of).color, "what is written");
  if (of.placeholder) judge(of, getComputedStyle(of, "::placeholder").color, "what may be written");
}
return [...new Set(faults)];
