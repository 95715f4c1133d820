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

/** Sends a form, once. Returns the response and its page, or nothing if no whole answer came. */
async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  try {
    const response = await fetch(form.action, { method: "POST", body });
    return { response, page: await response.text() };
  } catch {
    return null;
  }
}

/** Says in the form that nobody knows whether it was done. The write may have been carried out, so it is not sent again. */
function outcomeUnknown(form) {
  form.querySelector(".unknown")?.remove();
  const notice = Object.assign(document.createElement("p"), { className: "said failed unknown", role: "alert", tabIndex: -1 });
  const reload = Object.assign(document.createElement("a"), { href: location.href, textContent: "刷新页面" });
  notice.append("没有收到回答，不知道是否已完成。请先", reload, "查看结果。");
  form.append(notice);
  notice.focus();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-live]")) return;
  event.preventDefault();
  const button = event.submitter;
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  button?.setAttribute("aria-busy", "true");
  const answer = await send(form, button);
  form.ariaBusy = null;
  button?.removeAttribute("aria-busy");
  if (!answer) return outcomeUnknown(form);
  const { response, page } = answer;
  const id = form.dataset.live || "main";
  if (isElsewhere(response, form) || !replace(page, id)) return location.assign(response.url);
  const part = document.getElementById(id);
  if (part.matches("[data-poll]")) poll(part, response.url);
  ready(part);
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
