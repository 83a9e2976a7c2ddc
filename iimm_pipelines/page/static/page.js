// "/" goes to the search box from anywhere. All else works without this file.
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key !== "/" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const box = document.getElementById("q");
  event.preventDefault();
  if (box) { box.focus(); box.select(); } else if (document.querySelector('a[href="/search"]')) location.assign("/search");
});

// By keyboard, where hits can be chosen: j and k go from hit to hit, x chooses, t goes to the tag. All else works without this file.
document.addEventListener("keydown", (event) => {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const boxes = [...document.querySelectorAll("input.choice")];
  const now = boxes.findIndex((box) => box === document.activeElement || box.closest("li, tr").contains(document.activeElement));
  const go = { j: now + 1, k: now < 0 ? boxes.length - 1 : now - 1 }[event.key];
  if (go !== undefined && boxes[go]) boxes[go].focus();
  else if (event.key === "x" && boxes[now]) boxes[now].checked = !boxes[now].checked;
  else if (event.key === "t" && document.getElementById("code")) document.getElementById("code").focus();
  else return;
  event.preventDefault();
});

// What a search finds comes into the page that is open: a new one would be begun, styled and painted from nothing. Without this file it is.
let shown = location.pathname + location.search, latest = 0;
async function search(address, back = false) {
  const number = ++latest;
  document.getElementById("content").setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== latest) return;
    if (answer.redirected || !found.querySelector("form.search")) throw new Error("it leads elsewhere");
    if (!back && address !== shown) history.pushState(null, "", address);
    shown = location.pathname + location.search;
    document.title = found.title;
    document.body.replaceWith(found.body);
    if (!back) scrollTo(0, 0);
    document.getElementById("content").focus({ preventScroll: true });
  } catch {
    if (number === latest) location.assign(address);
  }
}
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.search")) return;
  event.preventDefault();
  search(`/search?${new URLSearchParams(new FormData(event.target))}`);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('main a[href^="/search?"]');
  if (!link || !document.querySelector("form.search") || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  search(link.getAttribute("href"));
});
addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) search(location.pathname + location.search, true);
});
