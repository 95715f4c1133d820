// Progressive enhancement: every page works without this script. With it, a form with data-live is submitted by fetch. The
// response is the page that the browser would have navigated to. Its <main>, or the element whose id data-live names, replaces
// that of the current page.
"use strict";

const parser = new DOMParser();

/** Replaces the element of an id by that of the response page. Focus returns to the focused element, or goes to the flash message. */
function replace(html, id) {
  const page = parser.parseFromString(html, "text/html");
  const [current, replacement] = [document.getElementById(id), page.getElementById(id)];
  if (!current || !replacement) return false;
  const focusedId = document.activeElement?.id;
  current.replaceWith(replacement);
  document.title = page.title;
  const flash = document.getElementById("flash");
  const focused = focusedId && document.getElementById(focusedId);
  if (focused) focused.focus({ preventScroll: true });
  else flash?.focus();
  return true;
}

/** Returns true if the response redirected to another path, so that the browser has to navigate. */
function isOtherPage(response, form) {
  const [target, current] = [new URL(response.url), new URL(location.href)];
  return response.redirected && target.pathname !== current.pathname && !form.dataset.live;
}

/** Submits a form once. Returns the response and its page, or null if the response is incomplete. */
async function submit(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  try {
    const response = await fetch(form.action, { method: "POST", body });
    return { response, page: await response.text() };
  } catch {
    return null;
  }
}

/** Shows in the form that the outcome is unknown. The write may have been executed, so the form is not submitted again. */
function showUnknownOutcome(form) {
  form.querySelector(".unknown")?.remove();
  const notice = Object.assign(document.createElement("p"), { className: "flash error unknown", role: "alert", tabIndex: -1 });
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
  const result = await submit(form, button);
  form.ariaBusy = null;
  button?.removeAttribute("aria-busy");
  if (!result) return showUnknownOutcome(form);
  const { response, page } = result;
  const id = form.dataset.live || "main";
  if (isOtherPage(response, form) || !replace(page, id)) return location.assign(response.url);
  const part = document.getElementById(id);
  if (part.matches("[data-poll]")) poll(part, response.url);
  initialize(part);
});

/** Polls the status of a QR code while it is shown, until it expires or a login succeeds. */
function poll(part, url) {
  const request = async () => {
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
    setTimeout(request, 2000);
  };
  setTimeout(request, 2000);
}

/** Adds the character counters of an element that was inserted. */
function initialize(part) {
  for (const field of part.querySelectorAll("[data-count]")) {
    const output = document.querySelector(`#${field.getAttribute("aria-describedby")} output`);
    const update = () => {
      const length = [...field.value.normalize("NFC")].length;
      output.textContent = length;
      field.setCustomValidity(length > Number(field.dataset.count) ? `最多 ${field.dataset.count} 字` : "");
    };
    field.addEventListener("input", update);
  }
}

// Menus close on a click outside and on Escape.
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

initialize(document);
const code = document.querySelector("[data-poll]");
if (code) poll(code, location.href);
