// Everything works without this. With it, a form marked data-live is sent in place: the page that the service answers is the
// page that the browser would have gone to, and only what is different in it, its <main> or the part that the mark names, is
// put into the one that is shown.
"use strict";

const parser = new DOMParser();

/** Puts the part of that id of an answered page in place of the one that is shown. The focus stays where it was, or goes to what is said. */
function replace(html, id) {
  const page = parser.parseFromString(html, "text/html");
  const [old, part] = [document.getElementById(id), page.getElementById(id)];
  if (!old || !part) return false;
  const held = document.activeElement?.id;
  old.replaceWith(part);
  document.title = page.title;
  const said = document.getElementById("said");
  const kept = held && document.getElementById(held);
  if (kept) kept.focus({ preventScroll: true });
  else said?.focus();
  return true;
}

/** Whether an answer is a page of another place than the one that is shown, so that the browser has to go there. */
function isElsewhere(response, form) {
  const [there, here] = [new URL(response.url), new URL(location.href)];
  return response.redirected && there.pathname !== here.pathname && !form.dataset.live;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-live]")) return;
  event.preventDefault();
  const button = event.submitter;
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  button?.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const response = await fetch(form.action, { method: "POST", body });
    if (isElsewhere(response, form)) return location.assign(response.url);
    const id = form.dataset.live || "main";
    if (!replace(await response.text(), id)) return location.assign(response.url);
    const part = document.getElementById(id);
    if (part.matches("[data-poll]")) poll(part, response.url);
    ready(part);
  } catch {
    // No answer: the browser's own way says so in its own words.
    form.removeAttribute("data-live");
    form.requestSubmit(button);
  } finally {
    form.ariaBusy = null;
    button?.removeAttribute("aria-busy");
  }
});

/** Asks how far a code is, while it is shown, until it is gone or somebody is logged in by it. */
function poll(part, url) {
  const ask = async () => {
    if (!part.isConnected) return;
    if (!document.hidden) {
      const response = await fetch(url).catch(() => null);
      if (response?.redirected) return location.assign(response.url);
      if (response) {
        const page = parser.parseFromString(await response.text(), "text/html");
        const next = page.getElementById(part.id);
        if (next && next.innerHTML !== part.innerHTML) {
          part.replaceWith(next);
          part = next;
        }
        if (!part.matches("[data-poll]")) return;
      }
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 2000);
}

/** What a part needs once it is shown: its count of characters. */
function ready(part) {
  for (const field of part.querySelectorAll("[data-count]")) {
    const told = document.querySelector(`#${field.getAttribute("aria-describedby")} output`);
    const count = () => {
      const length = [...field.value.normalize("NFC")].length;
      told.textContent = length;
      field.setCustomValidity(length > Number(field.dataset.count) ? `最多 ${field.dataset.count} 字` : "");
    };
    field.addEventListener("input", count);
  }
}

// A menu closes when one turns to something else.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

ready(document);
const code = document.querySelector("[data-poll]");
if (code) poll(code, location.href);
