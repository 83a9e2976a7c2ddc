// "/" goes to the search box from anywhere. All else works without this file.
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key !== "/" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const box = document.getElementById("q");
  event.preventDefault();
  if (box) { box.focus(); box.select(); } else if (document.querySelector('a[href="/search"]')) location.assign("/search");
});
