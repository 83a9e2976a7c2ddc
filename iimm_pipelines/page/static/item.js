// The transcript runs along, and a time in it plays that second. Without this file, the time is a link that begins there.
const player = document.querySelector("audio, video");
const segments = [...document.querySelectorAll("article[data-start]")];
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let spoken = null;
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.play");
  if (!player || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  player.currentTime = Number(link.dataset.start);
  player.play();
});
player?.addEventListener("timeupdate", () => {
  const now = segments.find((s) => Number(s.dataset.start) <= player.currentTime && player.currentTime < Number(s.dataset.end)) ?? null;
  if (now === spoken) return;
  spoken?.classList.remove("spoken");
  spoken?.removeAttribute("aria-current");
  spoken = now;
  if (!now) return;
  now.classList.add("spoken");
  now.setAttribute("aria-current", "true");
  if (!player.paused) now.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
});
